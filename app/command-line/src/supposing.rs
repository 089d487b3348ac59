//! What-ifs on the command line: read from a file, and tried on a whole split.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use fusionscope_engine::evaluation::{evaluate_what_if, what_if_text};
use fusionscope_engine::files::write_whole;
use fusionscope_engine::protocol::{Absence, Degraded, WhatIf};
use fusionscope_engine::training::RunFolder;

use super::arguments::Voice;
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;
use super::opened::Opened;
use super::output;
use super::progress::Progress;

/// What a file supposes, where one is named, that these sensors are absent, and these worse.
pub fn what_if(file: Option<&Path>, without: &[String], degraded: &[Degraded]) -> Result<WhatIf, Failure> {
    let read = |path| WhatIf::read(path).map_err(|why| Failure::new(Exit::Usage, format!("--what-if: {why}")));
    let mut what_if = file.map(read).transpose()?.unwrap_or_default();
    for name in without {
        what_if.sensors.entry(name.clone()).or_default().absent.get_or_insert(Absence::Recipe);
    }
    for Degraded { sensor, kind, severity } in degraded {
        what_if.sensors.entry(sensor.clone()).or_default().degraded.insert(*kind, *severity);
    }
    Ok(what_if)
}

/// Scores a split without a what-if and with it, and keeps the report beside the run's evaluations, or in `out`.
pub fn evaluate(
    opened: &Opened,
    split: &str,
    file: &Path,
    out: Option<&PathBuf>,
    voice: Voice,
    interrupt: Interrupt,
) -> Outcome {
    let Opened { model, dataset, folder, .. } = opened;
    let what_if = what_if(Some(file), &[], &[])?;
    let mut progress = Progress::new(voice);
    let title = format!("trying the what-if on {split}");
    let report = evaluate_what_if(model, dataset, split, &what_if, &mut progress.counts(&title, interrupt));
    progress.end();
    let report = report.or_fail()?;
    match (out, folder) {
        (Some(out), _) => {
            let json = serde_json::to_string_pretty(&report).context("the report is no JSON")?;
            let path = out.join("what-if.json");
            write_whole(&path, json.as_bytes()).map_err(|error| Failure::unwritten("the report", error, &path))?;
        }
        (None, Some(folder)) => {
            if let Some(warning) = RunFolder::open(folder).or_fail()?.keep_what_if(&report).or_fail()? {
                output::complain(&format!("warning: {warning}"));
            }
        }
        (None, None) => {}
    }
    if voice.json {
        output::json(&report)?;
    } else {
        output::text(&what_if_text(&report));
    }
    Ok(Exit::Done)
}
