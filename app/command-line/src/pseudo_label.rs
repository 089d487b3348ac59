//! `fusionscope pseudo-label`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use fusionscope_engine::data::{IGNORE, PSEUDO_LABELS_CARD, PseudoLabelsCard, SampleEntry};
use fusionscope_engine::evaluation::{
    EvaluationError, Prediction, PseudoLabelSums, fitting_sensors, predict_scene, scene_images,
};
use fusionscope_engine::files::{path_json, write_whole};
use fusionscope_engine::network::Model;
use fusionscope_engine::protocol::{counted, share as share_words};
use fusionscope_engine::recipe::catalogue::evaluation::CONVENTION;
use serde_json::json;

use super::arguments::PseudoLabelArguments;
use super::exit::{Exit, Failure, OrExit as _, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::label_map::{label_files, write_label_map};
use super::opened::{Opened, open};
use super::output;
use super::progress::Progress;
use super::train::check_writable;

/// Labels the scenes of a split with what a trained network sees in one sensor's images.
pub fn run(arguments: &PseudoLabelArguments, interrupt: Interrupt) -> Outcome {
    let PseudoLabelArguments { run, data, trust, split, sensor, min_confidence, overwrite, device, out, voice } =
        arguments;
    check_writable(out)?;
    let Opened { model, dataset, .. } = open(run, Some(data), *trust, &[], *device, *voice, interrupt)?;
    let modalities = fitting_sensors(&model, &dataset).map_err(|error| unfit(&error))?;
    let (sensor, present) = chosen_sensor(&model, sensor.as_deref())?;
    // Scenes without a label are those that need one. The labels of the others only tell how good the new ones are.
    let labelled = dataset.clone();
    let truths: HashMap<&str, &SampleEntry> =
        labelled.split(split).or_fail()?.samples.iter().map(|scene| (scene.id(), scene)).collect();
    let dataset = dataset.without_labels();
    let scenes = &dataset.split(split).or_fail()?.samples;
    let files = files_of(scenes, out, *overwrite)?;
    let card = PseudoLabelsCard {
        classes: model.classes.clone(),
        sensor: sensor.clone(),
        step: model.step,
        min_confidence: *min_confidence,
        dataset: dataset.name.clone(),
        split: split.clone(),
        changed: model.changed.clone(),
    };
    write_card(&card, out)?;

    let mut progress = Progress::new(*voice);
    progress.begin(&format!("labelling {split} by {sensor}"), 0);
    let (mut skipped, mut sure, mut pixels) = (0, 0, 0);
    let mut sums = PseudoLabelSums::new(model.classes.len());
    for (at, (scene, file)) in scenes.iter().zip(&files).enumerate() {
        if interrupt.was_pressed() {
            progress.end();
            let message =
                format!("interrupted after {at} of {}; those written stay", counted(scenes.len() as u64, "scene"));
            return Err(Failure::new(Exit::Interrupted, message));
        }
        match scene_images(&model, &dataset, split, at, &modalities) {
            Ok((sample, images)) => {
                let inputs: Vec<_> =
                    images.into_iter().zip(&present).map(|(image, &present)| present.then_some(image)).collect();
                let predictions = predict_scene(&model, &inputs, sample.height, sample.width).or_fail()?;
                let Some(prediction) = predictions.into_iter().next() else {
                    return Err(Failure::new(Exit::Failed, EvaluationError::NoHead));
                };
                let ids = confident(prediction, *min_confidence);
                sure += ids.iter().filter(|&&id| id != IGNORE).count();
                pixels += ids.len();
                write_label_map(file, &ids, sample.width, sample.height, &model)?;
                let truth = truths.get(scene.id());
                match truth.map(|truth| labelled.label_at(truth, sample.height, sample.width)).transpose() {
                    Ok(truth) => truth.flatten().iter().for_each(|truth| sums.add(truth, &ids)),
                    Err(error) => {
                        progress.warn(&format!("scene `{}` is not compared with its truth: {error}", scene.id()));
                    }
                }
            }
            Err(error) => {
                skipped += 1;
                progress.warn(&format!("scene `{}` was left out: {error}", scene.id()));
            }
        }
        progress.advance(at as u64 + 1, scenes.len() as u64, "");
    }
    progress.end();
    let written = scenes.len() - skipped;
    if written == 0 {
        return Err(Failure::new(Exit::BadData, format!("none of the {skipped} scenes of `{split}` could be read")));
    }
    let truth = sums.scores(model.recipe.get(CONVENTION), &model.classes);
    let share = sure as f64 / pixels.max(1) as f64;
    if voice.json {
        output::json(&json!({
            "event": "pseudo-labels", "split": split, "sensor": sensor, "written": written, "skipped": skipped,
            "labelled_share": share, "path": path_json::value(out), "classes": model.classes,
            "changed": model.changed, "truth": truth,
        }))?;
    } else if !voice.quiet {
        output::line(&format!(
            "{} of {split} by {sensor}, {} of the pixels labelled: {}",
            counted(written as u64, "pseudo-label"),
            share_words(share),
            out.display()
        ));
        if let Some(scores) = &truth {
            output::text(&format!("{}\n", scores.table_text()));
        }
        output::line(&format!("train on them with: --set data.pseudo_labels=\"{}\"", out.display()));
    }
    Ok(Exit::Done)
}

fn unfit(error: &EvaluationError) -> Failure {
    let classes = matches!(error, EvaluationError::Classes { .. } | EvaluationError::ClassNames { .. });
    let hint = if classes { "; pseudo-labels must be of the classes that will be trained" } else { "" };
    Failure::new(Exit::BadData, format!("{error}{hint}"))
}

/// The sensor by name, else the network's first, and which of the network's sensors that leaves.
fn chosen_sensor(model: &Model, asked: Option<&str>) -> Result<(String, Vec<bool>), Failure> {
    let names: Vec<&str> = model.sensors.iter().map(|sensor| sensor.name.as_str()).collect();
    let chosen = asked.or(names.first().copied()).unwrap_or_default();
    if names.contains(&chosen) {
        return Ok((chosen.to_owned(), names.iter().map(|&name| name == chosen).collect()));
    }
    let message = format!("--sensor: the network has no sensor `{chosen}`; it takes {}", names.join(", "));
    Err(Failure::new(Exit::Usage, message))
}

/// The file of each scene. Refuses to write over what is there, unless that is wanted, and to write two scenes to one
/// file.
fn files_of(scenes: &[SampleEntry], out: &Path, overwrite: bool) -> Result<Vec<PathBuf>, Failure> {
    let files = label_files(scenes, out)?;
    if let Some(path) = files.iter().find(|path| !overwrite && path.exists()) {
        let message =
            format!("--out: it holds pseudo-labels; choose another folder, or add --overwrite: {}", path.display());
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(files)
}

/// The predicted classes, ignored where the network is less sure than that.
fn confident(prediction: Prediction, min_confidence: f64) -> Vec<u8> {
    let sure = |confidence: u8| f64::from(confidence) / 255.0 >= min_confidence;
    let pairs = prediction.ids.into_iter().zip(prediction.confidence);
    pairs.map(|(id, confidence)| if sure(confidence) { id } else { IGNORE }).collect()
}

fn write_card(card: &PseudoLabelsCard, out: &Path) -> Result<(), Failure> {
    let path = out.join(PSEUDO_LABELS_CARD);
    let text = serde_json::to_string_pretty(card).or_exit(Exit::Failed)?;
    write_whole(&path, text.as_bytes()).map_err(|error| Failure::unwritten("what the labels are", error, &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubtful_pixels_are_ignored() {
        let prediction = || Prediction { head: String::new(), ids: vec![1, 2, 3], confidence: vec![255, 128, 10] };
        assert_eq!(confident(prediction(), 0.0), [1, 2, 3]);
        assert_eq!(confident(prediction(), 0.5), [1, 2, IGNORE]);
        assert_eq!(confident(prediction(), 1.0), [1, IGNORE, IGNORE]);
    }
}
