//! The small marks of the list: switch, live or structural, changed, and the component's own curve.

use egui::{CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};
use fusionscope_engine::recipe::Change;

use crate::look::{Icon, Tokens};
use crate::panes::PaneContext;
use crate::store::curves::Trace;

/// The size of a component's curve.
pub const SPARK: Vec2 = vec2(38.0, 16.0);

/// A switch. `name` is what screen readers and tests call it.
pub fn switch(ui: &mut Ui, tokens: &Tokens, is_on: bool, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(26.0, 14.0), Sense::click());
    let is_enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, is_enabled, is_on, name));
    let how_far = ui.ctx().animate_bool(response.id, is_on);
    let ground = tokens.pressed.lerp_to_gamma(tokens.accent, how_far);
    ui.painter().rect_filled(rect, CornerRadius::same(7), ground);
    if response.hovered() || response.has_focus() {
        let ring = Stroke::new(1.0, if response.has_focus() { tokens.text } else { tokens.outline });
        ui.painter().rect_stroke(rect, CornerRadius::same(7), ring, StrokeKind::Outside);
    }
    let knob = pos2(egui::lerp(rect.left() + 7.0..=rect.right() - 7.0, how_far), rect.center().y);
    ui.painter().circle_filled(knob, 5.0, tokens.on_accent);
    response
}

/// When a change takes effect: ● at the next step, ↻ with a new run.
pub fn when(ui: &mut Ui, tokens: &Tokens, change: Change) {
    let (rect, response) = ui.allocate_exact_size(vec2(10.0, 14.0), Sense::hover());
    let words = match change {
        Change::Live => {
            ui.painter().circle_filled(rect.center(), 2.5, tokens.good);
            "Changes at the next step"
        }
        Change::Structural => {
            Icon::Restart.paint(ui.painter(), Rect::from_center_size(rect.center(), vec2(10.0, 10.0)), tokens.faint);
            "Restarts the run"
        }
    };
    response.on_hover_text(words);
}

/// A line at the left of a row: it differs from the preset.
pub fn changed(ui: &Ui, tokens: &Tokens, row: Rect) {
    let line = Rect::from_min_size(row.left_top() + vec2(0.0, 5.0), vec2(2.0, row.height() - 10.0));
    ui.painter().rect_filled(line, 1.0, tokens.accent);
}

/// The smoothed course of a term over the whole run, without axes.
pub fn sparkline(ui: &mut Ui, ctx: &PaneContext<'_>, term: &str) {
    let Some(series) = ctx.store.curves.term(term) else { return };
    let Some((first, last)) = series.steps().first().zip(series.steps().last()) else { return };
    let (rect, response) = ui.allocate_exact_size(SPARK, Sense::hover());
    let (low, high) = (*first as f64, (*last as f64).max(*first as f64 + 1.0));
    let Some((bottom, top)) = series.range(Trace::Smoothed, low, high) else { return };
    let height = f64::from(top - bottom).max(1e-12);
    let place = |[step, value]: [f64; 2]| {
        pos2(
            rect.left() + rect.width() * ((step - low) / (high - low)) as f32,
            rect.bottom() - 1.0 - (rect.height() - 2.0) * ((value - f64::from(bottom)) / height) as f32,
        )
    };
    for stroke in series.thinned(Trace::Smoothed, low, high, SPARK.x as usize) {
        let points = stroke.into_iter().map(place).collect();
        ui.painter().line(points, Stroke::new(1.0, ctx.tokens.weak));
    }
    let newest = series.last().map(|sample| crate::look::significant(f64::from(sample.smoothed))).unwrap_or_default();
    response.on_hover_text(format!("{term} {newest}"));
}
