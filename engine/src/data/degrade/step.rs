//! One degradation of one of a sample's sensors.

use super::apply::{Draws, apply, needs_distances};
use super::around::Around;
use super::image::Image;
use crate::data::align::Size;
use crate::data::dataset::Dataset;
use crate::data::error::DataError;
use crate::data::sample::{Modality, Sample};
use crate::files::sum_of;
use crate::protocol::Degradation;
use crate::random::{Streams, unit};

/// What happens to a sample's plane, at a severity that is said when it happens.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The plane's place in the sample, and the sensor's in the data set.
    plane: usize,
    modality: usize,
    sensor: Modality,
    hole: Option<f32>,
    kind: Degradation,
}

impl Step {
    /// A degradation of the sensor of that name, which is to be among those of the sample.
    pub(crate) fn new(
        dataset: &Dataset,
        sensors: &[usize],
        sensor: &str,
        kind: Degradation,
    ) -> Result<Self, DataError> {
        let modality = dataset.modality_index(sensor)?;
        let found = &dataset.modalities[modality];
        let refused = |reason: String| Err(DataError::Degradation { sensor: sensor.to_owned(), kind, reason });
        if !kind.fits(found.kind) {
            let fits: Vec<&str> = kind.facts().fits.iter().map(|kind| kind.name()).collect();
            let expected = fits.join(", ");
            return refused(format!("expected a sensor of the kind {expected}, found {}", found.kind.name()));
        }
        let Some(plane) = sensors.iter().position(|&sensor| sensor == modality) else {
            let names: Vec<&str> = sensors
                .iter()
                .filter_map(|&at| dataset.modalities.get(at))
                .map(|sensor| sensor.name.as_str())
                .collect();
            return refused(format!("expected one of the sensors in use, {}, found `{sensor}`", names.join(", ")));
        };
        Ok(Self { plane, modality, sensor: found.clone(), hole: dataset.hole(modality), kind })
    }
}

/// Carries steps out, one after the other, each at its severity. Severity 0 leaves every bit.
pub(crate) fn carry_out(
    steps: &[(&Step, f32)],
    mut sample: Sample,
    sensors: &[usize],
    streams: Streams,
    around: &Around<'_>,
) -> Result<Sample, DataError> {
    let size = Size::new(sample.height, sample.width);
    let happens = || steps.iter().filter(|(_, severity)| *severity > 0.0);
    let distances = if happens().any(|(step, _)| needs_distances(step.kind)) {
        around.distances(&sample, sensors)?
    } else {
        Vec::new()
    };
    for &(step, severity) in happens() {
        let Step { plane, modality, sensor, hole, kind } = step;
        let draws = Draws { streams, sensor: sensor.name.clone(), scene: sum_of(sample.id.as_bytes()) };
        if *kind == Degradation::FrozenFrame {
            // The scenes that freeze at a severity do so at every higher one.
            let purpose = format!("degrade.{}.{}", kind.word(), sensor.name);
            if unit(&mut streams.stream(&purpose, draws.scene)) < severity {
                sample.planes[*plane] = around.frame_before(*modality, size)?;
            }
            continue;
        }
        let plane = &mut sample.planes[*plane];
        let before = Image::of(plane, sensor, *hole, size);
        let mut image = before.clone();
        apply(&mut image, *kind, severity, &draws, &distances);
        image.put(&before, plane, sensor, *hole);
    }
    Ok(sample)
}
