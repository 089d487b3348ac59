//! The engine as a process of its own: spoken to in messages, killed at any moment, and taken up again.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use fusionscope_engine::protocol::{Command, Event, Failure, FailureKind, SessionState, ViewRequest};
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::session::leaving;
use fusionscope_engine::wire::{
    Client, Frames, FromEngine, Hello, Peer, Standing, ToEngine, decode, encode, write_frame,
};

use crate::support::{Bench, only_run_in, program, run, step_lines, text};

/// What must come, comes within this.
const LIMIT: Duration = Duration::from_mins(1);
/// How soon it must be known that an engine is gone.
const SOON: Duration = Duration::from_secs(5);

/// The words that start an engine whose runs go there.
fn engine_command(runs: &Path) -> Process {
    let mut command = Process::new(program());
    command.args(["engine", "--stdio", "--device", "cpu", "--out", text(runs)]);
    command.env_remove("FUSIONSCOPE_LOG");
    command
}

/// An engine in a process of its own.
pub(super) struct Engine {
    pub(super) client: Client,
    told: Vec<Event>,
}

impl Engine {
    pub(super) fn start(runs: &Path) -> Self {
        Self::of(engine_command(runs))
    }

    fn of(command: Process) -> Self {
        Self { client: Client::start(Peer::start(command).unwrap(), None).unwrap(), told: Vec::new() }
    }

    fn send(&self, command: Command) {
        self.client.send(command).unwrap();
    }

    /// The next event within this time; `None` where there is none.
    fn next(&mut self, limit: Duration) -> Option<Event> {
        let event = self.client.events().recv_timeout(limit).ok()?;
        if let Event::ViewReady { view } = event {
            // Looked at, so that the next one comes.
            self.client.view(view).unwrap();
        }
        self.told.push(event.clone());
        Some(event)
    }

    #[track_caller]
    fn until(&mut self, what: &str, is_it: impl Fn(&Event) -> bool) -> Event {
        let begun = Instant::now();
        while begun.elapsed() < LIMIT {
            match self.next(Duration::from_millis(200)) {
                Some(event) if is_it(&event) => return event,
                Some(_) => {}
                None => assert!(!self.is_lost(), "{what} never came: {:?}\n{:#?}", self.client.standing(), self.told),
            }
        }
        panic!("{what} did not come in time: {:#?}", self.told);
    }

    fn is_lost(&self) -> bool {
        matches!(self.client.standing(), Standing::Lost { .. })
    }

