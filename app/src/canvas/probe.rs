//! What a frame says at one place.

use fusionscope_engine::protocol::{Frame, Pixels};

use super::tone::value_of;
use crate::store::Pixel;

/// The value at a place of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Red, green, blue, 0 to 255.
    Colour([u8; 3]),
    /// A class, and its probability where it was predicted.
    Class {
        /// The id; 255 where there is none.
        id: u8,
        /// 0 to 1.
        probability: Option<f32>,
    },
    /// A value in its unit.
    Value {
        /// The value.
        value: f32,
        /// The unit; may be empty.
        unit: String,
    },
    /// One of a few words, such as a sensor's name.
    Category(String),
    /// Nothing was measured here.
    NoValue,
    /// Right or wrong; `None` where the truth is ignored.
    Wrong(Option<bool>),
}

/// Reads a frame at a place.
pub fn read(frame: &Frame, pixel: Pixel) -> Option<Reading> {
    let (width, height) = (frame.width as usize, frame.height as usize);
    if width == 0 || height == 0 {
        return None;
    }
    let column = ((pixel.x * width as f32) as usize).min(width - 1);
    let row = ((pixel.y * height as f32) as usize).min(height - 1);
    let place = row * width + column;
    match &frame.pixels {
        Pixels::Rgba(bytes) => {
            let rgb = bytes.get(place * 4..place * 4 + 3)?;
            Some(Reading::Colour([rgb[0], rgb[1], rgb[2]]))
        }
        Pixels::Labels { ids, confidence } => Some(Reading::Class {
            id: *ids.get(place)?,
            probability: confidence.get(place).map(|&byte| f32::from(byte) / 255.0),
        }),
        Pixels::Scalar { values, low, high, unit, has_holes } => {
            let value = value_of(*values.get(place)?, (*low, *high), *has_holes);
            Some(value.map_or(Reading::NoValue, |value| Reading::Value { value, unit: unit.clone() }))
        }
        Pixels::Categories { ids, legend } => {
            legend.get(usize::from(*ids.get(place)?)).map(|word| Reading::Category(word.clone()))
        }
        Pixels::Errors(errors) => Some(Reading::Wrong(match errors.get(place)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        })),
    }
}

/// How many pixels of a label map each class has; ids beyond `classes` are left out.
pub fn class_counts(frame: &Frame, classes: usize) -> Vec<u64> {
    let mut counts = vec![0; classes];
    if let Pixels::Labels { ids, .. } = &frame.pixels {
        for &id in ids {
            if let Some(count) = counts.get_mut(usize::from(id)) {
                *count += 1;
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_reads_in_its_unit() {
        let frame = scalar(vec![0, 255], false);
        let right = read(&frame, Pixel { x: 0.9, y: 0.5 });
        assert_eq!(right, Some(Reading::Value { value: 40.0, unit: "°C".to_owned() }));
        assert_eq!(read(&frame, Pixel { x: 1.0, y: 1.0 }), right);
    }

    #[test]
    fn what_was_not_measured_has_no_value() {
        let frame = scalar(vec![0, 1], true);
        assert_eq!(read(&frame, Pixel { x: 0.1, y: 0.5 }), Some(Reading::NoValue));
        let lowest = Reading::Value { value: -10.0, unit: "°C".to_owned() };
        assert_eq!(read(&frame, Pixel { x: 0.9, y: 0.5 }), Some(lowest));
    }

    fn scalar(values: Vec<u8>, has_holes: bool) -> Frame {
        let pixels = Pixels::Scalar { values, low: -10.0, high: 40.0, unit: "°C".to_owned(), has_holes };
        Frame { width: 2, height: 1, pixels }
    }

    #[test]
    fn classes_are_counted_without_the_ignored() {
        let pixels = Pixels::Labels { ids: vec![0, 1, 1, 255], confidence: Vec::new() };
        assert_eq!(class_counts(&Frame { width: 2, height: 2, pixels }, 3), [1, 2, 0]);
    }

    #[test]
    fn frames_that_lie_about_their_size_read_as_nothing() {
        let frame = Frame { width: 9, height: 9, pixels: Pixels::Rgba(vec![0; 12]) };
        assert_eq!(read(&frame, Pixel { x: 0.99, y: 0.99 }), None);
        assert_eq!(read(&Frame { width: 0, height: 0, pixels: Pixels::Errors(Vec::new()) }, Pixel::default()), None);
    }
}
