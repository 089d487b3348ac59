//! The scenes of a split by how far two networks differ on them.

use std::ops::ControlFlow;

use super::asked::{Answer, Asked};
use super::classes::SharedClasses;
use super::error::InspectionError;
use super::left_out::LeftOut;
use crate::evaluation::{ConfusionMatrix, Convention};
use crate::network::Model;
use crate::protocol::{CountedFrom, SceneComparison, SplitComparison, SplitRequest, SubsetCounts};
use crate::recipe::catalogue::evaluation;

/// What is summed over the scenes.
struct Sums<'a> {
    model: &'a Model,
    convention: Convention,
    matrices: [ConfusionMatrix; 2],
    differing: u64,
    pixels: u64,
    scenes: Vec<SceneComparison>,
}

/// Predicts every scene of a split with both networks and compares the answers that count, by the classes' names.
///
/// Scenes that cannot be read are left out, named in the warnings and counted. `progress` is told how many scenes are
/// done, of how many, and may stop it. Fails where the networks' classes cannot be joined, and where no scene can be
/// used.
pub fn compare_split(
    first: &Asked<'_>,
    other: &Asked<'_>,
    of: &SplitRequest,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<SplitComparison, InspectionError> {
    let shared = SharedClasses::of(&first.model.classes, &other.model.classes)
        .map_err(|reason| InspectionError::Apart { reason })?;
    let scenes = &first.dataset.split(&of.split)?.samples;
    let mut sums = Sums::new(first.model);
    let mut left_out = LeftOut::default();
    for (index, scene) in scenes.iter().enumerate() {
        if progress(index as u64, scenes.len() as u64).is_break() {
            return Err(InspectionError::Stopped);
        }
        if other.dataset.split(&of.split)?.samples.get(index).is_none_or(|same| same.id() != scene.id()) {
            left_out.add(scene.id(), "the other run has another scene at its place of the split");
            continue;
        }
        let both = first.answer(&of.split, index).and_then(|ours| Ok((ours, other.answer(&of.split, index)?)));
        match both {
            Ok((ours, theirs)) => sums.add_answers(index, &ours, &theirs, &shared),
            Err(error) => left_out.add(scene.id(), &error.to_string()),
        }
    }
    if sums.scenes.is_empty() {
        let first = left_out.first().unwrap_or("it has none").to_owned();
        return Err(InspectionError::NothingUsable { split: of.split.clone(), first });
    }
    Ok(sums.finish(of, CountedFrom::Predictions, [first.model.step, other.model.step], left_out.finish()))
}

/// The same of what evaluations of both networks counted: `counts` names the scenes of the split that both have, by
/// their index in it and in the counts of each. The classes of both are those of `model`, the network in view. It does
/// not tell whether predictions agree.
pub fn compare_counts(
    model: &Model,
    counts: &[(usize, [usize; 2])],
    subsets: [&SubsetCounts; 2],
    steps: [u64; 2],
    of: &SplitRequest,
) -> SplitComparison {
    let mut sums = Sums::new(model);
    for (index, places) in counts {
        let matrices = [0, 1].map(|run| {
            let mut matrix = ConfusionMatrix::new(model.classes.len());
            matrix.add_cells(subsets[run].scene(places[run]), 1);
            matrix
        });
        sums.add(*index, None, Some(matrices));
    }
    sums.finish(of, CountedFrom::Evaluations, steps, Vec::new())
}

impl<'a> Sums<'a> {
    fn new(model: &'a Model) -> Self {
        let convention = model.recipe.get(evaluation::CONVENTION);
        let matrices = [0, 1].map(|_run| ConfusionMatrix::new(model.classes.len()));
        Self { model, convention, matrices, differing: 0, pixels: 0, scenes: Vec::new() }
    }

    fn add_answers(&mut self, index: usize, ours: &Answer, theirs: &Answer, shared: &SharedClasses) {
        let joined: Vec<u8> = theirs.ids.iter().map(|&id| shared.ours_of(id)).collect();
        let differing = ours.ids.iter().zip(&joined).filter(|(ours, theirs)| ours != theirs).count() as u64;
        let pixels = ours.ids.len() as u64;
        self.differing += differing;
        self.pixels += pixels;
        let matrices = ours.truth.as_ref().filter(|_| shared.has_all_of_theirs()).map(|truth| {
            [&ours.ids, &joined].map(|ids| {
                let mut matrix = ConfusionMatrix::new(self.model.classes.len());
                matrix.add(truth, ids);
                matrix
            })
        });
        self.add(index, Some(differing as f64 / pixels.max(1) as f64), matrices);
    }

    fn add(&mut self, index: usize, share: Option<f64>, matrices: Option<[ConfusionMatrix; 2]>) {
        let names = &self.model.classes;
        let mut scene = SceneComparison { index, share, ..SceneComparison::default() };
        if let Some(matrices) = matrices {
            for (sum, matrix) in self.matrices.iter_mut().zip(&matrices) {
                sum.merge(matrix);
            }
            scene.miou = [0, 1].map(|run| self.convention.mean_iou(&matrices[run], names));
            let change = |class| Some((matrices[1].iou(class)? - matrices[0].iou(class)?) as f32);
            scene.changes = (0..names.len()).map(change).collect();
        }
        self.scenes.push(scene);
    }

    fn finish(self, of: &SplitRequest, from: CountedFrom, steps: [u64; 2], warnings: Vec<String>) -> SplitComparison {
        let Self { model, convention, matrices, differing, pixels, scenes } = self;
        SplitComparison {
            of: of.clone(),
            steps,
            from,
            convention: convention.word().to_owned(),
            classes: model.classes.clone(),
            scenes,
            share: (pixels > 0).then(|| differing as f64 / pixels as f64),
            miou: [0, 1].map(|run| convention.mean_iou(&matrices[run], &model.classes)),
            iou: (0..model.classes.len()).map(|class| [0, 1].map(|run| matrices[run].iou(class))).collect(),
            warnings,
        }
    }
}