    #[track_caller]
    fn hello(&self) -> Hello {
        let begun = Instant::now();
        loop {
            match self.client.standing() {
                Standing::Ready(hello) => return hello,
                Standing::Lost { failure, last_words } => panic!("{failure}: {last_words:?}"),
                Standing::Connecting => assert!(begun.elapsed() < LIMIT, "no greeting"),
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until it is known that the engine is gone; what is said of it.
    #[track_caller]
    fn lost(&self) -> (FailureKind, String, Vec<String>) {
        let begun = Instant::now();
        loop {
            if let Standing::Lost { failure, last_words } = self.client.standing() {
                return (failure.kind, failure.text, last_words);
            }
            assert!(begun.elapsed() < LIMIT, "nobody notices that the engine is gone");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn open(&self, bench: &Bench) {
        self.send(Command::LoadData { path: bench.data.path.clone() });
        self.send(Command::LoadRecipe { recipe: Recipe::read(&bench.recipe).unwrap() });
    }
}

#[test]
fn an_engine_that_nobody_speaks_to_any_more_saves_its_run_and_ends() {
    let bench = Bench::new("training.checkpoint_every = 10000\ntraining.steps = 100000");
    let runs = bench.beside("runs");
    let mut engine = Engine::start(&runs);
    assert!(engine.hello().runs.ends_with("runs"));
    engine.open(&bench);
    engine.send(Command::Start);
    engine.until("a step", |event| matches!(event, Event::Steps(_)));
    drop(engine);
    assert!(leaving::wait(LIMIT), "it did not end");
    let run_folder = only_run_in(&runs);
    assert_eq!(std::fs::read_dir(run_folder.join("checkpoints")).unwrap().count(), 1);
    let steps = step_lines(&run_folder).len();
    let kept = std::fs::read_dir(run_folder.join("checkpoints")).unwrap().next().unwrap().unwrap().file_name();
    assert!(
        kept.to_string_lossy().trim_start_matches("step-").trim_start_matches('0') == steps.to_string(),
        "{kept:?}"
    );
}

#[test]
#[cfg(unix)]
fn what_a_shell_prints_first_is_passed_over_and_what_a_library_prints_goes_elsewhere() {
    let bench = Bench::new("");
    let script = "echo 'Welcome to the server'; echo 'Last login: today' ; exec \"$0\" \"$@\"";
    let mut shell = Process::new("sh");
    shell.args(["-c", script]).arg(program());
    shell.args(["engine", "--stdio", "--device", "cpu", "--out", text(&bench.beside("runs"))]);
    let mut engine = Engine::of(shell);
    engine.open(&bench);
    engine.until("the data set", |event| matches!(event, Event::Dataset(_)));

    // A program that is none, and one that cannot be reached.
    for (script, kind, words) in [
        ("echo 'no such host'; exit 255", FailureKind::Unreadable, "no such host"),
        ("echo away >&2; exit 3", FailureKind::Broken, "code 3"),
    ] {
        let mut shell = Process::new("sh");
        shell.args(["-c", script]);
        let (found, text, last_words) = Engine::of(shell).lost();
        assert_eq!(found, kind, "{text}");
        assert!(text.contains(words) && (last_words.is_empty() || last_words == ["away"]), "{text} {last_words:?}");
    }
}

#[test]
fn versions_that_differ_refuse_each_other_and_name_both() {
    let runs = tempfile::tempdir().unwrap();
    let mut child = engine_command(runs.path());
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut frames = Frames::new(child.stdout.take().unwrap());
    let FromEngine::Hello(theirs) = decode(&frames.first().unwrap()).unwrap() else { panic!() };
    theirs.check().unwrap();
    let ours = Hello { program: "7.7.7".to_owned(), ..theirs.clone() };
    let mut input = child.stdin.take().unwrap();
    write_frame(&mut input, &encode(&ToEngine::Hello(ours.clone())).unwrap()).unwrap();
    input.flush().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{said}");
    assert!(said.contains(&ours.to_string()) && said.contains(&theirs.to_string()), "{said}");
    drop(input);
}

#[test]
fn an_engine_is_asked_for_by_the_way_that_it_shall_be_spoken_to() {
    let refused = run(&["engine"]).ends_with(2);
    assert!(refused.err.contains("--stdio"), "{}", refused.err);
}

/// A few numbers that look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pause(&mut self, millis: u64) {
        std::thread::sleep(Duration::from_micros(self.below(1000 * millis)));
    }
}

/// What an engine is killed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Reading data, building the network, reading a checkpoint.
    Opening,
    /// Between and within steps.
    Training,
    /// Going through the validation split.
    Evaluating,
    /// Around a checkpoint.
    Checkpointing,
    /// While it draws.
    Viewing,
}

const MOMENTS: [Moment; 5] =
    [Moment::Opening, Moment::Training, Moment::Evaluating, Moment::Checkpointing, Moment::Viewing];

/// Whether a run has come to its end. One that was killed behind its last step has nothing left to go on with.
fn is_end(event: &Event) -> bool {
    let has_nothing_left = |failure: &Failure| failure.text.contains("nothing left to train");
    match event {
        Event::State(SessionState::Finished) => true,
        Event::Failure { failure, .. } | Event::State(SessionState::Failed(failure)) => has_nothing_left(failure),
        _ => false,
    }
}

/// Goes on until the moment has come; `false` where the run has ended before.
fn reach(engine: &mut Engine, moment: Moment, dice: &mut Dice) -> bool {
    if moment == Moment::Opening {
        dice.pause(120);
        return true;
    }
    let begun = Instant::now();
    let (mut steps, wanted, mut trains) = (0, 1 + dice.below(4), false);
    loop {
        assert!(begun.elapsed() < LIMIT, "{moment:?} never came: {:#?}", engine.told);
        assert!(!engine.is_lost(), "{:?}", engine.client.standing());
        let Some(event) = engine.next(Duration::from_millis(200)) else { continue };
        if is_end(&event) {
            return false;
        }
        trains |= event == Event::State(SessionState::Training);
        // What was done before is told when a run is opened.
        steps += u64::from(trains && matches!(event, Event::Steps(_)));
        let has_come = match (moment, &event) {
            (_, Event::Failure { failure, .. } | Event::State(SessionState::Failed(failure))) => panic!("{failure}"),
            _ if steps == 0 => false,
            (Moment::Training, Event::Steps(_)) => steps >= wanted,
            (Moment::Evaluating, Event::State(SessionState::Evaluating { .. })) => true,
            (Moment::Checkpointing, Event::Steps(_)) => steps >= wanted,
            (Moment::Viewing, _) => {
                for (view, index) in [(0, 0), (1, 1)] {
                    engine.send(Command::View(ViewRequest {
                        view,
                        split: "val".to_owned(),
                        index,
                        ..ViewRequest::default()
                    }));
                }
                true
            }
            _ => false,
        };
        if has_come {
            dice.pause(match moment {
                // A step of this network, a checkpoint of it and a picture take some milliseconds.
                Moment::Training | Moment::Evaluating => 12,
                _ => 30,
            });
            return true;
        }
    }
}

/// Kills it; now and then as a driver does that gives up.
#[track_caller]
fn kill(engine: Engine, aborts: bool) {
    let begun = Instant::now();
    if aborts && cfg!(unix) {
        let process = engine.hello().process.to_string();
        // It may have been the run's end as well.
        let _sent = Process::new("kill").args(["-ABRT", &process]).stderr(Stdio::null()).status().unwrap();
    } else {
        engine.client.kill();
    }
    let (_, text, _) = engine.lost();
    assert!(begun.elapsed() < SOON, "it took {:?} to notice", begun.elapsed());
    assert!(text.contains("signal"), "{text}");
    assert!(engine.client.send(Command::Stop).is_err(), "nobody is there to stop");
}

/// The run folders there.
fn runs_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.join("recipe.toml").is_file()).collect()
}

