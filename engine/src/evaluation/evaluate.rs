//! Subsets of the sensors on every scene of a split, in one pass over the files.

use std::ops::ControlFlow;
use std::time::Instant;

use burn::tensor::{Device, Tensor};

use super::confusion::ConfusionMatrix;
use super::device_counts::{DeviceTruth, matrices_from};
use super::error::EvaluationError;
use super::further::{FurtherBudget, FurtherSums};
use super::image_fusion::FusionImages;
use super::input::{input_from_sample, mean_images, modality_indices, same_classes, training_scenes};
use super::missing::{Missing, StandIns};
use super::prediction::ids_of;
use super::scores::scores_from_matrix;
use super::sight::Sight;
use super::subsets::SubsetPlan;
use crate::data::{DEGRADATION_SEED, DataError, Dataset, Degrader, Sample, SampleEntry};
use crate::network::{Kept, Model, ParameterKind, Probes, named_parameters};
use crate::protocol::{
    CountedScene, Degraded, Evaluated, EvaluationReport, MOST_CELLS, NetworkCost, Phase, SceneCounts, SubsetCounts,
    SubsetScores, counted,
};
use crate::recipe::catalogue::evaluation::{self, Convention};
use crate::recipe::catalogue::inference;
use crate::tally::{self, Cost};

/// Warnings kept word by word; beyond them only their number is reported.
const WARNINGS: usize = 20;

/// What is summed for one subset of the sensors: the whole split, then each tag.
struct Sums {
    present: Vec<bool>,
    head: String,
    whole: Counted,
    tagged: Vec<Counted>,
}

impl Sums {
    /// Counts a scene that has these of the tags; `by_scene` is where the counts of each scene are kept.
    fn add(
        &mut self,
        matrix: &ConfusionMatrix,
        further: Option<&FurtherSums>,
        has_tag: &[bool],
        by_scene: Option<&mut SubsetCounts>,
    ) {
        self.whole.merge(matrix, further);
        if let Some(subset) = by_scene {
            subset.push(matrix.cells());
        }
        for (tagged, _) in self.tagged.iter_mut().zip(has_tag).filter(|&(_, &has)| has) {
            tagged.merge(matrix, further);
        }
    }
}

/// What is counted of some scenes.
#[derive(Clone)]
struct Counted {
    matrix: ConfusionMatrix,
    /// `None` where it is not asked for.
    further: Option<FurtherSums>,
}

impl Counted {
    fn merge(&mut self, matrix: &ConfusionMatrix, further: Option<&FurtherSums>) {
        self.matrix.merge(matrix);
        if let (Some(sum), Some(further)) = (&mut self.further, further) {
            sum.merge(further);
        }
    }

    fn scores(
        &self,
        model: &Model,
        convention: Convention,
        sensors: Vec<String>,
        tag: &str,
        head: &str,
        scenes: u64,
    ) -> SubsetScores {
        let further = self.further.as_ref().map(|sums| Box::new(sums.scores(convention, &model.classes)));
        let scores = scores_from_matrix(&self.matrix, &model.classes, convention, sensors, tag, head, scenes);
        SubsetScores { further, ..scores }
    }
}

