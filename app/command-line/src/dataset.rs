//! `fusionscope dataset`.

mod degrade;

use std::collections::BTreeMap;

use fusionscope_engine::data::scene::{SceneSettings, write_dataset};
use fusionscope_engine::data::{
    CheckReport, Counts, Dataset, Reading, SampleEntry, Severity, Split, check_reaching, values_table,
};
use fusionscope_engine::files::path_json;
use fusionscope_engine::inspection::score_scenes;
use fusionscope_engine::protocol::{EvaluationReport, counted, percent, share};
use fusionscope_engine::recipe::catalogue::evaluation::CONVENTION;
use fusionscope_engine::training::RunFolder;
use serde_json::{Value, json};

use super::arguments::{CheckArguments, DatasetAction, DatasetArguments, ListArguments, SampleArguments};
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::output;
use super::progress::Progress;
use super::window::Window;

/// Checks, lists or shows a data set, or makes the sample data.
pub fn run(arguments: &DatasetArguments, interrupt: Interrupt, window: &dyn Window) -> Outcome {
    match &arguments.action {
        DatasetAction::Check(arguments) => check_folder(arguments, interrupt),
        DatasetAction::List(arguments) => list(arguments, interrupt),
        DatasetAction::Manifest(arguments) => manifest(arguments, interrupt),
        DatasetAction::Degrade(arguments) => degrade::run(arguments, interrupt, window),
        DatasetAction::Sample(arguments) => sample(arguments, interrupt),
    }
}

fn check_folder(arguments: &CheckArguments, interrupt: Interrupt) -> Outcome {
    let CheckArguments { dir, trust, voice } = arguments;
    let mut progress = Progress::new(*voice);
    let report = check_reaching(dir, trust.reach(), &mut progress.parts(interrupt));
    progress.end();
    let report = report.or_fail()?;
    let errors = report.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if voice.json {
        output::json(&report)?;
    } else {
        output::text(&check_text(&report, voice.quiet));
        let warnings = report.problems.len() - errors;
        output::line(&format!("{}, {}", counted(errors as u64, "error"), counted(warnings as u64, "warning")));
    }
    Ok(if errors == 0 { Exit::Done } else { Exit::BadData })
}

/// One line a sample; as JSON one object with classes, sensors and samples, which `assets/tools` reads.
fn list(arguments: &ListArguments, interrupt: Interrupt) -> Outcome {
    let ListArguments { of: CheckArguments { dir, trust, voice }, run } = arguments;
    let dataset = Dataset::open_reaching(dir, trust.reach(), &mut |_, _, _| interrupt.goes_on()).or_fail()?;
    let run = run.as_deref().map(RunFolder::open).transpose().or_fail()?;
    // The run names the classes of its figures.
    let dataset = match &run {
        Some(run) => dataset.read_as(&Reading::of(run.recipe())).or_fail()?,
        None => dataset,
    };
    let scores = run.map(|run| scores_of(&run, &dataset)).transpose()?;
    let sensors: Vec<&str> = dataset.modalities.iter().map(|modality| modality.name.as_str()).collect();
    let figure = |split: usize, index: usize| scores.as_ref().map(|scores| *scores.get(split)?.get(index)?);
    let samples = dataset.splits.iter().enumerate().flat_map(|(at, split)| {
        split.samples.iter().enumerate().map(move |(index, sample)| (split, sample, figure(at, index)))
    });
    if voice.json {
        let sample = |(split, sample, miou): (&Split, &SampleEntry, Option<Option<f32>>)| {
            let files: BTreeMap<&str, Value> =
                sensors.iter().copied().zip(sample.files().map(|file| path_json::value(&file))).collect();
            let label = sample.label().as_deref().map(path_json::value);
            let (id, tags) = (sample.id(), sample.tags());
            let mut line = json!({"split": split.name, "id": id, "tags": tags, "files": files, "label": label});
            if let Some(miou) = miou {
                line["miou"] = json!(miou);
            }
            line
        };
        let samples: Vec<_> = samples.map(sample).collect();
        let kinds: BTreeMap<&str, &str> =
            dataset.modalities.iter().map(|modality| (modality.name.as_str(), modality.kind.name())).collect();
        let (name, classes) = (&dataset.name, &dataset.classes);
        output::json(
            &json!({"event": "dataset", "name": name, "classes": classes, "sensors": kinds, "samples": samples}),
        )?;
        return Ok(Exit::Done);
    }
    output::lines(samples.map(|(split, sample, miou)| {
        let files = sample.files().chain(sample.label()).map(|file| file.display().to_string());
        let miou = miou.map(|miou| miou.map_or_else(|| "-".to_owned(), |miou| percent(f64::from(miou))));
        let words = [split.name.clone(), sample.id().to_owned()].into_iter().chain(miou).chain(files);
        words.collect::<Vec<_>>().join("\t")
    }));
    Ok(Exit::Done)
}

