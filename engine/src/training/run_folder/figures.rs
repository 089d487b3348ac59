//! What a list of runs shows of their evaluations.

use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::EVALUATION;
use crate::files::read_regular;
use crate::protocol::{FiguresBy, RunFigures, SubsetFigure};

/// What is read of an evaluation: its matrices and classes are many times longer.
#[derive(Deserialize)]
struct Report {
    dataset: String,
    split: String,
    step: u64,
    #[serde(default)]
    of_teacher: bool,
    /// Of a protocol, whose figures are no evaluation's.
    #[serde(default)]
    protocol: Option<IgnoredAny>,
    missing: String,
    convention: String,
    #[serde(default)]
    changed: Vec<IgnoredAny>,
    subsets: Vec<Subset>,
}

#[derive(Deserialize)]
struct Subset {
    sensors: Vec<String>,
    tag: String,
    miou: Option<f64>,
}

/// The newest figures of each kind that a run has, in the order in which the kinds first came; why not, where they do
/// not read.
pub(super) fn newest(run: &Path) -> Result<Vec<RunFigures>, String> {
    let bytes = match read_regular(&run.join(EVALUATION)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.to_string()),
    };
    let reports: Vec<Report> = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    let mut all: Vec<RunFigures> = Vec::new();
    // A teacher's are no figures of the run's network.
    for report in reports.into_iter().filter(|report| !report.of_teacher && report.protocol.is_none()) {
        let Report { dataset, split, step, missing, convention, changed, subsets, .. } = report;
        let subset = |Subset { sensors, tag, miou }: Subset| SubsetFigure { sensors, tag, miou };
        let figures = RunFigures {
            by: FiguresBy { dataset, split, convention, missing },
            step,
            is_changed: !changed.is_empty(),
            subsets: subsets.into_iter().map(subset).collect(),
        };
        match all.iter_mut().find(|old| old.by == figures.by) {
            Some(old) if old.step <= figures.step => *old = figures,
            Some(_) => {}
            None => all.push(figures),
        }
    }
    Ok(all)
}
