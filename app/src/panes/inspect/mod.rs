//! The pictures of one scene as a wall of linked tiles: what does the model see, and what changes when a sensor is
//! taken away?

mod arrangement;
mod beside;
mod card;
mod chips;
mod difference;
mod explain;
mod export;
mod footer;
mod legend;
mod menu;
mod outlined;
mod picture;
mod region;
mod scenes;
mod shares;
mod state;
mod supposing;
mod tile;
mod time;
mod tones;
mod wall;
mod working;

use egui::{Frame, Margin, Panel, Rect, Ui, vec2};
use fusionscope_engine::protocol::{Content, SessionState};

use self::export::Form;
pub use self::state::InspectPane;
use self::state::Kept;
use self::tones::Tones;
use super::{Errand, Pane, PaneContext};
use crate::action::Action;
use crate::look::{self, size, space};

impl Pane for InspectPane {
    fn choices(&self) -> Option<String> {
        let (added, removed, order) = (self.added.clone(), self.removed.clone(), self.order.clone());
        serde_json::to_string(&Kept { added, removed, order, tones: self.tones.kept() }).ok()
    }

    fn restore(&mut self, choices: &str) {
        if let Ok(Kept { added, removed, order, tones }) = serde_json::from_str(choices) {
            *self = Self { added, removed, order, tones: Tones::new(tones), ..Self::default() };
        }
    }

    fn run(&mut self, errand: &Errand) {
        self.exports |= *errand == Errand::Export;
    }

    fn leave(&mut self, ctx: &PaneContext<'_>) -> bool {
        if self.region.is_drawn() {
            self.region = region::Drawing::default();
            return true;
        }
        if self.maximised.take().is_some() {
            return true;
        }
        let scene = &ctx.store.scene;
        let left = match (scene.supposing.tool, scene.outline, &scene.supposing.card) {
            (Some(tool), _, _) => Action::UseTool(tool),
            (None, Some(_), _) => Action::ClearOutline,
            (None, None, Some(_)) => Action::ToggleWhatIf,
            (None, None, None) => return false,
        };
        ctx.act(left);
        true
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
        if ctx.store.scene.beside.is_some() {
            Panel::top("inspect-beside")
                .frame(strip(Margin { left: 14, right: 12, top: 0, bottom: 4 }))
                .show_separator_line(false)
                .show(ui, |ui| beside::strip_ui(ui, ctx));
        }
        if ctx.store.scene.difference && ctx.store.network.is_some() {
            Panel::top("inspect-difference")
                .frame(strip(Margin { left: 14, right: 12, top: 0, bottom: 4 }))
                .show_separator_line(false)
                .show(ui, |ui| difference::strip_ui(ui, ctx));
        }
        if ctx.store.scene.explains() && ctx.store.network.is_some() {
            Panel::top("inspect-explain")
                .frame(strip(Margin { left: 14, right: 12, top: 0, bottom: 4 }))
                .show_separator_line(false)
                .show(ui, |ui| explain::strip_ui(self, ui, ctx));
        }
        if ctx.store.scene.outline.is_some() {
            Panel::top("inspect-outline")
                .frame(strip(Margin { left: 14, right: 12, top: 0, bottom: 4 }))
                .show_separator_line(false)
                .show(ui, |ui| outlined::strip_ui(self, ui, ctx));
        }
        Panel::bottom("inspect-scene")
            .frame(strip(Margin { left: 8, right: 8, top: 4, bottom: 6 }))
            .show_separator_line(false)
            .show(ui, |ui| footer::row_ui(self, ui, ctx));
        if time::is_shown(ctx) {
            Panel::bottom("inspect-time")
                .frame(strip(Margin { left: 8, right: 8, top: 4, bottom: 0 }))
                .show_separator_line(false)
                .show(ui, |ui| time::row_ui(ui, ctx));
        }
        Panel::bottom("inspect-legend")
            .frame(strip(Margin { left: 6, right: 6, top: 4, bottom: 0 }))
            .show_separator_line(false)
            .show(ui, |ui| legend::strip_ui(self, ui, ctx));
        if ctx.store.scene.lists_differing && ctx.store.scene.beside.is_some() {
            let width = (0.36 * ui.available_width()).clamp(150.0, 300.0);
            Panel::right("inspect-scenes")
                .frame(strip(Margin { left: 8, right: 8, top: 0, bottom: 4 }))
                .resizable(false)
                .exact_size(width)
                .show_separator_line(false)
                .show(ui, |ui| self.scenes.ui(ui, ctx));
        }
        if ctx.store.scene.supposing.card.is_some() {
            let width = (0.4 * ui.available_width()).clamp(170.0, 290.0);
            Panel::right("inspect-what-if")
                .frame(strip(Margin { left: 8, right: 10, top: 0, bottom: 4 }))
                .resizable(false)
                .exact_size(width)
                .show_separator_line(false)
                .show(ui, |ui| supposing::card_ui(self, ui, ctx));
        }
        let room = ui.available_rect_before_wrap().shrink2(vec2(space::M, 2.0));
        self.wall_ui(ui, ctx, room);
        card_ui(ui, ctx);
        self.export_ui(ui, ctx);
    }
}

