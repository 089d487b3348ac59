//! `fusionscope evaluate`.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use fusionscope_engine::data::Dataset;
use fusionscope_engine::evaluation::{
    self, PseudoLabelScores, SubsetPlan, csv_text, fusion_image_csv, modality_indices, predict_scene, scene_images,
    score_pseudo_labels, table_text,
};
use fusionscope_engine::files::write_whole;
use fusionscope_engine::network::Model;
use fusionscope_engine::protocol::{Evaluated, EvaluationReport, SceneCounts, counted};
use fusionscope_engine::recipe::catalogue::data::pseudo_labels::FILES;
use fusionscope_engine::recipe::catalogue::evaluation::FLIP;
use fusionscope_engine::training::RunFolder;
use serde::Serialize;

use super::arguments::{AskedArguments, EvaluateArguments, Scales, Voice};
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::opened::{Opened, open, split_name};
use super::output;
use super::progress::{Progress, secs_words};
use super::supposing;
use super::train::check_writable;

/// What needs no word before it begins: the subsets of three sensors, and what is over in a moment.
const SUBSETS_UNSAID: usize = 7;
const SECS_UNSAID: f64 = 10.0;

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    report: &'a EvaluationReport,
    /// See [`labels_of_run`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pseudo_labels: Option<&'a PseudoLabelScores>,
}

/// Scores subsets of the sensors and keeps the report beside the run.
pub fn run(arguments: &EvaluateArguments, interrupt: Interrupt) -> Outcome {
    let EvaluateArguments { asked, degraded, what_if, csv, out, .. } = arguments;
    let AskedArguments { run, data, trust, split, device, voice, .. } = asked;
    if let Some(out) = out {
        check_writable(out)?;
        if !degraded.is_empty() && RunFolder::open(out).is_ok() {
            let message =
                "--out: a run's folder keeps figures of the data set's own images; name another for --degrade";
            return Err(Failure::new(Exit::Usage, message));
        }
    }
    let settings = settings(arguments);
    let opened = open(run, data.as_deref(), *trust, &settings, *device, *voice, interrupt)?;
    let split = split_name(split.as_deref(), &opened.dataset)?;
    if let Some(file) = what_if {
        return supposing::evaluate(&opened, &split, file, out.as_ref(), *voice, interrupt);
    }
    let Opened { model, dataset, folder } = opened;

    let plan = SubsetPlan::of(&model.recipe, model.sensors.len()).or_fail()?;
    if let Some(words) = plan.left_out.as_ref().filter(|_| !voice.quiet) {
        output::complain(words);
    }
    let mut progress = Progress::new(*voice);
    if !voice.quiet
        && !voice.json
        && let Some(words) = cost(&model, &dataset, &split, plan.count())
    {
        output::complain(&words);
    }
    let scored = counted(plan.count() as u64, "subset");
    let title = format!("evaluating {split}, {scored} of the sensors a scene");
    let evaluated =
        evaluation::evaluate_degraded(&model, &dataset, &split, degraded, &mut progress.counts(&title, interrupt));
    progress.end();
    let Evaluated { report, scenes } = evaluated.or_fail()?;

    match (out, &folder) {
        (Some(out), _) => {
            let json = serde_json::to_string_pretty(&report).context("the report is no JSON")?;
            write(&out.join("evaluation.json"), &json)?;
            write(&out.join("evaluation.csv"), &csv_text(&report))?;
            write_fusion_images(out, scenes.as_ref())?;
        }
        // Whoever reads a run's evaluations takes them for those of the data set's own images.
        (None, Some(_)) if !degraded.is_empty() => {
            if !voice.quiet {
                output::complain("figures of degraded sensors are not kept beside the run's own; --out names a folder");
            }
        }
        (None, Some(folder)) => keep_in_run(folder, &report, scenes.as_ref())?,
        (None, None) => {}
    }
    if let Some(csv) = csv {
        write(csv, &csv_text(&report))?;
    }
    let labels = labels_of_run(&model, dataset, folder.as_deref(), *voice, interrupt)?;
    if voice.json {
        output::json(&Printed { report: &report, pseudo_labels: labels.as_ref() })?;
    } else {
        output::text(&table_text(&report));
        if let Some(scores) = &labels {
            output::line(&format!("of the training split, {}", scores.words()));
        }
    }
    Ok(Exit::Done)
}

/// All that is set for this time, by `--set` and by options with names of their own.
pub(super) fn settings(arguments: &EvaluateArguments) -> Vec<String> {
    let EvaluateArguments { asked, subsets, scales, flip, .. } = arguments;
    let mirrored = flip.then(|| format!("{}=on", FLIP.id()));
    let subsets = subsets.iter().flat_map(|choice| choice.settings());
    asked.settings.iter().cloned().chain(subsets).chain(scales.iter().map(Scales::setting)).chain(mirrored).collect()
}

