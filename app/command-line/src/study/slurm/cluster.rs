//! What Slurm has of a study.

use std::collections::HashMap;
use std::path::Path;

use fusionscope_engine::study::{Job, Study};
use serde_json::{Value, json};

use super::ledger::{self, Submission};
use super::queue::{self, Seen};
use crate::exit::Failure;

/// What was submitted of a study, and what Slurm says of it.
pub struct Cluster {
    /// The newest first.
    pub submissions: Vec<Submission>,
    /// Of lists that do not read.
    pub warnings: Vec<String>,
    seen: HashMap<String, Seen>,
}

/// The newest element that was to carry out a job.
pub struct Elements<'a> {
    /// As Slurm names it, `12_3`.
    pub element: String,
    /// What Slurm says; `None` where it knows nothing of it.
    pub seen: Option<&'a Seen>,
}

impl Cluster {
    /// Asks for all that was ever submitted.
    pub fn look(out: &Path) -> Result<Self, Failure> {
        let (submissions, warnings) = ledger::submissions(out);
        let mut cluster = Self { submissions, warnings, seen: HashMap::new() };
        cluster.refresh()?;
        Ok(cluster)
    }

    /// What is known where Slurm cannot be asked.
    pub fn unasked(out: &Path) -> Self {
        let (submissions, warnings) = ledger::submissions(out);
        Self { submissions, warnings, seen: HashMap::new() }
    }

    /// Asks again.
    pub fn refresh(&mut self) -> Result<(), Failure> {
        if self.submissions.is_empty() {
            return Ok(());
        }
        let ids: Vec<&str> = self.submissions.iter().map(|submission| submission.id.as_str()).collect();
        let mut seen = queue::queue(&ids)?;
        // What has ended is forgotten by the queue in minutes, and need not be asked for twice.
        let ended = self.seen.drain().filter(|(_, one)| !one.is_live());
        for (element, one) in ended {
            seen.entry(element).or_insert(one);
        }
        let is_unknown = |submission: &Submission| submission.names().any(|element| !seen.contains_key(&element));
        if self.submissions.iter().any(is_unknown) {
            for (element, one) in queue::accounts(&ids) {
                seen.entry(element).or_insert(one);
            }
        }
        self.seen = seen;
        Ok(())
    }

    /// The newest element of a job.
    pub fn of(&self, study: &Study, job: Job) -> Option<Elements<'_>> {
        let element = self.submissions.iter().find_map(|submission| submission.element_of(study, job))?;
        let seen = self.seen.get(&element);
        Some(Elements { element, seen })
    }

    /// Whether a job waits or runs.
    pub fn has(&self, study: &Study, job: Job) -> bool {
        self.of(study, job).and_then(|found| found.seen).is_some_and(Seen::is_live)
    }

    /// `Slurm 12_3 PENDING (Resources)`; `None` of a job that was not submitted.
    pub fn words(&self, study: &Study, job: Job) -> Option<String> {
        let Elements { element, seen } = self.of(study, job)?;
        Some(match seen {
            Some(seen) => format!("Slurm {element} {}", seen.words()),
            None => format!("Slurm {element} has ended"),
        })
    }

    /// The same for programs.
    pub fn json(&self, study: &Study, job: Job) -> Value {
        self.of(study, job).map_or(Value::Null, |Elements { element, seen }| {
            json!({
                "element": element, "state": seen.map(|seen| &seen.state), "reason": seen.map(|seen| &seen.reason),
                "node": seen.map(|seen| &seen.node),
            })
        })
    }
}
