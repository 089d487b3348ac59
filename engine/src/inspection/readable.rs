//! What can be read of a scene.

use crate::data::{DataError, Dataset, Sample};
use crate::failure::Failure;

/// What can be read of a scene.
#[derive(Debug)]
pub(super) struct Readable {
    /// The places of the sensors.
    pub(super) shown: Vec<usize>,
    /// Their planes, and the label where it can be read.
    pub(super) sample: Sample,
    /// Why the label is missing.
    pub(super) lack: Option<Failure>,
}

impl Readable {
    /// The scene with every sensor, else without a label that cannot be read, else with the sensors that the network
    /// needs, else with whichever can be read.
    pub(super) fn read(
        dataset: &Dataset,
        split: &str,
        index: usize,
        needed: Option<&[usize]>,
    ) -> Result<Self, DataError> {
        let all: Vec<usize> = (0..dataset.modalities.len()).collect();
        let first = match dataset.sample_or_unlabelled(split, index, &all) {
            Ok((sample, lack)) => {
                return Ok(Self { shown: all, sample, lack: lack.and_then(|why| Failure::of(&why)) });
            }
            Err(error) => error,
        };
        if let Some(needed) = needed {
            let sample = dataset.sample(split, index, needed)?;
            return Ok(Self { shown: needed.to_vec(), sample, lack: None });
        }
        let whole: Vec<usize> =
            all.into_iter().filter(|&place| dataset.sample(split, index, &[place]).is_ok()).collect();
        if whole.is_empty() {
            return Err(first);
        }
        let sample = dataset.sample(split, index, &whole)?;
        Ok(Self { shown: whole, sample, lack: None })
    }
}

/// Of a scene with these sensors the planes of the network's, in its order.
pub(super) fn only(sample: &Sample, shown: &[usize], places: &[usize]) -> Sample {
    let planes = places.iter().filter_map(|place| shown.iter().position(|other| other == place));
    Sample { planes: planes.map(|at| sample.planes[at].clone()).collect(), ..sample.clone() }
}
