//! The evaluations of a run: `evaluation.json`.

use std::fs;
use std::io;

use super::RunFolder;
use crate::files::write_whole;
use crate::protocol::EvaluationReport;
use crate::training::error::RunError;

const EVALUATION: &str = "evaluation.json";

impl RunFolder {
    /// Every evaluation of this run, oldest first; empty where there is none.
    pub fn evaluations(&self) -> Result<Vec<EvaluationReport>, RunError> {
        let path = self.path.join(EVALUATION);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| RunError::damaged("evaluations", error.to_string(), &path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(RunError::unreadable("the evaluations", &error, &path)),
        }
    }

    /// Adds an evaluation to `evaluation.json`, in place of one of the same split, step and settings.
    ///
    /// A file that does not read is set aside under a free name, and the answer says so.
    pub fn add_evaluation(&self, report: &EvaluationReport) -> Result<Option<String>, RunError> {
        let (mut all, warning) = match self.evaluations() {
            Ok(all) => (all, None),
            Err(error) => (Vec::new(), Some(self.set_evaluations_aside(&error)?)),
        };
        let identity = |report: &EvaluationReport| {
            let changed = report.changed.clone();
            (report.split.clone(), report.step, report.missing.clone(), report.dataset.clone(), changed)
        };
        all.retain(|old| identity(old) != identity(report));
        all.push(report.clone());
        self.write_evaluations(&all)?;
        Ok(warning)
    }

    /// Moves `evaluation.json` out of the way of a new one, overwriting nothing.
    fn set_evaluations_aside(&self, why: &RunError) -> Result<String, RunError> {
        let path = self.path.join(EVALUATION);
        let name = |number: u32| {
            let count = if number == 1 { String::new() } else { format!("-{number}") };
            self.path.join(format!("evaluation.unreadable{count}.json"))
        };
        let unwritable = |error: io::Error| RunError::unwritable("the evaluations", &error, &path);
        let free = (1..=u32::MAX).map(name).find(|aside| matches!(aside.try_exists(), Ok(false)));
        let aside = free.ok_or_else(|| unwritable(io::ErrorKind::AlreadyExists.into()))?;
        fs::rename(&path, &aside).map_err(unwritable)?;
        Ok(format!("The earlier evaluations could not be read and were set aside ({why}): {}", aside.display()))
    }

    /// Drops the evaluations after `step`: a resumed run makes them again.
    pub fn truncate_evaluations(&self, step: u64) -> Result<Vec<EvaluationReport>, RunError> {
        let mut all = self.evaluations()?;
        let before = all.len();
        all.retain(|report| report.step <= step);
        if all.len() != before {
            self.write_evaluations(&all)?;
        }
        Ok(all)
    }

    fn write_evaluations(&self, all: &[EvaluationReport]) -> Result<(), RunError> {
        let path = self.path.join(EVALUATION);
        let written =
            serde_json::to_vec_pretty(all).map_err(io::Error::from).and_then(|bytes| write_whole(&path, &bytes));
        written.map_err(|error| RunError::unwritable("the evaluations", &error, &path))
    }
}
