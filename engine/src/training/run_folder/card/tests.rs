//! What is known of runs that go on, end, tear and are resumed.

use std::fs;

use super::*;
use crate::protocol::{EvaluationReport, StepReport, SubsetScores};
use crate::recipe::Recipe;
use crate::training::environment::Environment;
use crate::training::run_folder::RECIPE;

fn run(runs: &Path) -> RunFolder {
    let environment = Environment {
        started: "2026-01-01T00:00:00Z".to_owned(),
        dataset: "streets".to_owned(),
        data_sum: "7".to_owned(),
        epoch_steps: 12,
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
    assert_eq!(known.card().epoch_steps, 12);
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
