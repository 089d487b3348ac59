//! The hover card: what every sensor, the label and every head say about one pixel.

use egui::{Area, Frame, Grid, Id, Order, Pos2, Ui, vec2};
use fusionscope_engine::protocol::{Content, Tile};

use super::{beside, wall};
use crate::canvas::{Reading, read};
use crate::look::{self, Tokens};
use crate::panes::PaneContext;
use crate::store::{ClassesOf, Pixel};

/// Draws the card beside the pointer, on the side that has room.
pub(super) fn ui(ui: &Ui, ctx: &PaneContext<'_>, pixel: Pixel, pointer: Pos2) {
    let Some(shown) = ctx.store.scene.shown() else { return };
    let screen = ui.ctx().content_rect();
    let (mut pivot, mut offset) = (egui::Align2::LEFT_TOP, vec2(18.0, 18.0));
    if pointer.x > screen.right() - 280.0 {
        (pivot.0[0], offset.x) = (egui::Align::RIGHT, -18.0);
    }
    if pointer.y > screen.bottom() - 240.0 {
        (pivot.0[1], offset.y) = (egui::Align::BOTTOM, -18.0);
    }
    Area::new(Id::unique("inspect-hover-card"))
        .order(Order::Tooltip)
        .fixed_pos(pointer + offset)
        .pivot(pivot)
        .interactable(false)
        .show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).inner_margin(8).show(ui, |ui| {
                ui.spacing_mut().item_spacing = vec2(10.0, 4.0);
                ui.spacing_mut().interact_size.y = 14.0;
                Grid::new("inspect-hover-grid").num_columns(3).min_col_width(8.0).show(ui, |ui| {
                    place_row(ui, ctx, pixel);
                    for tile in &shown.view.tiles {
                        row(ui, ctx, tile, pixel);
                    }
                });
            });
        });
}

fn place_row(ui: &mut Ui, ctx: &PaneContext<'_>, pixel: Pixel) {
    let size = ctx.store.scene.shown().and_then(|shown| shown.view.tiles.first()).map(|tile| &tile.frame);
    if let Some(frame) = size {
        let (x, y) = ((pixel.x * frame.width as f32) as u32, (pixel.y * frame.height as f32) as u32);
        ui.label("");
        ui.label(look::small("pixel").color(ctx.tokens.weak));
        ui.label(
            look::small(format!("{}, {}", x.min(frame.width.saturating_sub(1)), y.min(frame.height.saturating_sub(1))))
                .color(ctx.tokens.weak),
        );
        ui.end_row();
    }
}

fn row(ui: &mut Ui, ctx: &PaneContext<'_>, tile: &Tile, pixel: Pixel) {
    let (store, tokens) = (ctx.store, ctx.tokens);
    let Some(reading) = read(&tile.frame, pixel) else { return };
    if matches!(reading, Reading::Wrong(_)) {
        return;
    }
    let hue = match tile.content.of_either() {
        Content::Sensor(name) | Content::Prediction(name) => store.hue(tokens, name),
        _ => tokens.weak,
    };
    let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(8.0), egui::Sense::hover());
    if matches!(tile.content, Content::Sensor(_)) {
        ui.painter().circle_filled(rect.center(), 3.5, hue);
    } else {
        beside::paint_mark(ui.painter(), rect.shrink(0.5), hue, !tile.content.is_beside());
    }
    let dropped = matches!(&tile.content, Content::Sensor(name) if store.scene.what_if.is_absent(name));
    let name = wall::title(store, &tile.content);
    let name = if dropped { format!("{name} (dropped)") } else { name };
    ui.label(look::small(name).color(tokens.weak));
    reading_ui(ui, ctx, tokens, &reading, ClassesOf::content(&tile.content));
    ui.end_row();
}

fn reading_ui(ui: &mut Ui, ctx: &PaneContext<'_>, tokens: &Tokens, reading: &Reading, of: ClassesOf) {
    match reading {
        Reading::Colour([r, g, b]) => {
            ui.label(look::small(format!("{r} {g} {b}")));
        }
        Reading::Class { id, probability } => {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 5.0;
                let colours = ctx.store.colours_of(of);
                look::swatch(ui, colours.get(*id).unwrap_or(tokens.hairline));
                ui.label(look::medium(ctx.store.class_name_of(of, *id)).size(look::size::SMALL));
                if let Some(probability) = probability {
                    ui.label(look::small(format!("{probability:.2}")).color(tokens.weak));
                }
            });
        }
        Reading::Value { value, unit } => {
            let text = look::significant(f64::from(*value));
            ui.label(look::small(if unit.is_empty() { text } else { format!("{text} {unit}") }));
        }
        Reading::Category(word) => {
            ui.label(look::small(word));
        }
        Reading::NoValue => {
            ui.label(look::small("no value").color(tokens.faint));
        }
        Reading::Wrong(_) => {}
    }
}
