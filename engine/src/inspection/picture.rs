//! From planes, class ids and maps to finished pictures.

use crate::data::{IGNORE, Modality, Plane};
use crate::network::{Recorded, Shown};
use crate::protocol::{Frame, Pixels};

/// A sensor's image: photographs as colours, everything else as a scalar map with its range and unit. Pixels of the
/// value `hole` were not measured.
pub fn sensor(modality: &Modality, plane: &Plane, hole: Option<f32>, height: usize, width: usize) -> Frame {
    let area = height * width;
    let span = modality.high - modality.low;
    let share = |value: f32| if span > 0.0 { ((value - modality.low) / span).clamp(0.0, 1.0) } else { 0.0 };
    // NaN becomes 0, as everything below the range does.
    let byte = |value: f32| (share(value) * 255.0).round() as u8;
    let is_hole = |value: f32| hole == Some(value);
    let pixels = if plane.channels == 3 && plane.values.len() == 3 * area {
        let channel = |channel: usize, place: usize| byte(plane.values[channel * area + place]);
        Pixels::Rgba(
            (0..area).flat_map(|place| [channel(0, place), channel(1, place), channel(2, place), 255]).collect(),
        )
    } else {
        let values = plane.values.iter().take(area);
        let has_holes = values.clone().any(|&value| is_hole(value));
        let marked = |value: f32| if is_hole(value) { 0 } else { 1 + (share(value) * 254.0).round() as u8 };
        Pixels::Scalar {
            values: values.map(|&value| if has_holes { marked(value) } else { byte(value) }).collect(),
            low: modality.low,
            high: modality.high,
            unit: modality.unit.clone(),
            has_holes,
        }
    };
    frame(height, width, pixels)
}

/// Where a prediction is wrong; pixels without truth do not count.
pub(super) fn errors(truth: &[u8], predicted: &[u8], height: usize, width: usize) -> Frame {
    let verdict = |(&truth, &predicted): (&u8, &u8)| {
        if truth == IGNORE { IGNORE } else { u8::from(truth != predicted) }
    };
    frame(height, width, Pixels::Errors(truth.iter().zip(predicted).map(verdict).collect()))
}

/// A recorded map of the first scene of a batch, sampled to the scene's size by its nearest pixels. Scalar maps without
/// a range of their own are shown from their smallest to their largest value.
pub(super) fn probe(recorded: &Recorded, height: usize, width: usize) -> Option<Frame> {
    let Sampled { values, area, places } = Sampled::of(recorded, height, width)?;
    let places = places.into_iter();
    let pixels = match &recorded.shown {
        Shown::Scalar(range) => {
            let widest = |(low, high): (f32, f32), &value: &f32| (low.min(value), high.max(value));
            let (low, high) = match range {
                Some(range) => (range.low, range.high),
                None => values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), widest),
            };
            let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
            let span = (high - low).max(f32::MIN_POSITIVE);
            let byte = |value: f32| ((value - low) / span * 255.0).round().clamp(0.0, 255.0) as u8;
            let unit = range.as_ref().map_or(String::new(), |range| range.unit.clone());
            Pixels::Scalar { values: places.map(|at| byte(values[at])).collect(), low, high, unit, has_holes: false }
        }
        Shown::Classes(legend) => {
            let ids = places.map(|at| values[at].round().clamp(0.0, 254.0) as u8).collect();
            Pixels::Categories { ids, legend: legend.clone() }
        }
        Shown::Image if values.len() == 3 * area => {
            let byte = |value: f32| (value * 255.0).round().clamp(0.0, 255.0) as u8;
            let colour = |at: usize| [byte(values[at]), byte(values[area + at]), byte(values[2 * area + at]), 255];
            Pixels::Rgba(places.flat_map(colour).collect())
        }
        Shown::Image => return None,
    };
    Some(frame(height, width, pixels))
}

/// A recorded map of the first scene of a batch, and for every pixel of a scene the place of the nearest of its own.
pub(super) struct Sampled {
    /// Its values, channel by channel; of scalar maps their mean over channels.
    pub(super) values: Vec<f32>,
    /// Values a channel.
    area: usize,
    /// Row by row.
    pub(super) places: Vec<usize>,
}

impl Sampled {
    /// For a scene of this size; `None` where the map has no pixels.
    pub(super) fn of(recorded: &Recorded, height: usize, width: usize) -> Option<Self> {
        let map = recorded.map.clone().narrow(0, 0, 1);
        let [_, _, from_height, from_width] = map.dims();
        let map = if matches!(recorded.shown, Shown::Scalar(_)) { map.mean_dim(1) } else { map };
        let values = map.into_data().try_to_vec::<f32>().ok()?;
        let area = from_height * from_width;
        if area == 0 {
            return None;
        }
        let place = move |y: usize, x: usize| y * from_height / height * from_width + x * from_width / width;
        let places = (0..height).flat_map(|y| (0..width).map(move |x| place(y, x))).collect();
        Some(Self { values, area, places })
    }
}

