//! A grid of figures as a drawing: a row a subset of the sensors, a cell a figure, as dark as it is high.

use super::grid::{Grid, GridRow};
use crate::drawing::{Anchor, Drawing, Ink, Shape, TEXT, WEAK, Weight, paler, sensor_ink};
use crate::protocol::percent;

const MARGIN: f64 = 24.0;
const HEAD: f64 = 15.0;
const BODY: f64 = 12.0;
const SMALL: f64 = 10.0;
const LEADING: f64 = 14.5;
const ROW: f64 = 26.0;
/// A column of marks, and the least of a column of figures.
const MARKS: f64 = 26.0;
const CELL: f64 = 64.0;
/// The widest names.
const NAMES: f64 = 300.0;
const NARROWEST: f64 = 420.0;
/// The highest figure's ground.
const FULL: Ink = [0x0a, 0x4f, 0x8c];

/// The picture of a grid.
pub fn grid_picture(grid: &Grid) -> Drawing {
    let wide = |text: &str, size: f64| Weight::Regular.width(text, size);
    let names = grid.rows.iter().map(|row| wide(&row.name, BODY)).fold(60.0, f64::max).min(NAMES) + 16.0;
    let marks = MARKS * grid.sensors.len() as f64;
    let cell = grid.columns.iter().map(|head| wide(head, SMALL) + 12.0).fold(CELL, f64::max);
    let heads = grid.sensors.iter().map(|sensor| wide(sensor, SMALL)).fold(0.0, f64::max);
    let width = (2.0 * MARGIN + marks + names + cell * grid.columns.len() as f64).max(NARROWEST);
    let mut shapes = Vec::new();
    let mut y = MARGIN - 4.0;
    for line in Weight::Semibold.lines(&grid.title, HEAD, width - 2.0 * MARGIN) {
        y += HEAD + 4.0;
        shapes.push(Shape::text([MARGIN, y], Anchor::Start, HEAD, Weight::Semibold, TEXT, &line));
    }
    // Sensors have narrow columns, so each name stands on a line of its own, with a stem down to its column.
    let first = MARGIN + names;
    let top = y + 18.0 + if heads > 0.0 { LEADING * grid.sensors.len() as f64 } else { LEADING };
    for (place, sensor) in grid.sensors.iter().enumerate() {
        let x = first + MARKS * (place as f64 + 0.5);
        let line = top - 8.0 - LEADING * (grid.sensors.len() - place - 1) as f64 - 4.0;
        let ink = sensor_ink(sensor, place);
        shapes.push(Shape::Line { from: [x, line], to: [x, top + 2.0], width: 1.0, ink: paler(ink, 0.4) });
        let at = [x - 5.0, line + 3.0];
        shapes.push(Shape::text(at, Anchor::End, SMALL, Weight::Semibold, ink, sensor));
    }
    for (place, head) in grid.columns.iter().enumerate() {
        let at = [first + marks + cell * (place as f64 + 0.5), top - 5.0];
        shapes.push(Shape::text(at, Anchor::Middle, SMALL, Weight::Semibold, WEAK, head));
    }
    let reach = grid.reach();
    for (place, row) in grid.rows.iter().enumerate() {
        let place = [MARGIN, top + 4.0 + ROW * place as f64];
        line(grid, row, place, [names, cell], reach, &mut shapes);
    }
    y = top + 4.0 + ROW * grid.rows.len() as f64 + 20.0;
    for note in &grid.notes {
        for words in Weight::Regular.lines(note, SMALL, width - 2.0 * MARGIN) {
            shapes.push(Shape::text([MARGIN, y], Anchor::Start, SMALL, Weight::Regular, WEAK, &words));
            y += LEADING;
        }
    }
    Drawing { width: width.ceil(), height: (y - LEADING + MARGIN).ceil(), title: grid.title.clone(), shapes }
}

fn line(
    grid: &Grid,
    row: &GridRow,
    [left, top]: [f64; 2],
    [names, cell]: [f64; 2],
    reach: f64,
    shapes: &mut Vec<Shape>,
) {
    let middle = top + ROW / 2.0;
    let name = Weight::Regular.elided(&row.name, BODY, names - 10.0);
    shapes.push(Shape::text([left, middle + 4.0], Anchor::Start, BODY, Weight::Regular, TEXT, &name));
    let mut x = left + names;
    for (place, sensor) in grid.sensors.iter().enumerate() {
        let (at, ink) = ([x + MARKS / 2.0, middle], sensor_ink(sensor, place));
        if row.present.get(place).copied().unwrap_or_default() {
            shapes.push(Shape::Dot { at, radius: 5.5, ink });
        } else {
            shapes.push(Shape::Dot { at, radius: 2.0, ink: paler(WEAK, 0.5) });
        }
        x += MARKS;
    }
    for value in &row.cells {
        let share = value.map_or(0.0, |share| (share / reach).clamp(0.0, 1.0));
        let ground = paler(FULL, 1.0 - 0.92 * share);
        if value.is_some() {
            let size = [cell - 2.0, ROW - 2.0];
            shapes.push(Shape::Rect { from: [x + 1.0, top + 1.0], size, ink: ground });
        }
        let words = value.map_or_else(|| "–".to_owned(), percent);
        let ink = if share > 0.5 { [255; 3] } else { TEXT };
        let at = [x + cell / 2.0, middle + 4.0];
        shapes.push(Shape::text(at, Anchor::Middle, BODY, Weight::Regular, ink, &words));
        x += cell;
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::drawing::stored::assert_as_stored;

    #[test]
    fn every_figure_has_a_cell_and_every_sensor_that_is_there_a_mark() {
        let grid = Grid::of_combinations(&sample::emm()).unwrap();
        let drawing = grid_picture(&grid);
        let of = |is: fn(&&Shape) -> bool| drawing.shapes.iter().filter(is).count();
        assert_eq!(of(|shape| matches!(shape, Shape::Rect { .. })), 3);
        assert_eq!(of(|shape| matches!(shape, Shape::Dot { radius, .. } if *radius > 5.0)), 4);
        let has = |words: &str| {
            drawing.shapes.iter().any(|shape| matches!(shape, Shape::Text { text, .. } if text.contains(words)))
        };
        for words in ["EMM", "all as they are", "60.0", "20.0", "Step 100"] {
            assert!(has(words), "{words}: {}", drawing.svg(""));
        }
        assert_as_stored(&drawing, "subsets");
    }

    #[test]
    fn a_figure_that_is_not_there_has_no_ground() {
        let mut grid = Grid::of_combinations(&sample::emm()).unwrap();
        grid.rows[0].cells[0] = None;
        let drawing = grid_picture(&grid);
        assert_eq!(drawing.shapes.iter().filter(|shape| matches!(shape, Shape::Rect { .. })).count(), 2);
    }
}