/// Scores the subsets of the network's sensors that its recipe asks for ([`SubsetPlan`]) on a split, whole and by
/// condition tag.
///
/// Each scene is decoded once. Scenes that cannot be read, and those without a label, are left out, named in the
/// report's warnings and counted. What was counted is kept of the whole split and of every scene. `progress` is told how many scenes are done, of how many, before each pass and after
/// each scene, and may stop the evaluation.
///
/// ```no_run
/// use std::ops::ControlFlow;
///
/// use fusionscope_engine::data::Dataset;
/// use fusionscope_engine::evaluation::{EvaluationError, evaluate, table_text};
/// use fusionscope_engine::network::Model;
///
/// fn print_scores(model: &Model, dataset: &Dataset) -> Result<(), EvaluationError> {
///     let evaluated = evaluate(model, dataset, "test", &mut |_done, _total| ControlFlow::Continue(()))?;
///     println!("{}", table_text(&evaluated.report));
///     Ok(())
/// }
/// ```
pub fn evaluate(
    model: &Model,
    dataset: &Dataset,
    split: &str,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Evaluated, EvaluationError> {
    evaluate_degraded(model, dataset, split, &[], progress)
}

/// [`evaluate`], with these things done to the sensors' images of the split's scenes first. The report says so; mean
/// images are of the training scenes as they are.
pub fn evaluate_degraded(
    model: &Model,
    dataset: &Dataset,
    split: &str,
    degraded: &[Degraded],
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Evaluated, EvaluationError> {
    let is_waited_for = model.device != Device::flex();
    evaluate_counting(model, dataset, split, degraded, is_waited_for, progress)
}

/// [`evaluate_degraded`]. A device that must be waited for (`is_waited_for`) counts pixels itself, so that a scene is one
/// wait; where more is to be told than their number (`evaluation.further`), its answers are read.
pub(super) fn evaluate_counting(
    model: &Model,
    dataset: &Dataset,
    split: &str,
    degraded: &[Degraded],
    is_waited_for: bool,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Evaluated, EvaluationError> {
    let began = Instant::now();
    let scenes = &dataset.split(split)?.samples;
    if scenes.is_empty() {
        return Err(EvaluationError::Empty { split: split.to_owned(), dataset: dataset.name.clone() });
    }
    if !scenes.iter().any(SampleEntry::has_label) {
        return Err(EvaluationError::Unlabelled { split: split.to_owned(), dataset: dataset.name.clone() });
    }
    same_classes(model, dataset)?;
    let plan = SubsetPlan::of(&model.recipe, model.sensors.len())?;
    let convention = model.recipe.get(evaluation::CONVENTION);
    let missing = model.recipe.get(evaluation::MISSING);
    let sight = Sight::of(&model.recipe);
    let modalities = modality_indices(model, dataset)?;
    let degrader = Degrader::new(dataset, &modalities, degraded, DEGRADATION_SEED)?;
    // What replaces a sensor leaves none alone.
    let leaves_alone = missing == Missing::Drop && model.network.needs_two();
    let single = leaves_alone.then(|| model.recipe.get(inference::SINGLE));

    let mut warnings = Warnings::default();
    if let Some(words) = &plan.left_out {
        warnings.add(words.clone());
    }
    let extra = if missing == Missing::Mean && modalities.len() > 1 { training_scenes(dataset)? } else { 0 };
    let total = (scenes.len() + extra) as u64;
    let mut done = 0;
    let mut means = Vec::new();
    if extra > 0 {
        let (images, left_out) = mean_images(model, dataset, &mut |scenes, _| {
            done = scenes;
            progress(done, total)
        })?;
        means = images;
        for warning in left_out {
            warnings.add(warning);
        }
    }
    let stand_ins = StandIns::new(missing, model.normalisations.clone(), means);

    let tags = tags_of(scenes.iter().map(SampleEntry::tags));
    let classes = model.classes.len();
    let tells_further = model.recipe.get(evaluation::FURTHER);
    let mut budget = tells_further.then(|| FurtherBudget::new(classes));
    let mut nothing =
        || Counted { matrix: ConfusionMatrix::new(classes), further: budget.as_mut().map(FurtherBudget::sums) };
    let mut sums: Vec<Sums> = plan
        .kept
        .into_iter()
        .map(|present| Sums {
            present,
            head: String::new(),
            whole: nothing(),
            tagged: tags.iter().map(|_| nothing()).collect(),
        })
        .collect();
    let sensors_of = |sum: &Sums| -> Vec<String> {
        model.sensors.iter().zip(&sum.present).filter(|&(_, &present)| present).map(|(s, _)| s.name.clone()).collect()
    };
    let mut by_scene = SceneCounts::new(&model.classes, sums.iter().map(&sensors_of));
    let mut fusion_images = FusionImages::default();
    let mut cost = None;
    let mut counted = 0;
    let mut counted_by_tag = vec![0; tags.len()];
    let mut first_failure = None;

    for (index, scene) in scenes.iter().enumerate() {
        match labelled_scene(model, dataset, split, index, &modalities, &degrader) {
            Ok((sample, label, images)) => {
                let has_tag: Vec<bool> = tags.iter().map(|tag| scene.tags().contains(tag)).collect();
                let size = [sample.height, sample.width];
                let counts_there = is_waited_for && !tells_further;
                let truth = if counts_there { DeviceTruth::new(&label, size, classes, &model.device) } else { None };
                // What the device has counted with each subset, read when it has been asked for all of them.
                let mut counted_there = Vec::new();
                let mut of_image = None;
                // Only where sensors are left out do all subsets see the same images.
                let sharing = missing == Missing::Drop;
                let mut kept = Kept::default();
                let mut kept_by_look = vec![Kept::default(); if sharing { sight.looks() } else { 0 }];
                for (subset, sum) in sums.iter_mut().enumerate() {
                    // A scene of many sensors takes long on its own.
                    if progress(done, total).is_break() {
                        return Err(EvaluationError::Stopped);
                    }
                    let inputs = stand_ins.fill(&images, &sum.present);
                    let mut run = || {
                        if sharing {
                            model.run_keeping(&inputs, &mut kept)
                        } else {
                            model.run(&inputs, &mut Probes::off())
                        }
                    };
                    let (mut output, costs) = if cost.is_none() && !sum.present.contains(&false) {
                        tally::counted(run)
                    } else {
                        (run(), Vec::new())
                    };
                    if !costs.is_empty() {
                        cost = Some(cost_of(model, &costs, &images));
                    }
                    if let Some(image) = output.image.as_ref().filter(|_| !sum.present.contains(&false)) {
                        of_image = fusion_images.add(image, &model.unit_images(&inputs))?;
                    }
                    // No other head is looked at.
                    output.heads.truncate(1);
                    let seen =
                        sight.ask_on(model, &inputs, Some(&output), &mut kept_by_look, sample.height, sample.width);
                    let (head, found) = seen.into_iter().next().ok_or(EvaluationError::NoHead)?;
                    sum.head = head;
                    if let Some(truth) = &truth {
                        counted_there.push(truth.counts(found));
                    } else {
                        let [.., width] = found.dims();
                        let (ids, all) = ids_of(found, sum.whole.further.is_some())?;
                        let all = all.unwrap_or_default();
                        let mut matrix = ConfusionMatrix::new(classes);
                        matrix.add(&label, &ids);
                        let of_scene = |sums: &FurtherSums| sums.of_scene(&label, &ids, width, &all);
                        let further = sum.whole.further.as_ref().map(of_scene);
                        sum.add(&matrix, further.as_ref(), &has_tag, by_scene.subsets.get_mut(subset));
                    }
                }
                let found = matrices_from(counted_there, classes)?;
                for (subset, (sum, matrix)) in sums.iter_mut().zip(&found).enumerate() {
                    sum.add(matrix, None, &has_tag, by_scene.subsets.get_mut(subset));
                }
                let counted_scene =
                    CountedScene { id: scene.id().to_owned(), tags: scene.tags().to_vec(), fusion_image: of_image };
                by_scene.scenes.push(counted_scene);
                by_scene.keep_at_most(MOST_CELLS);
                counted += 1;
                for (has, count) in has_tag.into_iter().zip(&mut counted_by_tag) {
                    *count += u64::from(has);
                }
            }
            Err(reason) => {
                warnings.add(format!("scene `{}` was left out: {reason}", scene.id()));
                first_failure.get_or_insert(reason);
            }
        }
        done += 1;
        if progress(done, total).is_break() {
            return Err(EvaluationError::Stopped);
        }
    }
    if counted == 0 {
        return Err(EvaluationError::NothingUsable {
            split: split.to_owned(),
            scenes: scenes.len(),
            first: first_failure.unwrap_or_default(),
        });
    }

    let whole = sums.iter().map(|sum| sum.whole.scores(model, convention, sensors_of(sum), "", &sum.head, counted));
    let by_tag = tags.iter().zip(&counted_by_tag).enumerate().filter(|(_, (_, count))| **count > 0).flat_map(
        |(index, (tag, &count))| {
            sums.iter()
                .map(move |sum| sum.tagged[index].scores(model, convention, sensors_of(sum), tag, &sum.head, count))
        },
    );
    let report = EvaluationReport {
        dataset: dataset.name.clone(),
        split: split.to_owned(),
        step: model.step,
        of_teacher: model.phase == Phase::Teacher,
        degraded: degraded.to_vec(),
        missing: missing.word().to_owned(),
        single: single.map_or_else(String::new, |single| single.word().to_owned()),
        convention: sight.convention_words(convention),
        chosen: plan.choice.to_owned(),
        subsets: whole.chain(by_tag).collect(),
        classes: model.classes.clone(),
        fusion_image: fusion_images.finish().map(Box::new),
        cost,
        changed: model.changed.clone(),
        secs: began.elapsed().as_secs_f64(),
        warnings: warnings.finish(),
    };
    Ok(Evaluated { report, scenes: by_scene.bounded() })
}

/// What the forward pass of one scene with these images came to.
fn cost_of(model: &Model, costs: &[Cost], images: &[Tensor<4>]) -> NetworkCost {
    let trained =
        named_parameters(&model.network).into_iter().filter(|parameter| parameter.kind != ParameterKind::Running);
    let [_, _, height, width] = images.first().map_or([0; 4], Tensor::dims);
    NetworkCost {
        parameters: trained.map(|parameter| parameter.shape.iter().product::<usize>() as u64).sum(),
        multiply_adds: costs.iter().map(|cost| cost.multiply_adds).sum(),
        size: [height as u64, width as u64],
    }
}

/// Errors are sentences: one bad scene of a thousand is a warning.
fn labelled_scene(
    model: &Model,
    dataset: &Dataset,
    split: &str,
    index: usize,
    modalities: &[usize],
    degrader: &Degrader,
) -> Result<(Sample, Vec<u8>, Vec<Tensor<4>>), String> {
    let read = || -> Result<(Sample, Vec<Tensor<4>>), DataError> {
        let sample = degrader.degrade(dataset, split, index, dataset.sample(split, index, modalities)?)?;
        let images = input_from_sample(model, &sample, index)?;
        Ok((sample, images))
    };
    let (mut sample, images) = read().map_err(|error| error.to_string())?;
    let label = sample.label.take().ok_or_else(|| "it has no label".to_owned())?;
    Ok((sample, label, images))
}

/// All tags, each once, in alphabetical order.
pub(super) fn tags_of<'a>(scenes: impl Iterator<Item = &'a [String]>) -> Vec<String> {
    scenes.flatten().cloned().collect::<std::collections::BTreeSet<String>>().into_iter().collect()
}

/// Sentences about single scenes, of which the first few are kept.
#[derive(Default)]
pub(super) struct Warnings {
    kept: Vec<String>,
    more: usize,
}

impl Warnings {
    pub(super) fn add(&mut self, warning: String) {
        if self.kept.len() < WARNINGS {
            self.kept.push(warning);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn finish(mut self) -> Vec<String> {
        if self.more > 0 {
            self.kept.push(counted(self.more as u64, "further warning"));
        }
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_listed_once_in_order() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let scenes = [words(&["night", "rain"]), words(&["day"]), words(&["night"])];
        assert_eq!(tags_of(scenes.iter().map(Vec::as_slice)), ["day", "night", "rain"]);
    }
}
