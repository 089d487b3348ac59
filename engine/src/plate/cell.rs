//! A picture of a plate: how it is painted, and what its colours stand for.

use std::sync::Arc;

use image::{RgbImage, RgbaImage};

use super::wanted::Painting;
use crate::drawing::Ink;
use crate::protocol::{Content, DatasetSummary, Frame, Pixels};

/// What pixels without a class are called.
const UNLABELLED: &str = "not labelled";
/// What pixels without a value are called.
const UNMEASURED: &str = "not measured";

/// One picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// On white.
    pub(super) pixels: Arc<RgbImage>,
    /// What stands under it; may be empty.
    pub(super) note: String,
}

/// Words and what they are drawn in, in the order of their ids.
pub(super) type Words = Vec<(String, Ink)>;

/// Colours for values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    /// From the lowest value to the highest, one pixel high.
    pub(super) ramp: Arc<RgbImage>,
    /// The lowest.
    pub(super) low: f32,
    /// The highest.
    pub(super) high: f32,
    /// Their unit; may be empty.
    pub(super) unit: String,
}

/// What the colours of a column's pictures stand for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Key {
    /// Classes of the network's or the data set's.
    pub(super) classes: Words,
    /// Other words.
    pub(super) words: Words,
    /// Values.
    pub(super) bar: Option<Bar>,
}

/// Whose colours pictures are in.
#[derive(Clone, Copy)]
pub(super) struct Painter<'a> {
    pub(super) paint: Painting,
    pub(super) content: &'a Content,
    pub(super) summary: &'a DatasetSummary,
}

impl Painter<'_> {
    /// A frame on white.
    pub(super) fn picture(&self, frame: &Frame) -> Arc<RgbImage> {
        Arc::new(on_white(&(self.paint)(self.content, frame, self.summary)))
    }

    /// What the colours of these frames of one kind stand for: the words that are there, and the range.
    pub(super) fn key(&self, frames: &[&Frame]) -> Key {
        let mut key = Key::default();
        let Some(first) = frames.first() else { return key };
        match &first.pixels {
            Pixels::Rgba(_) => {}
            Pixels::Labels { .. } => {
                let labels = |ids| Pixels::Labels { ids, confidence: Vec::new() };
                key.classes = self.words(&present(frames), labels, |id| {
                    self.summary.classes.get(usize::from(id)).map_or(UNLABELLED, String::as_str)
                });
            }
            Pixels::Categories { legend, .. } => {
                let categories = |ids| Pixels::Categories { ids, legend: legend.clone() };
                let words = self.words(&present(frames), categories, |id| {
                    legend.get(usize::from(id)).map_or("another", String::as_str)
                });
                if *legend == self.summary.classes {
                    key.classes = words;
                } else {
                    key.words = words;
                }
            }
            Pixels::Errors(_) => {
                key.words = self.words(&present(frames), Pixels::Errors, |id| match id {
                    0 => "right",
                    1 => "wrong",
                    _ => UNLABELLED,
                });
            }
            Pixels::Scalar { low, high, unit, .. } => {
                let scalar = |values, has_holes| Pixels::Scalar {
                    values,
                    low: *low,
                    high: *high,
                    unit: unit.clone(),
                    has_holes,
                };
                let ramp = strip((0..=u8::MAX).collect(), |values| scalar(values, false));
                let ramp = self.picture(&ramp);
                key.bar = Some(Bar { ramp, low: *low, high: *high, unit: unit.clone() });
                if frames.iter().any(|frame| has_unmeasured(frame)) {
                    key.words = self.words(&[0], |values| scalar(values, true), |_| UNMEASURED);
                }
            }
        }
        key
    }

    /// These ids as words, each in its colour.
    fn words<'a>(&self, ids: &[u8], pixels: impl FnOnce(Vec<u8>) -> Pixels, word: impl Fn(u8) -> &'a str) -> Words {
        let painted = self.picture(&strip(ids.to_vec(), pixels));
        let mut words = Words::new();
        for (id, pixel) in ids.iter().zip(painted.pixels()) {
            let entry = (word(*id).to_owned(), pixel.0);
            if !words.contains(&entry) {
                words.push(entry);
            }
        }
        words
    }
}

/// A frame one pixel high.
fn strip(ids: Vec<u8>, pixels: impl FnOnce(Vec<u8>) -> Pixels) -> Frame {
    Frame { width: ids.len() as u32, height: 1, pixels: pixels(ids) }
}

