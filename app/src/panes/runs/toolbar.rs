//! Above the table: the filter, which figures, which columns, which folders, and what is compared.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{PopupCloseBehavior, TextEdit, Ui};
use fusionscope_engine::protocol::FiguresBy;

use super::RunsPane;
use super::columns::offered;
use crate::action::Action;
use crate::arrangement::PaneKind;
use crate::look::{self, Icon};
use crate::panes::PaneContext;
use crate::store::shelf::Arranged;

const FILTER: &str = "Words that a run must fit: names, state, tags, note; also KEY=VALUE of a setting (kind=concat), \
                      tag:WORD and state:WORD";

impl RunsPane {
    pub(super) fn toolbar(
        &mut self,
        ui: &mut Ui,
        ctx: &PaneContext<'_>,
        kinds: &[(FiguresBy, usize)],
        by: Option<&FiguresBy>,
        list: &Arranged,
    ) {
        ui.horizontal_wrapped(|ui| {
            self.filter_ui(ui);
            self.figures_ui(ui, kinds, by);
            let folds = look::button(ui, ctx.tokens, None, "Fold seeds", self.kept.folds);
            if folds.on_hover_text("Runs that differ by their seed alone as one row, mean ± deviation").clicked() {
                self.kept.folds = !self.kept.folds;
            }
            self.columns_ui(ui, ctx, by);
            folders_ui(ui, ctx);
            ui.label(look::small(count_words(ctx, list)).color(ctx.tokens.weak));
        });
        if let Some((run, done, total)) = &ctx.store.fetched {
            let name = run.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let share = *done as f32 / (*total).max(1) as f32;
            ui.label(look::small(format!("Copying {name}: {:.0} %", share * 100.0)).color(ctx.tokens.text));
        }
        let chosen = ctx.store.shelf.chosen().len();
        if chosen > 0 {
            ui.horizontal_wrapped(|ui| {
                ui.label(
                    look::small(format!("{} compared", look::counted(chosen as u64, "run"))).color(ctx.tokens.text),
                );
                let buttons = [
                    ("Curves", Action::OverlayCurves, "Their curves over each other"),
                    ("Side by side", Action::ShowPane(PaneKind::Compare), "Their recipes and figures side by side"),
                    ("None", Action::CompareNoRuns, "Leave all of them out"),
                ];
                for (word, action, hint) in buttons {
                    if look::button(ui, ctx.tokens, None, word, false).on_hover_text(hint).clicked() {
                        ctx.act(action);
                    }
                }
            });
        }
    }

    fn filter_ui(&mut self, ui: &mut Ui) {
        let width = (ui.available_width() - 8.0).clamp(60.0, 240.0);
        let field = TextEdit::singleline(&mut self.kept.filter)
            .hint_text("Filter: words, key=value, tag:x")
            .desired_width(width)
            .align(egui::Align2::LEFT_CENTER);
        let field = ui.add(field).accessible_name("Filter the runs").on_hover_text(FILTER);
        if std::mem::take(&mut self.is_searching) {
            field.request_focus();
        }
        if field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
            self.kept.filter.clear();
        }
    }

    /// Which figures are shown: those that were made in one way, and no others.
    fn figures_ui(&mut self, ui: &mut Ui, kinds: &[(FiguresBy, usize)], by: Option<&FiguresBy>) {
        let Some(by) = by else { return };
        let word = format!("{} · {}  ▾", by.dataset, by.split);
        let (button, _) = MenuButton::new(word).ui(ui, |ui| {
            look::fitting(ui, |ui| {
                for (kind, count) in kinds {
                    let words = format!("{} ({})", kind.words(), look::counted(*count as u64, "run"));
                    if ui.selectable_label(kind == by, words).clicked() {
                        self.kept.by = Some(kind.clone());
                        ui.close();
                    }
                }
            });
        });
        button
            .accessible_name("Which figures")
            .on_hover_text(format!("Figures are compared only where they were made alike. Shown: {}", by.words()));
    }

    fn columns_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, by: Option<&FiguresBy>) {
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let (button, _) = MenuButton::new("Columns  ▾").config(config).ui(ui, |ui| {
            look::fitting(ui, |ui| {
                for column in offered(&ctx.store.shelf, by, &self.kept.columns) {
                    let place = self.kept.columns.iter().position(|known| *known == column);
                    let mut is_on = place.is_some();
                    let answer = ui.checkbox(&mut is_on, column.title()).on_hover_text(column.explanation());
                    if !answer.changed() {
                        continue;
                    }
                    match place {
                        // The last one stays: a table without a column shows nothing.
                        Some(place) if self.kept.columns.len() > 1 => drop(self.kept.columns.remove(place)),
                        Some(_) => {}
                        None => self.kept.columns.push(column),
                    }
                }
            });
        });
        button.accessible_name("Which columns");
    }
}

fn folders_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let (button, _) = MenuButton::new("Folders  ▾").ui(ui, |ui| {
        look::fitting(ui, |ui| {
            for folder in ctx.store.shelf.folders() {
                ui.horizontal(|ui| {
                    let name = format!("No longer list the runs below {}", folder.display());
                    if look::icon_button(ui, ctx.tokens, Icon::Close, &name, false).on_hover_text(&name).clicked() {
                        ctx.act(Action::DropRunsFolder(folder.clone()));
                    }
                    ui.label(folder.display().to_string());
                });
            }
            if ui.button("Add a folder of runs…").clicked() {
                ctx.act(Action::AddRunsFolder);
                ui.close();
            }
        });
    });
    button.accessible_name("Which folders").on_hover_text("Below which folders runs are looked for");
}

/// How many runs there are, how many are left, at work, and still to be read.
fn count_words(ctx: &PaneContext<'_>, list: &Arranged) -> String {
    let shelf = &ctx.store.shelf;
    let mut words = look::counted(shelf.len() as u64, "run");
    if list.left != shelf.len() {
        words = format!("{} of {words}", look::count(list.left as u64));
    }
    let at_work = shelf.runs().filter(|run| run.card.standing.is_at_work()).count();
    if at_work > 0 {
        words.push_str(&format!(" · {} at work", look::count(at_work as u64)));
    }
    if let Some(waiting) = shelf.waiting().filter(|waiting| *waiting > 0) {
        words.push_str(&format!(" · {} to be read", look::count(waiting)));
    }
    words
}
