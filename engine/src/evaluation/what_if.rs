//! What a what-if comes to on every scene of a split.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Instant;

use super::confusion::ConfusionMatrix;
use super::error::EvaluationError;
use super::input::{input_from_sample, mean_images, modality_indices, same_classes, training_scenes};
use super::missing::{Missing, StandIns};
use super::outcome::outcome;
use super::prediction::{Prediction, predict_scene};
use super::scores::scores_from_matrix;
use crate::data::{Dataset, SampleEntry};
use crate::network::Model;
use crate::protocol::{OUTCOME, WhatIf, WhatIfReport, counted};
use crate::recipe::catalogue::evaluation;

/// Warnings kept word by word; beyond them only their number is told.
const WARNINGS: usize = 20;

/// Predicts every labelled scene of a split without a what-if and with it, and scores both by the head that counts.
///
/// Each scene is decoded once. Scenes that cannot be read, and those without a label, are left out, named and counted.
/// `progress` is told how many are done, of how many, and may stop it.
pub fn evaluate_what_if(
    model: &Model,
    dataset: &Dataset,
    split: &str,
    what_if: &WhatIf,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<WhatIfReport, EvaluationError> {
    let began = Instant::now();
    let scenes = &dataset.split(split)?.samples;
    if !scenes.iter().any(SampleEntry::has_label) {
        return Err(EvaluationError::Unlabelled { split: split.to_owned(), dataset: dataset.name.clone() });
    }
    same_classes(model, dataset)?;
    for sensor in what_if.sensors.keys() {
        dataset.modality_index(sensor)?;
    }
    let asked = model.supposing(&what_if.settings)?;
    let absent: Vec<Option<Missing>> =
        model.sensors.iter().map(|sensor| what_if.stand_in(&sensor.name, &asked.recipe)).collect();
    let takes_means = absent.contains(&Some(Missing::Mean));
    let extra = if takes_means { training_scenes(dataset)? } else { 0 };
    let total = (scenes.len() + extra) as u64;
    let mut done = 0;
    let (means, mut warnings) = if takes_means {
        mean_images(model, dataset, &mut |scenes, _| {
            done = scenes;
            progress(done, total)
        })?
    } else {
        (Vec::new(), Vec::new())
    };
    let stand_ins = StandIns::new(Missing::Drop, model.normalisations.clone(), means);
    let places = modality_indices(model, dataset)?;
    let asking = Asking { model, asked, dataset, places, what_if, absent, stand_ins };

    let tags: BTreeSet<&str> = scenes.iter().flat_map(SampleEntry::tags).map(String::as_str).collect();
    let classes = model.classes.len();
    let mut sums: Vec<Sums> = std::iter::once("").chain(tags).map(|tag| Sums::of(tag, classes)).collect();
    let mut counts = [0; OUTCOME.len()];
    let mut heads = [String::new(), String::new()];
    for (index, scene) in scenes.iter().enumerate() {
        match asking.both(split, index) {
            Ok((label, both)) => {
                for sum in sums.iter_mut().filter(|sum| sum.counts(scene)) {
                    sum.add(&label, &both);
                }
                let [was, is] = both;
                for ((&truth, &was), &is) in label.iter().zip(&was.ids).zip(&is.ids) {
                    counts[usize::from(outcome(truth, was, is))] += 1;
                }
                heads = [was.head, is.head];
            }
            Err(reason) => warnings.push(format!("scene `{}` was left out: {reason}", scene.id())),
        }
        done += 1;
        if progress(done, total).is_break() {
            return Err(EvaluationError::Stopped);
        }
    }
    if sums[0].scenes == 0 {
        let first = warnings.into_iter().next().unwrap_or_default();
        return Err(EvaluationError::NothingUsable { split: split.to_owned(), scenes: scenes.len(), first });
    }
    let sensors = [asking.sensors(|_| true), asking.sensors(Option::is_none)];
    let convention = model.recipe.get(evaluation::CONVENTION);
    let scores = sums.iter().filter(|sum| sum.scenes > 0).map(|sum| {
        [0, 1].map(|side| {
            let (matrix, sensors) = (&sum.matrices[side], sensors[side].clone());
            scores_from_matrix(matrix, &model.classes, convention, sensors, &sum.tag, &heads[side], sum.scenes)
        })
    });
    if warnings.len() > WARNINGS {
        let more = warnings.split_off(WARNINGS).len();
        warnings.push(counted(more as u64, "further warning"));
    }
    Ok(WhatIfReport {
        what_if: what_if.clone(),
        dataset: dataset.name.clone(),
        split: split.to_owned(),
        step: model.step,
        convention: convention.word().to_owned(),
        missing: asking.missing_words(),
        classes: model.classes.clone(),
        scores: scores.collect(),
        counts,
        changed: model.changed.clone(),
        secs: began.elapsed().as_secs_f64(),
        warnings,
    })
}

/// A network that is asked about scene after scene, without a what-if and with it.
struct Asking<'a> {
    model: &'a Model,
    asked: Cow<'a, Model>,
    dataset: &'a Dataset,
    /// Where its sensors stand in the data set.
    places: Vec<usize>,
    what_if: &'a WhatIf,
    /// What stands in for each of them; `None` for those that are present.
    absent: Vec<Option<Missing>>,
    stand_ins: StandIns,
}

