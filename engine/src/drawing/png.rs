//! Drawings as pixels.

use std::sync::Arc;

use image::RgbImage;
use image::imageops::{FilterType, resize};
use png::{BitDepth, ColorType, Encoder, PixelDimensions, Unit};
use vello_cpu::color::{AlphaColor, PremulRgba8};
use vello_cpu::kurbo::{Affine, BezPath, Cap, Join, Rect, Stroke};
use vello_cpu::peniko::{ImageQuality, ImageSampler};
use vello_cpu::{Image, ImageSource, Pixmap, RenderContext, Resources};

use super::print::{INCH, MAKER, Print};
use super::shape::{Drawing, Ink};
use super::surface::Surface;

impl Drawing {
    /// As pixels, so many for one of the drawing's; `None` where that is more than 65,535 on a side, or none.
    pub fn pixels(&self, scale: f64) -> Option<RgbImage> {
        let side = |length: f64| {
            // A whole number of pixels may have become a little more on the way from millimetres.
            let pixels = (length * scale - 1e-6).ceil();
            (1.0..=f64::from(u16::MAX)).contains(&pixels).then_some(pixels as u16)
        };
        let (width, height) = (side(self.width)?, side(self.height)?);
        let mut sheet = Sheet { context: RenderContext::new(width, height), scale };
        sheet.context.set_paint(paint([255; 3]));
        sheet.context.fill_rect(&Rect::new(0.0, 0.0, f64::from(width), f64::from(height)));
        sheet.context.set_transform(Affine::scale(scale));
        self.draw_on(&mut sheet);
        sheet.context.flush();
        let (mut pixels, mut resources) = (Pixmap::new(width, height), Resources::new());
        sheet.context.render(&mut pixels, &mut resources);
        // Nothing shines through a white ground.
        let bytes = pixels.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
        RgbImage::from_raw(u32::from(width), u32::from(height), bytes)
    }

    /// As a PNG file that knows its size in print, its title and what made it.
    pub(super) fn png(&self, print: &Print) -> Result<Vec<u8>, String> {
        let too_large = "the picture would have no pixels, or more than 65,535 on a side; ask for fewer pixels an \
                         inch, or for .svg or .pdf";
        let pixels = self.pixels(print.dpi / INCH).ok_or(too_large)?;
        let a_metre = (print.dpi / 0.0254).round() as u32;
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, pixels.width(), pixels.height());
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_pixel_dims(Some(PixelDimensions { xppu: a_metre, yppu: a_metre, unit: Unit::Meter }));
        let words = [("Title", self.title.as_str()), ("Comment", &print.command), ("Software", MAKER)];
        let written = words
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .try_for_each(|(word, text)| encoder.add_itxt_chunk(word.to_owned(), text.replace('\0', " ")))
            .and_then(|()| encoder.write_header())
            .and_then(|mut writer| {
                writer.write_image_data(pixels.as_raw())?;
                writer.finish()
            });
        written.map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}

/// What is drawn on, and how many of its pixels one of the drawing's is.
struct Sheet {
    context: RenderContext,
    scale: f64,
}

impl Surface for Sheet {
    fn fill(&mut self, path: &BezPath, ink: Ink) {
        self.context.set_paint(paint(ink));
        self.context.fill_path(path);
    }

    fn stroke(&mut self, path: &BezPath, width: f64, ink: Ink) {
        self.context.set_paint(paint(ink));
        self.context.set_stroke(Stroke::new(width).with_caps(Cap::Butt).with_join(Join::Round));
        self.context.stroke_path(path);
    }

