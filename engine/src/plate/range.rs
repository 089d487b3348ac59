//! One range for all maps of a view, so that one colour bar holds for all of them.

use crate::protocol::{Frame, Pixels};

/// From the lowest value that a map of these can hold to the highest; `None` where none is a map of values.
pub(super) fn common_range<'a>(frames: impl IntoIterator<Item = &'a Frame>) -> Option<(f32, f32)> {
    frames.into_iter().fold(None, |found: Option<(f32, f32)>, frame| match &frame.pixels {
        Pixels::Scalar { low, high, .. } => {
            Some(found.map_or((*low, *high), |(least, most)| (least.min(*low), most.max(*high))))
        }
        _ => found,
    })
}

/// A map with its values as shares of another range, which holds its own; anything else as it is.
pub(super) fn in_range(frame: &Frame, (low, high): (f32, f32)) -> Frame {
    let mut frame = frame.clone();
    let Pixels::Scalar { values, low: from, high: to, has_holes, .. } = &mut frame.pixels else { return frame };
    if (*from, *to) == (low, high) {
        return frame;
    }
    let (span, first) = (high - low, u8::from(*has_holes));
    let steps = f32::from(u8::MAX - first);
    let table: [u8; 256] = std::array::from_fn(|byte| {
        if byte < usize::from(first) {
            return 0;
        }
        let value = *from + (byte as f32 - f32::from(first)) / steps * (*to - *from);
        let share = if span > 0.0 { ((value - low) / span).clamp(0.0, 1.0) } else { 0.0 };
        first + (share * steps).round() as u8
    });
    for byte in values.iter_mut() {
        *byte = table[usize::from(*byte)];
    }
    (*from, *to) = (low, high);
    frame
}

/// The values of a map that were measured.
pub(super) fn measured(frame: &Frame) -> Vec<f32> {
    let Pixels::Scalar { values, low, high, has_holes, .. } = &frame.pixels else { return Vec::new() };
    let first = u8::from(*has_holes);
    let steps = f32::from(u8::MAX - first);
    let measured = values.iter().filter(|&&byte| byte >= first);
    measured.map(|&byte| low + f32::from(byte - first) / steps * (high - low)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(values: Vec<u8>, low: f32, high: f32, has_holes: bool) -> Frame {
        let pixels = Pixels::Scalar { values, low, high, unit: "m".to_owned(), has_holes };
        Frame { width: 3, height: 1, pixels }
    }

    #[test]
    fn values_stay_what_they_are_in_a_wider_range_and_holes_stay_holes() {
        let (near, far) = (map(vec![0, 51, 255], 0.0, 10.0, false), map(vec![0, 1, 255], -10.0, 40.0, true));
        let range = common_range([&near, &far]).unwrap();
        assert_eq!(range, (-10.0, 40.0));
        let wide = in_range(&near, range);
        for (value, wanted) in measured(&wide).into_iter().zip([0.0, 2.0, 10.0]) {
            assert!((value - wanted).abs() <= 50.0 / 255.0 / 2.0 + 1e-4, "{value} of {wanted}");
        }
        assert_eq!(in_range(&far, range), far);
        let wider = in_range(&far, (-20.0, 50.0));
        let Pixels::Scalar { values, .. } = &wider.pixels else { panic!() };
        assert!(values[0] == 0 && values[1] > 1, "{values:?}");
        assert_eq!(measured(&wider).len(), 2);
        let flat = map(vec![0, 0, 0], 1.0, 1.0, false);
        assert_eq!(common_range([&flat]), Some((1.0, 1.0)));
        assert_eq!(in_range(&flat, (1.0, 1.0)), flat);
    }
}
