//! The state machine under random commands: no deadlock, no lost end, no illegal change of state.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;
use parking_lot::Mutex;
use proptest::prelude::*;

use super::aside::Aside;
use super::fake::{Fake, Log, Script};
use super::{Session, SessionError, leaving};
use crate::protocol::{
    Command, Confusion, CountedFrom, Event, Failure, FailureKind, Happening, Level, LiveChange, Notes, Protocol,
    Recorded, SessionState, SplitRequest, ViewRequest,
};
use crate::recipe::{Recipe, Value};

/// Far more than any of these sequences takes.
const LIMIT: Duration = Duration::from_secs(30);

fn session(script: Script) -> (Session, Arc<Mutex<Log>>) {
    let log = Arc::new(Mutex::new(Log::default()));
    let engine_log = Arc::clone(&log);
    let gallery = Aside::new("no-gallery", None, |_, _| {});
    (Session::spawn_with(None, gallery, move || Fake::new(script, engine_log)).unwrap(), log)
}

fn view(view: u64, index: usize, split: &str) -> Command {
    Command::View(ViewRequest { view, split: split.to_owned(), index, ..ViewRequest::default() })
}

fn set(key: &str, value: Value) -> Command {
    Command::Set { key: key.to_owned(), value }
}

/// Reads until `is_end`; a silent session fails the test.
#[track_caller]
fn events_until(events: &Receiver<Event>, is_end: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut found = Vec::new();
    loop {
        let event = events.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("nothing came after {found:#?}"));
        let end = is_end(&event);
        found.push(event);
        if end {
            return found;
        }
    }
}

fn is_state(state: SessionState) -> impl Fn(&Event) -> bool {
    move |event| *event == Event::State(state.clone())
}

