//! Above the scenes: which of them, in which order, and how they are shown.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{PopupCloseBehavior, RichText, Slider, TextEdit, Ui};
use fusionscope_engine::protocol::DatasetSummary;

use super::DatasetPane;
use super::kept::CardSize;
use super::list::List;
use crate::look::{self, ClassColours};
use crate::panes::PaneContext;
use crate::store::ClassesOf;
use crate::store::gallery::{ErrorFilter, Order, ProblemFilter};

impl DatasetPane {
    pub(super) fn toolbar(
        &mut self,
        ui: &mut Ui,
        ctx: &PaneContext<'_>,
        dataset: &DatasetSummary,
        list: &List,
        has_room: bool,
    ) {
        ui.horizontal_wrapped(|ui| {
            self.words_ui(ui);
            self.splits_ui(ui, dataset, list);
            if !ctx.store.gallery.tags().is_empty() {
                self.tags_ui(ui, ctx, list);
            }
            if !dataset.classes.is_empty() {
                self.classes_ui(ui, ctx, dataset, list);
            }
            self.problems_ui(ui);
            self.error_ui(ui, ctx);
            self.order_ui(ui, ctx, dataset, list);
            let words = counted(list);
            ui.label(look::small(words).color(ctx.tokens.weak));
            if !list.wishes.leave_all() {
                let button = look::button(ui, ctx.tokens, None, "Show all", false);
                if button.on_hover_text("Take all filters away; the order stays").clicked() {
                    self.kept.wishes = self.kept.wishes.of_all();
                }
            }
            self.views_ui(ui, dataset);
            let is_shown = if has_room { !self.kept.hides_facts } else { self.shows_facts_alone };
            let button = look::button(ui, ctx.tokens, None, "Facts", is_shown);
            if button.on_hover_text("Class shares, values, tags and problems of the whole data set").clicked() {
                if has_room {
                    self.kept.hides_facts = is_shown;
                } else {
                    self.shows_facts_alone = !is_shown;
                }
            }
        });
    }

