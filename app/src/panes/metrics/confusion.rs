//! The confusion matrix as a heat map: rows are the truth, each adding up to one.

use egui::{Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use fusionscope_engine::protocol::{EvaluationReport, SubsetScores};

use crate::look::{self, Icon};
use crate::panes::PaneContext;

/// The heat map, folded away until asked for.
pub fn show(ui: &mut Ui, ctx: &PaneContext<'_>, report: &EvaluationReport, scores: &SubsetScores, is_open: &mut bool) {
    let count = report.classes.len();
    if count == 0 || scores.confusion.len() != count * count {
        return;
    }
    let tokens = ctx.tokens;
    let icon = if *is_open { Icon::Down } else { Icon::Right };
    if look::button(ui, tokens, Some(icon), "Confusion matrix", false)
        .on_hover_text("What each class is mistaken for: rows are the truth, columns the prediction")
        .clicked()
    {
        *is_open = !*is_open;
    }
    if !*is_open {
        return;
    }
    let colours = ctx.store.class_colours(count);
    let edge = 12.0;
    let side = ((ui.available_width() - edge - 2.0) / count as f32).clamp(4.0, 28.0).floor();
    let (rect, response) =
        ui.allocate_exact_size(vec2(edge + side * count as f32, edge + side * count as f32), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Confusion matrix"));
    let corner = rect.min + vec2(edge, edge);
    let totals: Vec<u64> = scores.confusion.chunks(count).map(|row| row.iter().sum()).collect();
    for class in 0..count {
        let colour = colours.get(class as u8).unwrap_or(tokens.faint);
        let along = class as f32 * side;
        let gap = if side > 8.0 { 1.0 } else { 0.0 };
        let column = Rect::from_min_size(pos2(corner.x + along, rect.top() + 3.0), vec2(side - gap, 5.0));
        let row = Rect::from_min_size(pos2(rect.left() + 3.0, corner.y + along), vec2(5.0, side - gap));
        ui.painter().rect_filled(column, 1.0, colour);
        ui.painter().rect_filled(row, 1.0, colour);
        for predicted in 0..count {
            let share = share_of(scores, &totals, count, class, predicted);
            // The square root shows small confusions beside a strong diagonal.
            let ink = tokens
                .field
                .lerp_to_gamma(if class == predicted { tokens.accent } else { tokens.warning }, share.sqrt());
            let at = corner + vec2(predicted as f32 * side, along);
            ui.painter().rect_filled(Rect::from_min_size(at, vec2(side - gap, side - gap)), 0.0, ink);
        }
    }
    let Some(pointer) = response.hover_pos() else { return };
    let (row, column) = (((pointer.y - corner.y) / side).floor(), ((pointer.x - corner.x) / side).floor());
    if row < 0.0 || column < 0.0 || row >= count as f32 || column >= count as f32 {
        return;
    }
    let (row, column) = (row as usize, column as usize);
    ctx.store.scene.hover_class.set(Some(row as u8));
    let cell = Rect::from_min_size(corner + vec2(column as f32 * side, row as f32 * side), vec2(side, side));
    ui.painter().rect_stroke(cell, 0.0, Stroke::new(1.5, tokens.text), egui::StrokeKind::Inside);
    let pixels = scores.confusion[row * count + column];
    let share = 100.0 * share_of(scores, &totals, count, row, column);
    let words = if row == column {
        format!("{}: {share:.1} % found", report.classes[row])
    } else {
        format!("{}: {share:.1} % taken for {}", report.classes[row], report.classes[column])
    };
    response.on_hover_ui_at_pointer(|ui| {
        ui.label(words);
        ui.label(look::small(format!("{} pixels", look::count(pixels))).color(tokens.weak));
    });
}

fn share_of(scores: &SubsetScores, totals: &[u64], count: usize, truth: usize, predicted: usize) -> f32 {
    match totals[truth] {
        0 => 0.0,
        total => scores.confusion[truth * count + predicted] as f32 / total as f32,
    }
}
