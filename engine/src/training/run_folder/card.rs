//! What is known of a run without its network, kept up to date: only what has changed on the disk is read again.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::notes::NOTES;
use super::{ENVIRONMENT, EVALUATION, METRICS, RECIPE, RECORD, RunFolder};
use crate::failure::sentence;
use crate::files::{open_regular, read_regular};
use crate::protocol::{
    FiguresBy, Happening, Recorded, RunCard, RunFigures, RunStanding, RunTrace, SubsetFigure, TrainingTime,
};

/// The last happening is looked for in this much at the end of the record, in bytes.
const LAST_BYTES: u64 = 1 << 14;
/// A run that has taken its last step may still be evaluated for as long as this.
const EVALUATING: Duration = Duration::from_mins(30);

/// A run that is looked at again and again.
#[derive(Debug)]
pub struct KnownRun {
    card: RunCard,
    seen: Stamps,
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

/// When a file was changed last, and how long it is; nothing where it is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    fn of(path: &Path) -> Self {
        Self(fs::metadata(path).ok().and_then(|found| Some((found.modified().ok()?, found.len()))))
    }

    fn is_recent(self) -> bool {
        self.0.is_some_and(|(changed, _)| SystemTime::now().duration_since(changed).is_ok_and(|age| age < EVALUATING))
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Stamps {
    recipe: Stamp,
    environment: Stamp,
    metrics: Stamp,
    record: Stamp,
    evaluation: Stamp,
    notes: Stamp,
}

impl Stamps {
    fn of(run: &Path) -> Self {
        let of = |name: &str| Stamp::of(&run.join(name));
        Self {
            recipe: of(RECIPE),
            environment: of(ENVIRONMENT),
            metrics: of(METRICS),
            record: of(RECORD),
            evaluation: of(EVALUATION),
            notes: of(NOTES),
        }
    }
}

impl KnownRun {
    /// A run of which nothing was read yet.
    pub fn new(path: PathBuf) -> Self {
        Self {
            card: RunCard { path, ..RunCard::default() },
            seen: Stamps::default(),
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
        self.seen.recipe != Stamp::default()
    }

    /// Reads what has changed since the last look; says whether anything known of it has.
    pub fn look(&mut self) -> bool {
        let now = Stamps::of(&self.card.path);
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

    /// Sums up what its steps took, where they have changed since; says whether it did. It costs a reading of all steps.
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
        let last = steps.last().map_or(0, |step| step.step);
        let length = |stamp: Stamp| stamp.0.map_or(0, |(_, length)| length);
        // A resumed run is shorter at first, and what was told of its later steps does not hold any more.
        let is_whole = anew || last < self.traced_to || length(now.0) < length(self.traced.0);
        if !is_whole {
            steps.retain(|step| step.step > self.traced_to);
        }
        (self.traced, self.traced_to) = (now, last);
        Some(RunTrace { run: self.card.path.clone(), is_whole, steps, evaluations })
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
        let bytes = read_regular(&self.card.path.join(EVALUATION));
        self.faults[1] = None;
        self.card.figures = match bytes.as_deref().map(serde_json::from_slice::<Vec<Report>>) {
            Ok(Ok(reports)) => newest(reports),
            Ok(Err(error)) => {
                self.faults[1] = Some(format!("Could not read the evaluations: {error}"));
                Vec::new()
            }
            Err(_none) => Vec::new(),
        };
    }

    /// Works out whether it is at work, or how it ended.
    fn stand(&mut self) {
        let RunCard { path, step, steps, recipe, .. } = &self.card;
        if recipe.is_none() {
            return;
        }
        let is_complete = *steps > 0 && step >= steps;
        let may_be_at_work = !is_complete || self.seen.metrics.is_recent() || self.seen.evaluation.is_recent();
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

/// What is read of an evaluation: its matrices and classes are many times longer.
#[derive(Deserialize)]
struct Report {
    dataset: String,
    split: String,
    step: u64,
    #[serde(default)]
    of_teacher: bool,
    missing: String,
    #[serde(default)]
    single: String,
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

/// The newest figures of each kind, in the order in which the kinds first came.
fn newest(reports: Vec<Report>) -> Vec<RunFigures> {
    let mut all: Vec<RunFigures> = Vec::new();
    // A teacher's are no figures of the run's network.
    for report in reports.into_iter().filter(|report| !report.of_teacher) {
        let Report { dataset, split, step, missing, single, convention, changed, subsets, .. } = report;
        let missing = crate::protocol::missing_words(&missing, &single);
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
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{EvaluationReport, StepReport, SubsetScores};
    use crate::recipe::Recipe;
    use crate::training::environment::Environment;

    fn run(runs: &Path) -> RunFolder {
        let environment = Environment {
            started: "2026-01-01T00:00:00Z".to_owned(),
            dataset: "streets".to_owned(),
            data_sum: "7".to_owned(),
            ..Environment::default()
        };
        RunFolder::create(runs, &Recipe::defaults("a"), &environment).unwrap()
    }

    fn step(step: u64) -> StepReport {
        StepReport { step, total_steps: 3, secs: 0.5, ..StepReport::default() }
    }

    fn report(step: u64, miou: f64, missing: &str) -> EvaluationReport {
        let whole = SubsetScores { sensors: vec!["colour".to_owned()], miou: Some(miou), ..SubsetScores::default() };
        EvaluationReport {
            dataset: "streets".to_owned(),
            split: "val".to_owned(),
            step,
            missing: missing.to_owned(),
            convention: "nanmean".to_owned(),
            subsets: vec![whole],
            ..EvaluationReport::default()
        }
    }

    #[test]
    fn a_run_is_known_as_it_goes_on_and_only_changes_are_told() {
        let runs = tempfile::tempdir().unwrap();
        let mut folder = run(runs.path());
        let mut known = KnownRun::new(folder.path().to_owned());
        assert!(known.look() && known.is_there());
        assert_eq!((known.card().dataset.as_str(), known.card().step), ("streets", 0));
        assert_eq!(known.card().standing, RunStanding::BrokenOff, "begun, and nobody trains it");

        folder.lock().unwrap();
        for at in 1..=2 {
            folder.append_step(&step(at)).unwrap();
        }
        assert!(known.look());
        assert_eq!((known.card().step, known.card().steps), (2, 3));
        assert_eq!(known.card().standing, RunStanding::Running);
        assert!(known.card().holder.contains("process"), "{}", known.card().holder);
        assert!(!known.look(), "nothing has changed since");
        assert!(known.sum_up() && !known.sum_up());
        assert_eq!(known.card().training, Some(TrainingTime { secs: 1.0, is_whole: true }));

        folder.add_evaluation(&report(1, 0.4, "zeros")).unwrap();
        folder.add_evaluation(&report(2, 0.5, "zeros")).unwrap();
        folder.add_evaluation(&report(1, 0.7, "drop")).unwrap();
        folder.add_evaluation(&EvaluationReport { of_teacher: true, ..report(3, 0.9, "zeros") }).unwrap();
        folder.append_step(&step(3)).unwrap();
        drop(folder);
        assert!(known.look());
        assert_eq!(known.card().standing, RunStanding::Complete);
        let told: Vec<_> =
            known.card().figures.iter().map(|figures| (figures.by.missing.as_str(), figures.all_sensors(""))).collect();
        assert_eq!(told, [("zeros", Some(0.5)), ("drop", Some(0.7))], "the newest of each kind, none the teacher's");
    }

    #[test]
    fn a_stopped_run_a_killed_one_and_a_torn_one_are_told_apart() {
        let runs = tempfile::tempdir().unwrap();
        let standing = |folder: &RunFolder| {
            let mut known = KnownRun::new(folder.path().to_owned());
            known.look();
            known.card().standing.clone()
        };
        let mut stopped = run(runs.path());
        stopped.append_step(&step(2)).unwrap();
        let line = |what: &str, at: u64| format!("{{\"at\":\"\",\"step\":{at},\"what\":\"{what}\"}}\n");
        fs::write(stopped.path().join(RECORD), line("stop", 2)).unwrap();
        assert_eq!(standing(&stopped), RunStanding::Stopped);
        fs::write(stopped.path().join(RECORD), line("checkpoint", 1)).unwrap();
        assert_eq!(standing(&stopped), RunStanding::BrokenOff, "a step was taken after it");
        fs::write(stopped.path().join(RECORD), line("checkpoint", 2)).unwrap();
        assert_eq!(standing(&stopped), RunStanding::Stopped);
        let torn = run(runs.path());
        fs::write(torn.path().join(RECIPE), "no recipe").unwrap();
        assert!(matches!(standing(&torn), RunStanding::Unreadable(why) if why.contains("recipe")));
    }

    #[test]
    fn a_trace_tells_what_is_new_and_all_again_after_a_resume() {
        let runs = tempfile::tempdir().unwrap();
        let mut folder = run(runs.path());
        let mut known = KnownRun::new(folder.path().to_owned());
        let trace = |known: &mut KnownRun| {
            known.look();
            known.trace(false).map(|trace| {
                (trace.is_whole, trace.steps.iter().map(|step| step.step).collect::<Vec<_>>(), trace.evaluations.len())
            })
        };
        folder.append_step(&step(1)).unwrap();
        assert_eq!(trace(&mut known), Some((false, vec![1], 0)));
        assert_eq!(trace(&mut known), None);
        folder.append_step(&step(2)).unwrap();
        folder.add_evaluation(&report(2, 0.5, "zeros")).unwrap();
        assert_eq!(trace(&mut known), Some((false, vec![2], 1)));
        folder.truncate_steps(1).unwrap();
        assert_eq!(trace(&mut known), Some((true, vec![1], 1)));
        assert_eq!(known.trace(true).map(|trace| trace.steps.len()), Some(1));
    }
}
