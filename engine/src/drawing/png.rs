//! Drawings as pixels.

use image::RgbImage;
use vello_cpu::color::AlphaColor;
use vello_cpu::kurbo::{BezPath, Cap, Circle, Join, Rect, Shape as _, Stroke};
use vello_cpu::{Pixmap, RenderContext, Resources};

use super::shape::{Drawing, Ink, Place, Shape};

/// How exactly curves are followed, in pixels.
const TOLERANCE: f64 = 0.05;

impl Drawing {
    /// As pixels, so many for one of the drawing's; `None` where that is more than 65,535 on a side, or none.
    pub fn pixels(&self, scale: f64) -> Option<RgbImage> {
        let side = |length: f64| {
            let pixels = (length * scale).ceil();
            (1.0..=f64::from(u16::MAX)).contains(&pixels).then_some(pixels as u16)
        };
        let (width, height) = (side(self.width)?, side(self.height)?);
        let mut context = RenderContext::new(width, height);
        context.set_paint(paint([255; 3]));
        context.fill_rect(&Rect::new(0.0, 0.0, f64::from(width), f64::from(height)));
        context.set_transform(vello_cpu::kurbo::Affine::scale(scale));
        for shape in &self.shapes {
            draw(&mut context, shape);
        }
        context.flush();
        let (mut pixels, mut resources) = (Pixmap::new(width, height), Resources::new());
        context.render(&mut pixels, &mut resources);
        // Nothing shines through a white ground.
        let bytes = pixels.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
        RgbImage::from_raw(u32::from(width), u32::from(height), bytes)
    }
}

fn draw(context: &mut RenderContext, shape: &Shape) {
    match shape {
        Shape::Line { from: [x, y], to: [to_x, to_y], width, ink } => {
            let mut path = BezPath::new();
            path.move_to((*x, *y));
            path.line_to((*to_x, *to_y));
            stroke(context, &path, *width, *ink);
        }
        Shape::Path { places, width, ink } => stroke(context, &through(places), *width, *ink),
        Shape::Area { places, ink } => {
            // What is filled is closed by that.
            context.set_paint(paint(*ink));
            context.fill_path(&through(places));
        }
        Shape::Rect { from: [x, y], size: [width, height], ink } => {
            context.set_paint(paint(*ink));
            context.fill_rect(&Rect::new(*x, *y, x + width, y + height));
        }
        Shape::Dot { at: [x, y], radius, ink } => {
            context.set_paint(paint(*ink));
            context.fill_path(&Circle::new((*x, *y), *radius).to_path(TOLERANCE));
        }
        Shape::Diamond { at: [x, y], radius, width, ink } => {
            let mut path = BezPath::new();
            path.move_to((*x, y - radius));
            for corner in [(x + radius, *y), (*x, y + radius), (x - radius, *y)] {
                path.line_to(corner);
            }
            path.close_path();
            context.set_paint(paint([255; 3]));
            context.fill_path(&path);
            stroke(context, &path, *width, *ink);
        }
        Shape::Text { at: [x, y], anchor, size, weight, ink, text } => {
            let begin = x - anchor.before(weight.width(text, *size));
            context.set_paint(paint(*ink));
            context.fill_path(&weight.outlines(text, *size, [begin, *y]));
        }
    }
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

fn stroke(context: &mut RenderContext, path: &BezPath, width: f64, ink: Ink) {
    context.set_paint(paint(ink));
    context.set_stroke(Stroke::new(width).with_caps(Cap::Butt).with_join(Join::Round));
    context.stroke_path(path);
}

fn paint([red, green, blue]: Ink) -> AlphaColor<vello_cpu::color::Srgb> {
    AlphaColor::from_rgb8(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::{Anchor, Weight};

    #[test]
    fn shapes_lie_where_they_are_put_at_any_scale() {
        let text = Shape::Text {
            at: [60.0, 40.0],
            anchor: Anchor::End,
            size: 20.0,
            weight: Weight::Regular,
            ink: [0; 3],
            text: "H".to_owned(),
        };
        let shapes = vec![
            Shape::Rect { from: [0.0, 0.0], size: [10.0, 10.0], ink: [255, 0, 0] },
            Shape::Dot { at: [30.0, 10.0], radius: 5.0, ink: [0, 0, 255] },
            Shape::Diamond { at: [50.0, 10.0], radius: 8.0, width: 2.0, ink: [0, 128, 0] },
            Shape::Line { from: [0.0, 20.0], to: [64.0, 20.0], width: 2.0, ink: [0; 3] },
            Shape::Area { places: vec![[0.0, 24.0], [20.0, 24.0], [0.0, 44.0]], ink: [255, 255, 0] },
            Shape::Path { places: vec![[22.0, 24.0], [30.0, 24.0], [30.0, 44.0]], width: 4.0, ink: [255, 0, 255] },
            text,
        ];
        let drawing = Drawing { width: 64.0, height: 48.0, title: String::new(), shapes };
        for scale in [1.0, 2.0] {
            let pixels = drawing.pixels(scale).unwrap();
            assert_eq!(pixels.dimensions(), ((64.0 * scale) as u32, (48.0 * scale) as u32));
            let at = |x: f64, y: f64| pixels.get_pixel((x * scale) as u32, (y * scale) as u32).0;
            assert_eq!((at(5.0, 5.0), at(30.0, 10.0), at(63.0, 47.0)), ([255, 0, 0], [0, 0, 255], [255; 3]));
            assert_eq!((at(50.0, 10.0), at(32.0, 20.0), at(32.0, 23.0)), ([255; 3], [0; 3], [255; 3]));
            assert_eq!((at(4.0, 28.0), at(18.0, 40.0)), ([255, 255, 0], [255; 3]), "half of a square");
            assert_eq!((at(26.0, 24.0), at(30.0, 40.0), at(25.0, 40.0)), ([255, 0, 255], [255, 0, 255], [255; 3]));
            // An H ends at its place and has a stem on each side and nothing between them above.
            let dark = |from: f64, to: f64| {
                let columns = (from * scale) as u32..(to * scale) as u32;
                columns.filter(|&x| pixels.get_pixel(x, (38.0 * scale) as u32).0[0] < 128).count()
            };
            assert!(dark(44.0, 52.0) > 0 && dark(53.0, 60.0) > 0 && dark(61.0, 64.0) == 0);
        }
        assert_eq!(Drawing { height: 70_000.0, ..drawing }.pixels(1.0), None);
    }
}