impl Asking<'_> {
    /// The label of a scene, and both answers; why not, as a sentence.
    fn both(&self, split: &str, index: usize) -> Result<(Vec<u8>, [Prediction; 2]), String> {
        let Self { model, asked, dataset, places, what_if, absent, stand_ins } = self;
        let in_words = |error: EvaluationError| error.to_string();
        let sample = dataset.sample(split, index, places).map_err(|error| error.to_string())?;
        let supposed = dataset.supposed((split, index), &sample, places, what_if).map_err(|error| error.to_string())?;
        let answer = |model: &Model, sample, absent: &[Option<Missing>]| {
            let inputs = stand_ins.fill_by(&input_from_sample(model, sample, index)?, absent);
            let predictions = predict_scene(model, &inputs, sample.height, sample.width)?;
            predictions.into_iter().next().ok_or(EvaluationError::NoHead)
        };
        let was = answer(model, &sample, &vec![None; absent.len()]).map_err(in_words)?;
        let is = answer(asked, &supposed, absent).map_err(in_words)?;
        let label = sample.label.as_ref().ok_or_else(|| "it has no label".to_owned())?;
        Ok((label.clone(), [was, is]))
    }

    /// The names of some of the sensors.
    fn sensors(&self, is_meant: fn(&Option<Missing>) -> bool) -> Vec<String> {
        let sensors = self.model.sensors.iter().zip(&self.absent).filter(|(_, absent)| is_meant(absent));
        sensors.map(|(sensor, _)| sensor.name.clone()).collect()
    }

    fn missing_words(&self) -> String {
        let mut words: Vec<&str> = self.absent.iter().flatten().map(|missing| missing.word()).collect();
        words.dedup();
        words.join(", ")
    }
}

/// What is summed over scenes, without the what-if and with it.
struct Sums {
    /// Empty for all of them.
    tag: String,
    matrices: [ConfusionMatrix; 2],
    scenes: u64,
}

impl Sums {
    fn of(tag: &str, classes: usize) -> Self {
        Self { tag: tag.to_owned(), matrices: [0, 1].map(|_| ConfusionMatrix::new(classes)), scenes: 0 }
    }

    fn counts(&self, scene: &SampleEntry) -> bool {
        self.tag.is_empty() || scene.tags().contains(&self.tag)
    }

    fn add(&mut self, label: &[u8], both: &[Prediction; 2]) {
        for (matrix, prediction) in self.matrices.iter_mut().zip(both) {
            matrix.add(label, &prediction.ids);
        }
        self.scenes += 1;
    }
}