impl InspectPane {
    /// Asks where to write what was asked for, by a tile's menu or by an action, which means the picture that counts
    /// most.
    fn export_ui(&mut self, ui: &Ui, ctx: &PaneContext<'_>) {
        if std::mem::take(&mut self.exports) {
            let shown = wall::shown(self, ctx.store);
            let prediction = shown.iter().find(|content| matches!(content, Content::Prediction(_)));
            if let Some(content) = self.maximised.as_ref().or(prediction).or(shown.first()) {
                self.export.want(content.clone(), Form::Picture);
            }
        }
        match self.export.take_wanted() {
            Some((content, Form::Picture)) => {
                if let Some(picture) = picture::drawn(self, ctx, &content) {
                    self.export.ask_for_picture(picture);
                }
            }
            Some((content, Form::Values)) => {
                if let Some(bytes) = ctx.store.scene.frame(&content).and_then(export::values) {
                    self.export.ask_for_values(bytes);
                }
            }
            None => {}
        }
        self.export.ui(ui, ctx);
    }

    fn wall_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, room: Rect) {
        let mut contents = wall::shown(self, ctx.store);
        if self.maximised.as_ref().is_some_and(|content| !contents.contains(content)) {
            self.maximised = None;
        }
        if let Some(content) = self.maximised.clone() {
            contents = vec![content];
        }
        let aspect = wall::aspect(ctx.store);
        let rects = arrangement::places(room, contents.len(), aspect);
        for (place, (content, rect)) in contents.iter().zip(rects).enumerate() {
            let asked = tile::ui(self, ui, ctx, wall::Slot { content, rect, aspect, place });
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

    /// Keeps the wall and the maps that are asked for in step: what an action asks for comes onto the wall, and what
    /// was put there by hand is asked for.
    fn watch(&mut self, ctx: &PaneContext<'_>) {
        let watched = &ctx.store.scene.watched;
        if *watched != self.watched {
            self.added.retain(|content| wall::watched_by(content).is_none());
            self.added.extend(watched.iter().map(|name| wall::content_of(name)));
            self.removed.retain(|content| wall::watched_by(content).is_none());
            self.watched.clone_from(watched);
        }
        let mut names: Vec<String> = Vec::new();
        // One name asks for the map of both networks.
        for name in self.added.iter().filter_map(wall::watched_by) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        let mut known = self.watched.clone();
        known.sort();
        let mut wanted = names.clone();
        wanted.sort();
        if wanted != known {
            ctx.act(Action::Watch(names.clone()));
            self.watched = names;
        }
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
    let (title, explanation) = match &ctx.store.state {
        SessionState::Preparing { what, .. } => ("Preparing", what.clone()),
        SessionState::Failed(failure) => ("No data set is open", failure.text.clone()),
        _ => ("No data set is open", "Open a folder of a known layout, or one with a dataset.toml".to_owned()),
    };
    Frame::NONE.inner_margin(space::L).show(ui, |ui| {
        ui.label(look::semibold(title).size(size::TITLE).color(tokens.text));
        look::empty(ui, tokens, &explanation);
        if matches!(ctx.store.state, SessionState::Preparing { .. }) {
            return;
        }
        ui.horizontal_wrapped(|ui| {
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
