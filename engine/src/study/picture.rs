//! A study's differences with their intervals, as a drawing: a panel a figure, a line a row.

use std::path::Path;

use super::table::{Cell, Table, TableRow};
use super::text::{SEEDS_NEEDED, beside_mark, spread, words};
use super::ticks::Axis;
use crate::drawing::{Anchor, BAND, Drawing, GRID, Ink, Print, Shape, TEXT, WEAK, Weight, drawing_file};
use crate::protocol::counted;

const MARGIN: f64 = 24.0;
const HEAD: f64 = 16.0;
const BODY: f64 = 12.0;
const SMALL: f64 = 10.0;
/// Between lines of small text.
const LEADING: f64 = 14.5;
const ROW: f64 = 32.0;
/// What the legend takes.
const NARROWEST: f64 = 540.0;
/// The widest names.
const NAMES: f64 = 230.0;
/// Where differences are drawn in a panel, at least.
const PLOT: f64 = 190.0;
const GAP: f64 = 22.0;
/// What stands above and below the lines of a panel.
const PANEL_HEAD: f64 = 30.0;
const PANEL_FOOT: f64 = 38.0;
/// So many panels stand beside each other.
const BESIDE: usize = 3;

const ZERO: Ink = [0x6b, 0x73, 0x7d];
/// Okabe and Ito's blue and vermilion, which all eyes tell apart; the pale one is lighter in print as well.
const TOLD: Ink = [0x00, 0x5a, 0x9c];
const NOT_TOLD: Ink = [0x8c, 0xb4, 0xd4];
const PRINTED: Ink = [0xc2, 0x4e, 0x00];

/// The picture of a table; a sentence where no row is compared with another.
pub fn picture(table: &Table) -> Result<Drawing, String> {
    let is_compared = |figure: &usize| table.rows.iter().any(|row| row.cells[*figure].interval_or_point().is_some());
    let figures: Vec<usize> = (0..table.figures.len()).filter(is_compared).collect();
    if figures.is_empty() {
        return Err(
            "there is no difference to draw: the study compares no rows (`reference`, `against`), or none of both \
                    are done"
                .to_owned(),
        );
    }
    let sheet = Sheet::of(table, &figures);
    let mut shapes = Vec::new();
    let mut y = MARGIN - 4.0;
    for line in Weight::Semibold.lines(&table.title, HEAD, sheet.width - 2.0 * MARGIN) {
        y += HEAD + 4.0;
        shapes.push(Shape::text([MARGIN, y], Anchor::Start, HEAD, Weight::Semibold, TEXT, &line));
    }
    y += 10.0;
    for beside in figures.chunks(BESIDE) {
        sheet.panels(beside, y, &mut shapes);
        y += PANEL_HEAD + ROW * table.rows.len() as f64 + PANEL_FOOT;
    }
    y = legend(table, &figures, y + 18.0, &mut shapes);
    for line in Weight::Regular.lines(&caption(table), SMALL, sheet.width - 2.0 * MARGIN) {
        shapes.push(Shape::text([MARGIN, y], Anchor::Start, SMALL, Weight::Regular, WEAK, &line));
        y += LEADING;
    }
    Ok(Drawing { width: sheet.width.ceil(), height: (y - LEADING + MARGIN).ceil(), title: table.title.clone(), shapes })
}

/// The picture as a file of the kind that its name ends in ([`drawing_file`]); a sentence where there is nothing to draw.
pub fn picture_file(table: &Table, path: &Path, print: &Print) -> Result<Vec<u8>, String> {
    drawing_file(path, print, || picture(table))
}

/// What all panels share.
struct Sheet<'a> {
    table: &'a Table,
    names: f64,
    values: f64,
    plot: f64,
    width: f64,
}

