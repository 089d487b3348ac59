//! What a data set knows of a scene beside the image that becomes worse.

use crate::data::align::{Size, plane_at};
use crate::data::dataset::Dataset;
use crate::data::entry::SampleEntry;
use crate::data::error::DataError;
use crate::data::sample::{ModalityKind, Plane, Sample};

/// Where the horizon lies for a scene without a depth image, of the height, and how far a pixel just below it is from
/// one at the lower edge.
const HORIZON: f32 = 0.4;
const NEAREST: f32 = 0.08;

/// How far around a place without a measurement is looked, of the width, and the share of measured places from which on
/// it is like them.
const AROUND: f32 = 0.0125;
const ENOUGH: f32 = 0.45;

/// A scene's files and those of the scene before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) entry: &'a SampleEntry,
    pub(crate) before: &'a SampleEntry,
}

impl Around<'_> {
    /// The image that a sensor made of the scene before, in this scene's size.
    pub(super) fn frame_before(&self, modality: usize, size: Size) -> Result<Plane, DataError> {
        self.plane(self.before, modality, size)
    }

    /// Relative distances of a scene's pixels, 0 near to 1 far: of its depth image, else of its disparity image, where
    /// small holes are as far as what stands around them and large ones are far; else of a flat road under a level
    /// camera. `sensors` are those of the sample.
    pub(super) fn distances(&self, sample: &Sample, sensors: &[usize]) -> Result<Vec<f32>, DataError> {
        let size = Size::new(sample.height, sample.width);
        // HHA is a picture of three other things.
        let is = |kind: ModalityKind| {
            let files = &self.dataset.manifest.modalities;
            files.iter().position(|files| files.kind == kind && files.hha.is_none())
        };
        let Some(place) = is(ModalityKind::Depth).or_else(|| is(ModalityKind::Disparity)) else {
            return Ok(flat_road(size));
        };
        let plane = match sensors.iter().position(|&sensor| sensor == place) {
            Some(at) => sample.planes[at].clone(),
            None => self.plane(self.entry, place, size)?,
        };
        let (sensor, hole) = (&self.dataset.modalities[place], self.dataset.hole(place));
        let is_disparity = sensor.kind == ModalityKind::Disparity;
        let distance = |&value: &f32| {
            let share = ((value - sensor.low) / (sensor.high - sensor.low)).clamp(0.0, 1.0);
            if hole == Some(value) {
                f32::NAN
            } else if is_disparity {
                // A disparity of all its range is a twentieth of the far end.
                0.05 / share.max(0.05)
            } else {
                share
            }
        };
        let distances: Vec<f32> = plane.values[..size.area()].iter().map(distance).collect();
        Ok(filled(&distances, size))
    }

    fn plane(&self, entry: &SampleEntry, modality: usize, size: Size) -> Result<Plane, DataError> {
        // A label that cannot be read says nothing about an image.
        let bare = entry.without_label();
        let decoded = self.dataset.decode(&bare, &[modality])?;
        let sample = self.dataset.assemble(&bare, &decoded, &[modality])?;
        let from = Size::new(sample.height, sample.width);
        Ok(plane_at(&sample.planes[0], self.dataset.modalities[modality].kind, from, size))
    }
}

/// Distances with a number for those that are none.
fn filled(distances: &[f32], size: Size) -> Vec<f32> {
    let reach = ((size.width as f32 * AROUND).round() as usize).max(3);
    let window = |at: usize, end: usize| at.saturating_sub(reach)..(at + reach + 1).min(end);
    let fill = |place: usize| {
        let (mut sum, mut count, mut all) = (0.0, 0.0, 0.0);
        for row in window(place / size.width, size.height) {
            for column in window(place % size.width, size.width) {
                let distance = distances[row * size.width + column];
                all += 1.0;
                if !distance.is_nan() {
                    sum += distance;
                    count += 1.0;
                }
            }
        }
        if count < ENOUGH * all { 1.0 } else { sum / count }
    };
    let known = |(place, &distance): (usize, &f32)| if distance.is_nan() { fill(place) } else { distance };
    distances.iter().enumerate().map(known).collect()
}

/// Of a point of a flat road `d` below the horizon the distance is as 1 / d; all above it is far.
fn flat_road(size: Size) -> Vec<f32> {
    let row = |row: usize| {
        let below = ((row as f32 + 0.5) / size.height as f32 - HORIZON) / (1.0 - HORIZON);
        if below <= NEAREST { 1.0 } else { NEAREST / below }
    };
    (0..size.area()).map(|pixel| row(pixel / size.width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_holes_are_as_far_as_what_stands_around_them_and_the_sky_is_far() {
        // Sky above, a wall below, and a place of the wall that was not measured.
        let mut distances = vec![0.3; 30 * 30];
        distances[..30 * 15].fill(f32::NAN);
        distances[30 * 25 + 10] = f32::NAN;
        let filled = filled(&distances, Size::new(30, 30));
        assert!((filled[30 * 25 + 10] - 0.3).abs() < 1e-6, "{}", filled[30 * 25 + 10]);
        assert!(filled[..30 * 15].iter().all(|&distance| distance == 1.0));
        assert_eq!(filled[30 * 15..30 * 25], distances[30 * 15..30 * 25]);
    }

    #[test]
    fn without_a_depth_image_what_is_lower_is_nearer() {
        let distances = flat_road(Size::new(20, 2));
        let column: Vec<f32> = distances.iter().step_by(2).copied().collect();
        assert!(column.windows(2).all(|pair| pair[0] >= pair[1]), "{column:?}");
        assert!(column[0] == 1.0 && column[19] < 0.1, "{column:?}");
    }
}