/// What an evaluation that may take long will take, measured on its first scene; `None` where it is soon done, or where
/// that scene cannot be read.
fn cost(model: &Model, dataset: &Dataset, split: &str, subsets: usize) -> Option<String> {
    let scenes = dataset.split(split).ok()?.samples.len();
    let places = modality_indices(model, dataset).ok()?;
    let (sample, images) = scene_images(model, dataset, split, 0, &places).ok()?;
    let images: Vec<_> = images.into_iter().map(Some).collect();
    let mut secs = 0.0;
    // The first pass may compile kernels.
    for _ in 0..2 {
        let began = Instant::now();
        predict_scene(model, &images, sample.height, sample.width).ok()?;
        secs = began.elapsed().as_secs_f64();
    }
    cost_words(subsets, model.sensors.len(), scenes, secs)
}

/// No subset takes longer than all sensors together, which a pass of `secs` had.
fn cost_words(subsets: usize, sensors: usize, scenes: usize, secs: f64) -> Option<String> {
    let all = secs * (subsets * scenes) as f64;
    if subsets <= SUBSETS_UNSAID && all < SECS_UNSAID {
        return None;
    }
    let (subsets, scenes) = (counted(subsets as u64, "subset"), counted(scenes as u64, "scene"));
    let sensors = counted(sensors as u64, "sensor");
    let fewer = "--subsets singles, leave-one-out or a number takes fewer";
    Some(format!("{subsets} of {sensors} on {scenes} take {} at most; {fewer}", secs_words(all.max(1.0))))
}

/// How good the pseudo-labels are that a run was trained on; `None` where it was trained on none, and where they or the
/// truth are no longer there. Scenes of other data may bear the same names, so only the run's own tells.
fn labels_of_run(
    model: &Model,
    dataset: Dataset,
    folder: Option<&Path>,
    voice: Voice,
    interrupt: Interrupt,
) -> Result<Option<PseudoLabelScores>, Failure> {
    let Some(run) = folder else { return Ok(None) };
    if model.recipe.get(FILES).is_empty() || !was_trained_on(run, &dataset.root) {
        return Ok(None);
    }
    let mut progress = Progress::new(voice);
    let scores = score_pseudo_labels(&model.recipe, &Arc::new(dataset), &mut progress.parts(interrupt));
    progress.end();
    match scores.or_fail() {
        Err(failure) if failure.exit != Exit::Interrupted => Ok(None),
        told => told,
    }
}

/// Whether a run was trained on the data set in this folder.
fn was_trained_on(run: &Path, data: &Path) -> bool {
    let place = |path: &Path| path.canonicalize().unwrap_or_else(|_gone| path.to_owned());
    let environment = RunFolder::open(run).and_then(|run| run.environment());
    environment.is_ok_and(|environment| place(&environment.data) == place(data))
}

fn keep_in_run(folder: &Path, report: &EvaluationReport, scenes: Option<&SceneCounts>) -> Result<(), Failure> {
    let mut run = RunFolder::open(folder).or_fail()?;
    let mut evaluations = run.lock_evaluations().or_fail()?;
    if let Some(warning) = evaluations.add(report, scenes).or_fail()? {
        output::complain(&format!("warning: {warning}"));
    }
    // Still locked: the table is that of the newest evaluation.
    write(&folder.join("evaluation.csv"), &csv_text(report))?;
    write_fusion_images(folder, scenes)
}

/// The figures of single scenes, where the network makes fusion images.
fn write_fusion_images(folder: &Path, scenes: Option<&SceneCounts>) -> Result<(), Failure> {
    match scenes.and_then(|scenes| fusion_image_csv(&scenes.scenes)) {
        Some(table) => write(&folder.join("fusion_image.csv"), &table),
        None => Ok(()),
    }
}

/// No reader sees half a report.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    write_whole(path, text.as_bytes()).map_err(|error| Failure::unwritten("the evaluation", error, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_or_is_much_is_said_before() {
        let words = cost_words(4095, 12, 40, 0.005).unwrap();
        assert!(words.starts_with("4,095 subsets of 12 sensors on 40 scenes take 13:39 at most; --subsets"), "{words}");
        assert_eq!(cost_words(3, 2, 40, 0.01), None);
        assert!(cost_words(3, 2, 40, 0.1).unwrap().contains("take 0:12 at most"));
        assert!(cost_words(15, 4, 1, 0.001).unwrap().contains("on 1 scene take 0:01"));
    }
}
