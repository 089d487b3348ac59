//! The embedding pane: features of many pixels as a cloud, alone or two side by side.

mod cloud;
mod colours;
mod controls;
mod exhibits;
mod legend;
mod numbers;
mod selection;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::scroll_area::ScrollSource;
use egui::{ComboBox, Frame, Rect, ScrollArea, Slider, Ui, vec2};
use fusionscope_engine::protocol::{EmbeddingView, Steer};
use serde::{Deserialize, Serialize};

use self::cloud::{Cloud, Look, Scene};
use self::colours::{ColourBy, groups};
use self::controls::{Requests, Wish, steer_ui, wish_ui};
use super::{Pane, PaneContext};
use crate::action::Action;
use crate::exhibit::Exhibit;
use crate::look::{self, Icon, space};
use crate::store::embedding::SLOTS;

/// What its user has chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Choices {
    wishes: [Wish; SLOTS],
    by: ColourBy,
    look: Look,
    two: bool,
}

impl Choices {
    /// Whether there are two sides: the user wants them, or something has been laid out there.
    fn shows_two(&self, ctx: &PaneContext<'_>) -> bool {
        self.two || ctx.store.embedding.shown(1).is_some()
    }
}

/// What the layouts are called where they are exported.
const SIDES: [&str; 2] = ["Layout of features", "Second layout of features"];

/// The height in points below which the pane scrolls: controls and clouds have no room in less.
const LOW: f32 = 300.0;

/// One of two sides.
#[derive(Debug, Default)]
struct Side {
    cloud: Cloud,
    hidden: BTreeSet<u16>,
    counts: legend::Counts,
    lit: Option<u16>,
    follows: bool,
    requests: Requests,
    /// How many steps back is shown; `None` shows the newest.
    back: Option<usize>,
}

/// The embedding pane.
#[derive(Debug, Default)]
pub struct EmbeddingPane {
    choices: Choices,
    sides: [Side; SLOTS],
}

impl Pane for EmbeddingPane {
    fn choices(&self) -> Option<String> {
        serde_json::to_string(&self.choices).ok()
    }

    fn restore(&mut self, choices: &str) {
        if let Ok(choices) = serde_json::from_str(choices) {
            self.choices = choices;
        }
    }

    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        let shown = (0..SLOTS).filter_map(|slot| Some((slot, self.sides[slot].in_view(ctx, slot)?)));
        let of = |(slot, view): (usize, Arc<EmbeddingView>)| {
            let (title, groups) = (SIDES[slot.min(1)], groups(ctx, &view, self.choices.by));
            exhibits::exhibit(ctx, title, &view, &groups, &self.sides[slot].hidden)
        };
        let exhibits: Vec<Exhibit> = shown.map(of).collect();
        if exhibits.is_empty() { Err("gather features first".to_owned()) } else { Ok(exhibits) }
    }

    fn leave(&mut self, ctx: &PaneContext<'_>) -> bool {
        if self.sides.iter_mut().any(|side| side.cloud.drop_lasso()) {
            return true;
        }
        if !ctx.store.embedding.selected.is_empty() {
            ctx.act(Action::ClearSelection);
            return true;
        }
        std::mem::take(&mut self.choices.look.lassoes)
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        ctx.store.embedding.looked_at.set(true);
        if ctx.store.network.is_none() || ctx.store.scene_count() == 0 {
            let words =
                "What the network's features look like in the plane is shown once a network and a data set are open";
            look::empty(ui, ctx.tokens, words);
            return;
        }
        if ui.available_height() >= LOW {
            self.clouds_ui(ui, ctx);
            return;
        }
        // The wheel belongs to the clouds.
        let list = ScrollArea::vertical().auto_shrink(false).scroll_source(ScrollSource::SCROLL_BAR);
        list.show(ui, |ui| {
            let (room, _) = ui.allocate_exact_size(vec2(ui.available_width(), LOW), egui::Sense::hover());
            ui.scope_builder(egui::UiBuilder::new().max_rect(room), |ui| self.clouds_ui(ui, ctx));
        });
    }
}

