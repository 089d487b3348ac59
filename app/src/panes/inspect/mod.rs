//! The pictures of one scene as a wall of linked tiles: what does the model see, and what changes when a sensor is taken away?

mod card;
mod chips;
mod footer;
mod legend;
mod picture;
mod tile;
mod wall;

use std::collections::BTreeSet;

use egui::{Align2, FontId, Frame, Margin, Panel, Rect, Ui, vec2};
use fusionscope_engine::protocol::{Content, SessionState};

use super::{Pane, PaneContext, PaneKind};
use crate::action::Action;
use crate::canvas::{Camera, Textures};
use crate::look::{self, size, space};
use crate::store::Pixel;

/// The inspect pane: how it looks at the scene. What it looks at stands in the store.
#[derive(Debug)]
pub struct InspectPane {
    camera: Camera,
    textures: Textures,
    /// The tile that fills the pane.
    maximised: Option<Content>,
    /// Tiles switched on or off by hand.
    added: BTreeSet<Content>,
    removed: BTreeSet<Content>,
    /// The maps that were asked for when the wall was last drawn.
    watched: Vec<String>,
    /// Tiles in the order they were dragged into; others follow in their own.
    order: Vec<Content>,
    /// Where the swipe line stands, as a share of the picture.
    swipe_at: f32,
    fit_seen: u64,
    counts: Option<(u64, Vec<u64>)>,
}

impl Default for InspectPane {
    fn default() -> Self {
        Self {
            camera: Camera::default(),
            textures: Textures::default(),
            maximised: None,
            added: BTreeSet::new(),
            removed: BTreeSet::new(),
            watched: Vec::new(),
            order: Vec::new(),
            swipe_at: 0.5,
            fit_seen: 0,
            counts: None,
        }
    }
}

impl Pane for InspectPane {
    fn kind(&self) -> PaneKind {
        PaneKind::Inspect
    }

    fn choices(&self) -> Option<String> {
        serde_json::to_string(&(&self.added, &self.removed, &self.order)).ok()
    }

    fn restore(&mut self, choices: &str) {
        if let Ok((added, removed, order)) = serde_json::from_str(choices) {
            *self = Self { added, removed, order, ..Self::default() };
        }
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        self.textures.tidy();
        if self.fit_seen != ctx.store.scene.fit_requests {
            self.fit_seen = ctx.store.scene.fit_requests;
            self.camera.fit();
        }
        if ctx.store.dataset.is_none() {
            nothing_open_ui(ui, ctx);
            return;
        }
        self.watch(ctx);
        let strip = |margin: Margin| Frame::NONE.inner_margin(margin);
        Panel::top("inspect-sensors")
            .frame(strip(Margin { left: 12, right: 12, top: 8, bottom: 6 }))
            .show_separator_line(false)
            .show(ui, |ui| chips::row_ui(ui, ctx));
        Panel::bottom("inspect-scene")
            .frame(strip(Margin { left: 8, right: 8, top: 4, bottom: 6 }))
            .show_separator_line(false)
            .show(ui, |ui| footer::row_ui(self, ui, ctx));
        Panel::bottom("inspect-legend")
            .frame(strip(Margin { left: 6, right: 6, top: 4, bottom: 0 }))
            .show_separator_line(false)
            .show(ui, |ui| legend::strip_ui(self, ui, ctx));
        let room = ui.available_rect_before_wrap().shrink2(vec2(space::M, 2.0));
        self.wall_ui(ui, ctx, room);
        card_ui(ui, ctx);
    }
}