    fn words_ui(&mut self, ui: &mut Ui) {
        let field = TextEdit::singleline(&mut self.kept.wishes.words)
            .hint_text("Words of the id")
            .desired_width(120.0)
            .align(egui::Align2::LEFT_CENTER);
        let field = ui.add(field).accessible_name("Filter the scenes").on_hover_text("Words that all stand in the id");
        if std::mem::take(&mut self.is_searching) {
            field.request_focus();
        }
        if field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
            self.kept.wishes.words.clear();
        }
    }

    fn splits_ui(&mut self, ui: &mut Ui, dataset: &DatasetSummary, list: &List) {
        let chosen = list.wishes.split.as_deref();
        let (button, _) = MenuButton::new(format!("{}  ▾", chosen.unwrap_or("All splits"))).ui(ui, |ui| {
            if ui.selectable_label(chosen.is_none(), "All splits").clicked() {
                self.kept.wishes.split = None;
                ui.close();
            }
            for split in &dataset.splits {
                let held_out = if split.held_out { ", held out" } else { "" };
                let words = format!("{}  {}{held_out}", split.name, look::count(split.ids.len() as u64));
                if ui.selectable_label(chosen == Some(split.name.as_str()), words).clicked() {
                    self.kept.wishes.split = Some(split.name.clone());
                    ui.close();
                }
            }
        });
        button.accessible_name("Which split").on_hover_text("The split that scenes are of");
    }

    fn tags_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, list: &List) {
        let words = chosen_words(&list.wishes.tags.iter().collect::<Vec<_>>(), "Tags");
        let (button, _) = MenuButton::new(words).config(stays_open()).ui(ui, |ui| {
            look::fitting(ui, |ui| {
                for (tag, scenes) in ctx.store.gallery.tags() {
                    let mut is_on = list.wishes.tags.contains(tag);
                    if ui.checkbox(&mut is_on, format!("{tag}  {}", look::count(*scenes))).changed() {
                        self.kept.wishes.turn_tag(tag);
                    }
                }
            });
        });
        button.accessible_name("Which tags").on_hover_text("Tags that a scene must have, all of them");
    }

    fn classes_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, dataset: &DatasetSummary, list: &List) {
        let words = chosen_words(&list.wishes.classes.iter().collect::<Vec<_>>(), "Classes");
        let colours = ctx.store.colours_of(ClassesOf::Labels);
        let (button, _) = MenuButton::new(words).config(stays_open()).ui(ui, |ui| {
            look::fitting(ui, |ui| {
                for (class, name) in dataset.classes.iter().enumerate() {
                    ui.horizontal(|ui| {
                        swatch(ui, &colours, class);
                        let mut is_on = list.wishes.classes.contains(name);
                        if ui.checkbox(&mut is_on, name).changed() {
                            self.kept.wishes.turn_class(name);
                        }
                    });
                }
            });
        });
        button.accessible_name("Which classes").on_hover_text("Classes that are in a scene's label, all of them");
    }

    fn problems_ui(&mut self, ui: &mut Ui) {
        let chosen = self.kept.wishes.problems;
        let words = if chosen == ProblemFilter::Any { "Problems" } else { chosen.words() };
        let (button, _) = MenuButton::new(format!("{words}  ▾")).ui(ui, |ui| {
            for filter in ProblemFilter::ALL {
                if ui.selectable_label(filter == chosen, filter.words()).clicked() {
                    self.kept.wishes.problems = filter;
                    ui.close();
                }
            }
        });
        button.accessible_name("Which problems").on_hover_text("What `fusionscope dataset check` finds in files");
    }

    fn error_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let chosen = self.kept.wishes.error;
        let words = if chosen == ErrorFilter::Any { "mIoU".to_owned() } else { chosen.words() };
        let (button, _) = MenuButton::new(format!("{words}  ▾")).config(stays_open()).ui(ui, |ui| {
            let per_cent = match chosen {
                ErrorFilter::Any => ErrorFilter::FIRST,
                ErrorFilter::Below(per_cent) | ErrorFilter::AtLeast(per_cent) => per_cent,
            };
            let ways = [ErrorFilter::Any, ErrorFilter::Below(per_cent), ErrorFilter::AtLeast(per_cent)];
            for way in ways {
                if ui.selectable_label(way == chosen, way.words()).clicked() {
                    self.kept.wishes.error = way;
                }
            }
            let mut wanted = per_cent;
            let slider = Slider::new(&mut wanted, 0..=100).suffix(" %");
            if ui.add(slider).accessible_name("Per cent").changed() {
                self.kept.wishes.error = match chosen {
                    ErrorFilter::Any | ErrorFilter::Below(_) => ErrorFilter::Below(wanted),
                    ErrorFilter::AtLeast(_) => ErrorFilter::AtLeast(wanted),
                };
            }
            if !ctx.store.gallery.has_scores() {
                let words = "Not known yet: evaluate the network on a split, or open a run that was evaluated";
                ui.label(look::small(words).color(ctx.tokens.warning));
            }
        });
        button.accessible_name("Which figures").on_hover_text(
            "The network's mean IoU on each scene alone, with all sensors, as its newest evaluation counted it",
        );
    }

    fn order_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, dataset: &DatasetSummary, list: &List) {
        let chosen = &list.wishes.order;
        let (button, _) = MenuButton::new(format!("{}  ▾", chosen.words())).ui(ui, |ui| {
            look::fitting(ui, |ui| {
                for order in [Order::Listed, Order::Id, Order::Error] {
                    if ui.selectable_label(order == *chosen, order.words()).clicked() {
                        self.kept.wishes.order = order;
                        ui.close();
                    }
                }
                if !dataset.classes.is_empty() {
                    ui.separator();
                    ui.label(look::caption(ctx.tokens, "By share of a class, the largest first"));
                }
                let colours = ctx.store.colours_of(ClassesOf::Labels);
                for (class, name) in dataset.classes.iter().enumerate() {
                    let order = Order::Class(name.clone());
                    ui.horizontal(|ui| {
                        swatch(ui, &colours, class);
                        if ui.selectable_label(order == *chosen, name).clicked() {
                            self.kept.wishes.order = order;
                            ui.close();
                        }
                    });
                }
            });
        });
        button.accessible_name("Which order").on_hover_text("What the scenes are sorted by; without a figure last");
        let arrow = if self.kept.wishes.is_turned { "↑" } else { "↓" };
        let turn = ui.add(egui::Button::new(RichText::new(arrow)).frame(false)).accessible_name("Turn the order round");
        if turn.on_hover_text("Turn the order round").clicked() {
            self.kept.wishes.is_turned = !self.kept.wishes.is_turned;
        }
    }

    fn views_ui(&mut self, ui: &mut Ui, dataset: &DatasetSummary) {
        let (button, _) = MenuButton::new("Pictures  ▾").config(stays_open()).ui(ui, |ui| {
            for sensor in &dataset.modalities {
                let mut is_on = !self.kept.hidden.contains(&sensor.name);
                if ui.checkbox(&mut is_on, &sensor.name).changed() && !self.kept.hidden.remove(&sensor.name) {
                    self.kept.hidden.insert(sensor.name.clone());
                }
            }
            if !dataset.classes.is_empty() {
                let mut is_on = !self.kept.hides_labels;
                if ui.checkbox(&mut is_on, "label").changed() {
                    self.kept.hides_labels = !is_on;
                }
            }
            ui.separator();
            for size in CardSize::ALL {
                if ui.selectable_label(size == self.kept.size, size.word()).clicked() {
                    self.kept.size = size;
                }
            }
        });
        button.accessible_name("Which pictures").on_hover_text("Which pictures of each scene are shown, and how large");
    }
}

/// How many scenes are left.
fn counted(list: &List) -> String {
    let (left, of) = (list.arranged.scenes.len() as u64, list.arranged.of as u64);
    let all = look::counted(of, "scene");
    if left == of { all } else { format!("{} of {all}", look::count(left)) }
}

/// What is chosen, or what can be.
fn chosen_words(chosen: &[&String], else_words: &str) -> String {
    match chosen {
        [] => format!("{else_words}  ▾"),
        [one] => format!("{one}  ▾"),
        [one, others @ ..] => format!("{one} + {}  ▾", others.len()),
    }
}

fn stays_open() -> MenuConfig {
    MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside)
}

fn swatch(ui: &mut Ui, colours: &ClassColours, class: usize) {
    if let Some(colour) = u8::try_from(class).ok().and_then(|class| colours.get(class)) {
        look::swatch(ui, colour);
    }
}
