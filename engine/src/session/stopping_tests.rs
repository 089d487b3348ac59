//! Everything that takes long can be stopped, on small data at once and on a slow disk soon, and leaves things as they
//! were.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Session, SessionOptions, leaving};
use crate::device::DeviceChoice;
use crate::fixtures::{TinyData, tiny_recipe, write_many_scenes, write_tiny_data};
use crate::progress::disk::slow::SlowDisk;
use crate::protocol::{Command, Confusion, CountedFrom, EmbeddingRequest, Event, SessionState, SplitRequest};
use crate::recipe::{Recipe, Value};
use crate::training::RunFolder;

/// Far more than anything here takes that is not stopped.
const LIMIT: Duration = Duration::from_mins(2);
/// How soon a stop takes effect on a slow disk, and on small data on a fast one.
const SOON: Duration = Duration::from_secs(2);
const AT_ONCE: Duration = Duration::from_millis(300);
/// Scenes of the large data set, and what each look at one of its files takes while the disk is slow. All of them take
/// minutes.
const SCENES: usize = 10_000;
const SLOW: Duration = Duration::from_millis(5);

struct Bench {
    folder: TempDir,
    session: Session,
    is_large: bool,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let session = Self::session_in(&folder.path().join("runs"));
        Self { folder, session, is_large: false }
    }

    /// With many scenes in `data`.
    fn large() -> Self {
        let bench = Self { is_large: true, ..Self::new() };
        write_many_scenes(&bench.data(), SCENES).unwrap();
        bench
    }

    /// With a few scenes in `data`.
    fn small() -> Self {
        let bench = Self::new();
        write_tiny_data(&bench.data(), &TinyData::default()).unwrap();
        bench
    }

    fn session_in(runs_dir: &Path) -> Session {
        let options =
            SessionOptions { device: DeviceChoice::Cpu, runs_dir: runs_dir.to_owned(), ..SessionOptions::default() };
        Session::spawn(options).unwrap()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn runs(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("runs")).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    fn slow(&self) -> SlowDisk {
        SlowDisk::at(self.folder.path(), SLOW)
    }

    fn send(&self, command: Command) {
        self.session.send(command).unwrap();
    }

    fn load(&self) {
        self.send(Command::LoadData { path: self.data() });
        self.until(|event| matches!(event, Event::Dataset(_)));
        self.until(is_idle);
    }

    fn train(&self, mut recipe: Recipe) {
        // A teacher would be evaluated on the way.
        for distillation in ["objective.relation.enabled", "objective.feature.enabled"] {
            recipe.set(distillation, Value::Switch(false)).unwrap();
        }
        self.send(Command::LoadRecipe { recipe });
        self.send(Command::Start);
        if self.is_large {
            // Its last evaluation would take long.
            self.until(|event| matches!(event, Event::State(SessionState::Evaluating { .. })));
            self.send(Command::Stop);
        }
        self.until(|event| *event == Event::State(SessionState::Finished));
    }

    #[track_caller]
    fn until(&self, is_end: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut found = Vec::new();
        loop {
            let event =
                self.session.events().recv_timeout(LIMIT).unwrap_or_else(|_| panic!("nothing came after {found:#?}"));
            let end = is_end(&event);
            found.push(event);
            if end {
                return found;
            }
        }
    }

    /// Stops, and expects `is_end` within `limit`, with nothing failed on the way.
    #[track_caller]
    fn stops(&self, limit: Duration, is_end: impl Fn(&Event) -> bool) -> Vec<Event> {
        let begun = Instant::now();
        self.send(Command::Stop);
        let events = self.until(is_end);
        let took = begun.elapsed();
        assert!(took < limit, "it took {took:?}");
        let failed = |event: &Event| matches!(event, Event::Failure { .. } | Event::State(SessionState::Failed(_)));
        assert!(!events.iter().any(failed), "{events:#?}");
        events
    }

    /// Lets go of the session, and expects that to take no longer than `at_most`, and the session to end within
    /// `limit`.
    #[track_caller]
    fn closes(self, limit: Duration) {
        let Self { folder, session, .. } = self;
        let begun = Instant::now();
        drop(session);
        let took = begun.elapsed();
        assert!(took < AT_ONCE, "the window waited {took:?}");
        assert!(leaving::wait(LIMIT));
        let took = begun.elapsed();
        assert!(took < limit, "the session ended after {took:?}");
        drop(folder);
    }
}

fn is_idle(event: &Event) -> bool {
    *event == Event::State(SessionState::Idle)
}

fn is_preparing(event: &Event) -> bool {
    matches!(event, Event::State(SessionState::Preparing { .. }))
}

fn is_counting(event: &Event) -> bool {
    matches!(event, Event::State(SessionState::Preparing { done: 1.., total: 1.., .. }))
}