impl InspectPane {
    fn wall_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, room: Rect) {
        let mut contents = wall::shown(self, ctx.store);
        if self.maximised.as_ref().is_some_and(|content| !contents.contains(content)) {
            self.maximised = None;
        }
        if let Some(content) = self.maximised.clone() {
            contents = vec![content];
        }
        let aspect = wall::aspect(ctx.store);
        let rects = wall::places(room, contents.len(), aspect);
        for (place, (content, rect)) in contents.iter().zip(rects).enumerate() {
            let asked = tile::ui(self, ui, ctx, tile::Slot { content, rect, aspect, place });
            if asked.maximise {
                self.maximised = if self.maximised.is_some() { None } else { Some(content.clone()) };
            }
            if let Some(from) = asked.dropped {
                let mut order = wall::shown(self, ctx.store);
                if from < order.len() && place < order.len() {
                    order.swap(from, place);
                    self.order = order;
                }
            }
        }
    }

    /// Keeps the wall and the maps that are asked for in step: what an action asks for comes onto the wall, and what was put there by
    /// hand is asked for.
    fn watch(&mut self, ctx: &PaneContext<'_>) {
        let watched = &ctx.store.scene.watched;
        if *watched != self.watched {
            self.added.retain(|content| wall::watched_by(content).is_none());
            self.added.extend(watched.iter().map(|name| wall::content_of(name)));
            self.removed.retain(|content| wall::watched_by(content).is_none());
            self.watched.clone_from(watched);
        }
        let names: Vec<String> = self.added.iter().filter_map(wall::watched_by).map(str::to_owned).collect();
        let mut known = self.watched.clone();
        known.sort();
        let mut wanted = names.clone();
        wanted.sort();
        if wanted != known {
            ctx.act(Action::Watch(names.clone()));
            self.watched = names;
        }
    }

    /// Pixels of each class in the picture that counts: the first head's prediction, or the label.
    fn class_counts(&mut self, ctx: &PaneContext<'_>) -> &[u64] {
        let classes = ctx.store.dataset.as_ref().map_or(0, |dataset| dataset.classes.len());
        let serial = ctx.store.scene.shown().map_or(0, |shown| shown.serial);
        if self.counts.as_ref().is_none_or(|(stamp, _)| *stamp != serial) {
            let heads = ctx.store.network.iter().flat_map(|network| network.heads.iter());
            let frame = heads
                .map(|head| Content::Prediction(head.clone()))
                .chain([Content::Label])
                .find_map(|content| ctx.store.scene.frame(&content));
            let counts = frame.map_or_else(Vec::new, |frame| crate::canvas::class_counts(frame, classes));
            self.counts = Some((serial, counts));
        }
        self.counts.as_ref().map_or(&[], |(_, counts)| counts)
    }

    fn swipe_to(&mut self, pixel: Pixel) {
        self.swipe_at = pixel.x;
    }
}

/// The hover card beside the pointer.
fn card_ui(ui: &Ui, ctx: &PaneContext<'_>) {
    if let Some(pixel) = *ctx.store.scene.hover.get()
        && let Some(pointer) = ui.ctx().pointer_hover_pos()
        && !ui.ctx().egui_is_using_pointer()
    {
        card::ui(ui, ctx, pixel, pointer);
    }
}

/// What stands here before any data is open: what is being done about it, or the two ways to begin.
fn nothing_open_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let tokens = ctx.tokens;
    let room = ui.available_rect_before_wrap();
    let middle = room.center();
    let (title, explanation) = match &ctx.store.state {
        SessionState::Preparing { what, .. } => ("Preparing", what.clone()),
        SessionState::Failed(failure) => ("No data set is open", failure.text.clone()),
        _ => ("No data set is open", "Open a folder of a known layout, or one with a dataset.toml".to_owned()),
    };
    let painter = ui.painter();
    let heading = FontId::new(size::TITLE, egui::FontFamily::Proportional);
    painter.text(middle - vec2(0.0, 44.0), Align2::CENTER_CENTER, title, heading, tokens.text);
    let width = (room.width() - 48.0).clamp(80.0, 520.0);
    let galley = painter.layout(explanation, FontId::proportional(size::BODY), tokens.weak, width);
    painter.galley(middle - vec2(galley.size().x / 2.0, 24.0), galley, tokens.weak);
    if matches!(ctx.store.state, SessionState::Preparing { .. }) {
        return;
    }
    let buttons = Rect::from_center_size(middle + vec2(0.0, 44.0), vec2(280.0, 28.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(buttons), |ui| {
        ui.horizontal_centered(|ui| {
            for action in [Action::OpenData, Action::OpenSampleData] {
                let enabled = action.enabled(ctx.store);
                let text = action.title(ctx.store);
                let pressed =
                    ui.add_enabled_ui(enabled, |ui| look::button(ui, tokens, None, &text, true)).inner.clicked();
                if pressed {
                    ctx.act(action);
                }
            }
        });
    });
}