#[test]
fn fifty_kills_at_any_moment_lose_no_run_and_change_no_figure() {
    let bench = Bench::new("training.checkpoint_every = 2\ntraining.steps = 18\ntraining.evaluate_every = 3");
    let undisturbed = step_lines(&bench.train("undisturbed").ends_with(0).run_folder());
    let runs = bench.beside("killed");
    let mut dice = Dice(17);
    let (mut kills, mut compared, mut tries, mut current) = (0, 0, 0, None::<PathBuf>);
    let compare = |run_folder: &Path| {
        let (disturbed, place) = (step_lines(run_folder), run_folder.display());
        assert_eq!(disturbed.len(), undisturbed.len(), "{place}");
        for (disturbed, undisturbed) in disturbed.iter().zip(&undisturbed) {
            assert_eq!(disturbed, undisturbed, "{place}");
        }
    };
    while kills < 50 || current.is_some() {
        tries += 1;
        assert!(tries < 120, "only {kills} kills came before the end of a run");
        let known = runs_in(&runs);
        let mut engine = Engine::start(&runs);
        if let Some(path) = &current {
            engine.send(Command::OpenRun { path: path.clone(), data: Some(bench.data.path.clone()) });
            engine.send(Command::ResumeRun);
        } else {
            engine.open(&bench);
            engine.send(Command::Start);
        }
        if kills < 50 && reach(&mut engine, MOMENTS[kills % MOMENTS.len()], &mut dice) {
            kills += 1;
            kill(engine, kills.is_multiple_of(7));
            // A run that had begun is there, whatever it was killed in.
            current = current.or_else(|| runs_in(&runs).into_iter().find(|path| !known.contains(path)));
            continue;
        }
        // The run has come to its end, or shall now.
        if !engine.told.iter().any(is_end) {
            engine.until("the end of the run", is_end);
        }
        let told = engine
            .told
            .iter()
            .find_map(|event| if let Event::Run { path, .. } = event { Some(path.clone()) } else { None });
        compare(&current.take().or(told).unwrap());
        compared += 1;
    }
    println!("fifty kills in {tries} starts; {compared} runs came to their end");
    assert!(compared >= 2, "{compared} runs came to their end");
}
