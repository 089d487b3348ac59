//! Whole sessions on a tiny data set: files written, traces resumed, pictures drawn.

use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{Session, SessionOptions, leaving};
use crate::device::DeviceChoice;
use crate::fixtures::{TinyData, tiny_recipe, write_tiny_data};
use crate::protocol::{
    Command, Content, Event, Failure, FailureKind, Level, Phase, Protocol, RunState, SceneView, SessionState,
    StepReport, Subject, ViewRequest, WhatIf,
};
use crate::recipe::catalogue::sensors;
use crate::recipe::{Recipe, Value};
use crate::training::RunFolder;

pub(super) const LIMIT: Duration = Duration::from_mins(2);

pub(super) struct Bench {
    pub(super) folder: TempDir,
}

impl Bench {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_tiny_data(&folder.path().join("data"), &TinyData::default()).unwrap();
        Self { folder }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(super) fn session(&self) -> Session {
        Self::session_in(&self.folder.path().join("runs"))
    }

    fn session_in(runs_dir: &Path) -> Session {
        let options =
            SessionOptions { device: DeviceChoice::Cpu, runs_dir: runs_dir.to_owned(), ..SessionOptions::default() };
        Session::spawn(options).unwrap()
    }

    /// Ready to begin with this recipe.
    pub(super) fn loaded(&self, recipe: Recipe) -> Session {
        let session = self.session();
        for command in [Command::LoadData { path: self.data() }, Command::LoadRecipe { recipe }] {
            session.send(command).unwrap();
        }
        session
    }

    pub(super) fn started(&self, recipe: Recipe) -> Session {
        let session = self.loaded(recipe);
        session.send(Command::Start).unwrap();
        session
    }

    pub(super) fn run_folder(&self) -> RunFolder {
        let mut runs: Vec<PathBuf> =
            std::fs::read_dir(self.folder.path().join("runs")).unwrap().map(|entry| entry.unwrap().path()).collect();
        runs.sort();
        RunFolder::open(runs.last().unwrap()).unwrap()
    }
}

#[track_caller]
pub(super) fn until(session: &Session, is_end: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut found = Vec::new();
    loop {
        let event = session.events().recv_timeout(LIMIT).unwrap_or_else(|_| panic!("nothing came after {found:#?}"));
        let end = is_end(&event);
        let failed = matches!(&event, Event::State(SessionState::Failed(_)));
        found.push(event);
        if end {
            return found;
        }
        assert!(!failed, "{found:#?}");
    }
}

/// The marks on the step axis.
pub(super) fn labels(events: &[Event]) -> Vec<(u64, String)> {
    let lots = events.iter().filter_map(|event| if let Event::Recorded(lot) = event { Some(lot) } else { None });
    lots.flatten().filter_map(|entry| Some((entry.step, entry.label()?))).collect()
}

pub(super) fn finished(event: &Event) -> bool {
    *event == Event::State(SessionState::Finished)
}

pub(super) fn trace(steps: &[StepReport]) -> Vec<(u64, Vec<(String, u32)>)> {
    let bits =
        |report: &StepReport| report.terms.iter().map(|term| (term.name.clone(), term.value.to_bits())).collect();
    steps.iter().map(|report| (report.step, bits(report))).collect()
}