fn notices(events: &[Event], wanted: Level) -> Vec<&str> {
    let text = |event| match event {
        &Event::Notice { level, ref text, .. } if level == wanted => Some(text.as_str()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

/// The marks on the step axis.
fn labels(events: &[Event]) -> Vec<(u64, String)> {
    recorded(events).filter_map(|entry| Some((entry.step, entry.label()?))).collect()
}

fn recorded(events: &[Event]) -> impl Iterator<Item = &Recorded> {
    events.iter().filter_map(|event| if let Event::Recorded(entries) = event { Some(entries) } else { None }).flatten()
}

fn failures(events: &[Event]) -> Vec<&Failure> {
    events
        .iter()
        .filter_map(|event| if let Event::Failure { failure, .. } = event { Some(failure) } else { None })
        .collect()
}

fn kind(state: &SessionState) -> &'static str {
    match state {
        SessionState::Idle => "idle",
        SessionState::Preparing { .. } => "preparing",
        SessionState::Training => "training",
        SessionState::Paused => "paused",
        SessionState::Evaluating { .. } => "evaluating",
        SessionState::Finished => "finished",
        SessionState::Stopped { .. } => "stopped",
        SessionState::Failed(_) => "failed",
    }
}

fn may_follow(from: &str, to: &str) -> bool {
    let after: &[&str] = match from {
        "idle" | "finished" | "stopped" | "failed" => &["preparing", "evaluating"],
        "preparing" => &["preparing", "idle", "training", "paused", "evaluating", "finished", "stopped", "failed"],
        "training" => &["training", "paused", "evaluating", "finished", "stopped", "failed"],
        "paused" => &["training", "evaluating", "stopped"],
        "evaluating" => &["evaluating", "preparing", "idle", "training", "paused", "finished", "stopped", "failed"],
        _ => &[],
    };
    after.contains(&to)
}

/// What must hold for every whole sequence of events.
#[track_caller]
fn check(events: &[Event]) {
    assert_eq!(events.first(), Some(&Event::State(SessionState::Idle)));
    assert_eq!(events.last(), Some(&Event::Ended));
    assert_eq!(events.iter().filter(|event| **event == Event::Ended).count(), 1);
    let mut state = "idle";
    let mut last_step = 0;
    for event in &events[1..] {
        match event {
            Event::State(next) => {
                assert!(may_follow(state, kind(next)), "{state} → {}: {events:#?}", kind(next));
                state = kind(next);
            }
            Event::Recorded(entries) => {
                let begins =
                    |entry: &&Recorded| matches!(entry.what, Happening::Start { .. } | Happening::Resume { .. });
                last_step = entries.iter().rfind(begins).map_or(last_step, |entry| entry.step);
            }
            Event::Steps(steps) => {
                for report in steps {
                    assert_eq!(report.step, last_step + 1, "a step report was lost or doubled");
                    last_step = report.step;
                }
            }
            _ => {}
        }
    }
}

fn any_command() -> impl Strategy<Value = Command> {
    let path = prop_oneof![4 => Just("data"), 1 => Just("missing")].prop_map(std::path::PathBuf::from);
    let split = prop_oneof![4 => Just("val"), 1 => Just("missing")].prop_map(str::to_owned);
    prop_oneof![
        4 => path.clone().prop_map(|path| Command::LoadData { path }),
        1 => Just(Command::LoadRecipe { recipe: Recipe::defaults("x") }),
        2 => path.clone().prop_map(|path| Command::OpenRun { path, data: None }),
        1 => path.prop_map(|path| Command::CompareWith { path }),
        1 => Just(Command::StopComparing),
        2 => (split.clone(), any::<bool>()).prop_map(|(split, predicts)| Command::CompareSplit {
            of: SplitRequest { split, dropped: Vec::new() },
            from: if predicts { CountedFrom::Predictions } else { CountedFrom::Evaluations },
        }),
        2 => split.clone().prop_map(|split| Command::FindConfused(Confusion { split, ..Confusion::default() })),
        6 => Just(Command::Start),
        2 => Just(Command::ResumeRun),
        4 => Just(Command::Pause),
        4 => Just(Command::StepOnce),
        2 => Just(Command::Stop),
        2 => any::<bool>().prop_map(|on| set("exchange.channel.enabled", Value::Switch(on))),
        1 => Just(set("encoder.family", Value::Text("nano".to_owned()))),
        1 => Just(set("no.such.key", Value::Switch(true))),
        1 => Just(set("training.learning_rate", Value::Number(f64::NAN))),
        4 => (0_u64..80, 0_usize..5, split.clone()).prop_map(|(id, index, split)| view(id, index, &split)),
        1 => (0_u64..80).prop_map(|view| Command::CloseView { view }),
        1 => any::<f32>().prop_map(|share| Command::SetViewBudget { share }),
        1 => split.clone().prop_map(|split| Command::RunProtocol { protocol: Protocol::Nm, split }),
        3 => split.prop_map(|split| Command::Evaluate { split }),
        2 => Just(Command::SaveCheckpoint),
        1 => Just(Command::Discard),
    ]
}

fn any_script() -> impl Strategy<Value = Script> {
    (
        (1_u64..200, 0_u64..20, 0_u64..20, 0_u64..6),
        (proptest::option::of(1_u64..50), proptest::option::of(1_u64..50), proptest::option::of(1_u64..50)),
        (prop::bool::weighted(0.1), prop::bool::weighted(0.1), any::<bool>(), any::<bool>()),
    )
        .prop_map(|((steps, evaluate_every, checkpoint_every, scenes), (panic_at, held_at, gone_at), flags)| {
            Script {
                steps,
                evaluate_every,
                checkpoint_every,
                scenes,
                panic_at,
                panic_words: None,
                rescues: flags.2,
                rescue_panics: flags.1,
                held_at,
                start_fails: flags.0,
                saving_fails: flags.1,
                keeping_fails: flags.1,
                gone_at,
                view_panics: flags.2,
                slow_scene: None,
                compiles: flags.3,
                notes: Notes::default(),
            }
        })
}

/// Sends a command, waiting where the queue is full.
fn insist(session: &Session, command: &Command) {
    let begun = std::time::Instant::now();
    while let Err(SessionError::Busy) = session.send(command.clone()) {
        assert!(begun.elapsed() < LIMIT, "the queue stays full");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Drops the session on another thread; a worker that does not end fails the test.
#[track_caller]
fn drop_in_time(session: Session) {
    let (done, ended) = crossbeam_channel::bounded(1);
    std::thread::Builder::new()
        .name("drop".to_owned())
        .spawn(move || {
            drop(session);
            assert!(leaving::wait(LIMIT));
            let _told = done.send(());
        })
        .unwrap();
    ended.recv_timeout(LIMIT).expect("the worker did not end");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_commands_end_in_order_and_in_time(
        script in any_script(),
        commands in proptest::collection::vec((any_command(), any::<bool>()), 0..40),
    ) {
        let saving_fails = script.saving_fails;
        let (session, log) = session(script);
        let mut events = Vec::new();
        for (command, reads) in &commands {
            insist(&session, command);
            if *reads {
                events.extend(session.events().try_iter());
            }
        }
        insist(&session, &Command::Shutdown);
        events.extend(events_until(session.events(), |event| *event == Event::Ended));
        check(&events);
        let log = log.lock();
        prop_assert!(!log.running || saving_fails || log.saved_at == Some(log.position), "{:?}", *log);
    }

    #[test]
    fn letting_go_at_any_moment_ends_the_worker_with_a_checkpoint(
        script in any_script(),
        commands in proptest::collection::vec(any_command(), 0..20),
        keeps_events in any::<bool>(),
    ) {
        let saving_fails = script.saving_fails;
        let (session, log) = session(script);
        for command in &commands {
            insist(&session, command);
        }
        let kept = keeps_events.then(|| session.events().clone());
        drop_in_time(session);
        drop(kept);
        let log = log.lock();
        prop_assert!(!log.running || saving_fails || log.saved_at == Some(log.position), "{:?}", *log);
    }
}

fn loaded(script: Script) -> (Session, Arc<Mutex<Log>>) {
    let (session, log) = session(script);
    session.send(Command::LoadData { path: "data".into() }).unwrap();
    (session, log)
}

#[test]
fn a_panic_in_a_step_fails_the_run_and_the_session_goes_on() {
    let (session, _log) = loaded(Script { steps: 10, panic_at: Some(4), ..Script::default() });
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), |event| matches!(event, Event::State(SessionState::Failed(_))));
    let Some(Event::State(SessionState::Failed(failure))) = events.last() else { panic!() };
    let Failure { kind, text } = failure;
    assert!(text.contains("a fault on cue") && text.contains("no checkpoint yet"), "{text}");
    assert_eq!(*kind, FailureKind::Broken);
    session.send(Command::Start).unwrap();
    events_until(session.events(), is_state(SessionState::Finished));
}

#[test]
fn a_broken_run_names_the_checkpoint_that_it_can_be_resumed_from() {
    let script = Script { steps: 10, checkpoint_every: 3, panic_at: Some(8), ..Script::default() };
    let (session, _log) = loaded(script);
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), |event| matches!(event, Event::State(SessionState::Failed(_))));
    let Some(Event::State(SessionState::Failed(failure))) = events.last() else { panic!() };
    assert!(failure.text.contains("checkpoint of step 6"), "{failure}");
    session.send(Command::ResumeRun).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Finished));
    let resumed = events.iter().find(|event| matches!(event, Event::Run { .. }));
    assert!(matches!(resumed, Some(Event::Run { checkpoint: Some(6), .. })), "{resumed:?}");
}

