//! Whole sessions on a tiny data set: files written, traces resumed, pictures drawn.

use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{Session, SessionOptions, leaving};
use crate::device::DeviceChoice;
use crate::fixtures::{TinyData, tiny_recipe, write_tiny_data};
use crate::protocol::{
    Command, Content, Event, Failure, FailureKind, Level, Phase, SceneView, SessionState, StepReport, ViewRequest,
};
use crate::recipe::catalogue::sensors;
use crate::recipe::{Recipe, Value};
use crate::training::RunFolder;

const LIMIT: Duration = Duration::from_mins(2);

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_tiny_data(&folder.path().join("data"), &TinyData::default()).unwrap();
        Self { folder }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn session(&self) -> Session {
        Self::session_in(&self.folder.path().join("runs"))
    }

    fn session_in(runs_dir: &Path) -> Session {
        let options =
            SessionOptions { device: DeviceChoice::Cpu, runs_dir: runs_dir.to_owned(), ..SessionOptions::default() };
        Session::spawn(options).unwrap()
    }

    fn started(&self, recipe: Recipe) -> Session {
        let session = self.session();
        for command in [Command::LoadData { path: self.data() }, Command::LoadRecipe { recipe }, Command::Start] {
            session.send(command).unwrap();
        }
        session
    }

    fn run_folder(&self) -> RunFolder {
        let mut runs: Vec<PathBuf> =
            std::fs::read_dir(self.folder.path().join("runs")).unwrap().map(|entry| entry.unwrap().path()).collect();
        runs.sort();
        RunFolder::open(runs.last().unwrap()).unwrap()
    }
}

#[track_caller]
fn until(session: &Session, is_end: impl Fn(&Event) -> bool) -> Vec<Event> {
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

fn finished(event: &Event) -> bool {
    *event == Event::State(SessionState::Finished)
}

fn trace(steps: &[StepReport]) -> Vec<(u64, Vec<(String, u32)>)> {
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
    let marks: Vec<(u64, &str)> = events
        .iter()
        .filter_map(|event| if let Event::Mark(mark) = event { Some((mark.step, mark.label.as_str())) } else { None })
        .collect();
    assert_eq!(marks, [(0, "start, teacher phase"), (2, "student phase"), (3, "checkpoint"), (6, "checkpoint")]);
    let evaluations: Vec<(&str, u64)> = events
        .iter()
        .filter_map(|event| {
            if let Event::Evaluation(report) = event { Some((report.split.as_str(), report.step)) } else { None }
        })
        .collect();
    assert_eq!(evaluations, [("val", 4), ("test", 6)]);
    let folder = bench.run_folder();
    assert_eq!(trace(&folder.steps().unwrap()), trace(&steps));
    assert_eq!(folder.evaluations().unwrap().len(), 2);
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
    session.send(Command::OpenRun { path: folder.path().to_owned() }).unwrap();
    // No data set is opened: the run knows its own.
    session.send(Command::ResumeRun).unwrap();
    let events = until(&session, finished);
    assert!(events.iter().any(|event| matches!(event, Event::Mark(mark) if mark.label.starts_with("resumed"))));
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
    session.send(Command::OpenRun { path: folder.path().to_owned() }).unwrap();
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
        let dropped = dropped.iter().map(|&name| name.to_owned()).collect();
        let watched = ["gsu.gate.first", "uncertainty.entropy.fused", "loss.fused"].map(str::to_owned).to_vec();
        let request = ViewRequest {
            dropped,
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
    session.send(Command::OpenRun { path: folder.path().to_owned() }).unwrap();
    session.send(Command::LoadData { path: bench.data() }).unwrap();
    session.send(Command::Evaluate { split: "train".to_owned() }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Evaluation(report) if report.split == "train"));
    assert!(events.iter().any(|event| matches!(event, Event::Steps(steps) if steps.len() == 6)));
    session.send(Command::Evaluate { split: "nowhere".to_owned() }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Failure(_)));
    let Some(Event::Failure(Failure { kind: FailureKind::Refused, text })) = events.last() else { panic!() };
    assert!(text.contains("nowhere") && text.contains("train"), "{text}");
    assert_eq!(folder.evaluations().unwrap().iter().filter(|report| report.split == "train").count(), 1);
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
            Command::View(ViewRequest { view, split: "val".to_owned(), index, dropped: Vec::new(), ..ViewRequest::default() })
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

#[test]
fn a_network_predicts_nothing_on_data_whose_classes_have_other_names() {
    let bench = Bench::new();
    let session = bench.started(tiny_recipe().unwrap());
    until(&session, finished);
    let other = bench.folder.path().join("other");
    write_tiny_data(&other, &TinyData::default()).unwrap();
    let manifest = std::fs::read_to_string(other.join("dataset.toml")).unwrap();
    let renamed = manifest.replacen(&format!("\"{}\"", crate::fixtures::CLASSES[1]), "\"another\"", 1);
    assert_ne!(renamed, manifest);
    std::fs::write(other.join("dataset.toml"), renamed).unwrap();

    session.send(Command::LoadData { path: other }).unwrap();
    let is_warning = |event: &Event| matches!(event, Event::Notice { level: Level::Warning, text } if text.contains("`another`") && text.contains("nothing is predicted"));
    until(&session, is_warning);
    let request =
        ViewRequest { view: 1, split: "val".to_owned(), index: 0, dropped: Vec::new(), ..ViewRequest::default() };
    session.send(Command::View(request)).unwrap();
    until(&session, |event| *event == Event::ViewReady { view: 1 });
    let view = session.view(1).unwrap();
    assert!(view.unfit.as_ref().is_some_and(|reason| reason.contains("`another`")), "{:?}", view.unfit);
    assert_eq!(contents(&view), [r#"Sensor("colour")"#, r#"Sensor("thermal")"#, "Label"]);
    assert_eq!((view.step, view.answer.as_deref()), (None, None));
    session.send(Command::Evaluate { split: "val".to_owned() }).unwrap();
    until(&session, |event| matches!(event, Event::Failure(failure) if failure.text.contains("`another`")));
}
