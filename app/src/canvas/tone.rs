//! From values to the ends of a colour map: which range is shown, how bright, and how bent.

use fusionscope_engine::protocol::{Frame, Pixels};
use serde::{Deserialize, Serialize};

use crate::look::ScalarMap;

/// Which values stand at the ends of the colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Span {
    /// The range that the picture came with: the sensor's, or the map's own.
    #[default]
    Whole,
    /// The smallest and the largest value that are in the picture.
    Auto,
    /// The smallest and the largest value of all pictures of its kind, so that their colours compare.
    Shared,
    /// These two.
    Fixed {
        /// At the lower end, in the picture's unit.
        low: f32,
        /// At the upper end.
        high: f32,
    },
}

/// How a picture's values become brightness.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tone {
    /// The range.
    pub span: Span,
    /// The range is divided by this; above 1 small values are told apart and large ones run into the end.
    pub gain: f32,
    /// The exponent of the share of the range; below 1 small values are lifted.
    pub gamma: f32,
}

impl Default for Tone {
    fn default() -> Self {
        Self { span: Span::Whole, gain: 1.0, gamma: 1.0 }
    }
}

/// The range that colours are drawn over, and how they are bent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// The value at the lower end of the colours.
    pub low: f32,
    /// The value at the upper end.
    pub high: f32,
    /// The exponent.
    pub gamma: f32,
    /// Zero lies in the middle, and both halves are bent alike.
    is_signed: bool,
}

impl Tone {
    /// The range that is drawn, where the span comes to `range` and `map` colours it. Around a map's neutral middle the
    /// range is as wide to both sides, so that the middle stays zero.
    pub fn window(self, range: (f32, f32), map: ScalarMap) -> Window {
        let sane = |value: f32, least: f32| if value.is_finite() { value.max(least) } else { 1.0 };
        let (gain, gamma) = (sane(self.gain, 1e-3), sane(self.gamma, 1e-2));
        let (low, high) = range;
        let is_signed = map == ScalarMap::Diverging;
        let (low, high) = if is_signed {
            let reach = low.abs().max(high.abs()).max(f32::MIN_POSITIVE) / gain;
            (-reach, reach)
        } else {
            (low, low + (high - low).max(f32::MIN_POSITIVE) / gain)
        };
        Window { low, high, gamma, is_signed }
    }
}

impl Window {
    /// Where a share of the range, 0 to 1, stands in the colours, 0 to 1.
    pub fn bent(&self, share: f32) -> f32 {
        let share = share.clamp(0.0, 1.0);
        if self.gamma == 1.0 {
            share
        } else if self.is_signed {
            let side = 2.0 * share - 1.0;
            0.5 * (1.0 + side.signum() * side.abs().powf(self.gamma))
        } else {
            share.powf(self.gamma)
        }
    }

    /// What each byte of the frame is drawn as. A byte that stands for no value stays one.
    pub fn table(&self, frame: &Frame) -> [u8; 256] {
        let Some((low, high)) = declared(frame) else { return IDENTITY };
        let has_holes = matches!(frame.pixels, Pixels::Scalar { has_holes: true, .. });
        let first = f32::from(u8::from(has_holes));
        let steps = 255.0 - first;
        std::array::from_fn(|byte| {
            let Some(value) = value_of(byte as u8, (low, high), has_holes) else { return 0 };
            let share = self.bent((value - self.low) / (self.high - self.low));
            (first + share * steps).round() as u8
        })
    }
}

/// Every byte as it is.
pub const IDENTITY: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = byte as u8;
        byte += 1;
    }
    table
};

/// The value that a byte stands for in this range; `None` where it says that nothing was measured.
pub fn value_of(byte: u8, (low, high): (f32, f32), has_holes: bool) -> Option<f32> {
    let first = u8::from(has_holes);
    let steps = byte.checked_sub(first)?;
    Some(low + (high - low) * f32::from(steps) / f32::from(u8::MAX - first))
}

/// The range of values that a frame can hold: its own, and 0 to 255 for a photograph. `None` where pixels are no
/// values.
pub fn declared(frame: &Frame) -> Option<(f32, f32)> {
    match &frame.pixels {
        Pixels::Scalar { low, high, .. } => Some((*low, *high)),
        Pixels::Rgba(_) => Some((0.0, 255.0)),
        Pixels::Labels { .. } | Pixels::Categories { .. } | Pixels::Errors(_) => None,
    }
}

