//! A run as it stands in a list of runs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::report::EvaluationReport;
use crate::files::path_json;

/// What a list of runs says of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// The run folder.
    #[serde(with = "path_json")]
    pub path: PathBuf,
    /// The recipe's name.
    pub name: String,
    /// When it began, in UTC: `2026-11-21T08:15:00Z`; empty where unknown.
    pub started: String,
    /// The data set's name; empty where unknown.
    pub dataset: String,
    /// Steps that were taken.
    pub step: u64,
    /// Steps that it was to take; 0 where unknown.
    pub steps: u64,
    /// Whether it came to its end.
    pub state: RunState,
    /// The newest evaluation's headline.
    pub score: Option<RunScore>,
}

/// How far a run came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// All steps were taken.
    Complete,
    /// It ended on its way, or it is still under way.
    Incomplete,
    /// Its files could not be read, and why.
    Unreadable(String),
}

/// The headline of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunScore {
    /// The split.
    pub split: String,
    /// The mean IoU with all sensors, 0 to 1.
    pub miou: f64,
}

impl RunScore {
    /// The headline of a report: all sensors on the whole split. A teacher's report has none: it is not what the run
    /// makes.
    pub fn of(report: &EvaluationReport) -> Option<Self> {
        if report.of_teacher {
            return None;
        }
        let whole = report.subsets.iter().filter(|subset| subset.tag.is_empty());
        let best = whole.max_by_key(|subset| subset.sensors.len())?;
        Some(Self { split: report.split.clone(), miou: best.miou? })
    }
}