#[test]
fn a_run_is_trained_kept_evaluated_and_told() {
    let bench = Bench::new();
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("training.evaluate_every", Value::Integer(2)).unwrap();
    let session = bench.started(recipe);
    let events = until(&session, finished);
    let steps: Vec<StepReport> = events
        .iter()
        .filter_map(|event| if let Event::Steps(steps) = event { Some(steps.clone()) } else { None })
        .flatten()
        .collect();
    assert_eq!(steps.iter().map(|report| report.step).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(steps.iter().filter(|report| report.phase == Phase::Teacher).count(), 2);
    let marks = labels(&events);
    let marks: Vec<(u64, &str)> = marks.iter().map(|(step, label)| (*step, label.as_str())).collect();
    assert_eq!(marks, [(0, "start, teacher phase"), (2, "student phase"), (3, "checkpoint"), (6, "checkpoint")]);
    let evaluations: Vec<(&str, u64, bool)> = events
        .iter()
        .filter_map(|event| {
            let Event::Evaluation(report) = event else { return None };
            Some((report.split.as_str(), report.step, report.of_teacher))
        })
        .collect();
    assert_eq!(evaluations, [("val", 2, true), ("val", 4, false), ("test", 6, false)]);
    let folder = bench.run_folder();
    assert_eq!(trace(&folder.steps().unwrap()), trace(&steps));
    let kept = folder.evaluations().unwrap();
    assert_eq!(kept.iter().map(|report| report.of_teacher).collect::<Vec<_>>(), [true, false, false]);
    // The teacher sees the guiding sensor alone.
    assert!(kept[0].subsets.iter().all(|subset| subset.sensors == ["colour"]), "{:?}", kept[0]);
    assert_eq!(folder.recipe().get(sensors::USE), ["colour", "thermal"]);
    let environment = folder.environment().unwrap();
    assert!(environment.device.starts_with("CPU") && environment.data.ends_with("data"), "{environment:?}");
    assert_eq!(folder.checkpoints().iter().map(|(step, _)| *step).collect::<Vec<_>>(), [6, 3]);
}

#[test]
fn letting_go_in_training_saves_a_checkpoint_and_resuming_continues_the_trace() {
    let bench = Bench::new();
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("training.steps", Value::Integer(8)).unwrap();
    let session = bench.started(recipe.clone());
    until(&session, finished);
    drop(session);
    let expected = trace(&bench.run_folder().steps().unwrap());
    std::fs::remove_dir_all(bench.folder.path().join("runs")).unwrap();

    let session = bench.started(recipe);
    until(&session, |event| matches!(event, Event::Steps(_)));
    drop(session);
    assert!(leaving::wait(LIMIT));
    let folder = bench.run_folder();
    let (checkpoint, warnings) = folder.newest_checkpoint().unwrap();
    assert!(warnings.is_empty() && checkpoint.is_some());
    // A killed run has steps in its metrics that its checkpoint does not have, and a torn line.
    let metrics = folder.path().join("metrics.jsonl");
    let mut text = std::fs::read_to_string(&metrics).unwrap();
    text.push_str(&serde_json::to_string(&StepReport { step: 99, ..StepReport::default() }).unwrap());
    text.push_str("\n{\"pha");
    std::fs::write(&metrics, text).unwrap();

    let session = bench.session();
    session.send(Command::OpenRun { path: folder.path().to_owned(), data: None }).unwrap();
    // No data set is opened: the run knows its own.
    session.send(Command::ResumeRun).unwrap();
    let events = until(&session, finished);
    assert!(labels(&events).iter().any(|(_, label)| label.starts_with("resumed")));
    assert!(events.iter().any(|event| matches!(event, Event::Dataset(_))));
    assert_eq!(trace(&folder.steps().unwrap()), expected);
}

#[test]
fn a_run_without_a_checkpoint_begins_again() {
    let bench = Bench::new();
    let session = bench.started(tiny_recipe().unwrap());
    until(&session, finished);
    drop(session);
    let folder = bench.run_folder();
    let expected = trace(&folder.steps().unwrap());
    for (_, checkpoint) in folder.checkpoints() {
        std::fs::remove_dir_all(checkpoint).unwrap();
    }
    let session = bench.session();
    session.send(Command::OpenRun { path: folder.path().to_owned(), data: None }).unwrap();
    session.send(Command::ResumeRun).unwrap();
    until(&session, finished);
    assert_eq!(trace(&folder.steps().unwrap()), expected);
}

#[test]
fn a_place_that_cannot_be_written_is_a_sentence_with_the_path() {
    let bench = Bench::new();
    let in_the_way = bench.folder.path().join("file");
    std::fs::write(&in_the_way, "").unwrap();
    let session = Bench::session_in(&in_the_way.join("runs"));
    session.send(Command::LoadData { path: bench.data() }).unwrap();
    session.send(Command::LoadRecipe { recipe: tiny_recipe().unwrap() }).unwrap();
    session.send(Command::Start).unwrap();
    let events = until(&session, |event| matches!(event, Event::State(SessionState::Failed(_))));
    let Some(Event::State(SessionState::Failed(failure))) = events.last() else { panic!() };
    assert!(failure.text.contains("run folder") && failure.text.contains("file"), "{failure}");
}

fn contents(view: &SceneView) -> Vec<String> {
    view.tiles.iter().map(|tile| format!("{:?}", tile.content)).collect()
}

#[test]
fn pictures_show_the_sensors_first_and_the_predictions_once_there_is_a_network() {
    let bench = Bench::new();
    let session = bench.session();
    session.send(Command::LoadData { path: bench.data() }).unwrap();
    let mut recipe = tiny_recipe().unwrap();
    recipe.set_text("inference.single", "branch").unwrap();
    session.send(Command::LoadRecipe { recipe }).unwrap();
    let ask = |dropped: &[&str]| {
        let what_if = WhatIf::without(dropped);
        let watched = ["gsu.gate.first", "uncertainty.entropy.fused", "loss.fused"].map(str::to_owned).to_vec();
        let request = ViewRequest {
            what_if,
            watched,
            ..ViewRequest { view: 1, split: "val".to_owned(), index: 1, ..ViewRequest::default() }
        };
        session.send(Command::View(request.clone())).unwrap();
        loop {
            until(&session, |event| *event == Event::ViewReady { view: 1 });
            // A refreshed picture of the request before may come first.
            if let Some(view) = session.view(1).filter(|view| view.request == request) {
                return view;
            }
        }
    };
    let plain = ask(&[]);
    assert_eq!(contents(&plain), [r#"Sensor("colour")"#, r#"Sensor("thermal")"#, "Label"]);
    assert_eq!((plain.step, plain.tags.as_slice()), (None, &["night".to_owned()][..]));
    session.send(Command::Start).unwrap();
    until(&session, finished);
    let both = ask(&[]);
    assert_eq!(both.step, Some(6));
    for wanted in [
        r#"Prediction("fused")"#,
        r#"Prediction("colour")"#,
        r#"Error("fused")"#,
        r#"Probe("gsu.gate.first")"#,
        r#"Probe("loss.fused")"#,
        r#"Probe("uncertainty.entropy.fused")"#,
    ] {
        assert!(contents(&both).iter().any(|content| content == wanted), "{:?}", contents(&both));
    }
    // What nobody watches is known by name, but not made.
    assert!(both.offered.iter().any(|name| name == "gsu.gate.second"), "{:?}", both.offered);
    assert!(!contents(&both).iter().any(|content| content.contains("gsu.gate.second")));
    let thermal = ask(&["colour"]);
    assert_eq!(thermal.missing, "drop");
    assert!(contents(&thermal).iter().any(|content| content.starts_with("Prediction")));
    let picture = |view: &SceneView, content: Content| {
        view.tiles.iter().find(|tile| tile.content == content).map(|tile| tile.frame.clone())
    };
    let fused = || Content::Prediction("fused".to_owned());
    assert_ne!(picture(&both, fused()), picture(&thermal, fused()));
    // Without the colour camera the thermal head answers in place of the fused one, and the view names it.
    assert_eq!((both.answer.as_deref(), thermal.answer.as_deref()), (Some("fused"), Some("thermal")));
    assert!(picture(&thermal, fused()).is_none() && picture(&thermal, Content::Error("thermal".to_owned())).is_some());
    let none = ask(&["colour", "thermal"]);
    assert_eq!(none.answer, None);
    assert!(!contents(&none).iter().any(|content| content.starts_with("Prediction")));
    for missing in ["zeros", "black", "mean", "copy"] {
        session
            .send(Command::Set { key: "evaluation.missing".to_owned(), value: Value::Text(missing.to_owned()) })
            .unwrap();
        ask(&[]);
        assert_eq!(ask(&["colour"]).missing, missing);
    }
}

#[test]
fn evaluations_of_an_opened_run_are_told_and_kept() {
    let bench = Bench::new();
    let session = bench.started(tiny_recipe().unwrap());
    until(&session, finished);
    drop(session);
    let folder = bench.run_folder();
    let session = bench.session();
    session.send(Command::OpenRun { path: folder.path().to_owned(), data: None }).unwrap();
    session.send(Command::LoadData { path: bench.data() }).unwrap();
    session.send(Command::Evaluate { split: "train".to_owned() }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Evaluation(report) if report.split == "train"));
    assert!(events.iter().any(|event| matches!(event, Event::Steps(steps) if steps.len() == 6)));
    session.send(Command::Evaluate { split: "nowhere".to_owned() }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Failure { .. }));
    let Some(Event::Failure { about, failure: Failure { kind: FailureKind::Refused, text } }) = events.last() else {
        panic!()
    };
    assert_eq!(*about, Subject::Evaluation);
    assert!(text.contains("nowhere") && text.contains("train"), "{text}");
    assert_eq!(folder.evaluations().unwrap().iter().filter(|report| report.split == "train").count(), 1);
}

#[test]
fn figures_of_a_protocol_are_told_kept_and_told_again_where_the_run_is_opened() {
    let bench = Bench::new();
    let session = bench.started(tiny_recipe().unwrap());
    until(&session, finished);
    let folder = bench.run_folder();
    let evaluations = folder.evaluations().unwrap();
    // Of a run that has just ended, and of one that is opened.
    session.send(Command::RunProtocol { protocol: Protocol::Nm, split: "val".to_owned() }).unwrap();
    until(&session, |event| matches!(event, Event::Protocol(report) if report.protocol == Protocol::Nm));
    drop(session);
    let session = bench.session();
    session.send(Command::OpenRun { path: folder.path().to_owned(), data: None }).unwrap();
    until(&session, |event| matches!(event, Event::Protocol(report) if report.protocol == Protocol::Nm));
    session.send(Command::RunProtocol { protocol: Protocol::Heads, split: "test".to_owned() }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Protocol(report) if report.split == "test"));
    let Some(Event::Protocol(heads)) = events.last() else { panic!("{events:?}") };
    let kept = folder.protocols().unwrap();
    assert_eq!((kept.len(), kept[1].trials.len()), (2, heads.trials.len()));
    assert_eq!(folder.evaluations().unwrap(), evaluations);
    session.send(Command::RunProtocol { protocol: Protocol::Emm, split: "nowhere".to_owned() }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Failure { .. }));
    assert!(matches!(events.last(), Some(Event::Failure { about: Subject::Evaluation, .. })), "{events:?}");
}