/// The run's mean IoU on each scene, split by split: none of a split that its evaluations did not count.
fn scores_of(run: &RunFolder, dataset: &Dataset) -> Result<Vec<Vec<Option<f32>>>, Failure> {
    let reports = run.evaluations().or_fail()?;
    let convention = run.recipe().get(CONVENTION);
    let mut scores = Vec::new();
    for split in &dataset.splits {
        let is_of = |report: &&EvaluationReport| (&report.dataset, &report.split) == (&dataset.name, &split.name);
        let newest = reports.iter().filter(is_of).filter(|report| !report.of_teacher).max_by_key(|report| report.step);
        let counts = newest.map(|report| run.scene_counts(report)).transpose().or_fail()?.flatten();
        let ids = split.samples.iter().map(SampleEntry::id);
        let found = counts.and_then(|counts| score_scenes(ids, &dataset.classes, &counts, convention));
        scores.push(found.unwrap_or_default());
    }
    if scores.iter().all(Vec::is_empty) {
        let message = format!(
            "--run: no evaluation of the run has counted scenes of {} with these classes; `fusionscope evaluate` does: {}",
            dataset.name,
            run.path().display()
        );
        return Err(Failure::new(Exit::BadData, message));
    }
    Ok(scores)
}

/// The manifest that the data set was opened with, to be changed and kept as its `dataset.toml`.
fn manifest(arguments: &CheckArguments, interrupt: Interrupt) -> Outcome {
    let CheckArguments { dir, trust, voice } = arguments;
    let dataset = Dataset::open_reaching(dir, trust.reach(), &mut |_, _, _| interrupt.goes_on()).or_fail()?;
    if voice.json {
        output::json(dataset.manifest())?;
    } else {
        output::text(&dataset.manifest().to_toml().or_fail()?);
    }
    Ok(Exit::Done)
}

/// What was found, then every problem; only the problems where it shall be `brief`.
fn check_text(report: &CheckReport, brief: bool) -> String {
    let mut text = String::new();
    if !brief && !report.name.is_empty() {
        text.push_str(&format!(
            "{}: {}\nsensors: {}\n",
            report.name,
            report.path.display(),
            report.modalities.join(", ")
        ));
        for split in &report.splits {
            let mut words = vec![counted(split.samples, "sample"), format!("{} labelled", split.labelled)];
            if split.left_out > 0 {
                words.push(format!("{} left out", split.left_out));
            }
            if split.held_out {
                words.push("cut from another split".to_owned());
            }
            words.extend(split.tags.iter().map(|(tag, count)| format!("{tag} {count}")));
            text.push_str(&format!("split {}: {}\n", split.split, words.join(", ")));
        }
        for size in &report.sizes {
            text.push_str(&format!(
                "size {}: {} × {} px in {}\n",
                size.what,
                size.width,
                size.height,
                counted(size.files, "file")
            ));
        }
        text.push_str(&values_table(&report.values));
        let pixels: u64 = report.histogram.iter().map(|class| class.pixels).sum();
        let width = report.histogram.iter().map(|class| class.name.chars().count()).max().unwrap_or(0);
        for class in &report.histogram {
            let share = 100.0 * class.pixels as f64 / pixels.max(1) as f64;
            let (id, name, files) = (class.id, &class.name, counted(class.files, "file"));
            let splits = shares_by_split(report, id);
            text.push_str(&format!("label {id:>3}  {name:<width$}  {share:>6.2} %  in {files}{splits}\n"));
        }
        for note in &report.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        for proposal in &report.proposals {
            text.push_str(&format!("proposed: {}\n", proposal.words()));
        }
    }
    for problem in &report.problems {
        let word = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        text.push_str(&format!("{word}: {}\n", problem.text));
    }
    text
}

/// The share of a class among the labelled pixels of each split, where there are several: `; train 31.9 %, val 33.0 %`.
fn shares_by_split(report: &CheckReport, class: u8) -> String {
    let labelled: Vec<&Counts> = report.splits.iter().filter(|split| split.labelled > 0).collect();
    let words = |split: &&Counts| {
        let own = split.pixels.get(usize::from(class))?;
        let all = split.pixels.iter().sum::<u64>().max(1);
        Some(format!("{} {}", split.split, share(*own as f64 / all as f64)))
    };
    let shares: Vec<String> = labelled.iter().filter_map(words).collect();
    if shares.len() < 2 { String::new() } else { format!("; {}", shares.join(", ")) }
}

fn sample(arguments: &SampleArguments, interrupt: Interrupt) -> Outcome {
    let SampleArguments { out, seed, count, size, voice } = arguments;
    let mut settings = SceneSettings::default();
    if let Some(seed) = seed {
        settings.seed = *seed;
    }
    if let Some([train, val, test]) = *count {
        (settings.train, settings.val, settings.test) = (train, val, test);
    }
    if let Some((width, height)) = *size {
        (settings.width, settings.height) = (width as usize, height as usize);
    }
    if std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        let message = format!("--out: the folder is not empty; name another or empty it: {}", out.display());
        return Err(Failure::new(Exit::Usage, message));
    }
    let mut progress = Progress::new(*voice);
    let written = write_dataset(out, &settings, &mut progress.counts("rendering scenes", interrupt));
    progress.end();
    written.or_fail()?;
    let scenes = settings.train + settings.val + settings.test;
    if voice.json {
        output::json(
            &serde_json::json!({"event": "dataset", "path": path_json::value(out), "scenes": scenes, "seed": settings.seed}),
        )?;
    } else if !voice.quiet {
        output::line(&format!("{}: {}", counted(scenes as u64, "scene"), out.display()));
    }
    Ok(Exit::Done)
}