#[test]
fn a_device_that_fails_ends_in_a_checkpoint_of_the_last_good_state_and_says_what_helps() {
    for (words, expected) in [
        ("the device failed: out of device memory allocating 1024 bytes\nBacktrace:\n0: f", FailureKind::OutOfMemory),
        ("the device failed: The device is poisoned\nCaused by:\n  Unknown: gone", FailureKind::DeviceLost),
        ("the device refused the pipeline of kernel `k`: too large", FailureKind::DeviceRefused),
    ] {
        let script = Script { steps: 10, checkpoint_every: 3, panic_at: Some(8), ..Script::default() };
        let script = Script { panic_words: Some(words), rescues: true, ..script };
        for (rescue_panics, kept) in [(false, 7), (true, 6)] {
            let (session, _log) = loaded(Script { rescue_panics, ..script.clone() });
            session.send(Command::Start).unwrap();
            let events = events_until(session.events(), |event| matches!(event, Event::State(SessionState::Failed(_))));
            let Some(Event::State(SessionState::Failed(Failure { kind, text }))) = events.last() else { panic!() };
            assert_eq!(*kind, expected, "{text}");
            assert!(text.contains(&format!("checkpoint of step {kept}")) && !text.contains("acktrace"), "{text}");
            session.send(Command::ResumeRun).unwrap();
            let events = events_until(session.events(), is_state(SessionState::Finished));
            assert!(
                events.iter().any(|event| matches!(event, Event::Run { checkpoint, .. } if *checkpoint == Some(kept)))
            );
        }
    }
}