#[test]
fn data_that_reads_outside_of_its_folder_is_opened_once_the_user_says_so() {
    let bench = Bench::new();
    let foreign = bench.folder.path().join("foreign");
    std::fs::create_dir(&foreign).unwrap();
    let manifest = std::fs::read_to_string(bench.data().join("dataset.toml")).unwrap();
    std::fs::write(foreign.join("dataset.toml"), manifest.replace("pattern = \"", "pattern = \"../data/")).unwrap();
    let session = bench.session();
    let refused =
        |event: &Event| matches!(event, Event::Failure { failure, .. } if failure.kind == FailureKind::Untrusted);
    session.send(Command::LoadData { path: foreign.clone() }).unwrap();
    until(&session, refused);
    session.send(Command::TrustData { path: foreign.clone() }).unwrap();
    until(&session, |event| matches!(event, Event::Dataset(dataset) if dataset.path == foreign));
    // It stays trusted in this session, and no other data set is.
    session.send(Command::LoadData { path: foreign.clone() }).unwrap();
    until(&session, |event| matches!(event, Event::Dataset(dataset) if dataset.path == foreign));
    session.send(Command::LoadData { path: foreign.join("dataset.toml") }).unwrap();
    until(&session, refused);
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        2 => Just(Command::LoadData { path: "data".into() }),
        1 => Just(Command::LoadData { path: "missing".into() }),
        4 => Just(Command::Start),
        2 => Just(Command::ResumeRun),
        2 => Just(Command::Pause),
        2 => Just(Command::StepOnce),
        1 => Just(Command::Stop),
        1 => any::<bool>().prop_map(|on| Command::Set {
            key: "exchange.spatial.enabled".to_owned(),
            value: Value::Switch(on),
        }),
        2 => (0_u64..3, 0_usize..4).prop_map(|(view, index)| {
            Command::View(ViewRequest { view, split: "val".to_owned(), index, ..ViewRequest::default() })
        }),
        1 => Just(Command::Evaluate { split: "val".to_owned() }),
        1 => Just(Command::SaveCheckpoint),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn real_sessions_end_whatever_they_are_told(commands in proptest::collection::vec(any_command(), 0..12)) {
        let bench = Bench::new();
        let session = bench.session();
        session.send(Command::LoadRecipe { recipe: tiny_recipe().unwrap() }).unwrap();
        for command in commands {
            let command = match command {
                Command::LoadData { path } if path == Path::new("data") => Command::LoadData { path: bench.data() },
                other => other,
            };
            session.send(command).unwrap();
        }
        session.send(Command::Shutdown).unwrap();
        let mut ended = false;
        while let Ok(event) = session.events().recv_timeout(LIMIT) {
            ended = event == Event::Ended;
            let failed = matches!(&event, Event::State(SessionState::Failed(failure)) if failure.text.contains("fault"));
            prop_assert!(!failed, "{event:?}");
            if ended {
                break;
            }
        }
        prop_assert!(ended);
    }
}

