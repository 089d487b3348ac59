//! What is marked in a picture, and enlarged beneath it.

use std::sync::Arc;

use image::RgbImage;
use image::imageops::crop_imm;

use super::cell::Cell;
use super::wanted::Crop;
use crate::drawing::{Ink, Shape};

/// What crops are framed in, one after the other.
const INKS: [Ink; 4] = [[0xff, 0x3b, 0x30], [0xff, 0xcc, 0x00], [0x00, 0xd0, 0xff], [0xff, 0x5c, 0xe6]];

/// The crops of one picture.
pub(super) struct Enlarged {
    /// The pixels of each, and its frame's colour.
    parts: Vec<(Arc<RgbImage>, Ink)>,
    /// Where each is in the picture: left, upper side, width, height, as shares.
    places: Vec<[f64; 4]>,
}

impl Enlarged {
    /// Those of the crops that are of this scene.
    pub(super) fn of(cell: &Cell, crops: &[Crop], scene: &str) -> Self {
        let (mut parts, mut places) = (Vec::new(), Vec::new());
        let picture = cell.pixels.as_ref();
        let (width, height) = (picture.width(), picture.height());
        for (crop, ink) in crops.iter().zip(INKS.into_iter().cycle()).filter(|(crop, _)| crop.is_of(scene)) {
            let [rows, columns] = crop.region.pixels(height as usize, width as usize);
            let [left, top, wide, high] = [columns.start, rows.start, columns.len(), rows.len()];
            let part = crop_imm(picture, left as u32, top as u32, wide as u32, high as u32).to_image();
            parts.push((Arc::new(part), ink));
            let across = |pixels: usize| pixels as f64 / f64::from(width);
            let down = |pixels: usize| pixels as f64 / f64::from(height);
            places.push([across(left), down(top), across(wide), down(high)]);
        }
        Self { parts, places }
    }

    /// How high the strip beneath a picture of this size is.
    pub(super) fn height(&self, [width, height]: [f64; 2], gap: f64) -> f64 {
        let aspects: f64 = self.parts.iter().map(|(part, _)| aspect(part)).sum();
        let gaps = gap * self.parts.len().saturating_sub(1) as f64;
        if self.parts.is_empty() { 0.0 } else { ((width - gaps).max(1.0) / aspects).min(height) }
    }

    /// Frames in the picture, whose upper left corner and size these are.
    pub(super) fn marks(&self, [x, y]: [f64; 2], [width, height]: [f64; 2], line: f64, shapes: &mut Vec<Shape>) {
        for ([left, top, wide, high], (_, ink)) in self.places.iter().zip(&self.parts) {
            shapes.push(Shape::Edge {
                from: [x + left * width, y + top * height],
                size: [wide * width, high * height],
                width: line,
                ink: *ink,
            });
        }
    }

    /// The parts side by side in the middle of a strip of this width, each in its frame.
    pub(super) fn strip(
        &self,
        [x, y]: [f64; 2],
        [width, height]: [f64; 2],
        gap: f64,
        line: f64,
        shapes: &mut Vec<Shape>,
    ) {
        let gaps = gap * self.parts.len().saturating_sub(1) as f64;
        let all = gaps + self.parts.iter().map(|(part, _)| aspect(part) * height).sum::<f64>();
        let mut left = x + (width - all) / 2.0;
        for (part, ink) in &self.parts {
            let size = [aspect(part) * height, height];
            shapes.push(Shape::Picture { from: [left, y], size, pixels: Arc::clone(part) });
            // The frame's line lies within, so that parts side by side do not touch.
            let from = [left + line / 2.0, y + line / 2.0];
            shapes.push(Shape::Edge { from, size: size.map(|side| side - line), width: line, ink: *ink });
            left += size[0] + gap;
        }
    }
}

fn aspect(part: &RgbImage) -> f64 {
    f64::from(part.width()) / f64::from(part.height().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crop_is_framed_where_it_is_and_enlarged_as_wide_as_there_is_room() {
        let pixels = RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8, y as u8, 0]));
        let cell = Cell { pixels: Arc::new(pixels), note: String::new() };
        let crops: Vec<Crop> =
            ["0.5,0.5,0.25,0.2", "b=0,0,1,1", "0,0,0.5,0.5"].map(|words| words.parse().unwrap()).into();
        let enlarged = Enlarged::of(&cell, &crops, "a");
        assert_eq!(enlarged.parts.len(), 2, "that of another scene is not there");
        let (first, _) = &enlarged.parts[0];
        assert_eq!((first.dimensions(), first.get_pixel(0, 0).0), ((10, 6), [20, 15, 0]));
        let height = enlarged.height([100.0, 75.0], 4.0);
        assert!((height - 96.0 / (10.0 / 6.0 + 20.0 / 15.0)).abs() < 1e-9, "{height}");
        let mut shapes = Vec::new();
        enlarged.marks([10.0, 20.0], [100.0, 75.0], 1.0, &mut shapes);
        let wanted = Shape::Edge { from: [60.0, 57.5], size: [25.0, 15.0], width: 1.0, ink: INKS[0] };
        assert_eq!(shapes[0], wanted);
        let Shape::Edge { ink, .. } = shapes[1] else { panic!() };
        assert_eq!(ink, INKS[2], "a crop keeps its colour whichever scenes it is of");
        shapes.clear();
        enlarged.strip([10.0, 100.0], [100.0, height], 4.0, 1.0, &mut shapes);
        let Shape::Picture { from, size, .. } = &shapes[2] else { panic!("{shapes:?}") };
        assert!((from[0] + size[0] - 110.0).abs() < 1e-6, "the strip is as wide as the picture");
        assert_eq!(Enlarged::of(&cell, &[], "a").height([100.0, 75.0], 4.0), 0.0);
    }
}