#[test]
fn kernels_are_prepared_with_a_count_before_the_run_trains() {
    let (session, log) = loaded(Script { steps: 1_000_000, compiles: true, ..Script::default() });
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Training));
    let counts = |event: &Event| matches!(event, Event::State(SessionState::Preparing { what, total: 4, .. }) if what == "Preparing kernels");
    assert!(events.iter().any(counts), "{events:?}");
    drop_in_time(session);
    let log = log.lock();
    assert!(log.saved_at == Some(log.position) && log.position > 0, "{log:?}");
}

#[test]
fn a_held_step_pauses_the_run_and_it_can_go_on() {
    let (session, _log) = loaded(Script { steps: 10, held_at: Some(4), ..Script::default() });
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Paused));
    assert!(failures(&events)[0].text.contains("`total`"));
    session.send(set("training.learning_rate", Value::Number(1e-4))).unwrap();
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Finished));
    let marks = labels(&events);
    assert!(marks.iter().any(|(_, label)| label == "training: learning rate 0.0001"), "{marks:?}");
}

#[test]
fn a_stopped_run_is_not_finished_and_says_where_it_stands() {
    let (session, _log) = loaded(Script { steps: 1_000_000, ..Script::default() });
    session.send(Command::Start).unwrap();
    events_until(session.events(), |event| matches!(event, Event::Steps(_)));
    session.send(Command::Stop).unwrap();
    let events = events_until(session.events(), |event| matches!(event, Event::State(SessionState::Stopped { .. })));
    assert!(!events.contains(&Event::State(SessionState::Finished)));
    let Some(Event::State(SessionState::Stopped { step, of: 1_000_000 })) = events.last() else { panic!("{events:?}") };
    assert!((1..1_000_000).contains(step));
    // It can be saved again, resumed and left for another like one that has finished.
    session.send(Command::ResumeRun).unwrap();
    events_until(session.events(), is_state(SessionState::Training));
}

#[test]
fn what_a_step_has_to_tell_is_a_warning_only_where_something_is_wrong() {
    let (facts, warnings) = (vec!["Filled 135 tensors".to_owned()], vec!["Not used: head.weight".to_owned()]);
    let notes = Notes { facts: facts.clone(), warnings: warnings.clone() };
    let (session, _log) = loaded(Script { steps: 3, notes, ..Script::default() });
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Finished));
    let told = |level| notices(&events, level).into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert!(facts.iter().all(|fact| told(Level::Info).contains(fact)), "{:?}", told(Level::Info));
    // The data set's own warning comes first.
    assert_eq!(told(Level::Warning)[1..], warnings);
}

#[test]
fn a_checkpoint_that_cannot_be_written_is_a_warning_and_the_run_goes_on() {
    let (session, _log) = loaded(Script { steps: 10, checkpoint_every: 3, saving_fails: true, ..Script::default() });
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Finished));
    assert_eq!(notices(&events, Level::Warning).iter().filter(|text| text.contains("disk is full")).count(), 3);
    assert_eq!(failures(&events), [&Failure::new(FailureKind::Broken, "The disk is full")]);
}

#[test]
fn commands_that_do_not_fit_are_answered_and_change_nothing() {
    let (session, _log) = session(Script { steps: 3, ..Script::default() });
    for command in [Command::Pause, Command::Stop, Command::Start, Command::SaveCheckpoint] {
        session.send(command).unwrap();
    }
    session.send(Command::Evaluate { split: "val".to_owned() }).unwrap();
    session.send(Command::Shutdown).unwrap();
    let events = events_until(session.events(), |event| *event == Event::Ended);
    assert_eq!(notices(&events, Level::Warning).len(), 5, "{events:?}");
    assert_eq!(events.iter().filter(|event| matches!(event, Event::State(_))).count(), 1);
}

#[test]
fn a_step_at_a_time_holds_after_each() {
    let (session, log) = loaded(Script { steps: 10, ..Script::default() });
    for step in 1..=3 {
        session.send(Command::StepOnce).unwrap();
        events_until(session.events(), is_state(SessionState::Paused));
        assert_eq!(log.lock().position, step);
    }
}

