//! What happens to a run between its steps is kept with it: live changes, pauses, evaluations; and nothing is kept
//! where its folder has gone. A copy of the folder of a run that is held is what a kill leaves.

use std::path::{Path, PathBuf};

use super::Session;
use super::session_tests::{Bench, LIMIT, finished, labels, trace, until};
use crate::fixtures::tiny_recipe;
use crate::protocol::{Command, EvaluationReport, Event, Happening, Level, LiveChange, SessionState};
use crate::recipe::{Recipe, Value};
use crate::training::{RunFolder, changes_in};

const RATE: &str = "training.learning_rate";
const DECAY: &str = "training.weight_decay";
const EXCHANGE: &str = "exchange.channel.enabled";

/// Two teacher and eight student steps, a checkpoint after every third.
fn recipe() -> Recipe {
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("training.steps", Value::Integer(8)).unwrap();
    recipe.set("training.evaluate_every", Value::Integer(3)).unwrap();
    recipe
}

fn paused(event: &Event) -> bool {
    *event == Event::State(SessionState::Paused)
}

fn stopped(event: &Event) -> bool {
    matches!(event, Event::State(SessionState::Stopped { .. }))
}

fn failed(event: &Event) -> bool {
    matches!(event, Event::Failure { .. })
}

fn set(session: &Session, key: &str, value: Value) {
    session.send(Command::Set { key: key.to_owned(), value }).unwrap();
}

/// Takes steps, one at a time; the run is held after each.
#[track_caller]
fn take_steps(session: &Session, count: u64) {
    for _ in 0..count {
        session.send(Command::StepOnce).unwrap();
        until(session, paused);
    }
}

/// Resumes a run and holds it before its next step; what was told.
#[track_caller]
fn resumed_and_held(session: &Session, run: &Path) -> Vec<Event> {
    session.send(Command::OpenRun { path: run.to_owned(), data: None }).unwrap();
    session.send(Command::ResumeRun).unwrap();
    session.send(Command::Pause).unwrap();
    until(session, paused)
}

#[track_caller]
fn resumed_to_the_end(bench: &Bench, run: &Path) -> Vec<Event> {
    let session = bench.session();
    session.send(Command::OpenRun { path: run.to_owned(), data: None }).unwrap();
    session.send(Command::ResumeRun).unwrap();
    until(&session, finished)
}

fn copy(from: &Path, to: &Path) -> PathBuf {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
    to.to_owned()
}

/// What must be the same however often a run was killed.
#[derive(Debug, PartialEq)]
struct Outcome {
    trace: Vec<(u64, Vec<(String, u32)>)>,
    evaluations: Vec<Counted>,
}

/// An evaluation: what was counted for each subset, and the settings that were changed before.
#[derive(Debug, PartialEq)]
struct Counted {
    split: String,
    step: u64,
    confusion: Vec<Vec<u64>>,
    changed: Vec<(u64, String)>,
}

fn outcome(run: &Path) -> Outcome {
    let folder = RunFolder::open(run).unwrap();
    let counted = |report: EvaluationReport| Counted {
        confusion: report.subsets.into_iter().map(|subset| subset.confusion).collect(),
        changed: places(&report.changed),
        split: report.split,
        step: report.step,
    };
    let evaluations = folder.evaluations().unwrap().into_iter().map(counted).collect();
    Outcome { trace: trace(&folder.steps().unwrap()), evaluations }
}

fn places(changes: &[LiveChange]) -> Vec<(u64, String)> {
    changes.iter().map(|change| (change.step, change.key.clone())).collect()
}

/// Trains with live changes after steps 3, where a checkpoint is, 4 and 5. The run, and a copy of it as it stood after
/// step 6, where the next checkpoint is.
fn trained_with_changes(bench: &Bench) -> (PathBuf, PathBuf) {
    let session = bench.loaded(recipe());
    take_steps(&session, 3);
    set(&session, DECAY, Value::Number(0.03));
    take_steps(&session, 1);
    set(&session, RATE, Value::Number(0.1 + 0.2));
    take_steps(&session, 1);
    set(&session, EXCHANGE, Value::Switch(false));
    set(&session, RATE, Value::Number(0.002));
    take_steps(&session, 1);
    let run = bench.run_folder().path().to_owned();
    let killed = copy(&run, &bench.folder.path().join("killed"));
    session.send(Command::Start).unwrap();
    until(&session, finished);
    (run, killed)
}

