//! Degradations of a data set's sensors, as evaluations and pictures have them.

use super::around::Around;
use super::step::{Step, carry_out};
use crate::data::dataset::Dataset;
use crate::data::error::DataError;
use crate::data::sample::Sample;
use crate::protocol::Degraded;
use crate::random::Streams;

/// The seed of all degradations outside training, so that all networks see the same.
pub const DEGRADATION_SEED: u64 = 0;

/// Degradations that are known to fit the sensors of a sample.
///
/// ```no_run
/// use std::path::Path;
///
/// use fusionscope_engine::data::{DEGRADATION_SEED, Dataset, Degrader};
/// use fusionscope_engine::progress::unwatched;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dataset = Dataset::open(Path::new("datasets/MFNet"), &mut unwatched)?;
/// let sensors = [dataset.modality_index("colour")?, dataset.modality_index("thermal")?];
/// let fog = Degrader::new(&dataset, &sensors, &["colour=fog:0.6".parse()?], DEGRADATION_SEED)?;
/// let scene = fog.degrade(&dataset, "test", 0, dataset.sample("test", 0, &sensors)?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Degrader {
    steps: Vec<(Step, f32)>,
    sensors: Vec<usize>,
    streams: Streams,
}

impl Degrader {
    /// What is to be done to samples of the sensors at these places, in the order given. A sensor that is not among
    /// them, one that a degradation does not fit, and the same twice are refused.
    pub fn new(dataset: &Dataset, sensors: &[usize], what: &[Degraded], seed: u64) -> Result<Self, DataError> {
        let mut steps = Vec::with_capacity(what.len());
        for (at, degraded) in what.iter().enumerate() {
            let Degraded { sensor, kind, severity } = degraded;
            let refused = |reason: String| DataError::Degradation { sensor: sensor.clone(), kind: *kind, reason };
            if what[..at].iter().any(|other| other.sensor == *sensor && other.kind == *kind) {
                return Err(refused("expected it once, found it twice".to_owned()));
            }
            if !(0.0..=1.0).contains(severity) {
                return Err(refused(format!("expected a severity from 0 to 1, found {severity}")));
            }
            steps.push((Step::new(dataset, sensors, sensor, *kind)?, *severity));
        }
        Ok(Self { steps, sensors: sensors.to_vec(), streams: Streams::new(seed) })
    }

    /// Whether it changes nothing.
    pub fn is_idle(&self) -> bool {
        self.steps.iter().all(|(_, severity)| *severity == 0.0)
    }

    /// The scene at this place of a split, whose planes are those of the sensors that the degrader was made for, made
    /// worse. Values stay in their unit and size; what is drawn follows from the seed and the scene's id.
    pub fn degrade(&self, dataset: &Dataset, split: &str, index: usize, sample: Sample) -> Result<Sample, DataError> {
        if self.is_idle() {
            return Ok(sample);
        }
        if sample.planes.len() != self.sensors.len() {
            let (expected, found) = (self.sensors.len(), sample.planes.len());
            return Err(DataError::BatchShape { what: "planes of a sample to degrade", expected, found });
        }
        let count = dataset.split(split)?.samples.len();
        let before = if index == 0 { count.saturating_sub(1) } else { index - 1 };
        let around = Around { dataset, entry: dataset.entry(split, index)?, before: dataset.entry(split, before)? };
        let steps: Vec<(&Step, f32)> = self.steps.iter().map(|(step, severity)| (step, *severity)).collect();
        carry_out(&steps, sample, &self.sensors, self.streams, &around)
    }
}
