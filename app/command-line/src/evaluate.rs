//! `fusionscope evaluate`.

use std::path::Path;

use anyhow::Context as _;
use fusionscope_engine::evaluation::{self, csv_text, table_text};
use fusionscope_engine::files::write_whole;
use fusionscope_engine::protocol::EvaluationReport;
use fusionscope_engine::training::RunFolder;

use super::arguments::{AskedArguments, EvaluateArguments};
use super::exit::{Exit, Failure, OrExit as _, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::opened::{Opened, open, split_name};
use super::output;
use super::progress::Progress;
use super::train::check_writable;

/// Scores every subset of the sensors and keeps the report beside the run.
pub fn run(arguments: &EvaluateArguments, interrupt: Interrupt) -> Outcome {
    let EvaluateArguments { asked, out } = arguments;
    let AskedArguments { run, data, split, settings, device, voice } = asked;
    if let Some(out) = out {
        check_writable(out)?;
    }
    let Opened { model, dataset, folder } = open(run, data.as_deref(), settings, *device, *voice, interrupt)?;
    let split = split_name(split.as_deref(), &dataset)?;

    let mut progress = Progress::new(*voice);
    progress.begin(&format!("evaluating {split}"), 0);
    let report = evaluation::evaluate(&model, &dataset, &split, &mut |done, total| {
        progress.advance(done, total, "");
        interrupt.goes_on()
    });
    progress.end();
    let report = report.or_fail()?;

    match (out, &folder) {
        (Some(out), _) => {
            let json = serde_json::to_string_pretty(&report).context("the report is no JSON")?;
            write(&out.join("evaluation.json"), &json)?;
            write(&out.join("evaluation.csv"), &csv_text(&report))?;
        }
        (None, Some(folder)) => keep_in_run(folder, &report)?,
        (None, None) => {}
    }
    if voice.json {
        output::json(&report)?;
    } else {
        output::text(&table_text(&report));
    }
    Ok(Exit::Done)
}

fn keep_in_run(folder: &Path, report: &EvaluationReport) -> Result<(), Failure> {
    let run = RunFolder::open(folder).or_fail()?;
    let mut evaluations = run.lock_evaluations().or_fail()?;
    if let Some(warning) = evaluations.add(report).or_fail()? {
        output::complain(&format!("warning: {warning}"));
    }
    // Still locked: the table is that of the newest evaluation.
    write(&folder.join("evaluation.csv"), &csv_text(report))
}

/// No reader sees half a report.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    write_whole(path, text.as_bytes())
        .with_context(|| format!("could not write {}", path.display()))
        .or_exit(Exit::Failed)
}