/// Tiny data in `folder` whose second class has another name.
fn write_renamed_data(folder: &Path) {
    write_tiny_data(folder, &TinyData::default()).unwrap();
    let manifest = std::fs::read_to_string(folder.join("dataset.toml")).unwrap();
    let renamed = manifest.replacen(&format!("\"{}\"", crate::fixtures::CLASSES[1]), "\"another\"", 1);
    assert_ne!(renamed, manifest);
    std::fs::write(folder.join("dataset.toml"), renamed).unwrap();
}

/// The pictures of the first validation scene.
fn pictures(session: &Session) -> std::sync::Arc<SceneView> {
    let request = ViewRequest { view: 1, split: "val".to_owned(), index: 0, ..ViewRequest::default() };
    session.send(Command::View(request)).unwrap();
    until(session, |event| *event == Event::ViewReady { view: 1 });
    session.view(1).unwrap()
}

#[test]
fn a_network_predicts_data_of_other_classes_with_its_own_scores_nothing_and_scores_them_by_a_map() {
    let bench = Bench::new();
    let session = bench.started(tiny_recipe().unwrap());
    until(&session, finished);
    let other = bench.folder.path().join("other");
    write_renamed_data(&other);

    session.send(Command::LoadData { path: other }).unwrap();
    let is_warning = |event: &Event| matches!(event, Event::Notice { about: Subject::Data, level: Level::Warning, text } if text.contains("`another`") && text.contains("its own classes"));
    until(&session, is_warning);
    let view = pictures(&session);
    assert!(view.unfit.as_ref().is_some_and(|reason| reason.contains("`another`")), "{:?}", view.unfit);
    assert!(contents(&view).contains(&r#"Prediction("fused")"#.to_owned()), "{:?}", contents(&view));
    assert!(!contents(&view).iter().any(|content| content.starts_with("Error")), "{:?}", contents(&view));
    assert_eq!((view.step, view.answer.as_deref()), (Some(6), Some("fused")));
    session.send(Command::Evaluate { split: "val".to_owned() }).unwrap();
    until(&session, |event| matches!(event, Event::Failure { failure, .. } if failure.text.contains("`another`")));

    let file = bench.folder.path().join("maps/other.toml");
    let picks = vec![Some(0), Some(1), None];
    session.send(Command::JoinClasses { picks, file: file.clone() }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Dataset(_)));
    let Some(Event::Dataset(joined)) = events.last() else { panic!() };
    assert_eq!(joined.classes, crate::fixtures::CLASSES);
    assert!(file.is_file());
    session.send(Command::Evaluate { split: "val".to_owned() }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Evaluation(_)));
    let Some(Event::Evaluation(report)) = events.last() else { panic!() };
    assert!(report.subsets[0].miou.is_some());
    let view = pictures(&session);
    assert_eq!(view.unfit, None);
    assert!(contents(&view).iter().any(|content| content.starts_with("Error")), "{:?}", contents(&view));
}

