//! What was made of a scene and need not be made again while only a what-if changes.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::readable::Readable;
use crate::data::{DataError, Dataset, SampleEntry};
use crate::evaluation::{EvaluationError, Prediction};
use crate::network::Model;
use crate::protocol::Phase;
use crate::recipe::Recipe;

/// Numbers of a decoded scene that are kept at most; a larger one is decoded each time.
const MOST_NUMBERS: usize = 16 << 20;

/// The scene that was looked at last, decoded, and what a network says of it without a what-if.
///
/// Of one data set as it is read and of one network: whoever takes others clears it. That the files of the scene are
/// others, and that the network has taken steps or is asked by another recipe, it sees itself.
#[derive(Debug, Default)]
pub struct SceneMemory {
    scene: Option<(SceneKey, Arc<Readable>)>,
    plain: Option<(PlainKey, Arc<Vec<Prediction>>)>,
}

/// Which scene, for which sensors, out of which files.
#[derive(Clone, Debug, PartialEq)]
struct SceneKey {
    split: String,
    index: usize,
    needed: Option<Vec<usize>>,
    files: Vec<Option<(SystemTime, u64)>>,
}

/// Of which scene, by which network.
#[derive(Debug, PartialEq)]
struct PlainKey {
    scene: SceneKey,
    step: u64,
    phase: Phase,
    recipe: Recipe,
}

impl SceneMemory {
    /// Forgets what is of the network.
    pub fn forget_network(&mut self) {
        self.plain = None;
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The scene, decoded where it is not there yet.
    pub(super) fn scene(
        &mut self,
        dataset: &Dataset,
        entry: &SampleEntry,
        (split, index): (&str, usize),
        needed: Option<&[usize]>,
    ) -> Result<Arc<Readable>, DataError> {
        let (split, needed) = (split.to_owned(), needed.map(<[usize]>::to_vec));
        let key = SceneKey { split, index, needed, files: stamps(entry) };
        if let Some((_, kept)) = self.scene.as_ref().filter(|(known, _)| *known == key) {
            return Ok(Arc::clone(kept));
        }
        self.clear();
        let read = Arc::new(Readable::read(dataset, &key.split, index, key.needed.as_deref())?);
        let numbers: usize = read.sample.planes.iter().map(|plane| plane.values.len()).sum();
        if numbers <= MOST_NUMBERS {
            self.scene = Some((key, Arc::clone(&read)));
        }
        Ok(read)
    }

    /// What the network says of the scene that was decoded last, predicted where it is not there yet.
    pub(super) fn plain(
        &mut self,
        model: &Model,
        predict: impl FnOnce() -> Result<Vec<Prediction>, EvaluationError>,
    ) -> Result<Arc<Vec<Prediction>>, EvaluationError> {
        let Some((scene, _)) = &self.scene else { return predict().map(Arc::new) };
        let Model { recipe, phase, step, .. } = model;
        let key = PlainKey { scene: scene.clone(), step: *step, phase: *phase, recipe: recipe.clone() };
        if let Some((_, kept)) = self.plain.as_ref().filter(|(known, _)| *known == key) {
            return Ok(Arc::clone(kept));
        }
        let predicted = Arc::new(predict()?);
        self.plain = Some((key, Arc::clone(&predicted)));
        Ok(predicted)
    }
}

/// When each of a scene's files was written, and how long it is.
fn stamps(entry: &SampleEntry) -> Vec<Option<(SystemTime, u64)>> {
    let stamp = |path: &Path| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.modified().ok()?, found.len()))
    };
    entry.all_files().map(|path| stamp(&path)).collect()
}