#[test]
fn a_killed_run_with_live_changes_continues_its_trace() {
    let bench = Bench::new();
    let (run, killed) = trained_with_changes(&bench);
    // The changes are in the checkpoint of step 6.
    let beside = copy(&killed, &bench.folder.path().join("beside"));
    resumed_to_the_end(&bench, &beside);
    assert_eq!(outcome(&beside), outcome(&run));

    // Without that checkpoint the run goes on from step 3, before all of the changes; it is killed again after step 4.
    std::fs::remove_dir_all(killed.join("checkpoints/step-6")).unwrap();
    let session = bench.session();
    let events = resumed_and_held(&session, &killed);
    assert!(labels(&events).contains(&(3, "training: weight decay 0.03".to_owned())), "{:?}", labels(&events));
    take_steps(&session, 1);
    let again = copy(&killed, &bench.folder.path().join("again"));
    for killed in [killed, again] {
        if killed.ends_with("again") {
            resumed_to_the_end(&bench, &killed);
        } else {
            session.send(Command::Start).unwrap();
            until(&session, finished);
        }
        assert_eq!(outcome(&killed), outcome(&run));
        let last = |run: &Path| RunFolder::open(run).unwrap().newest_checkpoint().unwrap().0.unwrap().state.recipe;
        assert_eq!(last(&killed), last(&run));
    }
}

#[test]
fn a_change_by_hand_after_resuming_takes_the_place_of_those_that_were_to_be_made_again() {
    let bench = Bench::new();
    let (_, killed) = trained_with_changes(&bench);
    std::fs::remove_dir_all(killed.join("checkpoints/step-6")).unwrap();
    let session = bench.session();
    resumed_and_held(&session, &killed);
    set(&session, RATE, Value::Number(0.007));
    session.send(Command::Start).unwrap();
    until(&session, finished);
    drop(session);

    let other = Bench::new();
    let session = other.loaded(recipe());
    take_steps(&session, 3);
    set(&session, DECAY, Value::Number(0.03));
    set(&session, RATE, Value::Number(0.007));
    take_steps(&session, 2);
    set(&session, EXCHANGE, Value::Switch(false));
    session.send(Command::Start).unwrap();
    until(&session, finished);
    assert_eq!(outcome(&killed).trace, outcome(other.run_folder().path()).trace);
    let recorded = RunFolder::open(&killed).unwrap().recorded().unwrap().0;
    let made = places(&changes_in(&recorded));
    assert_eq!(made, [(3, DECAY), (3, RATE), (5, EXCHANGE)].map(|(step, key)| (step, key.to_owned())));
}

#[test]
fn opening_a_run_brings_back_what_happened_to_it() {
    let bench = Bench::new();
    let (run, _) = trained_with_changes(&bench);
    let session = bench.session();
    session.send(Command::OpenRun { path: run.clone(), data: None }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Changed(_)));
    let marks = labels(&events);
    let expected = [
        (0, "start, teacher phase"),
        (1, "paused"),
        (2, "student phase"),
        (3, "checkpoint"),
        (3, "training: weight decay 0.03"),
        (4, "training: learning rate 0.30000000000000004"),
        (5, "channel exchange off"),
        (5, "training: learning rate 0.002"),
        (6, "checkpoint"),
        (9, "checkpoint"),
        (10, "checkpoint"),
    ];
    assert_eq!(marks, expected.map(|(step, label)| (step, label.to_owned())));
    let Some(Event::Changed(changes)) = events.last() else { panic!() };
    let expected = [(3, DECAY), (4, RATE), (5, EXCHANGE), (5, RATE)].map(|(step, key)| (step, key.to_owned()));
    assert_eq!(places(changes), expected);
    // Figures say so, too, in the run and in the model that is made of it.
    let folder = RunFolder::open(&run).unwrap();
    let evaluations = folder.evaluations().unwrap();
    assert_eq!(places(&evaluations.last().unwrap().changed), expected);
    assert_eq!(folder.recipe().value(EXCHANGE), Some(&Value::Switch(true)), "the recipe at the start");
    let model = bench.folder.path().join("model.safetensors");
    crate::training::export_model(&run, &model, false).unwrap();
    let (opened, _) = crate::training::open_model(&model, &burn::tensor::Device::flex()).unwrap();
    assert_eq!(places(&opened.changed), expected);
}

#[test]
fn a_run_without_a_record_opens_and_resumes_as_before() {
    let bench = Bench::new();
    let session = bench.loaded(recipe());
    take_steps(&session, 4);
    let run = bench.run_folder().path().to_owned();
    let old = copy(&run, &bench.folder.path().join("old"));
    std::fs::remove_file(old.join("record.jsonl")).unwrap();
    session.send(Command::Start).unwrap();
    until(&session, finished);
    let events = resumed_to_the_end(&bench, &old);
    assert!(!events.iter().any(failed), "{events:?}");
    assert_eq!(outcome(&old), outcome(&run));
    let recorded = RunFolder::open(&old).unwrap().recorded().unwrap().0;
    assert!(matches!(recorded[0].what, Happening::Resume { .. }) && recorded[0].step == 3, "{recorded:?}");
}