#[test]
fn a_stopped_evaluation_returns_to_where_it_began() {
    let (session, _log) = loaded(Script { steps: 10, scenes: u64::MAX, ..Script::default() });
    session.send(Command::StepOnce).unwrap();
    events_until(session.events(), is_state(SessionState::Paused));
    session.send(Command::Evaluate { split: "val".to_owned() }).unwrap();
    events_until(session.events(), |event| matches!(event, Event::State(SessionState::Evaluating { done: 1.., .. })));
    // Pictures are drawn while it runs.
    session.send(view(1, 0, "val")).unwrap();
    events_until(session.events(), |event| *event == Event::ViewReady { view: 1 });
    session.send(Command::Stop).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Paused));
    assert_eq!(notices(&events, Level::Info), ["The evaluation on val was stopped"]);
    assert!(!events.iter().any(|event| matches!(event, Event::Evaluation(_))));
}

#[test]
fn a_protocol_is_told_and_a_stopped_one_is_not() {
    let (session, _log) = loaded(Script { steps: 10, scenes: 3, ..Script::default() });
    session.send(Command::StepOnce).unwrap();
    events_until(session.events(), is_state(SessionState::Paused));
    let run = || Command::RunProtocol { protocol: Protocol::Emm, split: "val".to_owned() };
    session.send(run()).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Paused));
    let told = |event: &Event| matches!(event, Event::Protocol(report) if report.protocol == Protocol::Emm);
    assert_eq!(events.iter().filter(|event| told(event)).count(), 1, "{events:?}");
    // Its figures are no evaluation's.
    assert!(!events.iter().any(|event| matches!(event, Event::Evaluation(_))));

    let (session, _log) = loaded(Script { steps: 10, scenes: u64::MAX, ..Script::default() });
    session.send(Command::StepOnce).unwrap();
    events_until(session.events(), is_state(SessionState::Paused));
    session.send(run()).unwrap();
    events_until(session.events(), |event| matches!(event, Event::State(SessionState::Evaluating { done: 1.., .. })));
    session.send(Command::Stop).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Paused));
    assert_eq!(notices(&events, Level::Info), ["The protocol `emm` was stopped"]);
    assert!(!events.iter().any(told));
}

#[test]
fn pictures_are_answered_at_once_when_nothing_trains_and_superseded_ones_are_not_drawn() {
    let (session, log) = session(Script::default());
    for index in 0..100 {
        session.send(view(1, index, "val")).unwrap();
    }
    session.send(Command::LoadData { path: "data".into() }).unwrap();
    session.send(view(7, 4, "val")).unwrap();
    events_until(session.events(), |event| *event == Event::ViewReady { view: 7 });
    assert_eq!(session.view(7).unwrap().request.index, 4);
    // Requests for the data set before are forgotten with it.
    assert_eq!(log.lock().views, 1);
    assert!(session.view(1).is_none());
    session.send(view(1, 3, "missing")).unwrap();
    let events = events_until(session.events(), |event| matches!(event, Event::Failure { .. }));
    assert!(!events.iter().any(|event| matches!(event, Event::ViewReady { .. })));
}

#[test]
fn a_picture_that_is_asked_for_while_another_is_drawn_follows_it() {
    let (session, log) = loaded(Script { slow_scene: Some(3), ..Script::default() });
    session.send(view(1, 3, "val")).unwrap();
    let begun = std::time::Instant::now();
    while log.lock().views == 0 {
        assert!(begun.elapsed() < LIMIT);
        std::thread::sleep(Duration::from_millis(1));
    }
    session.send(view(1, 4, "val")).unwrap();
    while session.view(1).is_none_or(|view| view.request.index != 4) {
        assert!(begun.elapsed() < LIMIT, "the newer request was forgotten");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_app_that_never_reads_stops_neither_the_run_nor_its_end() {
    let (session, log) = loaded(Script { steps: 20_000, evaluate_every: 1000, scenes: 3, ..Script::default() });
    session.send(Command::Start).unwrap();
    let begun = std::time::Instant::now();
    while log.lock().position < 20_000 {
        assert!(begun.elapsed() < LIMIT, "the run stands at {}", log.lock().position);
        std::thread::sleep(Duration::from_millis(5));
    }
    let events = events_until(session.events(), is_state(SessionState::Finished));
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Evaluation(_))).count(), 20);
    let last = events.iter().rev().find_map(|event| if let Event::Steps(steps) = event { steps.last() } else { None });
    assert_eq!(last.unwrap().step, 20_000);
}

