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

    /// Relative distances of a scene's pixels, 0 near to 1 far: of its depth image, else of its disparity image, both
    /// with 1 where nothing was measured; else of a flat road under a level camera. `sensors` are those of the sample.
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
                1.0
            } else if is_disparity {
                // A disparity of all its range is a twentieth of the far end.
                0.05 / share.max(0.05)
            } else {
                share
            }
        };
        Ok(plane.values[..size.area()].iter().map(distance).collect())
    }

    fn plane(&self, entry: &SampleEntry, modality: usize, size: Size) -> Result<Plane, DataError> {
        // A label that cannot be read says nothing about an image.
        let bare = SampleEntry { label: None, ..entry.clone() };
        let decoded = self.dataset.decode(&bare, &[modality])?;
        let sample = self.dataset.assemble(&bare, &decoded, &[modality])?;
        let from = Size::new(sample.height, sample.width);
        Ok(plane_at(&sample.planes[0], self.dataset.modalities[modality].kind, from, size))
    }
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
    fn without_a_depth_image_what_is_lower_is_nearer() {
        let distances = flat_road(Size::new(20, 2));
        let column: Vec<f32> = distances.iter().step_by(2).copied().collect();
        assert!(column.windows(2).all(|pair| pair[0] >= pair[1]), "{column:?}");
        assert!(column[0] == 1.0 && column[19] < 0.1, "{column:?}");
    }
}