impl EmbeddingPane {
    fn clouds_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        Frame::new().inner_margin(space::S).show(ui, |ui| {
            self.look_ui(ui, ctx);
            ui.add_space(space::XS);
            let sides = if self.choices.shows_two(ctx) { SLOTS } else { 1 };
            let room = ui.available_rect_before_wrap();
            let width = (room.width() - space::S * (sides - 1) as f32) / sides as f32;
            for slot in 0..sides {
                let left = room.left() + slot as f32 * (width + space::S);
                let part = Rect::from_min_size(egui::pos2(left, room.top()), vec2(width, room.height()));
                ui.scope_builder(egui::UiBuilder::new().max_rect(part).id_salt(("side", slot)), |ui| {
                    self.side_ui(ui, ctx, slot);
                });
            }
        });
    }

    /// What holds for all clouds: colours, size, opacity, the lasso, one or two.
    fn look_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let shows_two = self.choices.shows_two(ctx);
        let Choices { by, look, two, .. } = &mut self.choices;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::S, space::XS);
            ui.label(look::small("colour by").color(ctx.tokens.weak));
            let colours = ComboBox::from_id_salt("colour-by").selected_text(by.word()).show_ui(ui, |ui| {
                for each in ColourBy::ALL {
                    ui.selectable_value(by, each, each.word());
                }
            });
            colours.response.accessible_name("Colour by");
            // With their size told beforehand they go to the next row where this one is full.
            ui.spacing_mut().slider_width = 56.0;
            let size = ui.add_sized([56.0, 18.0], Slider::new(&mut look.diameter, 1.5..=14.0).show_value(false));
            size.accessible_name("Size of a point").on_hover_text("Size of a point");
            let opacity = ui.add_sized([56.0, 18.0], Slider::new(&mut look.opacity, 0.05..=1.0).show_value(false));
            opacity.accessible_name("Opacity of a point").on_hover_text("Opacity of a point");
            let lasso = look::button(ui, ctx.tokens, None, "Lasso", look.lassoes);
            let hint = "Drag around points to select their pixels; Shift adds and Alt takes away, with the lasso off too. \
                        A double click clears";
            if lasso.on_hover_text(hint).clicked() {
                look.lassoes = !look.lassoes;
            }
            if look::icon_button(ui, ctx.tokens, Icon::Fit, "Fit the cloud", false).clicked() {
                for side in &mut self.sides {
                    side.cloud.fit();
                }
            }
            let among = ["One cloud", "Two clouds"];
            let words = among[usize::from(!shows_two)];
            if look::changing_button(ui, ctx.tokens, Some(Icon::Swipe), words, &among, shows_two).clicked() {
                *two = !shows_two;
                if shows_two {
                    ctx.act(Action::CloseEmbedding(1));
                }
            }
            selection::row_ui(ui, ctx);
        });
    }

    fn side_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, slot: usize) {
        let (wish, side) = (&mut self.choices.wishes[slot], &mut self.sides[slot]);
        let view = ctx.store.embedding.shown(slot).cloned();
        wish_ui(ui, ctx, (&mut *wish, &mut side.requests), slot as u64, view.as_deref());
        let Some(newest) = view else {
            let words = "Gather features to see their principal components; then start t-SNE";
            look::empty(ui, ctx.tokens, words);
            return;
        };
        steer_ui(ui, ctx, wish, slot as u64, &newest, &mut side.follows);
        let view = side.scrubbed(ui, ctx, slot, newest);
        let groups = groups(ctx, &view, self.choices.by);
        side.lit = legend::row_ui(ui, ctx, (&view, &mut side.counts), &groups, self.choices.by, &mut side.hidden);
        let hovered = ctx.store.scene.hover_class.get().map(u16::from).filter(|_| self.choices.by == ColourBy::Class);
        // In a narrow pane the numbers take a second line; in a low one they leave the room to the cloud.
        let footer = if ui.available_width() < 620.0 { 42.0 } else { 22.0 };
        let mut room = ui.available_rect_before_wrap();
        let has_footer = room.height() > footer + 60.0;
        room.max.y = if has_footer { room.max.y - footer } else { room.max.y.max(room.min.y) };
        let scene = Scene {
            slot: slot as u64,
            view: &view,
            layout: &view.layout,
            groups: &groups,
            hidden: &side.hidden,
            lit: side.lit.or(hovered),
            look: self.choices.look,
        };
        side.cloud.ui(ui, ctx, room, &scene);
        let below = Rect::from_min_max(egui::pos2(room.left(), room.bottom() + space::XS), ui.max_rect().max);
        if has_footer {
            ui.scope_builder(egui::UiBuilder::new().max_rect(below), |ui| numbers::row_ui(ui, ctx, &view));
        }
    }
}

impl Side {
    /// The layout in view: the newest, or the one that the user has scrubbed to.
    fn in_view(&self, ctx: &PaneContext<'_>, slot: usize) -> Option<Arc<EmbeddingView>> {
        let newest = ctx.store.embedding.shown(slot)?;
        let kept = ctx.store.embedding.kept(slot);
        let back = self.back.and_then(|back| kept.get(kept.len().checked_sub(back)?));
        Some(Arc::clone(back.unwrap_or(newest)))
    }

    /// The newest layout, or the one of an earlier step that the user has scrubbed to.
    fn scrubbed(
        &mut self,
        ui: &mut Ui,
        ctx: &PaneContext<'_>,
        slot: usize,
        newest: Arc<EmbeddingView>,
    ) -> Arc<EmbeddingView> {
        let kept = ctx.store.embedding.kept(slot);
        if kept.is_empty() {
            self.back = None;
            return newest;
        }
        let mut place = kept.len().saturating_sub(self.back.unwrap_or(0));
        let step = |place: usize| kept.get(place).map_or(newest.step, |view| view.step).unwrap_or_default();
        let words =
            |value: f64, _: std::ops::RangeInclusive<usize>| format!("step {}", look::count(step(value as usize)));
        ui.spacing_mut().slider_width = 160.0;
        let slider = Slider::new(&mut place, 0..=kept.len()).custom_formatter(words);
        if ui.add(slider).on_hover_text("Layouts of earlier steps").changed() {
            self.back = Some(kept.len() - place).filter(|back| *back > 0);
        }
        kept.get(place).cloned().unwrap_or(newest)
    }
}

/// What a session is told when the pane comes into sight or goes out of it.
pub fn show(visible: bool) -> impl Iterator<Item = Action> {
    (0..SLOTS as u64).map(move |slot| Action::SteerEmbedding { slot, steer: Steer::Show(visible) })
}
