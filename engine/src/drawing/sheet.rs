//! Pictures beside and below each other, each under its name, with a legend of classes and ramps of values.

use std::sync::Arc;

use image::RgbImage;

use super::chart::put_legend;
use super::paper::Paper;
use super::shape::{Anchor, Drawing, Ink, Shape};
use super::typeface::Weight;

const SMALL: f64 = 9.5;
const LEADING: f64 = 13.0;
const MARGIN: f64 = 10.0;
const GAP: f64 = 8.0;
/// What a name takes above its picture, and a ramp below it.
const NAME: f64 = 14.0;
const RAMP: f64 = 18.0;

/// Pictures on a sheet.
#[derive(Clone, Debug, Default)]
pub struct PictureSheet {
    /// What it is of.
    pub title: String,
    /// What must be known to read it.
    pub caption: String,
    /// The pictures, row by row.
    pub pictures: Vec<Titled>,
    /// How many stand beside each other; 0 takes as many as make the sheet about as wide as it is high.
    pub columns: usize,
    /// Classes with their colours.
    pub legend: Vec<(Ink, String)>,
}

/// A picture with its name.
#[derive(Clone, Debug, Default)]
pub struct Titled {
    /// What it shows.
    pub title: String,
    /// Its pixels.
    pub pixels: Arc<RgbImage>,
    /// What its colours stand for, where they stand for values.
    pub ramp: Option<Ramp>,
}

/// Colours from the lowest to the highest value.
#[derive(Clone, Debug, PartialEq)]
pub struct Ramp {
    /// The colours.
    pub inks: Vec<Ink>,
    /// The lowest value, in words.
    pub low: String,
    /// The highest.
    pub high: String,
}

impl PictureSheet {
    /// The sheet of this width; pictures keep their shape, so its height follows.
    pub fn drawing(&self, width: f64, paper: &Paper) -> Drawing {
        let mut shapes = Vec::new();
        let room = width - 2.0 * MARGIN;
        let mut y = paper.put_title(&self.title, [MARGIN, MARGIN], room, &mut shapes);
        y += 4.0;
        let columns = self.columns();
        let side = (room - GAP * (columns as f64 - 1.0)) / columns as f64;
        for row in self.pictures.chunks(columns) {
            let height = row.iter().map(|picture| side * picture.aspect()).fold(0.0, f64::max);
            for (place, picture) in row.iter().enumerate() {
                let left = MARGIN + place as f64 * (side + GAP);
                picture.draw([left, y], side, paper, &mut shapes);
            }
            let has_ramp = row.iter().any(|picture| picture.ramp.is_some());
            y += NAME + height + GAP + if has_ramp { RAMP } else { 0.0 };
        }
        let mark = |ink: Ink| vec![Shape::Rect { from: [4.0, -8.0], size: [10.0; 2], ink }];
        let entries: Vec<(Vec<Shape>, &str)> =
            self.legend.iter().map(|(ink, name)| (mark(*ink), name.as_str())).collect();
        y = put_legend(&entries, [MARGIN, y], room, paper, &mut shapes);
        for line in Weight::Regular.lines(&self.caption, SMALL, room) {
            y += LEADING;
            shapes.push(Shape::text([MARGIN, y], Anchor::Start, SMALL, Weight::Regular, paper.weak, &line));
        }
        paper.sheet(width.ceil(), (y + MARGIN).ceil(), self.title.clone(), shapes)
    }

    fn columns(&self) -> usize {
        let count = self.pictures.len().max(1);
        if self.columns > 0 {
            return self.columns.min(count);
        }
        let aspect = self.pictures.first().map_or(1.0, Titled::aspect);
        ((count as f64 * aspect).sqrt().ceil() as usize).clamp(1, count)
    }
}

impl Titled {
    /// Height over width.
    fn aspect(&self) -> f64 {
        f64::from(self.pixels.height().max(1)) / f64::from(self.pixels.width().max(1))
    }

    fn draw(&self, [left, top]: [f64; 2], side: f64, paper: &Paper, shapes: &mut Vec<Shape>) {
        let name = Weight::Regular.elided(&self.title, SMALL, side);
        shapes.push(Shape::text([left, top + 10.0], Anchor::Start, SMALL, Weight::Regular, paper.text, &name));
        let (from, height) = ([left, top + NAME], side * self.aspect());
        shapes.push(Shape::Picture { from, size: [side, height], pixels: Arc::clone(&self.pixels) });
        let Some(ramp) = self.ramp.as_ref().filter(|ramp| !ramp.inks.is_empty()) else { return };
        let y = from[1] + height + 4.0;
        let (low, high) = (&ramp.low, &ramp.high);
        let [before, behind] = [low, high].map(|words| Weight::Regular.width(words, SMALL));
        let bar = (side - before - behind - 10.0).max(10.0);
        let flat = RgbImage::from_fn(ramp.inks.len() as u32, 1, |x, _| image::Rgb(ramp.inks[x as usize]));
        shapes.push(Shape::text([left, y + 8.0], Anchor::Start, SMALL, Weight::Regular, paper.weak, low));
        let from = [left + before + 5.0, y];
        shapes.push(Shape::Picture { from, size: [bar, 8.0], pixels: Arc::new(flat) });
        let at = [from[0] + bar + 5.0, y + 8.0];
        shapes.push(Shape::text(at, Anchor::Start, SMALL, Weight::Regular, paper.weak, high));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_their_pixels_and_their_shape_and_stand_under_their_names() {
        let picture = |title: &str| Titled {
            title: title.to_owned(),
            pixels: Arc::new(RgbImage::from_pixel(40, 20, image::Rgb([1, 2, 3]))),
            ramp: None,
        };
        let ramp = Ramp { inks: vec![[0; 3], [255; 3]], low: "0 m".to_owned(), high: "80 m".to_owned() };
        let sheet = PictureSheet {
            title: "Scene 7".to_owned(),
            caption: "From the test split.".to_owned(),
            pictures: vec![picture("colour"), Titled { ramp: Some(ramp), ..picture("depth") }, picture("fused")],
            columns: 2,
            legend: vec![([9, 9, 9], "road".to_owned())],
        };
        let drawing = sheet.drawing(400.0, &Paper::WHITE);
        let placed: Vec<([f64; 2], [f64; 2])> = drawing
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Picture { from, size, pixels } if pixels.height() > 1 => Some((*from, *size)),
                _ => None,
            })
            .collect();
        assert_eq!(placed.len(), 3);
        assert!(placed.iter().all(|(_, [width, height])| (width - 2.0 * height).abs() < 1e-9), "{placed:?}");
        assert!(placed[0].0[1] == placed[1].0[1] && placed[2].0[1] > placed[1].0[1] + placed[1].1[1], "{placed:?}");
        for words in ["Scene 7", "From the test split.", "colour", "depth", "fused", "0 m", "80 m", "road"] {
            let is_it = |shape: &Shape| matches!(shape, Shape::Text { text, .. } if text == words);
            assert!(drawing.shapes.iter().any(is_it), "{words}: {drawing:?}");
        }
        let (pictures, columns) = (vec![picture("a"); 9], 0);
        assert_eq!(PictureSheet { pictures, columns, ..PictureSheet::default() }.columns(), 3);
    }
}
