//! One tile: its header, its picture, and what the pointer does to it.

use egui::{
    CornerRadius, FontFamily, FontId, Key, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};
use fusionscope_engine::protocol::{Content, DISAGREEMENT, OUTCOME, Pixels, SensorChange};

use super::state::InspectPane;
use super::wall::Slot;
use super::{arrangement, beside, menu, picture, tones, wall, working};
use crate::action::Action;
use crate::canvas::{Tone, Window};
use crate::look::{self, Icon, Tokens, size};
use crate::panes::PaneContext;
use crate::store::Tool;

/// What the user asked of a tile.
#[derive(Default)]
pub(super) struct Asked {
    /// To fill the pane, or to go back to the wall.
    pub(super) maximise: bool,
    /// The place of the tile that was dropped on this one.
    pub(super) dropped: Option<usize>,
}

/// Draws the tile.
pub(super) fn ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>, slot: Slot<'_>) -> Asked {
    let (header, body) = slot.rect.split_top_bottom_at_y(slot.rect.top() + arrangement::HEADER);
    let id = ui.scope_id().with(("tile", slot.content));
    let name = format!("Tile {}", wall::title(ctx.store, slot.content));
    let response = ui.interact(body, id, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    let mut asked = header_ui(pane, ui, ctx, slot, header);

    let entered = response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    if response.double_clicked() || entered {
        asked.maximise = true;
    }
    let whole = pane.camera.picture(body, slot.aspect);
    let tool = match slot.content {
        Content::Sensor(sensor) => ctx.store.scene.supposing.tool_on(sensor).map(|tool| (sensor.as_str(), tool)),
        _ => None,
    };
    let InspectPane { camera, region, .. } = &mut *pane;
    let draws = tool.is_none() && region.drag(ctx, &response, |point| camera.pixel_at(body, slot.aspect, point));
    if let Some(tool) = tool {
        let width = ctx.store.scene.frame(slot.content).map_or(1, |frame| frame.width);
        pane.working.follow(ui, ctx, tool, &response, (whole, width));
    } else if response.dragged() && !pane.camera.is_fitted() && !draws {
        pane.camera.pan(body, slot.aspect, response.drag_delta());
    }
    if response.hovered()
        && let Some(pointer) = response.hover_pos()
    {
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = pinch * (scroll / 240.0).exp();
        if (factor - 1.0).abs() > 1e-4 {
            pane.camera.zoom_at(body, slot.aspect, pointer, factor);
        }
        if let Some(pixel) = pane.camera.pixel_at(body, slot.aspect, pointer) {
            ctx.store.scene.hover.set(Some(pixel));
            if ctx.store.scene.swipe {
                pane.swipe_to(pixel);
            }
        }
        if tool.is_none() && !pane.camera.is_fitted() {
            ui.ctx().set_cursor_icon(if response.dragged() {
                egui::CursorIcon::Grabbing
            } else {
                egui::CursorIcon::Crosshair
            });
        }
    }

    if response.clicked()
        && ctx.store.scene.asks_about_a_pixel()
        && let Some(pointer) = response.interact_pointer_pos()
        && let Some(pixel) = pane.camera.pixel_at(body, slot.aspect, pointer)
    {
        let place = |share: f32| (share.clamp(0.0, 1.0) * f32::from(u16::MAX)) as u16;
        ctx.act(Action::PickPixel([place(pixel.x), place(pixel.y)]));
    }

    if menu::ui(pane, ctx, slot.content, &response) {
        asked.maximise = true;
    }
    picture::paint(pane, ui, ctx, slot, body);
    if let Some(pixel) = *ctx.store.scene.hover.get() {
        cross_hair(ui, ctx.tokens, body, pane.camera.point_of(body, slot.aspect, pixel));
    }
    if let Some((_, tool)) = tool {
        ui.painter_at(body).rect_stroke(
            body,
            CornerRadius::ZERO,
            Stroke::new(1.5, ctx.tokens.accent),
            StrokeKind::Inside,
        );
        if let Tool::Paint(_) = tool {
            working::brush_ui(ui, ctx, &response, body, whole);
        }
    }
    asked
}

