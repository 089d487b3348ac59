//! What is known of a run without its network, kept up to date: only what has changed on the disk is read again.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ENVIRONMENT, RECORD, RunFolder, RunStamps, figures};
use crate::failure::sentence;
use crate::files::stamp::Stamp;
use crate::files::{open_regular, read_regular};
use crate::protocol::{Happening, Recorded, RunCard, RunStanding, RunTrace, TrainingTime};

/// The last happening is looked for in this much at the end of the record, in bytes.
const LAST_BYTES: u64 = 1 << 14;
/// A run that has taken its last step may still be evaluated for as long as this.
const EVALUATING: Duration = Duration::from_mins(30);

/// A run that is looked at again and again.
#[derive(Debug)]
pub struct KnownRun {
    card: RunCard,
    seen: RunStamps,
    /// The metrics as they were when their times were summed, and when they were traced.
    summed: Stamp,
    traced: (Stamp, Stamp),
    /// The last step that was traced.
    traced_to: u64,
    /// The last thing that the record holds.
    last: Option<Recorded>,
    /// Why its metrics, its evaluations or its notes do not read.
    faults: [Option<String>; 3],
}

impl KnownRun {
    /// A run of which nothing was read yet.
    pub fn new(path: PathBuf) -> Self {
        Self {
            card: RunCard { path, ..RunCard::default() },
            seen: RunStamps::default(),
            summed: Stamp::default(),
            traced: (Stamp::default(), Stamp::default()),
            traced_to: 0,
            last: None,
            faults: [const { None }; 3],
        }
    }

    /// What is known of it.
    pub fn card(&self) -> &RunCard {
        &self.card
    }

    /// Whether a run still stands there.
    pub fn is_there(&self) -> bool {
        self.seen.recipe.is_there()
    }

    /// Reads what has changed since the last look; says whether anything known of it has.
    pub fn look(&mut self) -> bool {
        let now = RunStamps::of(&self.card.path);
        let before = (self.card.standing.clone(), std::mem::take(&mut self.card.holder));
        let has_changed = now != self.seen;
        if now.recipe != self.seen.recipe {
            self.read_recipe();
        }
        if now.environment != self.seen.environment {
            self.read_environment();
        }
        if now.metrics != self.seen.metrics {
            self.read_metrics();
        }
        if now.record != self.seen.record {
            self.last = last_happening(&self.card.path.join(RECORD));
        }
        if now.evaluation != self.seen.evaluation {
            self.read_figures();
        }
        if now.notes != self.seen.notes {
            let notes = RunFolder::notes(&self.card.path);
            self.faults[2] = notes.as_ref().err().map(sentence);
            self.card.notes = notes.unwrap_or_default();
        }
        self.seen = now;
        self.stand();
        has_changed || before.0 != self.card.standing || before.1 != self.card.holder
    }

    /// Sums up what its steps took, where they have changed since; says whether it did. It costs a reading of all
    /// steps.
    pub fn sum_up(&mut self) -> bool {
        if self.summed == self.seen.metrics || self.card.recipe.is_none() {
            return false;
        }
        self.summed = self.seen.metrics;
        let Ok(steps) = RunFolder::open(&self.card.path).and_then(|folder| folder.steps()) else { return false };
        let secs: f64 = steps.iter().map(|step| step.secs).filter(|secs| secs.is_finite()).sum();
        let (held, all) = (steps.len() as u64, steps.last().map_or(0, |step| step.step));
        self.card.training = (held > 0).then(|| TrainingTime {
            secs: if held < all { secs / held as f64 * all as f64 } else { secs },
            is_whole: held >= all,
        });
        true
    }