impl<'a> Sheet<'a> {
    fn of(table: &'a Table, figures: &[usize]) -> Self {
        let wide = |text: &str, size: f64| Weight::Regular.width(text, size);
        let names = table.rows.iter().map(|row| wide(&row.name, BODY).max(wide(&under_name(table, row), SMALL)));
        let names = names.fold(60.0, f64::max).min(NAMES);
        let cells = table.rows.iter().flat_map(|row| figures.iter().map(|&figure| &row.cells[figure]));
        let values = cells.map(|cell| wide(&beside(cell), SMALL)).fold(40.0, f64::max);
        let panels = figures.len().min(BESIDE) as f64;
        let around = 2.0 * MARGIN + names + panels * (GAP + 10.0 + values);
        let plot = PLOT.max((NARROWEST - around) / panels);
        Self { table, names, values, plot, width: around + panels * plot }
    }

    /// Panels beside each other, with the rows' names on their left.
    fn panels(&self, figures: &[usize], top: f64, shapes: &mut Vec<Shape>) {
        let Self { table, names, values, plot, .. } = self;
        let panel = GAP + plot + 10.0 + values;
        let right = MARGIN + names + panel * figures.len() as f64;
        let first = top + PANEL_HEAD;
        for (place, row) in table.rows.iter().enumerate() {
            let y = first + ROW * place as f64;
            if place % 2 == 0 {
                let size = [right - MARGIN + 12.0, ROW];
                shapes.push(Shape::Rect { from: [MARGIN - 6.0, y], size, ink: BAND });
            }
            let name = Weight::Regular.elided(&row.name, BODY, *names);
            let under = Weight::Regular.elided(&under_name(table, row), SMALL, *names);
            shapes.push(Shape::text([MARGIN, y + 14.0], Anchor::Start, BODY, Weight::Regular, TEXT, &name));
            shapes.push(Shape::text([MARGIN, y + 26.0], Anchor::Start, SMALL, Weight::Regular, WEAK, &under));
        }
        for (place, &figure) in figures.iter().enumerate() {
            self.panel(figure, [MARGIN + names + GAP + panel * place as f64, top], shapes);
        }
    }

    fn panel(&self, figure: usize, [left, top]: [f64; 2], shapes: &mut Vec<Shape>) {
        let rows = &self.table.rows;
        let first = top + PANEL_HEAD;
        let bottom = first + ROW * rows.len() as f64;
        let cells = rows.iter().map(|row| &row.cells[figure]);
        let axis = Axis::around_zero(cells.flat_map(Cell::drawn).map(|value| value * 100.0));
        let x = |percent: f64| left + self.plot * axis.share(percent);
        let head = Weight::Semibold.elided(&self.table.figures[figure], BODY, self.plot + 10.0 + self.values);
        shapes.push(Shape::text([left, top + 20.0], Anchor::Start, BODY, Weight::Semibold, TEXT, &head));
        for tick in axis.ticks() {
            let (width, ink) = if tick == 0.0 { (1.25, ZERO) } else { (1.0, GRID) };
            shapes.push(Shape::Line { from: [x(tick), first], to: [x(tick), bottom], width, ink });
            let words = axis.words(tick);
            shapes.push(Shape::text([x(tick), bottom + 15.0], Anchor::Middle, SMALL, Weight::Regular, WEAK, &words));
        }
        let middle = [left + self.plot / 2.0, bottom + 30.0];
        let unit = "difference in percentage points";
        shapes.push(Shape::text(middle, Anchor::Middle, SMALL, Weight::Regular, WEAK, unit));
        for (place, row) in rows.iter().enumerate() {
            let (cell, y) = (&row.cells[figure], first + ROW * (place as f64 + 0.5));
            let at = [left + self.plot + 10.0 + self.values, y + 3.5];
            if row.against.is_none() {
                let mean = spread(cell.summary);
                shapes.push(Shape::text(at, Anchor::End, SMALL, Weight::Regular, WEAK, &mean));
                continue;
            }
            if let Some(printed) = cell.printed_difference {
                // Beside the run's own mark, so that neither hides the other.
                let at = [x(printed * 100.0), y + 7.0];
                shapes.push(Shape::Diamond { at, radius: 4.5, width: 1.4, ink: PRINTED });
            }
            if let Some((point, interval)) = cell.interval_or_point() {
                let (ink, y) = (if cell.is_told_from_noise() { TOLD } else { NOT_TOLD }, y - 3.0);
                if let Some([low, high]) = interval.map(|ends| ends.map(|end| x(end * 100.0))) {
                    shapes.push(Shape::Line { from: [low, y], to: [high, y], width: 2.0, ink });
                    for end in [low, high] {
                        shapes.push(Shape::Line { from: [end, y - 4.0], to: [end, y + 4.0], width: 2.0, ink });
                    }
                }
                shapes.push(Shape::Dot { at: [x(point * 100.0), y], radius: 4.5, ink });
            }
            shapes.push(Shape::text(at, Anchor::End, SMALL, Weight::Regular, TEXT, &beside(cell)));
        }
    }
}

