//! A matrix as cells that are the darker the more they hold.

use super::paper::Paper;
use super::shape::{Anchor, Drawing, Ink, Shape};
use super::typeface::Weight;

const SMALL: f64 = 9.5;
const LEADING: f64 = 13.0;
const MARGIN: f64 = 10.0;
/// The widest names of rows.
const NAMES: f64 = 130.0;
/// From this side on a cell has room for its words, and no cell is larger than the next.
const WORDS_FROM: f64 = 20.0;
const MOST: f64 = 44.0;
/// The colour of a cell that holds all.
const FULL: Ink = [0x0b, 0x4f, 0x8a];

/// A square matrix: a row and a column an entry, as a confusion matrix has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// What it is of.
    pub title: String,
    /// What must be known to read it.
    pub caption: String,
    /// The entries, each a row and, by its number, a column.
    pub names: Vec<String>,
    /// How full each cell is, 0 to 1, row by row; `None` for one that holds nothing to speak of.
    pub shares: Vec<Option<f64>>,
}

impl Matrix {
    /// The matrix on a sheet of this width; cells are squares, so its height follows.
    pub fn drawing(&self, width: f64, paper: &Paper) -> Drawing {
        let mut shapes = Vec::new();
        let room = width - 2.0 * MARGIN;
        let mut y = paper.put_title(&self.title, [MARGIN, MARGIN], room, &mut shapes);
        let count = self.names.len().max(1);
        let named: Vec<String> = (1..).zip(&self.names).map(|(number, name)| format!("{number}  {name}")).collect();
        let names = named.iter().map(|name| Weight::Regular.width(name, SMALL)).fold(30.0, f64::max).min(NAMES) + 8.0;
        let side = ((room - names) / count as f64).min(MOST);
        let left = MARGIN + names;
        y += SMALL + 8.0;
        for number in 1..=self.names.len() {
            let at = [left + (number as f64 - 0.5) * side, y];
            let words = number.to_string();
            shapes.push(Shape::text(at, Anchor::Middle, SMALL, Weight::Regular, paper.weak, &words));
        }
        let top = y + 5.0;
        for (row, name) in named.iter().enumerate() {
            let middle = top + (row as f64 + 0.5) * side;
            let name = Weight::Regular.elided(name, SMALL, names - 8.0);
            shapes.push(Shape::text([MARGIN, middle + 3.3], Anchor::Start, SMALL, Weight::Regular, paper.text, &name));
            let cells = self.shares.iter().skip(row * count).take(count).enumerate();
            for (column, share) in cells {
                let from = [left + column as f64 * side, top + row as f64 * side];
                let ink = paper.fading(FULL, 1.0 - share.unwrap_or(0.0));
                shapes.push(Shape::Rect { from, size: [side - 0.75; 2], ink });
                if let Some(words) = share.filter(|_| side >= WORDS_FROM).and_then(per_cent) {
                    let is_full = share.is_some_and(|share| share > 0.5);
                    let ink = if is_full { [255; 3] } else { paper.text };
                    let at = [from[0] + side / 2.0, middle + 3.0];
                    shapes.push(Shape::text(at, Anchor::Middle, 8.5, Weight::Regular, ink, &words));
                }
            }
        }
        y = top + side * self.names.len() as f64 + 4.0;
        for line in Weight::Regular.lines(&self.caption, SMALL, room) {
            y += LEADING;
            shapes.push(Shape::text([MARGIN, y], Anchor::Start, SMALL, Weight::Regular, paper.weak, &line));
        }
        paper.sheet(width.ceil(), (y + MARGIN).ceil(), self.title.clone(), shapes)
    }
}

/// A share in whole per cent; nothing of what rounds to none.
fn per_cent(share: f64) -> Option<String> {
    let per_cent = (100.0 * share).round();
    (per_cent >= 1.0).then(|| format!("{per_cent:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_there_with_its_per_cent_and_rows_are_named() {
        let matrix = Matrix {
            title: "Confusion".to_owned(),
            caption: "Rows are the truth.".to_owned(),
            names: vec!["road & path".to_owned(), "person".to_owned()],
            shares: vec![Some(0.9), Some(0.1), None, Some(0.004)],
        };
        let drawing = matrix.drawing(300.0, &Paper::WHITE);
        let cells: Vec<Ink> = drawing
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Rect { ink, .. } => Some(*ink),
                _ => None,
            })
            .collect();
        assert_eq!(cells.len(), 4);
        assert!(cells[0][0] < cells[1][0] && cells[2] == [255; 3], "{cells:?}");
        let says =
            |words: &str| drawing.shapes.iter().any(|shape| matches!(shape, Shape::Text { text, .. } if text == words));
        for words in ["1  road & path", "2  person", "90", "10", "Rows are the truth."] {
            assert!(says(words), "{words}: {drawing:?}");
        }
        assert!(!says("0"), "what rounds to nothing is not written");
        assert!(drawing.height < 200.0, "cells do not grow without end: {}", drawing.height);
    }
}