#[test]
fn a_layout_is_gathered_when_asked_for_and_gone_when_closed() {
    let (session, _log) = session(Script { steps: 4, ..Script::default() });
    session.send(Command::LoadData { path: "data".into() }).unwrap();
    let request = crate::protocol::EmbeddingRequest { slot: 2, points: 20, ..Default::default() };
    session.send(Command::Embed(request.clone())).unwrap();
    let begun = std::time::Instant::now();
    let until = |wanted: bool| {
        while session.embedding(2).is_some() != wanted {
            assert!(begun.elapsed() < LIMIT);
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    until(true);
    assert_eq!(session.embedding(2).unwrap().request, request);
    session.send(Command::CloseEmbedding { slot: 2 }).unwrap();
    until(false);
}

#[test]
fn a_failure_is_told_once_and_not_again_after_what_is_done_next() {
    let script = Script { steps: 10, panic_at: Some(4), scenes: 3, ..Script::default() };
    let (session, _log) = loaded(script);
    session.send(Command::Start).unwrap();
    events_until(session.events(), |event| matches!(event, Event::State(SessionState::Failed(_))));
    let mut events = Vec::new();
    for command in [
        Command::LoadData { path: "data".into() },
        Command::LoadData { path: "missing".into() },
        Command::Evaluate { split: "val".to_owned() },
    ] {
        session.send(command).unwrap();
        let at_rest = |event: &Event| matches!(event, Event::State(SessionState::Idle | SessionState::Failed(_)));
        events.extend(events_until(session.events(), at_rest));
    }
    assert!(events.iter().any(|event| matches!(event, Event::Evaluation(_))));
    assert_eq!(failures(&events), [&Failure::refused("There is no such folder")]);
    let states = || events.iter().filter_map(|event| if let Event::State(state) = event { Some(state) } else { None });
    assert!(states().all(|state| !matches!(state, SessionState::Failed(_))), "{events:#?}");
    assert_eq!(states().next_back(), Some(&SessionState::Idle));
}

/// A session whose run has ended and could not be saved.
fn unsaved() -> (Session, Arc<Mutex<Log>>) {
    let (session, log) = loaded(Script { steps: 5, saving_fails: true, ..Script::default() });
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Finished));
    let told = events.iter().find_map(|event| if let Event::Unsaved(unsaved) = event { Some(unsaved) } else { None });
    assert_eq!(told, Some(&Some(Failure::new(FailureKind::Broken, "The disk is full"))));
    (session, log)
}

#[test]
fn a_run_that_could_not_be_saved_is_never_dropped_unless_it_is_discarded() {
    let (session, log) = unsaved();
    let wishes = [
        Command::Start,
        Command::StepOnce,
        Command::ResumeRun,
        Command::LoadData { path: "data".into() },
        Command::OpenRun { path: "run".into(), data: None },
    ];
    for wish in wishes {
        session.send(wish.clone()).unwrap();
        let events = events_until(session.events(), |event| matches!(event, Event::Failure { .. }));
        let text = &failures(&events)[0].text;
        assert!(text.contains("disk is full") && text.contains("discard the run"), "{wish:?}: {text}");
        assert!(events.len() == 1 && log.lock().running, "{wish:?}: {events:?}");
    }
    session.send(Command::Discard).unwrap();
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), |event| matches!(event, Event::Run { .. }));
    assert!(events.contains(&Event::Unsaved(None)), "{events:#?}");
}

#[test]
fn a_run_that_could_not_be_saved_is_saved_before_another_begins() {
    for save_by_hand in [false, true] {
        let (session, log) = unsaved();
        log.lock().has_room = true;
        if save_by_hand {
            session.send(Command::SaveCheckpoint).unwrap();
        }
        session.send(Command::Start).unwrap();
        let events = events_until(session.events(), |event| matches!(event, Event::Run { .. }));
        let place = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted).unwrap();
        let saved = place(&|event| matches!(event, Event::Checkpoint { step: 5, .. }));
        assert!(saved < place(&|event| *event == Event::Unsaved(None)), "{events:#?}");
        assert_eq!(log.lock().saved_at, Some(5));
        session.send(Command::Discard).unwrap();
        let events =
            events_until(session.events(), |event| matches!(event, Event::Notice { level: Level::Warning, .. }));
        assert!(notices(&events, Level::Warning)[0].contains("discard"), "{events:#?}");
    }
}