fn says(words: &'static str) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Notice { text, .. } if text.contains(words))
}

/// A recipe that looks for a second file of every scene before it trains.
fn recipe_with_many_files() -> Recipe {
    let mut recipe = tiny_recipe().unwrap();
    recipe.set_text("data.pseudo_labels", "label/{id}.png").unwrap();
    recipe
}

#[test]
fn opening_a_large_data_set_on_a_slow_disk_is_stopped_soon() {
    let bench = Bench::large();
    let _slow = bench.slow();
    bench.send(Command::LoadData { path: bench.data() });
    bench.until(is_counting);
    let events = bench.stops(SOON, is_idle);
    assert!(events.iter().any(says("Opening the data set was stopped")), "{events:#?}");
    assert!(!events.iter().any(|event| matches!(event, Event::Dataset(_))));
    // No data set is half open, and the session goes on.
    bench.send(Command::Start);
    bench.until(says("open a data set first"));
    bench.send(Command::LoadData { path: bench.data() });
    bench.until(is_counting);
    bench.closes(SOON);
}

#[test]
fn a_data_set_in_view_stays_when_opening_another_is_stopped() {
    let bench = Bench::small();
    bench.load();
    let other = bench.folder.path().join("other");
    write_many_scenes(&other, 2000).unwrap();
    let _slow = SlowDisk::at(&other, SLOW);
    bench.send(Command::LoadData { path: other.clone() });
    bench.until(is_counting);
    bench.stops(SOON, is_idle);
    bench.train(tiny_recipe().unwrap());
    let folder = RunFolder::open(&bench.runs()[0]).unwrap();
    assert_eq!(folder.environment().unwrap().data, bench.data());
}

#[test]
fn opening_a_run_on_a_slow_disk_is_stopped_soon() {
    let bench = Bench::small();
    bench.load();
    bench.train(tiny_recipe().unwrap());
    let run = bench.runs().remove(0);
    let session = Bench::session_in(&bench.folder.path().join("runs"));
    let bench = Bench { session, ..bench };
    let _slow = SlowDisk::at(&run, Duration::from_millis(700));
    bench.send(Command::OpenRun { path: run.clone(), data: None });
    bench.until(is_preparing);
    let events = bench.stops(SOON, is_idle);
    assert!(!events.iter().any(|event| matches!(event, Event::Run { .. } | Event::Network(_))), "{events:#?}");
    // The run that was not opened cannot be resumed either.
    bench.send(Command::ResumeRun);
    bench.until(
        |event| matches!(event, Event::State(SessionState::Failed(failure)) if failure.text.contains("Open the run")),
    );
    bench.send(Command::OpenRun { path: run.clone(), data: None });
    bench.until(is_preparing);
    bench.closes(SOON);
}

#[test]
fn starting_on_a_slow_disk_is_stopped_soon_and_leaves_no_run() {
    let bench = Bench::large();
    bench.load();
    let slow = bench.slow();
    bench.send(Command::LoadRecipe { recipe: recipe_with_many_files() });
    bench.send(Command::Start);
    bench.until(is_counting);
    let events = bench.stops(SOON, is_idle);
    assert!(!events.iter().any(|event| matches!(event, Event::Run { .. } | Event::Network(_))), "{events:#?}");
    assert!(bench.runs().is_empty(), "{:?}", bench.runs());
    drop(slow);
    bench.train(tiny_recipe().unwrap());
    let slow = bench.slow();
    bench.send(Command::LoadRecipe { recipe: recipe_with_many_files() });
    bench.send(Command::Start);
    bench.until(is_counting);
    bench.closes(SOON);
    drop(slow);
}

#[test]
fn resuming_on_a_slow_disk_is_stopped_soon_and_leaves_the_run_as_it_was() {
    let bench = Bench::large();
    bench.load();
    let mut recipe = tiny_recipe().unwrap();
    recipe.set_text("training.steps", "1000000").unwrap();
    bench.send(Command::LoadRecipe { recipe });
    bench.send(Command::Start);
    bench.until(|event| matches!(event, Event::Steps(_)));
    bench.send(Command::Stop);
    bench.until(|event| matches!(event, Event::State(SessionState::Stopped { .. })));
    let run = bench.runs().remove(0);
    let metrics = std::fs::read(run.join("metrics.jsonl")).unwrap();
    let session = Bench::session_in(&bench.folder.path().join("runs"));
    let bench = Bench { session, ..bench };
    // Its data are not there when it is opened, so that resuming opens them.
    let away = bench.folder.path().join("away");
    std::fs::rename(bench.data(), &away).unwrap();
    bench.send(Command::OpenRun { path: run.clone(), data: None });
    bench.until(|event| matches!(event, Event::DataGone { .. }));
    bench.until(is_idle);
    std::fs::rename(&away, bench.data()).unwrap();
    let slow = SlowDisk::at(&bench.data(), SLOW);
    bench.send(Command::ResumeRun);
    bench.until(is_counting);
    let events = bench.stops(SOON, is_idle);
    assert!(!events.iter().any(|event| matches!(event, Event::Run { .. } | Event::Dataset(_))), "{events:#?}");
    assert_eq!(std::fs::read(run.join("metrics.jsonl")).unwrap(), metrics);
    bench.send(Command::ResumeRun);
    bench.until(is_counting);
    bench.stops(SOON, is_idle);
    drop(slow);
    bench.send(Command::ResumeRun);
    bench.until(|event| *event == Event::State(SessionState::Training));
    bench.closes(LIMIT);
}