fn header_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>, slot: Slot<'_>, rect: Rect) -> Asked {
    let tokens = ctx.tokens;
    let id = ui.scope_id().with(("tile-header", slot.content));
    let title = wall::title(ctx.store, slot.content);
    // What it does for the pointer the picture does for the keys: it is no stop of theirs.
    let response = ui.interact(rect, id, Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Header {title}")));
    response.dnd_set_drag_payload(slot.place);
    let dropped = ui
        .interact(slot.rect, id.with("drop"), Sense::hover())
        .dnd_release_payload::<usize>()
        .map(|from| *from)
        .filter(|from| *from != slot.place);
    let asked = Asked { maximise: response.double_clicked(), dropped };

    let painter = ui.painter_at(rect);
    let middle = rect.center().y;
    let mark = pos2(rect.left() + 5.0, middle);
    match slot.content.of_either() {
        Content::Sensor(name) => {
            let hue = ctx.store.hue(tokens, name);
            if ctx.store.scene.what_if.is_absent(name) {
                painter.circle_stroke(mark, 3.5, Stroke::new(1.2, hue));
            } else {
                painter.circle_filled(mark, 4.0, hue);
            }
        }
        Content::Before(head) => {
            let at = Rect::from_center_size(mark, Vec2::splat(8.0));
            beside::paint_mark(&painter, at, ctx.store.hue(tokens, head), false);
        }
        Content::Prediction(head) => {
            let head = ctx.store.scene.stand_in(slot.content).unwrap_or(head);
            let hue = ctx.store.hue(tokens, head);
            let at = Rect::from_center_size(mark, Vec2::splat(8.0));
            beside::paint_mark(&painter, at, hue, !slot.content.is_beside());
        }
        Content::Label => Icon::Label.paint(&painter, Rect::from_center_size(mark, Vec2::splat(10.0)), tokens.weak),
        Content::Error(_) => {
            Icon::Errors.paint(&painter, Rect::from_center_size(mark, Vec2::splat(10.0)), tokens.error);
        }
        Content::Disagreement | Content::Outcome(_) => {
            Icon::Difference.paint(&painter, Rect::from_center_size(mark, Vec2::splat(10.0)), tokens.weak);
        }
        Content::Probe(_) | Content::Figures | Content::Beside(_) => {
            painter.circle_stroke(mark, 3.5, Stroke::new(1.5, tokens.weak));
        }
    }
    let is_prediction = matches!(slot.content.of_either(), Content::Prediction(_));
    let against = ctx.store.scene.counterpart(slot.content).filter(|_| ctx.store.scene.swipe);
    let title = match against {
        _ if ctx.store.scene.comparing && is_prediction => format!("{title} → label"),
        Some(other) if slot.content.is_beside() => format!("{} ↔ {title}", wall::title(ctx.store, &other)),
        Some(other) => format!("{title} ↔ {}", wall::title(ctx.store, &other)),
        None if is_supposed(ctx, slot.content) => format!("{title} (what if)"),
        None => title,
    };
    let font = FontId::new(size::SMALL, FontFamily::Name("medium".into()));
    let word = look::elided(ui, title, font, rect.width() - 16.0, tokens.text);
    let corner = pos2(rect.left() + 14.0, middle - word.size().y / 2.0);
    let room = Rect::from_min_max(pos2(corner.x + word.size().x + 8.0, rect.top()), rect.max);
    painter.galley(corner, word, tokens.text);
    stamp(pane, ui, ctx, slot, room);
    asked
}

/// Whether a sensor's picture is another one than it saw.
fn is_supposed(ctx: &PaneContext<'_>, content: &Content) -> bool {
    let Content::Sensor(name) = content else { return false };
    ctx.store.scene.what_if.sensors.get(name).is_some_and(SensorChange::has_picture)
}