#[test]
fn commands_that_come_in_floods_do_not_hide_a_stop() {
    let (session, _log) = loaded(Script { steps: 10, scenes: u64::MAX, ..Script::default() });
    session.send(Command::StepOnce).unwrap();
    events_until(session.events(), is_state(SessionState::Paused));
    session.send(Command::Evaluate { split: "val".to_owned() }).unwrap();
    // Commands of which nothing is told: what is told of others in a flood may push the end of the evaluation out.
    for _ in 0..6000 {
        insist(&session, &Command::SetViewBudget { share: 0.5 });
    }
    insist(&session, &Command::Stop);
    let events = events_until(session.events(), is_state(SessionState::Paused));
    assert_eq!(notices(&events, Level::Info), ["The evaluation on val was stopped"]);
    assert!(failures(&events).iter().all(|failure| failure.text.contains("busy")));
}

#[test]
fn a_pause_is_recorded_once_and_live_changes_with_where_they_came_from() {
    let (session, _log) = loaded(Script { steps: 10, ..Script::default() });
    let mut pauses = 0;
    for _ in 0..3 {
        session.send(Command::StepOnce).unwrap();
        let events = events_until(session.events(), is_state(SessionState::Paused));
        pauses += recorded(&events).filter(|entry| entry.what == Happening::Pause).count();
    }
    assert_eq!(pauses, 1);
    let (key, on, off) = ("exchange.channel.enabled", Value::Switch(true), Value::Switch(false));
    for value in [&off, &on, &off] {
        session.send(set(key, value.clone())).unwrap();
    }
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Finished));
    let change =
        |old: &Value, new: &Value| Happening::Change { key: key.to_owned(), old: old.clone(), new: new.clone() };
    let what: Vec<&Happening> = recorded(&events).map(|entry| &entry.what).collect();
    let expected = [change(&on, &off), change(&off, &on), change(&on, &off), Happening::GoOn, Happening::Checkpoint];
    assert_eq!(what, expected.iter().collect::<Vec<_>>());
    // What was taken back before a step was taken is no change.
    let told: Vec<&Vec<LiveChange>> = events
        .iter()
        .filter_map(|event| if let Event::Changed(changes) = event { Some(changes) } else { None })
        .collect();
    let changed = LiveChange { key: key.to_owned(), old: on, new: off, step: 3 };
    assert_eq!(told, [&vec![changed.clone()], &Vec::new(), &vec![changed]]);
}

#[test]
fn a_run_whose_folder_has_gone_is_held_until_it_is_back() {
    let (session, log) = loaded(Script { steps: 10, gone_at: Some(4), ..Script::default() });
    log.lock().is_away = true;
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Paused));
    assert!(failures(&events)[0].text.contains("no longer in its place"));
    assert!(labels(&events).contains(&(4, "warning: run folder gone".to_owned())));
    for going_on in [Command::Start, Command::StepOnce] {
        session.send(going_on).unwrap();
        let events = events_until(session.events(), |event| matches!(event, Event::Failure { .. }));
        assert!(!events.iter().any(|event| matches!(event, Event::State(_))), "{events:?}");
    }
    assert_eq!(log.lock().position, 4);
    log.lock().is_away = false;
    session.send(Command::Start).unwrap();
    events_until(session.events(), is_state(SessionState::Finished));
    assert_eq!(log.lock().position, 10);
}

#[test]
fn an_evaluation_on_the_way_that_cannot_be_written_is_a_warning_and_the_last_one_a_failure() {
    let script = Script { steps: 4, evaluate_every: 2, scenes: 1, keeping_fails: true, ..Script::default() };
    let (session, _log) = loaded(script);
    session.send(Command::Start).unwrap();
    let events = events_until(session.events(), is_state(SessionState::Finished));
    assert_eq!(notices(&events, Level::Warning).iter().filter(|text| text.contains("disk is full")).count(), 1);
    let failed = failures(&events);
    assert!(failed.len() == 1 && failed[0].text.contains("Resume the run"), "{failed:?}");
}
