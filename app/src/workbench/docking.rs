//! How the docked panes look and behave.

use std::collections::BTreeMap;

use egui::{Color32, Rect, Role, Sense, Stroke, Ui, Visuals, WidgetInfo, WidgetText, vec2};
use egui_tiles::{EditAction, SimplificationOptions, TabState, TileId, Tiles, UiResponse};

use super::focus::Part;
use crate::action::{Action, Exported};
use crate::arrangement::PaneKind;
use crate::look::{self, Tokens, size, space};
use crate::panes::{Pane, PaneContext};

/// Draws panes into tiles and notes whether the arrangement was changed.
pub(super) struct Docking<'a> {
    pub(super) panes: &'a mut BTreeMap<PaneKind, Box<dyn Pane>>,
    pub(super) context: &'a PaneContext<'a>,
    pub(super) edited: bool,
    /// Where each pane was drawn.
    pub(super) parts: Vec<Part>,
    /// The tabs above them.
    pub(super) tabs: Vec<egui::Id>,
}

impl Docking<'_> {
    fn tokens(&self) -> &'static Tokens {
        self.context.tokens
    }
}

impl egui_tiles::Behavior<PaneKind> for Docking<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, kind: &mut PaneKind) -> UiResponse {
        let room = ui.max_rect();
        ui.painter().rect_filled(room, 0.0, self.context.tokens.surface);
        ui.shrink_clip_rect(room);
        if let Some(pane) = self.panes.get_mut(kind) {
            let (part, ()) = Part::drawn(ui, room, |ui| pane.ui(ui, self.context));
            self.parts.push(Part { pane: Some(*kind), ..part });
        }
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, kind: &PaneKind) -> WidgetText {
        kind.title().into()
    }

    fn tab_ui(
        &mut self,
        tiles: &mut Tiles<PaneKind>,
        ui: &mut Ui,
        id: egui::Id,
        tile: TileId,
        state: &TabState,
    ) -> egui::Response {
        let tokens = self.tokens();
        let title = self.tab_title_for_tile(tiles, tile).text().to_owned();
        let font = egui::FontId::new(size::SMALL + 0.5, egui::FontFamily::Name("medium".into()));
        let ink = if state.active { tokens.text } else { tokens.weak };
        let galley = ui.painter().layout_no_wrap(title.clone(), font, ink);
        let (_, rect) = ui.allocate_space(vec2(galley.size().x + 2.0 * space::M, ui.available_height()));
        let response = ui.interact(rect, id, Sense::click_and_drag());
        self.tabs.push(id);
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, state.active, format!("{title} tab")));
        let alone = tiles
            .parent_of(tile)
            .and_then(|parent| tiles.get_container(parent))
            .is_none_or(|container| container.num_children() < 2);
        if !state.is_being_dragged {
            if state.active && !alone {
                ui.painter().rect_filled(rect, 0.0, tokens.surface);
                let line = Rect::from_min_max(rect.left_top(), egui::pos2(rect.right(), rect.top() + 2.0));
                ui.painter().rect_filled(line, 0.0, tokens.accent);
            }
            let ink = if response.hovered() { tokens.text } else { ink };
            ui.painter().galley_with_override_text_color(rect.center() - galley.size() / 2.0, galley, ink);
        }
        if let Some(kind) = tiles.get_pane(&tile).copied() {
            look::context_menu(&response, |ui| {
                if ui.button("Export…").on_hover_text("What it shows, as pictures, numbers or text").clicked() {
                    self.context.act(Action::Export(Exported::pane(kind)));
                    ui.close();
                }
                if ui.button("Float").on_hover_text("Into a window of its own").clicked() {
                    self.context.act(Action::FloatPane(kind));
                    ui.close();
                }
            });
        }
        self.on_tab_button(tiles, tile, response)
    }

    fn tab_bar_height(&self, _style: &egui::Style) -> f32 {
        26.0
    }

    fn tab_bar_color(&self, _visuals: &Visuals) -> Color32 {
        self.tokens().strip
    }

    fn tab_bar_hline_stroke(&self, _visuals: &Visuals) -> Stroke {
        Stroke::new(1.0, self.tokens().hairline)
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        3.0
    }

    fn min_size(&self) -> f32 {
        120.0
    }

    fn resize_stroke(&self, _style: &egui::Style, state: egui_tiles::ResizeState) -> Stroke {
        match state {
            egui_tiles::ResizeState::Idle => Stroke::new(3.0, self.tokens().ground),
            egui_tiles::ResizeState::Hovering => Stroke::new(3.0, self.tokens().outline),
            egui_tiles::ResizeState::Dragging => Stroke::new(3.0, self.tokens().accent),
        }
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }

    fn on_edit(&mut self, edit: EditAction) {
        if matches!(edit, EditAction::TileResized | EditAction::TileDropped) {
            self.edited = true;
        }
    }
}