/// The smallest and the largest value that are in a frame; `None` where there is none.
pub fn extent(frame: &Frame) -> Option<(f32, f32)> {
    let range = |bytes: &mut dyn Iterator<Item = u8>| {
        bytes.fold(None, |found: Option<(u8, u8)>, byte| {
            Some(found.map_or((byte, byte), |(least, most)| (least.min(byte), most.max(byte))))
        })
    };
    match &frame.pixels {
        Pixels::Scalar { values, low, high, has_holes, .. } => {
            let measured = values.iter().copied().filter(|byte| !has_holes || *byte > 0);
            let (least, most) = range(&mut { measured })?;
            let value = |byte: u8| value_of(byte, (*low, *high), *has_holes);
            Some((value(least)?, value(most)?))
        }
        Pixels::Rgba(bytes) => {
            let colours = bytes.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
            let (least, most) = range(&mut { colours })?;
            Some((f32::from(least), f32::from(most)))
        }
        Pixels::Labels { .. } | Pixels::Categories { .. } | Pixels::Errors(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(values: Vec<u8>, has_holes: bool) -> Frame {
        let pixels = Pixels::Scalar { values, low: -10.0, high: 40.0, unit: "°C".to_owned(), has_holes };
        Frame { width: 2, height: 2, pixels }
    }

    fn window(tone: Tone, range: (f32, f32)) -> Window {
        tone.window(range, ScalarMap::Inferno)
    }

    #[test]
    fn a_plain_tone_changes_no_byte() {
        for has_holes in [false, true] {
            let frame = scalar(vec![0, 1, 128, 255], has_holes);
            assert_eq!(window(Tone::default(), (-10.0, 40.0)).table(&frame), IDENTITY);
        }
        let photograph = Frame { width: 1, height: 1, pixels: Pixels::Rgba(vec![1, 2, 3, 255]) };
        assert_eq!(Tone::default().window((0.0, 255.0), ScalarMap::Grey).table(&photograph), IDENTITY);
    }

    #[test]
    fn a_range_spreads_its_values_over_all_colours_and_what_lies_outside_stands_at_the_ends() {
        let frame = scalar(vec![0; 4], false);
        let table = window(Tone::default(), (0.0, 10.0)).table(&frame);
        let byte = |value: f32| ((value + 10.0) / 50.0 * 255.0).round() as usize;
        assert_eq!((table[byte(-5.0)], table[byte(0.0)], table[byte(30.0)]), (0, 0, 255));
        assert!((f32::from(table[byte(5.0)]) - 127.5).abs() < 4.0, "{}", table[byte(5.0)]);
        let holes = window(Tone::default(), (0.0, 10.0)).table(&scalar(vec![0; 4], true));
        assert_eq!((holes[0], holes[1]), (0, 1), "no value stays no value, and the smallest stays a value");
    }

    #[test]
    fn the_ends_are_the_true_values_under_gain() {
        let found = window(Tone { gain: 4.0, ..Tone::default() }, (-10.0, 40.0));
        assert_eq!((found.low, found.high), (-10.0, 2.5));
        let found = Tone { gain: 2.0, ..Tone::default() }.window((-0.2, 0.8), ScalarMap::Diverging);
        assert_eq!((found.low, found.high), (-0.4, 0.4), "zero stays in the middle");
        assert_eq!(found.bent(0.5), 0.5);
    }

    #[test]
    fn gamma_bends_between_the_ends_and_to_both_sides_of_zero_alike() {
        let lifted = window(Tone { gamma: 0.5, ..Tone::default() }, (0.0, 1.0));
        assert_eq!([0.0, 0.25, 1.0].map(|share| lifted.bent(share)), [0.0, 0.5, 1.0]);
        let signed = Tone { gamma: 2.0, ..Tone::default() }.window((-1.0, 1.0), ScalarMap::Diverging);
        assert!((signed.bent(0.25) + signed.bent(0.75) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_first_and_the_last_byte_are_the_ends_of_the_range_and_a_hole_is_no_value() {
        let of = |byte, has_holes| value_of(byte, (-10.0, 40.0), has_holes);
        assert_eq!([of(0, false), of(255, false)], [Some(-10.0), Some(40.0)]);
        assert_eq!([of(0, true), of(1, true), of(255, true)], [None, Some(-10.0), Some(40.0)]);
    }

    #[test]
    fn an_extent_leaves_out_what_was_not_measured() {
        assert_eq!(extent(&scalar(vec![0, 255, 255, 0], true)), Some((40.0, 40.0)));
        assert_eq!(extent(&scalar(vec![0, 255, 255, 0], false)), Some((-10.0, 40.0)));
        assert_eq!(extent(&scalar(vec![0; 4], true)), None);
        let pixels = Pixels::Rgba(vec![9, 20, 7, 255, 11, 250, 30, 255]);
        assert_eq!(extent(&Frame { width: 2, height: 1, pixels }), Some((7.0, 250.0)), "opacity is no value");
    }

    #[test]
    fn no_tone_that_was_kept_breaks_a_picture() {
        let frame = scalar(vec![0, 1, 128, 255], false);
        for (gain, gamma) in [(0.0, 0.0), (f32::NAN, f32::INFINITY), (-1.0, -3.0)] {
            for range in [(5.0, 5.0), (9.0, -9.0)] {
                let table = window(Tone { gain, gamma, ..Tone::default() }, range).table(&frame);
                assert!(table.windows(2).all(|pair| pair[0] <= pair[1]), "{gain} {gamma} {range:?}");
            }
        }
    }
}
