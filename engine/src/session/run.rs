//! The run under way, and what becomes of it in its folder.

mod pages;

use std::collections::VecDeque;

use super::engine::{Saved, Written};
use super::event_log::{EventLog, of_evaluation, of_step};
use crate::data::{Dataset, SampleEntry, Split};
use crate::failure::{Failure, sentence};
use crate::protocol::{Album, Evaluated, EvaluationReport, Recorded, StepReport};
use crate::recipe::catalogue::evaluation::MISSING;
use crate::recipe::catalogue::training;
use crate::stopwatch::Span;
use crate::training::{Checkpoint, RunError, RunFolder, Trainer};

/// The run under way.
pub(super) struct Run {
    pub(super) trainer: Trainer,
    pub(super) folder: RunFolder,
    /// Live changes that were made before the run was resumed, at this step or later ones; they are made again there.
    to_replay: VecDeque<Recorded>,
    /// Evaluations that could not be written yet.
    unkept: Vec<Evaluated>,
    /// Whether the last line of metrics could be written; a failure is told once.
    metrics_fail: bool,
    /// The same for the record.
    record_fails: bool,
    /// What TensorBoard is told, where it is told anything.
    pub(super) events: Option<EventLog>,
    /// The same for the events.
    events_fail: bool,
    /// What is to be said of the events.
    events_news: Vec<String>,
    /// The pages of pinned scenes that there are.
    album: Album,
    /// Ids of pinned scenes that the data set lacks.
    album_lacks: Vec<String>,
    /// Whether the last page could not be made or written; a failure is told once.
    album_fails: bool,
    /// Whether it was told that there is no room for another page.
    album_is_full: bool,
    /// What is to be said of the album.
    album_news: Vec<String>,
    /// What pages have taken since the step before.
    pub(super) of_pages: Vec<Span>,
}

impl Run {
    pub(super) fn new(trainer: Trainer, folder: RunFolder, to_replay: VecDeque<Recorded>) -> Self {
        Self {
            trainer,
            folder,
            to_replay,
            unkept: Vec::new(),
            metrics_fail: false,
            record_fails: false,
            events: None,
            events_fail: false,
            events_news: Vec::new(),
            album: Album::default(),
            album_lacks: Vec::new(),
            album_fails: false,
            album_is_full: false,
            album_news: Vec::new(),
            of_pages: Vec::new(),
        }
    }

    /// Tells TensorBoard of the run from here on.
    pub(super) fn begin_events(&mut self, events: EventLog) {
        self.folder.begin_events(self.trainer.steps_done());
        self.events = Some(events);
    }

    /// Tells TensorBoard of an evaluation; `pictures` are entries made before, or why there are none.
    pub(super) fn log_evaluation(&mut self, report: &EvaluationReport, pictures: Result<Vec<u8>, String>) {
        if self.events.is_none() {
            return;
        }
        let mut entries = of_evaluation(report);
        match pictures {
            Ok(pictures) => entries.extend(pictures),
            Err(reason) => self.events_news.push(reason),
        }
        self.log(&entries);
    }

    /// What cannot be written is told once, and changes nothing about the run.
    fn log(&mut self, entries: &[u8]) {
        let written = self.folder.add_events(entries);
        self.events_news.extend(told_once(&mut self.events_fail, written));
    }

    /// Adds a step to the metrics; and why nothing can be kept any more, where the run folder has gone.
    pub(super) fn keep_step(&mut self, report: &StepReport) -> (Written, Option<Failure>) {
        if self.events.is_some() {
            self.log(&of_step(report));
        }
        let written = self.folder.append_step(report);
        let gone = written.as_ref().err().filter(|error| matches!(error, RunError::Gone { .. })).and_then(Failure::of);
        let warning = told_once(&mut self.metrics_fail, written);
        (self.written(warning.into_iter().collect()), gone)
    }

