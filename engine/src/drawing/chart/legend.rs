//! The legend of a chart: its marks and their names, in as many rows as they need.

use crate::drawing::paper::Paper;
use crate::drawing::shape::{Anchor, Place, Shape};
use crate::drawing::typeface::Weight;

/// What a mark takes, and what lies between two entries.
const MARK: f64 = 19.0;
const GAP: f64 = 14.0;
const ROW: f64 = 14.0;
/// Its letters.
const SMALL: f64 = 9.5;

/// Draws the entries, each a mark at 0, 0 and its name, below this place. Returns where the next thing may stand.
pub(in crate::drawing) fn put_legend(
    entries: &[(Vec<Shape>, &str)],
    [left, top]: Place,
    room: f64,
    paper: &Paper,
    shapes: &mut Vec<Shape>,
) -> f64 {
    if entries.is_empty() {
        return top;
    }
    let (mut x, mut y) = (left, top + 9.0);
    for (mark, name) in entries {
        let name = Weight::Regular.elided(name, SMALL, room - MARK);
        let width = MARK + Weight::Regular.width(&name, SMALL);
        if x > left && x + width > left + room {
            (x, y) = (left, y + ROW);
        }
        shapes.extend(mark.iter().cloned().map(|shape| shape.moved([x, y])));
        shapes.push(Shape::text([x + MARK, y], Anchor::Start, SMALL, Weight::Regular, paper.text, &name));
        x += width + GAP;
    }
    y + 4.0
}
