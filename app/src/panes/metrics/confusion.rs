//! The confusion matrix as a heat map: rows are the truth, each adding up to one.

use egui::epaint::TextShape;
use egui::{
    Align2, Color32, EventFilter, FontId, Key, Modifiers, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};
use fusionscope_engine::protocol::{EvaluationReport, SubsetScores};

use crate::look::{self, Icon, size};
use crate::panes::PaneContext;

/// The side in points from which a cell has room for its number.
const NUMBERS_FROM: f32 = 22.0;

/// The heat map: whether it is shown, and the cell that the arrow keys have gone to.
#[derive(Debug, Default)]
pub(super) struct Matrix {
    pub(super) is_open: bool,
    /// Row and column.
    cell: (usize, usize),
}

/// Where the cells stand.
#[derive(Clone, Copy)]
struct Cells {
    /// The first one's upper left corner.
    corner: Pos2,
    side: f32,
    /// How many there are in a row.
    count: usize,
}

impl Cells {
    fn rect(self, (row, column): (usize, usize)) -> Rect {
        let corner = self.corner + vec2(column as f32, row as f32) * self.side;
        Rect::from_min_size(corner, Vec2::splat(self.side))
    }

    /// The cell at this place.
    fn at(self, place: Pos2) -> Option<(usize, usize)> {
        let away = (place - self.corner) / self.side;
        let is_inside = away.x >= 0.0 && away.y >= 0.0;
        let cell = (away.y as usize, away.x as usize);
        (is_inside && cell.0 < self.count && cell.1 < self.count).then_some(cell)
    }
}

impl Matrix {
    pub(super) fn opened(is_open: bool) -> Self {
        Self { is_open, ..Self::default() }
    }

    /// Draws it, folded away until asked for. Returns the cell whose scenes are asked for: truth and prediction.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        ctx: &PaneContext<'_>,
        report: &EvaluationReport,
        scores: &SubsetScores,
    ) -> Option<(u8, u8)> {
        let count = report.classes.len();
        if count == 0 || scores.confusion.len() != count * count {
            return None;
        }
        let icon = if self.is_open { Icon::Down } else { Icon::Right };
        if look::button(ui, ctx.tokens, Some(icon), "Confusion matrix", false)
            .on_hover_text("What each class is mistaken for: rows are the truth, columns the prediction")
            .clicked()
        {
            self.is_open = !self.is_open;
        }
        if !self.is_open {
            return None;
        }
        let totals: Vec<u64> = scores.confusion.chunks(count).map(|row| row.iter().sum()).collect();
        let (cells, response) = draw(ui, ctx, count, scores, &totals);
        let under_pointer = response.hover_pos().and_then(|pointer| cells.at(pointer));
        let at_keys = self.at_keys(ui, &response, count);
        let has_numbers = cells.side >= NUMBERS_FROM;
        let note = match (under_pointer.or(at_keys), has_numbers) {
            (Some(cell), _) => words(report, scores, &totals, cell),
            (None, true) => "In % of the truth's pixels".to_owned(),
            (None, false) => "A cell's share of the truth's pixels: point at it".to_owned(),
        };
        ui.add(egui::Label::new(look::small(note).color(ctx.tokens.weak)).truncate());
        let cell = under_pointer.or(at_keys)?;
        let (row, column) = cell;
        ctx.store.scene.hover_class.set(Some(row as u8));
        let stroke = Stroke::new(1.5, ctx.tokens.text);
        ui.painter().rect_stroke(cells.rect(cell), 0.0, stroke, egui::StrokeKind::Inside);
        let pixels = scores.confusion[row * count + column];
        let is_chosen = response.clicked() && pixels > 0;
        if under_pointer.is_some() {
            response.on_hover_ui_at_pointer(|ui| {
                ui.label(words(report, scores, &totals, cell));
                ui.label(look::small(look::counted(pixels, "pixel")).color(ctx.tokens.weak));
                if pixels > 0 {
                    ui.label(look::small("Click to list the scenes with most of them").color(ctx.tokens.faint));
                }
            });
        }
        let chosen = (u8::try_from(row).ok()?, u8::try_from(column).ok()?);
        is_chosen.then_some(chosen)
    }

    /// The cell that the arrow keys have gone to, while the matrix has the keys.
    fn at_keys(&mut self, ui: &Ui, response: &Response, count: usize) -> Option<(usize, usize)> {
        if !response.has_focus() {
            return None;
        }
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let moved = |place: usize, forth: bool, back: bool| {
            (place + usize::from(forth)).saturating_sub(usize::from(back)).min(count - 1)
        };
        self.cell.0 = moved(self.cell.0, pressed(Key::ArrowDown), pressed(Key::ArrowUp));
        self.cell.1 = moved(self.cell.1, pressed(Key::ArrowRight), pressed(Key::ArrowLeft));
        Some(self.cell)
    }
}