#[test]
fn gathering_features_on_a_slow_disk_is_stopped_soon() {
    let bench = Bench::large();
    bench.load();
    bench.train(tiny_recipe().unwrap());
    let request = EmbeddingRequest {
        slot: 1,
        features: "stage2".to_owned(),
        split: "train".to_owned(),
        scenes: (0..SCENES / 2).collect(),
        points: 200,
        ..EmbeddingRequest::default()
    };
    let slow = bench.slow();
    bench.send(Command::Embed(request.clone()));
    std::thread::sleep(Duration::from_millis(200));
    bench.stops(SOON, says("Gathering features was stopped"));
    assert!(bench.session.embedding(1).is_none());
    drop(slow);
    bench.send(Command::Embed(EmbeddingRequest { scenes: vec![0, 1], ..request.clone() }));
    let begun = Instant::now();
    while bench.session.embedding(1).is_none() {
        assert!(begun.elapsed() < LIMIT, "nothing was gathered");
        std::thread::sleep(Duration::from_millis(5));
    }
    let _slow = bench.slow();
    bench.send(Command::Embed(request));
    std::thread::sleep(Duration::from_millis(200));
    bench.closes(SOON);
}

#[test]
fn evaluating_on_a_slow_disk_is_stopped_soon() {
    let bench = Bench::large();
    bench.load();
    bench.train(tiny_recipe().unwrap());
    let _slow = bench.slow();
    bench.send(Command::Evaluate { split: "train".to_owned() });
    bench.until(|event| matches!(event, Event::State(SessionState::Evaluating { done: 1.., .. })));
    let events = bench.stops(SOON, |event| *event == Event::State(SessionState::Finished));
    assert!(!events.iter().any(|event| matches!(event, Event::Evaluation(_))), "{events:#?}");
    bench.send(Command::Evaluate { split: "train".to_owned() });
    bench.until(|event| matches!(event, Event::State(SessionState::Evaluating { done: 1.., .. })));
    bench.closes(SOON);
}

#[test]
fn comparing_two_runs_on_a_slow_disk_is_stopped_soon_and_the_list_of_before_stands() {
    let bench = Bench::large();
    bench.load();
    bench.train(tiny_recipe().unwrap());
    let run = bench.runs().pop().unwrap();
    bench.send(Command::CompareWith { path: run });
    bench.until(|event| matches!(event, Event::Beside(Some(_))));
    let _slow = bench.slow();
    let of = SplitRequest { split: "train".to_owned(), dropped: Vec::new() };
    bench.send(Command::CompareSplit { of, from: CountedFrom::Predictions });
    bench.until(|event| matches!(event, Event::State(SessionState::Evaluating { done: 1.., .. })));
    let events = bench.stops(SOON, |event| *event == Event::State(SessionState::Finished));
    assert!(!events.iter().any(|event| matches!(event, Event::Compared(_))), "{events:#?}");
    let cell = Confusion { split: "train".to_owned(), truth: 1, ..Confusion::default() };
    bench.send(Command::FindConfused(cell));
    bench.until(|event| matches!(event, Event::State(SessionState::Evaluating { done: 1.., .. })));
    bench.closes(SOON);
}

#[test]
fn on_small_data_everything_is_stopped_at_once() {
    let bench = Bench::small();
    let slow = SlowDisk::at(&bench.data(), Duration::from_millis(20));
    bench.send(Command::LoadData { path: bench.data() });
    bench.until(is_preparing);
    bench.stops(AT_ONCE, is_idle);
    drop(slow);
    bench.load();
    bench.train(tiny_recipe().unwrap());
    let slow = SlowDisk::at(&bench.data(), Duration::from_millis(20));
    bench.send(Command::Evaluate { split: "train".to_owned() });
    bench.until(|event| matches!(event, Event::State(SessionState::Evaluating { .. })));
    bench.stops(AT_ONCE, |event| *event == Event::State(SessionState::Finished));
    drop(slow);
    let begun = Instant::now();
    drop(bench.session);
    assert!(begun.elapsed() < AT_ONCE);
}