    /// Its steps and evaluations, where they have changed since the last trace; `anew` tells all of them.
    pub fn trace(&mut self, anew: bool) -> Option<RunTrace> {
        let now = (self.seen.metrics, self.seen.evaluation);
        if (now == self.traced && !anew) || self.card.recipe.is_none() {
            return None;
        }
        let folder = RunFolder::open(&self.card.path).ok()?;
        let mut steps = folder.steps().unwrap_or_default();
        let mut evaluations = folder.evaluations().unwrap_or_default();
        for subset in evaluations.iter_mut().flat_map(|report| &mut report.subsets) {
            subset.confusion = Vec::new();
        }
        let protocols = folder.protocols().unwrap_or_default();
        let last = steps.last().map_or(0, |step| step.step);
        // A resumed run is shorter at first, and what was told of its later steps does not hold any more.
        let is_whole = anew || last < self.traced_to || now.0.length() < self.traced.0.length();
        if !is_whole {
            steps.retain(|step| step.step > self.traced_to);
        }
        (self.traced, self.traced_to) = (now, last);
        Some(RunTrace { run: self.card.path.clone(), is_whole, steps, evaluations, protocols })
    }

    fn read_recipe(&mut self) {
        match RunFolder::open(&self.card.path) {
            Ok(folder) => {
                self.card.recipe = Some(folder.recipe().clone());
                self.card.standing = RunStanding::default();
            }
            Err(error) => {
                self.card.recipe = None;
                self.card.standing = RunStanding::Unreadable(sentence(error));
            }
        }
    }

    fn read_environment(&mut self) {
        let bytes = read_regular(&self.card.path.join(ENVIRONMENT)).unwrap_or_default();
        let environment: super::Environment = serde_json::from_slice(&bytes).unwrap_or_default();
        self.card.started = environment.started;
        self.card.dataset = environment.dataset;
        self.card.data_sum = environment.data_sum;
        self.card.epoch_steps = environment.epoch_steps;
    }

    fn read_metrics(&mut self) {
        match RunFolder::last_step_at(&self.card.path) {
            Ok(last) => {
                let (step, steps) = last.map_or((0, 0), |last| (last.step, last.total_steps));
                (self.card.step, self.card.steps, self.faults[0]) = (step, steps, None);
            }
            Err(error) => self.faults[0] = Some(format!("Could not read the metrics: {error}")),
        }
    }

    fn read_figures(&mut self) {
        let figures = figures::newest(&self.card.path);
        self.faults[1] = figures.as_ref().err().map(|error| format!("Could not read the evaluations: {error}"));
        self.card.figures = figures.unwrap_or_default();
    }

    /// Works out whether it is at work, or how it ended.
    fn stand(&mut self) {
        let RunCard { path, step, steps, recipe, .. } = &self.card;
        if recipe.is_none() {
            return;
        }
        let is_complete = *steps > 0 && step >= steps;
        let may_be_at_work =
            !is_complete || [self.seen.metrics, self.seen.evaluation].iter().any(|stamp| stamp.is_within(EVALUATING));
        let holder = if may_be_at_work { RunFolder::trainer_of(path) } else { None };
        let last = self.last.as_ref();
        self.card.standing = match (&self.faults[0], &holder) {
            (Some(fault), _) => RunStanding::Unreadable(fault.clone()),
            (None, Some(_)) if last.is_some_and(|last| last.what == Happening::Pause) => RunStanding::Held,
            (None, Some(_)) => RunStanding::Running,
            (None, None) if is_complete => RunStanding::Complete,
            // A window that closes keeps the run with a checkpoint of its last step.
            (None, None) => match last {
                Some(Recorded { what: Happening::Stop, .. }) => RunStanding::Stopped,
                Some(Recorded { what: Happening::Checkpoint, step: at, .. }) if at == step => RunStanding::Stopped,
                _ => RunStanding::BrokenOff,
            },
        };
        self.card.holder = holder.unwrap_or_default();
    }

    /// What of it does not read, beside its recipe and its metrics.
    pub fn faults(&self) -> impl Iterator<Item = String> {
        self.faults[1..].iter().flatten().map(|fault| format!("{fault}: {}", self.card.path.display()))
    }
}

fn last_happening(path: &Path) -> Option<Recorded> {
    let mut file = open_regular(path).ok()?;
    let length = file.seek(SeekFrom::End(0)).ok()?;
    file.seek(SeekFrom::Start(length.saturating_sub(LAST_BYTES))).ok()?;
    let mut bytes = Vec::new();
    file.take(LAST_BYTES).read_to_end(&mut bytes).ok()?;
    bytes.split(|&byte| byte == b'\n').rev().find_map(|line| serde_json::from_slice(line).ok())
}

#[cfg(test)]
mod tests;