    /// Adds a line to the record.
    pub(super) fn record(&mut self, entry: &Recorded) -> Written {
        if let Some(key) = entry.changed_key() {
            // What the user wants now counts for more than what was done before the run was resumed.
            self.to_replay.retain(|old| old.changed_key() != Some(key));
        }
        let written = self.folder.record(entry);
        let warning = told_once(&mut self.record_fails, written);
        self.written(warning.into_iter().collect())
    }

    fn written(&mut self, mut warnings: Vec<String>) -> Written {
        warnings.extend(self.folder.take_news());
        warnings.append(&mut self.events_news);
        Written { warnings, lacks: self.metrics_fail || self.record_fails || !self.unkept.is_empty() }
    }

    /// Makes the live changes again that the run had at this step before it was resumed; and warnings.
    pub(super) fn replay(&mut self) -> (Vec<Recorded>, Vec<String>) {
        let (mut made, mut warnings) = (Vec::new(), Vec::new());
        let step = self.trainer.steps_done();
        while let Some(entry) = self.to_replay.pop_front_if(|entry| entry.step <= step) {
            let Some(change) = entry.change() else { continue };
            match self.trainer.set(&change.key, &change.new) {
                Ok(()) => made.push(entry),
                Err(error) => {
                    warnings.push(format!("A change made before could not be made again ({change}): {error}"));
                }
            }
        }
        (made, warnings)
    }

    /// Writes a checkpoint, and evaluations that wait.
    pub(super) fn save(&mut self) -> Result<Saved, RunError> {
        self.folder.take_up()?;
        let checkpoint = self.trainer.checkpoint();
        self.keep(&checkpoint)
    }

    /// Writes a checkpoint of how the run stood before the step that something broke off, where that is still there.
    pub(super) fn rescue(&mut self) -> Result<Option<Saved>, RunError> {
        self.trainer.before_broken_step().map(|checkpoint| self.keep(&checkpoint)).transpose()
    }

    fn keep(&mut self, checkpoint: &Checkpoint) -> Result<Saved, RunError> {
        let keep = self.trainer.recipe().get(training::CHECKPOINT_KEEP);
        let path = self.folder.save_checkpoint(checkpoint, keep)?;
        // The steps have been synced with it.
        self.metrics_fail = false;
        self.log(&[]);
        // What still cannot be written was told when it was tried first.
        let warnings = self.keep_evaluations().unwrap_or_default();
        Ok(Saved { step: checkpoint.state.step, path, written: self.written(warnings) })
    }

    /// Writes an evaluation, and those before it that could not be written.
    pub(super) fn keep_evaluation(&mut self, evaluated: &Evaluated) -> Result<Written, RunError> {
        // Of single scenes only the newest counts are kept, and they take room.
        for earlier in &mut self.unkept {
            earlier.scenes = None;
        }
        self.unkept.push(evaluated.clone());
        let warnings = self.keep_evaluations()?;
        Ok(self.written(warnings))
    }

    fn keep_evaluations(&mut self) -> Result<Vec<String>, RunError> {
        let mut warnings = Vec::new();
        while let Some(evaluated) = self.unkept.first() {
            warnings.extend(self.folder.keep_evaluation(evaluated)?);
            self.unkept.remove(0);
        }
        Ok(warnings)
    }
}

/// What went wrong with a line, the first time; that the folder has gone is told otherwise.
fn told_once(fails: &mut bool, written: Result<(), RunError>) -> Option<String> {
    if matches!(written, Err(RunError::Gone { .. })) {
        return None;
    }
    let was_told = std::mem::replace(fails, written.is_err());
    written.err().filter(|_| !was_told).map(sentence)
}

/// The split that a run is scored on while it trains, and the one at its end.
pub(super) fn split_to_score(dataset: &Dataset, at_end: bool) -> Option<String> {
    let labelled = |split: &&Split| split.samples.iter().any(SampleEntry::has_label);
    let splits: Vec<&Split> = dataset.splits.iter().filter(labelled).collect();
    let named = |name: &str| splits.iter().find(|split| split.name == name);
    let at_end = if at_end { named("test") } else { None };
    let found = at_end.or_else(|| named("val")).or_else(|| splits.iter().find(|split| split.held_out));
    found.map(|split| split.name.clone())
}

