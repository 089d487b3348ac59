//! `fusionscope predict`.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use fusionscope_engine::data::Dataset;
use fusionscope_engine::evaluation::{
    EvaluationError, Missing, Prediction, StandIns, input_from_sample, modality_indices, predict_scene, same_classes,
};
use fusionscope_engine::files::path_json;
use fusionscope_engine::network::Model;
use fusionscope_engine::protocol::counted;
use fusionscope_engine::recipe::catalogue::evaluation;
use serde_json::json;

use super::arguments::{AskedArguments, MapIds, PredictArguments};
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::label_map::{label_files, write_label_map, write_stored_map};
use super::opened::{Opened, open, present_sensors, split_name, stand_in_means};
use super::output;
use super::progress::Progress;
use super::train::check_writable;

/// What lists the predictions, beside them.
const INDEX: &str = "predictions.jsonl";
/// The same in words.
const WHAT: &str = "the list of predictions";

/// Writes one label map a scene, and a list of them.
pub fn run(arguments: &PredictArguments, interrupt: Interrupt) -> Outcome {
    let PredictArguments { asked, without, ids, out } = arguments;
    let AskedArguments { run, data, trust, split, settings, device, voice } = asked;
    check_writable(out)?;
    let Opened { model, dataset, .. } = open(run, data.as_deref(), *trust, settings, *device, *voice, interrupt)?;
    warn_of_other_classes(&model, &dataset);
    let stored = match ids {
        MapIds::Class => None,
        MapIds::Stored => Some(stored_ids(&model, &dataset)?),
    };
    let split = split_name(split.as_deref(), &dataset)?;
    let present = present_sensors(&model, without)?;

    let modalities = modality_indices(&model, &dataset).or_fail()?;
    let takes_means = present.contains(&false) && model.recipe.get(evaluation::MISSING) == Missing::Mean;
    let means = stand_in_means(&model, &dataset, takes_means, *voice, interrupt)?;
    let stand_ins = StandIns::new(model.recipe.get(evaluation::MISSING), model.normalisations.clone(), means);

    let scenes = &dataset.split(&split).or_fail()?.samples;
    let files = label_files(scenes, out)?;
    let mut index = Index::create(out)?;
    let mut skipped = 0;
    let mut progress = Progress::new(*voice);
    progress.begin(&format!("predicting {split}"), 0);
    for (at, (scene, file)) in scenes.iter().zip(&files).enumerate() {
        if interrupt.was_pressed() {
            progress.end();
            let message =
                format!("interrupted after {at} of {}; those written stay", counted(scenes.len() as u64, "scene"));
            return Err(Failure::new(Exit::Interrupted, message));
        }
        // A prediction needs no label.
        let found = dataset.sample_or_unlabelled(&split, at, &modalities);
        let found = found.and_then(|(sample, lack)| Ok((input_from_sample(&model, &sample, at)?, sample, lack)));
        match found {
            Ok((images, sample, lack)) => {
                if let Some(error) = lack {
                    progress.warn(&format!("scene `{}` was predicted without its label: {error}", scene.id()));
                }
                let inputs = stand_ins.fill(&images, &present);
                let predictions = predict_scene(&model, &inputs, sample.height, sample.width).or_fail()?;
                let Some(prediction) = predictions.first() else {
                    return Err(Failure::new(Exit::Failed, EvaluationError::NoHead));
                };
                let (width, height) = (sample.width, sample.height);
                match &stored {
                    None => write_label_map(file, &prediction.ids, width, height, &model)?,
                    Some(stored) => write_stored_map(file, &prediction.ids, width, height, &model, stored)?,
                }
                index.add(scene.id(), file, prediction)?;
            }
            Err(error) => {
                skipped += 1;
                progress.warn(&format!("scene `{}` was left out: {error}", scene.id()));
            }
        }
        progress.advance(at as u64 + 1, scenes.len() as u64, "");
    }
    progress.end();
    index.finish()?;
    let written = scenes.len() - skipped;
    if written == 0 && !scenes.is_empty() {
        return Err(Failure::new(Exit::BadData, format!("none of the {skipped} scenes of `{split}` could be read")));
    }
    let held: Vec<u16> = stored.unwrap_or_else(|| (0..model.classes.len() as u16).collect());
    if voice.json {
        let ids = if *ids == MapIds::Class { "class" } else { "stored" };
        let line = json!({
            "event": "predicted", "split": split, "written": written, "skipped": skipped, "path": path_json::value(out), "classes": model.classes,
            "ids": ids, "id_of_class": held, "changed": model.changed,
        });
        output::json(&line)?;
    } else if !voice.quiet {
        let whose = if *ids == MapIds::Class { "class ids" } else { "the ids of the data set's label files" };
        let names: Vec<String> = held.iter().zip(&model.classes).map(|(id, name)| format!("{id} {name}")).collect();
        output::line(&format!(
            "{} of {split}, of {whose} ({}): {}",
            counted(written as u64, "label map"),
            names.join(", "),
            out.display()
        ));
    }
    Ok(Exit::Done)
}

/// The ids that the data set's label files have for the network's classes; refused where there is not one for each.
fn stored_ids(model: &Model, dataset: &Dataset) -> Result<Vec<u16>, Failure> {
    let refused =
        |reason: &str| Failure::new(Exit::BadData, format!("--ids stored: {reason}; leave it out for class ids"));
    if model.classes != dataset.classes {
        return Err(refused("the network's classes are not those of the data set"));
    }
    let stored =
        dataset.stored_ids().ok_or_else(|| refused("the data set has no labels, or joins their classes by a map"))?;
    let fits = |id: &Option<i32>| id.and_then(|id| u16::try_from(id).ok());
    let fits: Option<Vec<u16>> = stored.iter().map(fits).collect();
    fits.ok_or_else(|| refused("no id from 0 to 65535 in label files means some of the classes"))
}

/// The label maps hold the network's classes, whatever the data set calls its own; where these differ, that is said.
fn warn_of_other_classes(model: &Model, dataset: &Dataset) {
    let Some(error) = same_classes(model, dataset).err() else { return };
    let own: Vec<String> = model.classes.iter().enumerate().map(|(id, name)| format!("{id} {name}")).collect();
    output::complain(&format!(
        "warning: {error}. The label maps hold the network's own classes, not those of the data set: {}",
        own.join(", ")
    ));
}

/// `predictions.jsonl`: one object a scene, with the head that answered and how sure it was on average.
struct Index {
    path: PathBuf,
    file: File,
}

impl Index {
    fn create(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(INDEX);
        match File::create(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => Err(Failure::unwritten(WHAT, error, &path)),
        }
    }

    fn add(&mut self, id: &str, label: &Path, prediction: &Prediction) -> Result<(), Failure> {
        let Prediction { head, confidence, .. } = prediction;
        let sum: f64 = confidence.iter().map(|&byte| f64::from(byte) / 255.0).sum();
        let mean = sum / confidence.len().max(1) as f64;
        let file = label.file_name().map(|name| name.to_string_lossy());
        let line = json!({"id": id, "file": file, "head": head, "mean_confidence": mean});
        // Line by line, so that what was predicted before an end is listed.
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(|error| Failure::unwritten(WHAT, error, &self.path))
    }

    fn finish(self) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| Failure::unwritten(WHAT, error, &self.path))
    }
}