fn has_unmeasured(frame: &Frame) -> bool {
    matches!(&frame.pixels, Pixels::Scalar { values, has_holes: true, .. } if values.contains(&0))
}

/// The ids that are in any of the frames, the lowest first.
fn present(frames: &[&Frame]) -> Vec<u8> {
    let mut is_there = [false; 256];
    for frame in frames {
        for id in ids(&frame.pixels) {
            is_there[usize::from(*id)] = true;
        }
    }
    (0..=u8::MAX).filter(|id| is_there[usize::from(*id)]).collect()
}

/// What a frame has of words at each pixel, by their numbers.
pub(super) fn ids(pixels: &Pixels) -> &[u8] {
    match pixels {
        Pixels::Labels { ids, .. } | Pixels::Categories { ids, .. } | Pixels::Errors(ids) => ids,
        Pixels::Rgba(_) | Pixels::Scalar { .. } => &[],
    }
}

fn on_white(picture: &RgbaImage) -> RgbImage {
    let mixed = |pixel: &image::Rgba<u8>| {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        image::Rgb([red, green, blue].map(|part| ((part * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    };
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| mixed(picture.get_pixel(x, y)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::sample::{paint, summary};

    fn frame(pixels: Pixels) -> Frame {
        Frame { width: 2, height: 2, pixels }
    }

    #[test]
    fn only_the_classes_that_are_there_are_in_the_key_in_the_colours_of_the_pictures() {
        let summary = summary();
        let painter = Painter { paint, content: &Content::Label, summary: &summary };
        let labels = |ids: [u8; 4]| frame(Pixels::Labels { ids: ids.to_vec(), confidence: Vec::new() });
        let (one, other) = (labels([2, 2, 2, 2]), labels([0, 2, 255, 0]));
        let key = painter.key(&[&one, &other]);
        let wanted = [("road", summary.colours[0]), ("sky", summary.colours[2]), (UNLABELLED, [255; 3])];
        assert_eq!(key.classes, wanted.map(|(word, ink)| (word.to_owned(), ink)));
        assert_eq!(painter.picture(&other).get_pixel(0, 0).0, summary.colours[0]);
        assert!(key.words.is_empty() && key.bar.is_none());
        assert_eq!(painter.key(&[]), Key::default());
    }

    #[test]
    fn values_have_a_bar_with_range_and_unit_and_what_was_not_measured_is_told() {
        let summary = summary();
        let painter = Painter { paint, content: &Content::Sensor("depth".to_owned()), summary: &summary };
        let depth = |values: [u8; 4]| {
            let values = values.to_vec();
            frame(Pixels::Scalar { values, low: 0.0, high: 40.0, unit: "m".to_owned(), has_holes: true })
        };
        let key = painter.key(&[&depth([1, 2, 3, 255])]);
        let bar = key.bar.unwrap();
        assert_eq!((bar.low, bar.high, bar.unit.as_str(), bar.ramp.width()), (0.0, 40.0, "m", 256));
        assert!(bar.ramp.get_pixel(0, 0).0[0] < bar.ramp.get_pixel(255, 0).0[0]);
        assert!(key.words.is_empty(), "no hole is there");
        let holed = painter.key(&[&depth([1, 2, 0, 255])]);
        assert_eq!(holed.words, [(UNMEASURED.to_owned(), [90, 0, 90])]);
    }

    #[test]
    fn words_that_are_the_classes_are_classes() {
        let summary = summary();
        let content = Content::Probe("teacher.prediction".to_owned());
        let painter = Painter { paint, content: &content, summary: &summary };
        let categories = |legend: Vec<String>| frame(Pixels::Categories { ids: vec![1, 1, 1, 0], legend });
        assert_eq!(painter.key(&[&categories(summary.classes.clone())]).classes.len(), 2);
        let sensors = painter.key(&[&categories(vec!["colour".to_owned(), "thermal".to_owned()])]);
        assert!(sensors.classes.is_empty());
        assert_eq!(sensors.words.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(), ["colour", "thermal"]);
        let errors = painter.key(&[&frame(Pixels::Errors(vec![0, 1, 255, 0]))]);
        assert_eq!(
            errors.words.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(),
            ["right", "wrong", UNLABELLED]
        );
    }
}