#[test]
fn an_evaluation_that_a_kill_has_cost_is_made_when_the_run_is_resumed() {
    let mut recipe = recipe();
    recipe.set("training.checkpoint_every", Value::Integer(5)).unwrap();
    let bench = Bench::new();
    let session = bench.loaded(recipe);
    take_steps(&session, 5);
    let run = bench.run_folder().path().to_owned();
    // Step 5 is the third of the student phase: a checkpoint is due, and then an evaluation.
    let killed = copy(&run, &bench.folder.path().join("killed"));
    let keep = |reports: &[EvaluationReport]| {
        std::fs::write(killed.join("evaluation.json"), serde_json::to_vec(reports).unwrap()).unwrap();
    };
    let kept = RunFolder::open(&killed).unwrap().evaluations().unwrap();
    keep(&kept[..1]);
    session.send(Command::Start).unwrap();
    until(&session, finished);
    let evaluations = outcome(&run).evaluations;
    let made: Vec<(&str, u64)> = evaluations.iter().map(|report| (report.split.as_str(), report.step)).collect();
    assert_eq!(made, [("val", 2), ("val", 5), ("val", 8), ("test", 10)]);

    resumed_to_the_end(&bench, &killed);
    assert_eq!(outcome(&killed), outcome(&run));

    // All steps are taken, and the last evaluation was lost.
    let kept = RunFolder::open(&killed).unwrap().evaluations().unwrap();
    keep(&kept[..3]);
    let events = resumed_to_the_end(&bench, &killed);
    assert!(events.iter().any(|event| matches!(event, Event::Evaluation(report) if report.split == "test")));
    assert_eq!(outcome(&killed), outcome(&run));

    // One on the way is lost as well, as programs before this one lost some: it is said.
    keep(&kept[2..3]);
    let events = resumed_to_the_end(&bench, &killed);
    let warns = |event: &Event| matches!(event, Event::Notice { level: Level::Warning, text, .. } if text.contains("not made up, since the run has gone on from there: after step 5"));
    assert!(events.iter().any(warns), "{events:?}");
    assert_eq!(outcome(&killed).evaluations, outcome(&run).evaluations[2..]);

    // Nothing is missing.
    let session = bench.session();
    session.send(Command::OpenRun { path: killed.clone(), data: None }).unwrap();
    session.send(Command::ResumeRun).unwrap();
    let refusal = loop {
        if let Event::State(SessionState::Failed(failure)) = session.events().recv_timeout(LIMIT).unwrap() {
            break failure.text;
        }
    };
    assert!(refusal.contains("nothing left to train"), "{refusal}");
}

#[test]
fn the_evaluation_of_a_teacher_is_made_up_where_a_kill_has_cost_it_and_is_no_evaluation_of_the_student() {
    let mut recipe = recipe();
    recipe.set("training.checkpoint_every", Value::Integer(2)).unwrap();
    recipe.set("training.evaluate_every", Value::Integer(0)).unwrap();
    let bench = Bench::new();
    let session = bench.loaded(recipe);
    take_steps(&session, 2);
    let run = bench.run_folder().path().to_owned();
    // The teacher's last step: a checkpoint is due, and then its evaluation.
    let killed = copy(&run, &bench.folder.path().join("killed"));
    let whole = copy(&run, &bench.folder.path().join("whole"));
    std::fs::remove_file(killed.join("evaluation.json")).unwrap();
    session.send(Command::Start).unwrap();
    until(&session, finished);
    for resumed in [&killed, &whole] {
        let session = bench.session();
        let events = resumed_and_held(&session, resumed);
        let evaluates = |event: &Event| matches!(event, Event::State(SessionState::Evaluating { .. }));
        assert_eq!(events.iter().any(evaluates), resumed == &killed, "{events:?}");
        let warns = |event: &Event| matches!(event, Event::Notice { level: Level::Warning, text, .. } if text.contains("valuation"));
        assert!(!events.iter().any(warns), "{events:?}");
        session.send(Command::Start).unwrap();
        until(&session, finished);
        assert_eq!(outcome(resumed), outcome(&run));
    }
    let kept = RunFolder::open(&killed).unwrap().evaluations().unwrap();
    let told: Vec<_> = kept.iter().map(|report| (report.split.as_str(), report.step, report.of_teacher)).collect();
    assert_eq!(told, [("val", 2, true), ("test", 10, false)]);
    // One of the student at the same step, for example by a run opened there, takes no other's place.
    let student = EvaluationReport { of_teacher: false, ..kept[0].clone() };
    let mut folder = RunFolder::open(&killed).unwrap();
    folder.add_evaluation(&student).unwrap();
    assert_eq!(folder.evaluations().unwrap().len(), 3);
}