impl Cell {
    /// The difference and its interval, where it has one.
    fn interval_or_point(&self) -> Option<(f64, Option<[f64; 2]>)> {
        Some((self.difference?.differences.mean, self.interval()))
    }

    /// All differences that are drawn of it.
    fn drawn(&self) -> impl Iterator<Item = f64> {
        let own = self.interval_or_point().map(|(point, interval)| {
            let [low, high] = interval.unwrap_or([point; 2]);
            [point, low, high]
        });
        own.into_iter().flatten().chain(self.printed_difference)
    }
}

/// What stands beside a mark.
fn beside(cell: &Cell) -> String {
    beside_mark(cell).unwrap_or_else(|| "–".to_owned())
}

/// What stands under a row's name: from how many seeds it is, and what it is compared with.
fn under_name(table: &Table, row: &TableRow) -> String {
    let seeds = match row.seeds.len() {
        done if done == row.wanted => counted(done as u64, "seed"),
        done => format!("{done} of {}", counted(row.wanted as u64, "seed")),
    };
    let seeds = if row.what_if.is_empty() { seeds } else { format!("what if: {}; {seeds}", row.what_if) };
    let mut references: Vec<&str> = table.rows.iter().filter_map(|row| row.against.as_deref()).collect();
    references.sort_unstable();
    references.dedup();
    match &row.against {
        Some(against) if references.len() > 1 => format!("{seeds}, against {against}"),
        Some(_) => seeds,
        None if references.contains(&row.name.as_str()) => format!("{seeds}, the reference"),
        None => format!("{seeds}, compared with none"),
    }
}

/// What the marks are. Returns where the next thing may stand.
fn legend(table: &Table, figures: &[usize], y: f64, shapes: &mut Vec<Shape>) -> f64 {
    let cells = || table.rows.iter().flat_map(|row| figures.iter().map(|&figure| &row.cells[figure]));
    let mut x = MARGIN;
    let mut entry = |mark: Shape, words: &str| {
        let mark = match mark {
            Shape::Dot { radius, ink, .. } => Shape::Dot { at: [x + 5.0, y - 3.5], radius, ink },
            Shape::Diamond { radius, width, ink, .. } => Shape::Diamond { at: [x + 5.0, y - 3.5], radius, width, ink },
            other => other,
        };
        shapes.push(mark);
        shapes.push(Shape::text([x + 15.0, y], Anchor::Start, SMALL, Weight::Regular, TEXT, words));
        x += 15.0 + Weight::Regular.width(words, SMALL) + 20.0;
    };
    let at = [0.0; 2];
    if cells().any(Cell::is_told_from_noise) {
        entry(Shape::Dot { at, radius: 4.5, ink: TOLD }, "its 95 % interval leaves out 0");
    }
    if cells().any(|cell| cell.difference.is_some() && !cell.is_told_from_noise()) {
        entry(Shape::Dot { at, radius: 4.5, ink: NOT_TOLD }, "it does not, or there is none");
    }
    if cells().any(|cell| cell.printed_difference.is_some()) {
        entry(Shape::Diamond { at, radius: 4.5, width: 1.4, ink: PRINTED }, "as printed in the paper");
    }
    y + 20.0
}