#[test]
fn opening_a_run_opens_its_data_and_asks_for_it_where_it_has_gone() {
    let bench = Bench::new();
    let session = bench.started(tiny_recipe().unwrap());
    until(&session, finished);
    drop(session);
    let run = bench.run_folder().path().to_owned();
    let other = bench.folder.path().join("other");
    write_renamed_data(&other);
    let open = |data: Option<PathBuf>| Command::OpenRun { path: run.clone(), data };
    let is_idle = |event: &Event| *event == Event::State(SessionState::Idle);
    let opened = |session: &Session, command: Command| {
        session.send(command).unwrap();
        until(session, |event| matches!(event, Event::State(SessionState::Preparing { .. })));
        until(session, is_idle)
    };
    let data_of = |events: &[Event]| {
        events.iter().find_map(|event| if let Event::Dataset(data) = event { Some(data.path.clone()) } else { None })
    };

    // Whatever is open: the run's own data take its place, and stay where they are open already.
    let session = bench.session();
    let events = opened(&session, Command::LoadData { path: other.clone() });
    assert_eq!(data_of(&events), Some(other.clone()));
    let events = opened(&session, open(None));
    assert_eq!(data_of(&events), Some(bench.data()));
    assert_eq!(data_of(&opened(&session, open(None))), None);
    // Unless others are wanted with it.
    assert_eq!(data_of(&opened(&session, open(Some(other.clone())))), Some(other.clone()));

    let elsewhere = bench.folder.path().join("elsewhere");
    std::fs::rename(bench.data(), &elsewhere).unwrap();
    let events = opened(&session, open(None));
    let gone = |event: &Event| matches!(event, Event::DataGone { path, failure } if *path == bench.data() && failure.text.contains("data"));
    assert!(events.iter().any(gone), "{events:#?}");
    assert!(events.iter().any(|event| matches!(event, Event::Run { .. })), "the run is open all the same");
    assert!(!events.iter().any(|event| matches!(event, Event::Failure { .. } | Event::Dataset(_))), "{events:#?}");
    assert_eq!(data_of(&opened(&session, Command::LoadData { path: elsewhere.clone() })), Some(elsewhere));
}