/// What a cell says.
fn words(report: &EvaluationReport, scores: &SubsetScores, totals: &[u64], (row, column): (usize, usize)) -> String {
    let share = look::share(f64::from(share_of(scores, totals, report.classes.len(), row, column)));
    if row == column {
        format!("{}: {share} found", report.classes[row])
    } else {
        format!("{}: {share} taken for {}", report.classes[row], report.classes[column])
    }
}

/// Draws the map and its axes.
fn draw(ui: &mut Ui, ctx: &PaneContext<'_>, count: usize, scores: &SubsetScores, totals: &[u64]) -> (Cells, Response) {
    let tokens = ctx.tokens;
    let colours = ctx.store.class_colours(count);
    let font = FontId::proportional(size::SMALL);
    let (title, strip) = (16.0, 10.0);
    let edge = title + strip;
    let side = ((ui.available_width() - edge - 2.0) / count as f32).clamp(4.0, 34.0).floor();
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(edge + side * count as f32), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Image, true, "Confusion matrix: rows are the truth, columns the prediction, in %")
    });
    let corner = rect.min + vec2(edge, edge);
    let painter = ui.painter();
    // The titles of both axes; that of the rows reads upwards.
    painter.text(
        pos2(corner.x, rect.top() + 0.5 * title),
        Align2::LEFT_CENTER,
        "Prediction →",
        font.clone(),
        tokens.weak,
    );
    let rows = painter.layout_no_wrap("← Truth".to_owned(), font.clone(), tokens.weak);
    let foot = pos2(rect.left() + 0.5 * (title - rows.size().y), corner.y + rows.size().x.min(side * count as f32));
    painter.add(TextShape::new(foot, rows, tokens.weak).with_angle(-std::f32::consts::FRAC_PI_2));
    let has_numbers = side >= NUMBERS_FROM;
    for class in 0..count {
        let colour = colours.get(class as u8).unwrap_or(tokens.faint);
        let along = class as f32 * side;
        let gap = if side > 8.0 { 1.0 } else { 0.0 };
        let column = Rect::from_min_size(pos2(corner.x + along, rect.top() + title + 2.0), vec2(side - gap, 5.0));
        let row = Rect::from_min_size(pos2(rect.left() + title + 2.0, corner.y + along), vec2(5.0, side - gap));
        painter.rect_filled(column, 1.0, colour);
        painter.rect_filled(row, 1.0, colour);
        for predicted in 0..count {
            let share = share_of(scores, totals, count, class, predicted);
            let hue = if class == predicted { tokens.accent } else { tokens.warning };
            // The square root shows small confusions beside a strong diagonal.
            let ground = tokens.field.lerp_to_gamma(hue, share.sqrt());
            let at = Rect::from_min_size(corner + vec2(predicted as f32 * side, along), Vec2::splat(side - gap));
            painter.rect_filled(at, 0.0, ground);
            if has_numbers && let Some(number) = number(share) {
                let ink = if ground.intensity() > 0.45 { Color32::BLACK } else { Color32::WHITE };
                let font = FontId::proportional((0.38 * side).min(size::SMALL));
                painter.text(at.center(), Align2::CENTER_CENTER, number, font, ink);
            }
        }
    }
    (Cells { corner, side, count }, response)
}

/// A share as a cell has room for it: whole per cent, nothing for what would round to none.
fn number(share: f32) -> Option<String> {
    (share >= 0.005).then(|| format!("{:.0}", 100.0 * share))
}

fn share_of(scores: &SubsetScores, totals: &[u64], count: usize, truth: usize, predicted: usize) -> f32 {
    match totals[truth] {
        0 => 0.0,
        total => scores.confusion[truth * count + predicted] as f32 / total as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_whole_per_cent_and_nothing_for_next_to_nothing() {
        assert_eq!(
            [0.0, 0.004, 0.006, 0.614, 1.0].map(number),
            [None, None, Some("1".to_owned()), Some("61".to_owned()), Some("100".to_owned())]
        );
    }
}