    /// On whole pixels: each of the picture's own that is drawn larger is a square with sharp edges; where it is drawn
    /// smaller, a pixel is the mean of those that it covers.
    fn picture(&mut self, rect: Rect, pixels: &Arc<RgbImage>) {
        let [left, top, right, bottom] = [rect.x0, rect.y0, rect.x1, rect.y1].map(|side| (side * self.scale).round());
        let side = |length: f64| length.clamp(1.0, f64::from(u16::MAX)) as u16;
        let (width, height) = (side(right - left), side(bottom - top));
        let (across, down) = (u32::from(width), u32::from(height));
        if pixels.width() == 0 || pixels.height() == 0 {
            return;
        }
        let is_smaller = across < pixels.width() || down < pixels.height();
        let filter = if is_smaller { FilterType::Triangle } else { FilterType::Nearest };
        let sized = resize(pixels.as_ref(), across, down, filter);
        let opaque = sized.pixels().map(|pixel| {
            let [r, g, b] = pixel.0;
            PremulRgba8 { r, g, b, a: 255 }
        });
        let pixmap = Pixmap::from_parts_with_opacity(opaque.collect(), width, height, false);
        let sampler = ImageSampler { quality: ImageQuality::Low, ..ImageSampler::default() };
        self.context.set_transform(Affine::IDENTITY);
        self.context.set_paint(Image { image: ImageSource::Pixmap(Arc::new(pixmap)), sampler });
        self.context.set_paint_transform(Affine::translate((left, top)));
        self.context.fill_rect(&Rect::new(left, top, left + f64::from(width), top + f64::from(height)));
        self.context.reset_paint_transform();
        self.context.set_transform(Affine::scale(self.scale));
    }
}

fn paint([red, green, blue]: Ink) -> AlphaColor<vello_cpu::color::Srgb> {
    AlphaColor::from_rgb8(red, green, blue)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::drawing::{Anchor, Direction, Shape, Weight};

    #[test]
    fn shapes_lie_where_they_are_put_at_any_scale() {
        let text = Shape::Text {
            at: [60.0, 40.0],
            anchor: Anchor::End,
            direction: Direction::Across,
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

    #[test]
    fn pixels_of_a_picture_are_sharp_squares_when_it_is_enlarged_and_means_when_it_is_reduced() {
        let pixels = Arc::new(RgbImage::from_fn(4, 2, |x, _| Rgb(if x % 2 == 0 { [200, 0, 0] } else { [0, 0, 100] })));
        let picture = Shape::Picture { from: [3.0, 2.0], size: [4.0, 2.0], pixels };
        let edge = Shape::Edge { from: [1.0, 1.0], size: [8.0, 4.0], width: 1.0, ink: [0; 3] };
        let drawing = Drawing { width: 10.0, height: 6.0, shapes: vec![picture, edge], ..Drawing::default() };
        let large = drawing.pixels(4.0).unwrap();
        let at = |x: u32, y: u32| large.get_pixel(x, y).0;
        for column in 0..4 {
            let wanted = if column % 2 == 0 { [200, 0, 0] } else { [0, 0, 100] };
            let left = 12 + 4 * column;
            assert_eq!([at(left, 8), at(left + 3, 15)], [wanted; 2], "{column}");
        }
        assert_eq!([at(11, 10), at(28, 10), at(14, 7), at(14, 16)], [[255; 3]; 4], "nothing beside it");
        assert_eq!([at(4, 12), at(36, 12), at(20, 4)], [[0; 3]; 3], "the edge lies over its rectangle's sides");
        let small = drawing.pixels(0.5).unwrap();
        let mean = small.get_pixel(2, 1).0;
        assert!(mean[0] > 60 && mean[0] < 140 && mean[2] > 30 && mean[2] < 70, "{mean:?}");
    }

    #[test]
    fn a_text_upwards_stands_above_its_place() {
        let text = Shape::upwards([12.0, 38.0], Anchor::Start, 16.0, Weight::Regular, [0; 3], "Hill");
        let pixels =
            Drawing { width: 20.0, height: 40.0, shapes: vec![text], ..Drawing::default() }.pixels(1.0).unwrap();
        let dark: Vec<(u32, u32)> =
            pixels.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[0] < 128).map(|(x, y, _)| (x, y)).collect();
        let (left, right) = (dark.iter().map(|at| at.0).min().unwrap(), dark.iter().map(|at| at.0).max().unwrap());
        let (top, bottom) = (dark.iter().map(|at| at.1).min().unwrap(), dark.iter().map(|at| at.1).max().unwrap());
        assert!(right <= 12 && right - left < 16 && bottom <= 38 && bottom - top > 16, "{left} {right} {top} {bottom}");
    }
}
