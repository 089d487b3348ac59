//! Very many dots as pixels, since no program opens a drawing of a hundred thousand shapes gladly.

use std::sync::Arc;

use super::print::INCH;
use super::shape::{Drawing, Shape};

/// Pixels an inch of what is flattened: those of print.
const DPI: f64 = 300.0;

impl Drawing {
    /// The same, where it has more dots than this with all that lies before its last one as one picture; what comes
    /// behind, and letters wherever they stand, stay shapes.
    pub fn with_few_dots(self, most: usize) -> Self {
        let is_dot = |shape: &Shape| matches!(shape, Shape::Dot { .. });
        if self.shapes.iter().filter(|shape| is_dot(shape)).count() <= most {
            return self;
        }
        let Self { width, height, title, shapes } = self;
        let last = shapes.iter().rposition(is_dot).unwrap_or(0);
        let (mut below, mut above) = (Vec::new(), Vec::new());
        for (place, shape) in shapes.into_iter().enumerate() {
            let is_text = matches!(shape, Shape::Text { .. });
            if place <= last && !is_text { below.push(shape) } else { above.push(shape) }
        }
        let flat = Self { width, height, title: title.clone(), shapes: below };
        let shapes = match flat.pixels(DPI / INCH) {
            Some(pixels) => {
                let picture = Shape::Picture { from: [0.0; 2], size: [width, height], pixels: Arc::new(pixels) };
                std::iter::once(picture).chain(above).collect()
            }
            None => flat.shapes.into_iter().chain(above).collect(),
        };
        Self { width, height, title, shapes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::{Anchor, Weight};

    #[test]
    fn few_dots_stay_dots_and_many_become_one_picture_with_letters_beside_it() {
        let dot = |x: usize| Shape::Dot { at: [x as f64, 5.0], radius: 2.0, ink: [200, 0, 0] };
        let text = Shape::text([2.0, 9.0], Anchor::Start, 4.0, Weight::Regular, [0; 3], "a");
        let shapes: Vec<Shape> = std::iter::once(text).chain((0..50).map(dot)).collect();
        let drawing = Drawing { width: 60.0, height: 10.0, title: "t".to_owned(), shapes };
        assert_eq!(drawing.clone().with_few_dots(50), drawing);
        let flat = drawing.with_few_dots(49);
        let [Shape::Picture { pixels, size, .. }, Shape::Text { .. }] = flat.shapes.as_slice() else {
            panic!("{} shapes", flat.shapes.len())
        };
        assert_eq!((*size, pixels.width()), ([60.0, 10.0], 188));
        assert!(pixels.pixels().any(|pixel| pixel.0 == [200, 0, 0]));
    }
}