/// On the right of the header: the step of a prediction, or the bar of a scalar map.
fn stamp(pane: &mut InspectPane, ui: &Ui, ctx: &PaneContext<'_>, slot: Slot<'_>, room: Rect) {
    let tokens = ctx.tokens;
    let painter = ui.painter_at(room);
    let right = pos2(room.right() - 2.0, room.center().y);
    let write = |text: String| {
        let galley = painter.layout_no_wrap(text, FontId::proportional(size::SMALL), tokens.faint);
        if galley.size().x <= room.width() {
            painter.galley(pos2(right.x - galley.size().x, right.y - galley.size().y / 2.0), galley, tokens.faint);
        }
    };
    let Some(shown) = ctx.store.scene.shown() else { return };
    let frame = ctx.store.scene.frame(slot.content);
    match (slot.content, frame.map(|frame| &frame.pixels)) {
        (_, Some(Pixels::Scalar { unit, .. })) => {
            if let Some(window) = pane.tones.window(ctx, slot.content) {
                let extent = pane.tones.extent(ctx, slot.content);
                bar(&painter, ctx, slot.content, room, (window, extent), unit);
            }
        }
        (_, Some(Pixels::Rgba(_))) if pane.tones.of(slot.content) != Tone::default() => {
            if let Some(window) = pane.tones.window(ctx, slot.content) {
                write(format!("{:.0} to {:.0}{}", window.low, window.high, bent(window)));
            }
        }
        (_, Some(Pixels::Categories { ids, legend })) => {
            let shares = pane.shares.of(shown.serial, slot.content, ids, legend.len());
            legend_ui(&painter, ctx, room, shares, legend);
        }
        (Content::Beside(_), Some(_)) => {
            if let Some(seen) = ctx.store.scene.seen_beside() {
                write(format!("step {}", look::count(seen.step)));
            }
        }
        (Content::Prediction(_) | Content::Error(_) | Content::Probe(_), Some(_)) => {
            if let Some((found, _)) = ctx.store.scene.effect_in(slot.content) {
                write(format!("{} changed", look::share(found.share())));
            } else if let Some(step) = shown.view.step {
                write(format!("step {}", look::count(step)));
            }
        }
        (Content::Sensor(_), Some(_)) if !pane.camera.is_fitted() => {
            write(format!("{:.1}×", pane.camera.zoom()));
        }
        _ => {}
    }
}

/// The words of a categorical map in their colours, each with its share of the pixels, as many as there is room for.
fn legend_ui(painter: &egui::Painter, ctx: &PaneContext<'_>, room: Rect, shares: &[f64], legend: &[String]) {
    let tokens = ctx.tokens;
    let colours = picture::category_colours(ctx, legend);
    let mut right = room.right() - 2.0;
    // Of where two runs differ, or a what-if changes something, what there is of it: the rest is the same.
    let is_verdict = legend == DISAGREEMENT || legend == OUTCOME;
    let is_told = |place: usize, share: f64| !is_verdict || (place > 0 && share > 0.0);
    let mut told: Vec<(usize, (&String, &f64))> = legend.iter().zip(shares).enumerate().collect();
    told.retain(|(place, (_, share))| is_told(*place, **share));
    if is_verdict {
        // The largest share is told where there is no room for all; the others are drawn from the right.
        told.sort_by(|(_, (_, one)), (_, (_, other))| one.total_cmp(other));
    }
    for (place, (word, share)) in told.into_iter().rev() {
        let share = look::share(*share);
        let font = FontId::proportional(size::SMALL);
        let text = painter.layout_no_wrap(format!("{word} {share}"), font, tokens.faint);
        let left = right - text.size().x - 12.0;
        if left < room.left() {
            return;
        }
        let swatch = Rect::from_center_size(pos2(left + 4.0, room.center().y), Vec2::splat(8.0));
        painter.rect_filled(swatch, CornerRadius::same(2), colours[place]);
        let height = text.size().y;
        painter.galley(pos2(left + 12.0, room.center().y - height / 2.0), text, tokens.faint);
        right = left - 8.0;
    }
}

