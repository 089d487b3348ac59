//! A protocol, carried out in one pass over the files.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::time::Instant;

use super::asked::{Asked, Predicted};
use super::inputs::{Inputs, SEED, Scene};
use super::plan::{is_tagged, trials};
use super::stand_in;
use crate::data::SampleEntry;
use crate::evaluation::confusion::ConfusionMatrix;
use crate::evaluation::conventions::Convention;
use crate::evaluation::error::EvaluationError;
use crate::evaluation::evaluate::{Warnings, tags_of};
use crate::evaluation::input::{fitting_sensors, mean_images, training_scenes};
use crate::evaluation::missing::{Missing, StandIns};
use crate::evaluation::prediction::{Prediction, predictions};
use crate::evaluation::pseudo_labels::{PseudoLabelClass, PseudoLabelScores, score_pseudo_labels};
use crate::evaluation::scores::scores_from_matrix;
use crate::evaluation::sight::Sight;
use crate::failure::Failing as _;
use crate::network::{Kept, Model};
use crate::protocol::{ClassScores, Phase, Protocol, ProtocolReport, SubsetScores, Trial, TrialScores};
use crate::recipe::Choice as _;
use crate::recipe::catalogue::{evaluation, inference};

/// A trial, and what is counted in it: the whole split, then each tag.
struct Counted<'a> {
    trial: Trial,
    /// Who is asked.
    model: Cow<'a, Model>,
    head: String,
    whole: ConfusionMatrix,
    tagged: Vec<ConfusionMatrix>,
}