#[test]
fn a_folder_of_runs_is_listed_and_nothing_changes() {
    let bench = Bench::new();
    let session = bench.started(tiny_recipe().unwrap());
    until(&session, finished);
    let runs = bench.folder.path().join("runs");
    session.send(Command::OpenRun { path: runs.clone(), data: None }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Runs { .. }));
    let Some(Event::Runs { path, runs: listed }) = events.last() else { panic!() };
    assert_eq!(*path, runs);
    let [run] = listed.as_slice() else { panic!("{listed:#?}") };
    assert_eq!((run.step, run.steps, &run.state), (6, 6, &RunState::Complete));
    assert_eq!(run.path, bench.run_folder().path());
    assert_eq!(run.score.as_ref().map(|score| score.split.as_str()), Some("test"));
    let back = until(&session, |event| matches!(event, Event::State(SessionState::Finished | SessionState::Idle)));
    assert_eq!(back.last(), Some(&Event::State(SessionState::Finished)));
    assert!(!events.iter().any(|event| matches!(event, Event::Run { .. } | Event::Failure { .. })), "{events:#?}");
}

#[test]
fn a_resumed_run_tells_the_evaluations_before() {
    let bench = Bench::new();
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("training.evaluate_every", Value::Integer(2)).unwrap();
    recipe.set("training.steps", Value::Integer(1_000_000)).unwrap();
    let session = bench.started(recipe);
    until(&session, |event| matches!(event, Event::Evaluation(report) if !report.of_teacher));
    session.send(Command::Stop).unwrap();
    let events = until(&session, |event| matches!(event, Event::State(SessionState::Stopped { .. })));
    let Some(Event::State(SessionState::Stopped { step, of })) = events.last() else { panic!() };
    assert!((4..*of).contains(step) && *of > 1_000_000, "step {step} of {of}");
    session.send(Command::ResumeRun).unwrap();
    until(&session, |event| matches!(event, Event::Run { .. }));
    let events = until(&session, |event| *event == Event::State(SessionState::Training));
    assert!(
        events.iter().any(|event| matches!(event, Event::Evaluation(report) if report.step <= *step)),
        "{events:#?}"
    );
}
