//! What shapes come to: filled and stroked paths and pictures.

use std::sync::Arc;

use image::RgbImage;
use vello_cpu::kurbo::{Affine, BezPath, Circle, Rect, Shape as _};

use super::shape::{Anchor, Direction, Drawing, Ink, Place, Shape};

/// How exactly curves are followed, in pixels.
const TOLERANCE: f64 = 0.05;

/// What can be drawn on, in the drawing's own lengths.
pub(super) trait Surface {
    /// Fills a path; what is not closed is closed by that.
    fn fill(&mut self, path: &BezPath, ink: Ink);

    /// Follows a path, with flat ends and round corners.
    fn stroke(&mut self, path: &BezPath, width: f64, ink: Ink);

    /// Puts a picture into a rectangle.
    fn picture(&mut self, rect: Rect, pixels: &Arc<RgbImage>);
}

impl Drawing {
    /// Draws all of it on white.
    pub(super) fn draw_on(&self, surface: &mut impl Surface) {
        surface.fill(&rect([0.0; 2], [self.width, self.height]).to_path(TOLERANCE), [255; 3]);
        for shape in &self.shapes {
            draw(surface, shape);
        }
    }
}

fn draw(surface: &mut impl Surface, shape: &Shape) {
    match shape {
        Shape::Line { from, to, width, ink } => surface.stroke(&through(&[*from, *to]), *width, *ink),
        Shape::Path { places, width, ink } => surface.stroke(&through(places), *width, *ink),
        Shape::Area { places, ink } => surface.fill(&through(places), *ink),
        Shape::Rect { from, size, ink } => surface.fill(&rect(*from, *size).to_path(TOLERANCE), *ink),
        Shape::Edge { from, size, width, ink } => surface.stroke(&rect(*from, *size).to_path(TOLERANCE), *width, *ink),
        Shape::Picture { from, size, pixels } => surface.picture(rect(*from, *size), pixels),
        Shape::Dot { at: [x, y], radius, ink } => {
            surface.fill(&Circle::new((*x, *y), *radius).to_path(TOLERANCE), *ink);
        }
        Shape::Diamond { at: [x, y], radius, width, ink } => {
            let mut path = through(&[[*x, y - radius], [x + radius, *y], [*x, y + radius], [x - radius, *y]]);
            path.close_path();
            surface.fill(&path, [255; 3]);
            surface.stroke(&path, *width, *ink);
        }
        Shape::Text { at, anchor, direction, size, weight, ink, text } => {
            let turned = placing(*at, *anchor, *direction, weight.width(text, *size));
            surface.fill(&(turned * weight.outlines(text, *size)), *ink);
        }
    }
}

/// From a text that begins at 0 on a base line at 0 to its place.
pub(super) fn placing([x, y]: Place, anchor: Anchor, direction: Direction, width: f64) -> Affine {
    let before = Affine::translate((-anchor.before(width), 0.0));
    match direction {
        Direction::Across => Affine::translate((x, y)) * before,
        Direction::Upwards => Affine::translate((x, y)) * Affine::new([0.0, -1.0, 1.0, 0.0, 0.0, 0.0]) * before,
    }
}

fn rect([x, y]: Place, [width, height]: Place) -> Rect {
    Rect::new(x, y, x + width, y + height)
}

fn through(places: &[Place]) -> BezPath {
    let mut path = BezPath::new();
    for (at, [x, y]) in places.iter().enumerate() {
        if at == 0 {
            path.move_to((*x, *y));
        } else {
            path.line_to((*x, *y));
        }
    }
    path
}

/// A number as files of text have it, to the thousandth.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_a_text_upwards_ends_above_its_place() {
        assert_eq!([1.0, 0.5, -0.0001, 1234.5678].map(number), ["1", "0.5", "0", "1234.568"]);
        let turned = placing([10.0, 20.0], Anchor::Start, Direction::Upwards, 8.0);
        let end = turned * vello_cpu::kurbo::Point::new(8.0, 0.0);
        assert_eq!((end.x, end.y), (10.0, 12.0));
        let back = placing([10.0, 20.0], Anchor::End, Direction::Upwards, 8.0) * vello_cpu::kurbo::Point::new(8.0, 0.0);
        assert_eq!((back.x, back.y), (10.0, 20.0));
    }
}