/// The figures of a protocol.
///
/// Each scene is decoded once. Scenes that cannot be read, and those without a label, are left out, named in the report's
/// warnings and counted. `progress` is told how many passes through the network are done, of how many, and may stop the
/// protocol; so may `each`, which is told every answer.
pub fn run_protocol(
    asked: &Asked<'_>,
    each: &mut dyn FnMut(&Predicted<'_>) -> ControlFlow<()>,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<ProtocolReport, EvaluationError> {
    let began = Instant::now();
    let Asked { protocol, model, teacher, dataset, split } = *asked;
    let scenes = &dataset.split(split)?.samples;
    if scenes.is_empty() {
        return Err(EvaluationError::Empty { split: split.to_owned(), dataset: dataset.name.clone() });
    }
    if scenes.iter().all(|scene| !scene.has_label()) {
        return Err(EvaluationError::Unlabelled { split: split.to_owned(), dataset: dataset.name.clone() });
    }
    fitting_sensors(model, dataset)?;
    let convention = match protocol {
        Protocol::Heatnet => Convention::Heatnet,
        _ => model.recipe.get(evaluation::CONVENTION),
    };
    let missing = match protocol {
        Protocol::Emm | Protocol::Rmm => Missing::Zeros,
        Protocol::Heads | Protocol::Heatnet => Missing::Drop,
        _ => model.recipe.get(evaluation::MISSING),
    };
    let sight = Sight::of(&model.recipe);
    let mut warnings = Warnings::default();
    let tags = if is_tagged(protocol) { tags_of(scenes.iter().map(SampleEntry::tags)) } else { Vec::new() };
    if protocol == Protocol::Conditions && tags.is_empty() {
        return Err(EvaluationError::Untagged { split: split.to_owned(), dataset: dataset.name.clone() });
    }
    let matrix = || ConfusionMatrix::new(model.classes.len());
    let counts_of = |trial: Trial| Counted {
        model: asked_model(&trial, model, teacher),
        trial,
        head: String::new(),
        whole: matrix(),
        tagged: vec![matrix(); tags.len()],
    };
    let mut counts: Vec<Counted<'_>> = trials(asked)?.into_iter().map(counts_of).collect();

    let needs_means = missing == Missing::Mean && counts.iter().any(|one| matches!(one.trial, Trial::Missing { .. }));
    let extra = if needs_means { training_scenes(dataset)? } else { 0 } as u64;
    let total = (scenes.len() * counts.len()) as u64 + extra;
    let mut means = Vec::new();
    if needs_means {
        let (images, left_out) = mean_images(model, dataset, &mut |scenes, _| progress(scenes, total))?;
        means = images;
        for warning in left_out {
            warnings.add(warning);
        }
    }
    let inputs = Inputs::new(*asked, StandIns::new(missing, model.normalisations.clone(), means))?;

    let mut usable = 0;
    let mut usable_by_tag = vec![0_u64; tags.len()];
    let mut first_failure = None;
    for (index, entry) in scenes.iter().enumerate() {
        let before = extra + (index * counts.len()) as u64;
        let mut tell = |place: usize| progress(before + place as u64, total);
        let found = match inputs.scene(index) {
            Ok(scene) => answers(&counts, &inputs, &scene, &sight, missing, each, &mut tell),
            Err(reason) => Ok(Err(reason)),
        };
        let found = match found? {
            Ok(found) => found,
            Err(reason) => {
                warnings.add(format!("scene `{}` was left out: {reason}", entry.id()));
                first_failure.get_or_insert(reason);
                continue;
            }
        };
        for (one, (head, found)) in counts.iter_mut().zip(found) {
            one.head = head;
            one.whole.merge(&found);
            for (tag, tagged) in tags.iter().zip(&mut one.tagged) {
                if entry.tags().contains(tag) {
                    tagged.merge(&found);
                }
            }
        }
        usable += 1;
        for (tag, count) in tags.iter().zip(&mut usable_by_tag) {
            *count += u64::from(entry.tags().contains(tag));
        }
    }
    if usable == 0 {
        return Err(EvaluationError::NothingUsable {
            split: split.to_owned(),
            scenes: scenes.len(),
            first: first_failure.unwrap_or_default(),
        });
    }
    if progress(total, total).is_break() {
        return Err(EvaluationError::Stopped);
    }

    let scores = |one: &Counted<'_>, matrix: &ConfusionMatrix, tag: &str, scenes: u64| {
        let sensors = sensors_of(one);
        let scores = scores_from_matrix(matrix, &model.classes, convention, sensors, tag, &one.head, scenes);
        // There are many trials, and their matrices would be most of the report.
        TrialScores { trial: one.trial.clone(), scores: SubsetScores { confusion: Vec::new(), ..scores } }
    };
    let mut trials: Vec<TrialScores> = counts.iter().map(|one| scores(one, &one.whole, "", usable)).collect();
    for (index, (tag, &scenes)) in tags.iter().zip(&usable_by_tag).enumerate().filter(|(_, (_, scenes))| **scenes > 0) {
        trials.extend(counts.iter().map(|one| scores(one, &one.tagged[index], tag, scenes)));
    }
    if protocol == Protocol::Heads {
        let mut told = |_: &str, _: u64, _: u64| progress(total, total);
        match score_pseudo_labels(&model.recipe, dataset, &mut told) {
            Ok(Some(found)) => {
                warnings.add(format!("of the training split, {}", found.words()));
                trials.push(of_pseudo_labels(&found));
            }
            Ok(None) => {}
            Err(error) if error.kind().is_none() => return Err(error.into()),
            Err(error) => warnings.add(format!("the pseudo-labels were not scored: {error}")),
        }
    }
    let draws =
        trials.iter().any(|scored| matches!(scored.trial, Trial::Holed { .. } | Trial::Noisy(_) | Trial::Degraded(_)));
    let is_single = protocol == Protocol::Heatnet || (protocol == Protocol::Subsets && missing == Missing::Drop);
    let mut report = ProtocolReport {
        protocol,
        dataset: dataset.name.clone(),
        split: split.to_owned(),
        step: model.step,
        of_teacher: model.phase == Phase::Teacher,
        missing: missing.word().to_owned(),
        stand_in: stand_in::words(protocol, missing, model),
        single: if is_single && model.network.needs_two() {
            model.recipe.get(inference::SINGLE).word().to_owned()
        } else {
            String::new()
        },
        convention: sight.convention_words(convention),
        seed: draws.then_some(SEED),
        sensors: model.sensors.iter().map(|sensor| sensor.name.clone()).collect(),
        classes: model.classes.clone(),
        trials,
        figures: Vec::new(),
        changed: model.changed.clone(),
        secs: began.elapsed().as_secs_f64(),
        warnings: warnings.finish(),
    };
    report.figures = report.figures_of_trials();
    Ok(report)
}