#[test]
fn a_run_of_a_program_that_evaluated_no_teachers_lacks_nothing() {
    let bench = Bench::new();
    let session = bench.loaded(recipe());
    take_steps(&session, 5);
    let run = bench.run_folder().path().to_owned();
    let old = copy(&run, &bench.folder.path().join("old"));
    let kept = RunFolder::open(&old).unwrap().evaluations().unwrap();
    let mut of_student = serde_json::to_value(&kept[1..]).unwrap();
    assert!(of_student[0].as_object_mut().unwrap().remove("of_teacher").is_none(), "said of a teacher's alone");
    std::fs::write(old.join("evaluation.json"), serde_json::to_vec(&of_student).unwrap()).unwrap();
    let events = resumed_to_the_end(&bench, &old);
    let warns = |event: &Event| matches!(event, Event::Notice { level: Level::Warning, text, .. } if text.contains("valuation"));
    assert!(!events.iter().any(warns), "{events:?}");
}

#[test]
fn a_run_whose_folder_goes_while_it_trains_is_held_and_goes_on_when_it_is_back() {
    let mut long = recipe();
    long.set("training.steps", Value::Integer(100_000)).unwrap();
    long.set("training.evaluate_every", Value::Integer(0)).unwrap();
    let bench = Bench::new();
    let session = bench.started(long);
    until(&session, |event| matches!(event, Event::Steps(_)));
    let run = bench.run_folder().path().to_owned();
    let moved = bench.folder.path().join("moved");
    std::fs::rename(&run, &moved).unwrap();
    let events = until(&session, paused);
    let told = |events: &[Event]| -> Vec<String> {
        let text =
            |event: &Event| if let Event::Failure { failure, .. } = event { Some(failure.text.clone()) } else { None };
        events.iter().filter_map(text).collect()
    };
    let message = &told(&events)[0];
    assert!(message.contains("found nothing") && message.contains("Put it back and go on"), "{message}");
    assert!(message.ends_with(&run.display().to_string()), "{message}");
    for command in [Command::SaveCheckpoint, Command::Start, Command::StepOnce] {
        session.send(command).unwrap();
        until(&session, failed);
    }
    assert!(!run.exists(), "something was made without its recipe");
    // A folder of another run in its place is none of this one's.
    copy(&moved, &run);
    std::fs::write(run.join("recipe.toml"), tiny_recipe().unwrap().to_toml()).unwrap();
    let before = std::fs::read(run.join("record.jsonl")).unwrap();
    session.send(Command::SaveCheckpoint).unwrap();
    let events = until(&session, failed);
    assert!(told(&events)[0].contains("found another folder"), "{events:?}");
    assert_eq!(std::fs::read(run.join("record.jsonl")).unwrap(), before);
    std::fs::remove_dir_all(&run).unwrap();

    std::fs::rename(&moved, &run).unwrap();
    session.send(Command::Start).unwrap();
    until(&session, |event| matches!(event, Event::Steps(_)));
    session.send(Command::Stop).unwrap();
    let events = until(&session, stopped);
    assert!(told(&events).is_empty(), "{events:?}");
    let folder = RunFolder::open(&run).unwrap();
    let steps: Vec<u64> = folder.steps().unwrap().iter().map(|report| report.step).collect();
    assert_eq!(steps, (1..=steps.len() as u64).collect::<Vec<_>>());
    assert_eq!(folder.newest_checkpoint().unwrap().0.unwrap().state.step, steps.len() as u64);
    let recorded = folder.recorded().unwrap().0;
    assert!(recorded.iter().any(|entry| matches!(&entry.what, Happening::Warning { label } if label.contains("gone"))));
}

#[test]
fn a_run_whose_folder_was_removed_can_be_stopped_and_discarded() {
    let mut long = recipe();
    // Nothing is made in the folder while it is being removed.
    for (key, number) in [("training.steps", 100_000), ("training.evaluate_every", 0), ("training.checkpoint_every", 0)]
    {
        long.set(key, Value::Integer(number)).unwrap();
    }
    let bench = Bench::new();
    let session = bench.started(long);
    // The teacher's, after which there is none on the way.
    until(&session, |event| matches!(event, Event::Evaluation(_)));
    let run = bench.run_folder().path().to_owned();
    while run.exists() {
        // A line may be written while files go.
        let _again = std::fs::remove_dir_all(&run);
    }
    until(&session, paused);
    session.send(Command::Stop).unwrap();
    let events = until(&session, stopped);
    assert!(events.iter().any(|event| matches!(event, Event::Unsaved(Some(_)))), "{events:?}");
    session.send(Command::Discard).unwrap();
    until(&session, |event| *event == Event::Unsaved(None));
    assert!(!run.exists());
}
