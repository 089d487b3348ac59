//! Panes in windows of their own, over the docked ones.

use std::collections::BTreeMap;

use egui::{Context, Frame, Id, LayerId, Order, Sense, UiBuilder, Window, vec2};

use crate::action::Action;
use crate::arrangement::PaneKind;
use crate::look::{self, space};
use crate::panes::{Pane, PaneContext};

/// The layer that a floating pane is drawn in.
pub(super) fn layer(kind: PaneKind) -> LayerId {
    LayerId::new(Order::Middle, id_of(kind))
}

fn id_of(kind: PaneKind) -> Id {
    Id::unique(("floating", kind))
}

/// Draws the floating panes.
pub(super) fn ui(
    ctx: &Context,
    panes: &mut BTreeMap<PaneKind, Box<dyn Pane>>,
    floating: &[PaneKind],
    context: &PaneContext<'_>,
) {
    for (place, kind) in floating.iter().enumerate() {
        let Some(pane) = panes.get_mut(kind) else { continue };
        let corner = ctx.content_rect().min + vec2(96.0, 96.0) + vec2(32.0, 32.0) * place as f32;
        let tokens = context.tokens;
        Window::new(kind.title())
            .id(id_of(*kind))
            .title_bar(false)
            .frame(Frame::window(&ctx.global_style()).fill(tokens.surface).inner_margin(0))
            .default_pos(corner)
            .default_size(kind.profile().floating)
            .min_size([240.0, 160.0])
            .show(ctx, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                header_ui(ui, context, *kind);
                let room = ui.available_rect_before_wrap();
                ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
                    ui.shrink_clip_rect(room);
                    ui.spacing_mut().item_spacing.y = space::XS;
                    pane.ui(ui, context);
                });
                ui.advance_cursor_after_rect(room);
            });
    }
}

/// The name, which the window is dragged by, and the way back.
fn header_ui(ui: &mut egui::Ui, context: &PaneContext<'_>, kind: PaneKind) {
    let tokens = context.tokens;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
    ui.painter().rect_filled(rect, egui::CornerRadius { nw: 8, ne: 8, sw: 0, se: 0 }, tokens.strip);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, tokens.hairline));
    ui.scope_builder(UiBuilder::new().max_rect(rect.shrink2(vec2(space::M, 0.0))), |ui| {
        ui.horizontal_centered(|ui| {
            ui.label(look::medium(kind.title()).color(tokens.text));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let pressed = look::button(ui, tokens, None, "Dock", false);
                if pressed.on_hover_text("Back to its place among the other panes").clicked() {
                    context.act(Action::FloatPane(kind));
                }
            });
        });
    });
}