fn caption(table: &Table) -> String {
    let cells = || table.rows.iter().flat_map(|row| &row.cells);
    let mut caption = format!("Scored on {}.", words(table));
    if cells().any(|cell| cell.difference.is_some_and(|found| found.half_width.is_some())) {
        caption.push_str(" Bars: 95 % intervals by Student’s t over seeds, paired by seed.");
    }
    if let Some(scenes) = cells().find_map(|cell| cell.over_scenes).map(|found| found.scenes) {
        caption.push_str(&format!(
            " In brackets, from one seed: 95 % intervals over scenes by the bootstrap ({}), which say nothing of other seeds.",
            counted(scenes as u64, "scene")
        ));
    }
    if cells().any(|cell| cell.seeds_needed_words().is_some()) {
        caption.push_str(&format!(" {SEEDS_NEEDED}"));
    }
    if table.rows.iter().any(|row| row.against.is_none()) {
        caption.push_str(" A row that others are compared with shows its own mean ± deviation.");
    }
    if cells().any(|cell| cell.printed_difference.is_some()) {
        caption.push_str(&format!(" Printed: {}.", table.source.trim_end_matches('.')));
    }
    caption
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::stored::assert_as_stored;
    use crate::study::sample_table::table;

    fn has_text(drawing: &Drawing, words: &str) -> bool {
        drawing.shapes.iter().any(|shape| matches!(shape, Shape::Text { text, .. } if text.contains(words)))
    }

    #[test]
    fn every_compared_row_has_a_mark_and_its_interval_and_told_ones_are_dark() {
        let drawing = picture(&table()).unwrap();
        let dots = |wanted: Ink| {
            let is_one = |shape: &&Shape| matches!(shape, Shape::Dot { ink, .. } if *ink == wanted);
            // One of each kind is in the legend.
            drawing.shapes.iter().filter(is_one).count() - 1
        };
        assert_eq!((dots(TOLD), dots(NOT_TOLD)), (1, 1));
        let bars = drawing.shapes.iter().filter(|shape| matches!(shape, Shape::Line { width: 2.0, .. })).count();
        assert_eq!(bars, 6, "two intervals with both their ends");
        for words in ["plain", "1 of 3 seeds", "3 seeds, the reference", "61.0 ± 1.0", "+1.0 [−0.3, +2.6]", "bootstrap"]
        {
            assert!(has_text(&drawing, words), "{words}: {}", drawing.svg(""));
        }
        let is_inside = |shape: &Shape| match shape {
            Shape::Dot { at: [x, y], .. } => *x < drawing.width && *y < drawing.height,
            Shape::Line { from: [x, _], to: [to_x, to_y], .. } => {
                *x > 0.0 && *to_x < drawing.width && *to_y < drawing.height
            }
            _ => true,
        };
        assert!(drawing.shapes.iter().all(is_inside), "{drawing:?}");
        assert_as_stored(&drawing, "differences");
    }

    #[test]
    fn printed_differences_are_hollow_marks_and_without_any_difference_nothing_is_drawn() {
        let mut table = table();
        (table.rows[1].cells[0].printed_difference, table.source) = (Some(-0.05), "Table 1".to_owned());
        let drawing = picture(&table).unwrap();
        // And one in the legend.
        assert_eq!(drawing.shapes.iter().filter(|shape| matches!(shape, Shape::Diamond { .. })).count(), 2);
        assert!(has_text(&drawing, "Printed: Table 1."));
        for row in &mut table.rows {
            row.cells[0].difference = None;
        }
        assert!(picture(&table).unwrap_err().contains("`reference`"));
    }
}
