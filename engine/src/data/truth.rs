//! Labels alone, without their images: pseudo-labels beside the truth that they stand in for.

use std::collections::HashMap;
use std::sync::Arc;

use super::align::{Size, nearest};
use super::dataset::Dataset;
use super::domain::{Mix, draw};
use super::entry::SampleEntry;
use super::error::DataError;
use crate::progress::{Progress, tell};
use crate::recipe::Recipe;

impl Dataset {
    /// The label of a scene alone, in class ids, at this size by the nearest pixel; `None` where it has none.
    pub fn label_at(&self, entry: &SampleEntry, height: usize, width: usize) -> Result<Option<Vec<u8>>, DataError> {
        Ok(self.label(entry)?.map(|(from, ids)| nearest(&ids, from, Size::new(height, width))))
    }
}

/// Gives `each` the truth and the pseudo-label of every scene of a split that the recipe trains on in place of a truth
/// that is there as well, both in class ids at the pseudo-label's size. A scene one of whose files does not read is
/// left out: training says so where it matters.
pub fn pseudo_labels_beside_truth(
    dataset: &Arc<Dataset>,
    split: &str,
    recipe: &Recipe,
    progress: &mut Progress<'_>,
    each: &mut dyn FnMut(&[u8], &[u8]),
) -> Result<(), DataError> {
    let drawn = draw(Arc::clone(dataset), split, recipe, Mix::Labelled, progress)?;
    let truths: HashMap<&str, &SampleEntry> =
        dataset.split(split)?.samples.iter().map(|sample| (sample.id(), sample)).collect();
    let total = drawn.samples.len() as u64;
    for (done, sample) in (0..).zip(&drawn.samples) {
        tell(progress, "Comparing the pseudo-labels with the truth", done, total)?;
        let Some(truth) = truths.get(sample.id()).filter(|truth| truth.label() != sample.label()) else { continue };
        let Ok(Some((size, label))) = drawn.dataset.label(sample) else { continue };
        if let Ok(Some(truth)) = dataset.label_at(truth, size.height, size.width) {
            each(&truth, &label);
        }
    }
    Ok(())
}