/// What is answered about one scene, trial by trial: the head and its counts. A scene that cannot be had in one of them
/// is left out of all, and the inner error says why.
fn answers(
    counts: &[Counted<'_>],
    inputs: &Inputs<'_>,
    scene: &Scene,
    sight: &Sight,
    missing: Missing,
    each: &mut dyn FnMut(&Predicted<'_>) -> ControlFlow<()>,
    tell: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Result<Vec<(String, ConfusionMatrix)>, String>, EvaluationError> {
    let Scene { sample, label, .. } = scene;
    let mut all = Vec::with_capacity(counts.len());
    // All heads of the clean images come from one pass.
    let mut clean: Vec<Prediction> = Vec::new();
    // Where sensors are left out, the others' images are those of the clean scene.
    let mut kept = vec![Kept::default(); if missing == Missing::Drop { sight.looks() } else { 0 }];
    for (place, one) in counts.iter().enumerate() {
        // One scene may take long on its own.
        if tell(place).is_break() {
            return Err(EvaluationError::Stopped);
        }
        let prediction = if let Trial::Head(name) = &one.trial {
            clean.iter().find(|prediction| prediction.head == *name).cloned()
        } else {
            let images = match &one.trial {
                Trial::Teacher => inputs.of_teacher(&one.model, scene),
                trial => inputs.of_trial(trial, scene),
            };
            let images = match images {
                Ok(images) => images,
                Err(error) if error.kind().is_some() => return Ok(Err(error.to_string())),
                Err(error) => return Err(error.into()),
            };
            let shares = matches!(one.trial, Trial::Clean | Trial::Missing { .. });
            let kept = if shares { kept.as_mut_slice() } else { &mut [] };
            let maps = sight.ask_on(&one.model, &images, None, kept, sample.height, sample.width);
            let mut found = predictions(maps, sample.height, sample.width)?;
            if one.trial == Trial::Clean {
                clean.clone_from(&found);
            }
            (!found.is_empty()).then(|| found.remove(0))
        };
        let Prediction { head, ids, .. } = prediction.ok_or(EvaluationError::NoHead)?;
        let answer = Predicted {
            trial: &one.trial,
            place,
            scene: &sample.id,
            height: sample.height,
            width: sample.width,
            ids: &ids,
            truth: label,
        };
        if each(&answer).is_break() {
            return Err(EvaluationError::Stopped);
        }
        let mut found = ConfusionMatrix::new(one.whole.classes());
        found.add(label, &ids);
        all.push((head, found));
    }
    Ok(Ok(all))
}

/// Who is asked in a trial: a network for two may be asked by another rule for one sensor.
fn asked_model<'a>(trial: &Trial, model: &'a Model, teacher: Option<&'a Model>) -> Cow<'a, Model> {
    match trial {
        Trial::Teacher => Cow::Borrowed(teacher.unwrap_or(model)),
        Trial::Alone { single, .. } => match inference::Single::of(single) {
            Some(rule) if rule != model.recipe.get(inference::SINGLE) => {
                let mut other = model.clone();
                // Every rule is allowed.
                let _checked = other.recipe.put(inference::SINGLE, rule);
                Cow::Owned(other)
            }
            _ => Cow::Borrowed(model),
        },
        _ => Cow::Borrowed(model),
    }
}

/// Names of the sensors whose images the network was given.
fn sensors_of(one: &Counted<'_>) -> Vec<String> {
    let all = one.model.sensors.iter().map(|sensor| sensor.name.clone());
    match &one.trial {
        Trial::Alone { sensor, .. } => vec![sensor.clone()],
        Trial::Missing { sensors } => all.filter(|name| !sensors.contains(name)).collect(),
        _ => all.collect(),
    }
}

fn of_pseudo_labels(found: &PseudoLabelScores) -> TrialScores {
    let class = |class: &PseudoLabelClass| ClassScores { iou: class.iou, accuracy: None, pixels: class.pixels };
    let scores = SubsetScores {
        head: "pseudo-labels".to_owned(),
        scenes: found.scenes,
        miou: found.miou,
        classes: found.classes.iter().map(class).collect(),
        ..SubsetScores::default()
    };
    TrialScores { trial: Trial::PseudoLabels, scores }
}