fn bar(
    painter: &egui::Painter,
    ctx: &PaneContext<'_>,
    content: &Content,
    room: Rect,
    (window, extent): (Window, Option<(f32, f32)>),
    unit: &str,
) {
    let tokens = ctx.tokens;
    let font = FontId::proportional(size::SMALL);
    let (lower, upper) = ends(window, extent);
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let high = painter.layout_no_wrap(format!("{upper}{unit}{}", bent(window)), font.clone(), tokens.faint);
    let low = painter.layout_no_wrap(lower, font, tokens.faint);
    let words = high.size().x + low.size().x + 8.0;
    let length = (room.width() - words - 4.0).min(48.0);
    if length < 12.0 {
        return;
    }
    let middle = room.center().y;
    let mut right = room.right() - 2.0 - high.size().x;
    painter.galley(pos2(right, middle - high.size().y / 2.0), high, tokens.faint);
    right -= 4.0;
    let strip = Rect::from_min_max(pos2(right - length, middle - 3.0), pos2(right, middle + 3.0));
    let table = tones::map_of(ctx, content).table();
    let mut mesh = egui::Mesh::default();
    for part in 0..=16_usize {
        let share = part as f32 / 16.0;
        let colour = table[(window.bent(share) * 255.0) as usize];
        let x = strip.left() + share * strip.width();
        mesh.colored_vertex(pos2(x, strip.top()), colour);
        mesh.colored_vertex(pos2(x, strip.bottom()), colour);
        if part > 0 {
            let first = part as u32 * 2;
            mesh.add_triangle(first - 2, first - 1, first);
            mesh.add_triangle(first - 1, first, first + 1);
        }
    }
    painter.add(mesh);
    painter.galley(pos2(strip.left() - 4.0 - low.size().x, middle - low.size().y / 2.0), low, tokens.faint);
}

/// The values at the ends of the colours; a sign says that the picture holds values beyond them.
fn ends(window: Window, extent: Option<(f32, f32)>) -> (String, String) {
    let digits = match (window.high - window.low).abs() {
        span if span >= 10.0 => 1,
        span if span >= 1.0 => 2,
        _ => 3,
    };
    let short = |value: f32| {
        let text = format!("{value:.digits$}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        if matches!(text, "" | "-" | "-0") { "0".to_owned() } else { text.to_owned() }
    };
    // A byte has 255 steps: what lies within half a step of an end is at the end.
    let slack = (window.high - window.low).abs() / 400.0;
    let (least, most) = extent.unwrap_or((window.low, window.high));
    let sign = |beyond: bool, sign: &str| if beyond { sign.to_owned() } else { String::new() };
    (
        sign(least < window.low - slack, "≤ ") + &short(window.low),
        sign(most > window.high + slack, "≥ ") + &short(window.high),
    )
}

/// How the colours are bent, where they are.
fn bent(window: Window) -> String {
    if window.gamma == 1.0 { String::new() } else { format!("  γ {:.2}", window.gamma) }
}

/// The one cross-hair: a small open cross that leaves the pixel itself free.
fn cross_hair(ui: &Ui, tokens: &Tokens, body: Rect, at: egui::Pos2) {
    let painter = ui.painter_at(body);
    for (width, colour) in [(3.0, tokens.on_picture_dark), (1.0, tokens.on_picture)] {
        let stroke = Stroke::new(width, colour);
        for direction in [vec2(1.0, 0.0), vec2(-1.0, 0.0), vec2(0.0, 1.0), vec2(0.0, -1.0)] {
            painter.line_segment([at + direction * 4.0, at + direction * 11.0], stroke);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::ScalarMap;

    #[test]
    fn a_bar_tells_the_true_values_at_its_ends_and_what_lies_beyond_them() {
        let window = |tone: Tone, range| tone.window(range, ScalarMap::Inferno);
        let words = |lower: &str, upper: &str| (lower.to_owned(), upper.to_owned());
        let whole = window(Tone::default(), (-10.0, 40.0));
        assert_eq!(ends(whole, Some((-10.0, 40.0))), words("-10", "40"));
        let gained = window(Tone { gain: 4.0, ..Tone::default() }, (-10.0, 40.0));
        assert_eq!(ends(gained, Some((-10.0, 30.0))), words("-10", "≥ 2.5"));
        let narrow = window(Tone::default(), (0.0, 0.0125));
        assert_eq!(ends(narrow, Some((-0.5, 0.01))), words("≤ 0", "0.013"));
        assert_eq!(bent(window(Tone { gamma: 0.5, ..Tone::default() }, (0.0, 1.0))), "  γ 0.50");
    }
}