/// The split whose evaluation is due where the run stands and is not among those that are kept: it was interrupted, or
/// could not be written.
pub(super) fn lacking_evaluation(trainer: &Trainer, dataset: &Dataset, kept: &[EvaluationReport]) -> Option<String> {
    let split = split_to_score(dataset, trainer.is_done()).filter(|_| trainer.evaluation_is_due())?;
    let missing = trainer.recipe().get(MISSING).word();
    let is_it = |report: &EvaluationReport| {
        (report.step, report.split.as_str()) == (trainer.steps_done(), split.as_str())
            && report.of_teacher == trainer.has_new_teacher()
            && report.dataset == dataset.name
            && report.missing == missing
    };
    (!kept.iter().any(is_it)).then_some(split)
}

/// Which evaluations before this step are missing, in words: a program that knew no better lost them to a kill.
pub(super) fn lost_evaluations(trainer: &Trainer, dataset: &Dataset, kept: &[EvaluationReport]) -> Option<String> {
    let split = split_to_score(dataset, false)?;
    let is_kept =
        |step: u64| kept.iter().any(|report| report.step == step && report.split == split && !report.of_teacher);
    let lost: Vec<u64> = trainer.evaluations_before().into_iter().filter(|&step| !is_kept(step)).collect();
    let steps: Vec<String> = lost.iter().take(3).map(u64::to_string).collect();
    let further = if lost.len() > 3 { format!(" and {} later ones", lost.len() - 3) } else { String::new() };
    (!lost.is_empty()).then(|| {
        format!(
            "Evaluations on {split} are missing and not made up, since the run has gone on from there: after step {}{further}",
            steps.join(", ")
        )
    })
}

/// What `recipe.toml` says that the run does not do: it was edited after the run had begun, and what is not part of the
/// network's structure is not taken from there.
pub(super) fn edited_by_hand(trainer: &Trainer, folder: &RunFolder) -> Option<String> {
    let is_recorded = |key: &str| trainer.changed().iter().any(|change| change.key == key);
    let mut differing = trainer.recipe().differences(folder.recipe());
    differing.retain(|difference| !is_recorded(difference.key));
    let edited: Vec<String> = differing
        .iter()
        .map(|found| format!("`{}` is {} there and {} in the run", found.key, found.theirs, found.ours))
        .collect();
    (!edited.is_empty()).then(|| {
        format!(
            "recipe.toml does not say what the run does; it was edited since, or an older program changed the run live: {}. \
             The run goes on as it was",
            edited.join(", ")
        )
    })
}

/// What happened to a run, as far as its record can be read.
pub(super) fn record_of(folder: &RunFolder, warnings: &mut Vec<String>) -> Vec<Recorded> {
    let (recorded, warning) = folder.recorded().unwrap_or_else(|error| (Vec::new(), Some(sentence(error))));
    warnings.extend(warning);
    recorded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Reading;
    use crate::fixtures::{TinyData, write_tiny_data};
    use crate::progress::unwatched;

    #[test]
    fn with_nothing_held_out_the_last_step_alone_is_scored_and_on_test() {
        let root = tempfile::tempdir().unwrap();
        write_tiny_data(root.path(), &TinyData { train: 10, val: 0, test: 2, ..TinyData::default() }).unwrap();
        let opened = Dataset::open(root.path(), &mut unwatched).unwrap();
        let scored = |dataset: &Dataset| [false, true].map(|at_end| split_to_score(dataset, at_end));
        assert_eq!(scored(&opened), [Some("val".to_owned()), Some("test".to_owned())]);
        let none = opened.read_as(&Reading { hold_out: 0.0, ..Reading::default() }).unwrap();
        assert_eq!(scored(&none), [None, Some("test".to_owned())]);
    }
}
