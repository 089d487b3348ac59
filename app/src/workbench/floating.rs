//! Panes in windows of their own: windows of the system, which can go to a projector, where it has several, else areas
//! over the docked panes.

use std::collections::BTreeMap;

use egui::{
    CentralPanel, Context, Frame, Id, LayerId, Order, Sense, UiBuilder, ViewportBuilder, ViewportCommand, ViewportId,
    Window, vec2,
};
use serde::{Deserialize, Serialize};

use super::{focus, keyboard};
use crate::action::{Action, Exported};
use crate::arrangement::PaneKind;
use crate::look::{self, space};
use crate::panes::{Pane, PaneContext};

/// The smallest window of a pane, in points.
const SMALLEST: [f32; 2] = [240.0, 160.0];

/// Where a window of the system stood last, in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Its corner on the desktop; systems that keep this to themselves place it anew.
    at: Option<[f32; 2]>,
    size: [f32; 2],
}

/// The windows of floating panes.
#[derive(Debug, Default)]
pub(super) struct Floating {
    /// How each window that is open was asked for: asking for another size or place would move it.
    open: BTreeMap<PaneKind, ViewportBuilder>,
    /// Where windows stood last, by the name of their pane.
    places: BTreeMap<String, Place>,
}

impl Floating {
    /// With the places that were kept.
    pub(super) fn kept(places: BTreeMap<String, Place>) -> Self {
        let is_usable = |place: &Place| {
            let numbers = place.at.into_iter().flatten().chain(place.size);
            numbers.clone().all(|number| number.abs() < 1e5) && place.size.iter().all(|side| *side >= 100.0)
        };
        let places = places.into_iter().filter(|(_, place)| is_usable(place)).collect();
        Self { open: BTreeMap::new(), places }
    }

    /// Where windows stood last.
    pub(super) fn places(&self) -> BTreeMap<String, Place> {
        self.places.clone()
    }

    /// Forgets where windows stood.
    pub(super) fn forget(&mut self) {
        self.places.clear();
    }

    /// Draws the floating panes.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        panes: &mut BTreeMap<PaneKind, Box<dyn Pane>>,
        floating: &[PaneKind],
        context: &PaneContext<'_>,
    ) {
        self.open.retain(|kind, _| floating.contains(kind));
        for (order, kind) in floating.iter().enumerate() {
            let Some(pane) = panes.get_mut(kind) else { continue };
            if ctx.embed_viewports() {
                area_ui(ctx, pane.as_mut(), *kind, order, context);
            } else {
                self.window_ui(ctx, pane.as_mut(), *kind, context);
            }
        }
    }

    fn window_ui(&mut self, ctx: &Context, pane: &mut dyn Pane, kind: PaneKind, context: &PaneContext<'_>) {
        let kept = self.places.get(kind.title()).copied();
        let builder = self.open.entry(kind).or_insert_with(|| builder_of(kind, kept)).clone();
        let place = ctx.show_viewport_immediate(window_of(kind), builder, |ui, _class| {
            let ctx = ui.ctx().clone();
            for action in keyboard::actions(&ctx, context.store, false) {
                // In a window of its own a pane is the one in hand.
                let is_own = matches!(&action, Action::Export(Exported { pane: None, .. }));
                context.act(if is_own { Action::Export(Exported::pane(kind)) } else { action });
            }
            CentralPanel::default().frame(Frame::NONE.fill(context.tokens.surface)).show(ui, |ui| pane.ui(ui, context));
            focus::ring(&ctx, context.tokens);
            if ctx.input(|input| input.viewport().close_requested()) {
                context.act(Action::FloatPane(kind));
            }
            ctx.input(|input| {
                let window = input.viewport();
                let size = window.inner_rect?.size();
                let is_at_rest = window.minimized != Some(true) && window.maximized != Some(true);
                let at = window.outer_rect.map(|rect| [rect.min.x, rect.min.y]);
                is_at_rest.then_some(Place { at, size: [size.x, size.y] })
            })
        });
        if let Some(place) = place {
            self.places.insert(kind.title().to_owned(), place);
        }
    }
}

/// Brings a floating pane to the front.
pub(super) fn raise(ctx: &Context, kind: PaneKind) {
    if ctx.embed_viewports() {
        ctx.move_to_top(LayerId::new(Order::Middle, id_of(kind)));
    } else {
        ctx.send_viewport_cmd_to(window_of(kind), ViewportCommand::Focus);
    }
}

fn builder_of(kind: PaneKind, kept: Option<Place>) -> ViewportBuilder {
    let builder = ViewportBuilder::default()
        .with_title(format!("{} – Fusionscope", kind.title()))
        .with_app_id("fusionscope")
        .with_min_inner_size(SMALLEST)
        .with_inner_size(kept.map_or(kind.profile().floating, |place| place.size));
    match kept.and_then(|place| place.at) {
        Some(at) => builder.with_position(at),
        None => builder,
    }
}

fn window_of(kind: PaneKind) -> ViewportId {
    ViewportId(id_of(kind))
}

fn id_of(kind: PaneKind) -> Id {
    Id::unique(("floating", kind))
}

/// A pane in an area over the others.
fn area_ui(ctx: &Context, pane: &mut dyn Pane, kind: PaneKind, order: usize, context: &PaneContext<'_>) {
    let corner = ctx.content_rect().min + vec2(96.0, 96.0) + vec2(32.0, 32.0) * order as f32;
    let tokens = context.tokens;
    Window::new(kind.title())
        .id(id_of(kind))
        .title_bar(false)
        .frame(Frame::window(&ctx.global_style()).fill(tokens.surface).inner_margin(0))
        .default_pos(corner)
        .default_size(kind.profile().floating)
        .min_size(SMALLEST)
        .show(ctx, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            header_ui(ui, context, kind);
            let room = ui.available_rect_before_wrap();
            ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
                ui.shrink_clip_rect(room);
                ui.spacing_mut().item_spacing.y = space::XS;
                pane.ui(ui, context);
            });
            ui.advance_cursor_after_rect(room);
        });
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
                let export = look::button(ui, tokens, None, "Export…", false);
                if export.on_hover_text("What it shows, as pictures, numbers or text").clicked() {
                    context.act(Action::Export(Exported::pane(kind)));
                }
                let pressed = look::button(ui, tokens, None, "Dock", false);
                if pressed.on_hover_text("Back to its place among the other panes").clicked() {
                    context.act(Action::FloatPane(kind));
                }
            });
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_opens_where_it_stood_and_a_senseless_place_is_forgotten() {
        let place = |at: Option<[f32; 2]>, size: [f32; 2]| Place { at, size };
        let kept = BTreeMap::from([
            ("Curves".to_owned(), place(Some([1950.0, 40.0]), [900.0, 500.0])),
            ("Log".to_owned(), place(Some([f32::NAN, 0.0]), [900.0, 500.0])),
            ("Metrics".to_owned(), place(None, [0.0, 500.0])),
        ]);
        let floating = Floating::kept(kept);
        assert_eq!(floating.places().into_keys().collect::<Vec<_>>(), ["Curves"]);
        let builder = builder_of(PaneKind::Curves, floating.places.get("Curves").copied());
        assert_eq!(builder.position, Some(egui::pos2(1950.0, 40.0)));
        assert_eq!(builder.inner_size, Some(vec2(900.0, 500.0)));
        let fresh = builder_of(PaneKind::Curves, None);
        assert_eq!((fresh.position, fresh.inner_size), (None, Some(PaneKind::Curves.profile().floating.into())));
    }
}
