//! Files of a run that cannot be written, or that others remove, while it trains: what is said of them, and when that ends.

use std::path::PathBuf;

use super::Session;
use super::session_tests::{Bench, until};
use crate::fixtures::tiny_recipe;
use crate::protocol::{Command, Event, Level, SessionState, Subject};
use crate::recipe::Value;
use crate::training::RunFolder;

/// A run that is held after its first step, and its folder.
fn held(bench: &Bench) -> (Session, PathBuf) {
    let mut recipe = tiny_recipe().unwrap();
    for key in ["training.evaluate_every", "training.checkpoint_every"] {
        recipe.set(key, Value::Integer(0)).unwrap();
    }
    recipe.set("training.steps", Value::Integer(20)).unwrap();
    // Without a teacher, which would be evaluated.
    for key in ["objective.relation", "objective.feature"] {
        recipe.set_text(key, "off").unwrap();
    }
    let session = bench.loaded(recipe);
    take_step(&session);
    let run = bench.run_folder().path().to_owned();
    (session, run)
}

#[track_caller]
fn take_step(session: &Session) -> Vec<Event> {
    session.send(Command::StepOnce).unwrap();
    until(session, paused)
}

#[track_caller]
fn evaluate(session: &Session) -> Vec<Event> {
    session.send(Command::Evaluate { split: "val".to_owned() }).unwrap();
    until(session, paused)
}

fn set_rate(session: &Session, rate: f64) {
    let key = "training.learning_rate".to_owned();
    session.send(Command::Set { key, value: Value::Number(rate) }).unwrap();
}

fn paused(event: &Event) -> bool {
    *event == Event::State(SessionState::Paused)
}

fn warns(event: &Event) -> bool {
    matches!(event, Event::Notice { about: Subject::Record, level: Level::Warning, .. })
}

fn warns_of(event: &Event, words: &str) -> bool {
    matches!(event, Event::Notice { level: Level::Warning, text, .. } if text.contains(words))
}

fn is_good_news(event: &Event) -> bool {
    event.settles(Subject::Record)
}

#[test]
fn a_warning_about_files_of_the_run_ends_when_all_can_be_written_again() {
    let bench = Bench::new();
    let (session, run) = held(&bench);
    let partial = |name: &str| run.join(format!(".{name}.partial"));
    for name in ["metrics.jsonl", "record.jsonl"] {
        std::fs::remove_file(run.join(name)).unwrap();
        // In the way of what is to be put back.
        std::fs::create_dir(partial(name)).unwrap();
    }
    assert!(take_step(&session).iter().any(warns));
    set_rate(&session, 0.01);
    until(&session, warns);
    std::fs::remove_dir(partial("metrics.jsonl")).unwrap();
    let events = take_step(&session);
    assert!(!events.iter().any(is_good_news), "the record still cannot be written: {events:?}");
    std::fs::remove_dir(partial("record.jsonl")).unwrap();
    set_rate(&session, 0.02);
    until(&session, is_good_news);
    let events = take_step(&session);
    assert!(!events.iter().any(is_good_news), "said once: {events:?}");
    let folder = RunFolder::open(&run).unwrap();
    assert_eq!(folder.steps().unwrap().len(), 4);
    assert_eq!(folder.recorded().unwrap().0.iter().filter(|entry| entry.change().is_some()).count(), 2);
}

#[test]
fn a_warning_about_an_evaluation_ends_when_that_is_written_and_what_comes_of_it_is_said() {
    let bench = Bench::new();
    let (session, run) = held(&bench);
    let partial = run.join(".evaluation.json.partial");
    std::fs::create_dir(&partial).unwrap();
    assert!(evaluate(&session).iter().any(warns));
    let events = take_step(&session);
    assert!(!events.iter().any(is_good_news), "the evaluation still waits: {events:?}");
    std::fs::remove_dir(&partial).unwrap();
    std::fs::write(run.join("evaluation.json"), "nothing that reads").unwrap();
    session.send(Command::SaveCheckpoint).unwrap();
    let events = until(&session, |event| warns_of(event, "evaluation.unreadable.json"));
    assert!(events.iter().any(is_good_news), "{events:?}");
    assert_eq!(RunFolder::open(&run).unwrap().evaluations().unwrap().len(), 1);
}

#[test]
fn evaluations_that_others_remove_while_a_run_trains_are_put_back_and_it_is_said() {
    let bench = Bench::new();
    let (session, run) = held(&bench);
    assert!(!evaluate(&session).iter().any(warns));
    let path = run.join("evaluation.json");
    let before = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let events = take_step(&session);
    assert!(events.iter().any(|event| warns_of(event, "put back")), "{events:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn resuming_says_where_evaluations_that_do_not_read_were_set_aside() {
    let bench = Bench::new();
    let (session, run) = held(&bench);
    evaluate(&session);
    session.send(Command::Stop).unwrap();
    until(&session, |event| matches!(event, Event::State(SessionState::Stopped { .. })));
    std::fs::write(run.join("evaluation.json"), "nothing that reads").unwrap();
    session.send(Command::OpenRun { path: run, data: None }).unwrap();
    session.send(Command::ResumeRun).unwrap();
    session.send(Command::Pause).unwrap();
    let events = until(&session, paused);
    assert!(events.iter().any(|event| warns_of(event, "evaluation.unreadable.json")), "{events:?}");
}