pub(crate) fn labels(ids: Vec<u8>, confidence: Vec<u8>, height: usize, width: usize) -> Frame {
    frame(height, width, Pixels::Labels { ids, confidence })
}

pub(super) fn frame(height: usize, width: usize, pixels: Pixels) -> Frame {
    Frame { width: width as u32, height: height as u32, pixels }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor, TensorData};

    use super::*;
    use crate::data::{ModalityKind, Normalisation};
    use crate::network::Probes;

    fn depth() -> Modality {
        Modality {
            name: "depth".to_owned(),
            kind: ModalityKind::Depth,
            channels: 1,
            unit: "m".to_owned(),
            low: 0.0,
            high: 10.0,
            normalisation: Normalisation::Unit,
        }
    }

    #[test]
    fn values_keep_their_range_and_unit_and_nothing_leaves_it() {
        let plane = Plane { channels: 1, values: vec![0.0, 5.0, 10.0, 99.0, -1.0, f32::NAN] };
        let frame = sensor(&depth(), &plane, None, 2, 3);
        let Pixels::Scalar { values, low, high, unit, has_holes } = frame.pixels else { panic!() };
        assert_eq!(values, [0, 128, 255, 255, 0, 0]);
        assert_eq!((low, high, unit.as_str(), has_holes), (0.0, 10.0, "m", false));
    }

    #[test]
    fn what_was_not_measured_is_marked_and_not_taken_for_the_nearest_value() {
        let plane = Plane { channels: 1, values: vec![0.0, 0.001, 10.0, 0.0] };
        let Pixels::Scalar { values, has_holes, .. } = sensor(&depth(), &plane, Some(0.0), 2, 2).pixels else {
            panic!()
        };
        assert_eq!((values.as_slice(), has_holes), (&[0, 1, 255, 0][..], true));
        let whole = Plane { channels: 1, values: vec![0.001, 10.0] };
        let Pixels::Scalar { values, has_holes, .. } = sensor(&depth(), &whole, Some(0.0), 1, 2).pixels else {
            panic!()
        };
        assert_eq!((values.as_slice(), has_holes), (&[0, 255][..], false));
    }

    #[test]
    fn photographs_are_interleaved() {
        let plane = Plane { channels: 3, values: vec![1.0, 0.0, 0.0, 1.0, 0.0, 0.0] };
        let photograph = Modality { low: 0.0, high: 1.0, channels: 3, ..depth() };
        let Pixels::Rgba(bytes) = sensor(&photograph, &plane, None, 1, 2).pixels else { panic!() };
        assert_eq!(bytes, [255, 0, 0, 255, 0, 255, 0, 255]);
    }

    #[test]
    fn errors_leave_out_what_has_no_truth() {
        let Pixels::Errors(found) = errors(&[0, 1, IGNORE], &[0, 0, 0], 1, 3).pixels else { panic!() };
        assert_eq!(found, [0, 1, IGNORE]);
    }

    #[test]
    fn probes_are_averaged_and_brought_to_the_scene_s_size() {
        let data = TensorData::new(vec![0.0_f32, 1.0, 1.0, 1.0], [1, 2, 1, 2]);
        let mut probes = Probes::on();
        let map = || Tensor::<4>::from_data(data, &Device::flex());
        probes.record("gsu.gate.first", map);
        let frame = probe(&probes.maps()["gsu.gate.first"], 2, 4).unwrap();
        let Pixels::Scalar { values, low, high, .. } = frame.pixels else { panic!() };
        assert_eq!(values, [128, 128, 255, 255, 128, 128, 255, 255]);
        assert_eq!((low, high), (0.0, 1.0));
    }

    #[test]
    fn categories_keep_their_words_and_images_their_colours() {
        let device = Device::flex();
        let tensor =
            |values: Vec<f32>, shape: [usize; 4]| Tensor::<4>::from_data(TensorData::new(values, shape), &device);
        let mut probes = Probes::on();
        let legend = ["colour".to_owned(), "thermal".to_owned()];
        probes.record_classes("selection", &legend, || tensor(vec![1.0, 0.0], [1, 1, 1, 2]));
        probes.record_image("image", || tensor(vec![1.0, 0.0, 0.5], [1, 3, 1, 1]));
        let pixels = |name: &str| probe(&probes.maps()[name], 1, 2).unwrap().pixels;
        assert_eq!(pixels("selection"), Pixels::Categories { ids: vec![1, 0], legend: legend.to_vec() });
        assert_eq!(pixels("image"), Pixels::Rgba(vec![255, 0, 128, 255, 255, 0, 128, 255]));
    }
}
