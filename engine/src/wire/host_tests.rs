//! An engine that stays while windows come and go.

use std::io::Write;
use std::net::Shutdown;
use std::ops::ControlFlow;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::device::DeviceChoice;
use crate::fixtures::{TinyData, tiny_recipe, write_tiny_data};
use crate::protocol::{Command, Event, FailureKind, RunsWatch, SessionState, ShelfCommand, ShelfNews, ViewRequest};
use crate::recipe::Value;
use crate::session::SessionOptions;

const LIMIT: Duration = Duration::from_mins(1);

/// An engine that stays.
struct Staying {
    folder: TempDir,
    meeting: Meeting,
    serving: JoinHandle<()>,
}

/// A window's way to speak: once it is gone, the other end hears so, as behind a relay.
struct Leaving(UnixStream);

impl Write for Leaving {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        // The other end may have gone before.
        let _gone = self.0.shutdown(Shutdown::Write);
    }
}

impl Staying {
    fn new(patience: Duration) -> Self {
        // Sockets want short paths.
        let folder = tempfile::Builder::new().prefix("fs").tempdir_in("/tmp").unwrap();
        write_tiny_data(&folder.path().join("data"), &TinyData::default()).unwrap();
        let runs_dir = folder.path().join("runs");
        let meeting = Meeting::in_folder(folder.path().join("m"), &runs_dir).unwrap();
        let options = SessionOptions { device: DeviceChoice::Cpu, runs_dir, cache: None, ..SessionOptions::default() };
        let host = Host::start(options, &meeting).unwrap();
        let serve = move || host.serve(patience, || ControlFlow::Continue(()));
        let serving = std::thread::Builder::new().spawn(serve).unwrap();
        Self { folder, meeting, serving }
    }

    fn window(&self) -> Client {
        let stream = self.meeting.meet().unwrap().unwrap();
        let input = Box::new(stream.try_clone().unwrap());
        Client::start(Peer { input, output: Box::new(Leaving(stream)), process: None }, None).unwrap()
    }

    /// Begins a run of so many steps; returns its folder once it has taken one.
    fn train(&self, window: &Client, steps: i64) -> PathBuf {
        let mut recipe = tiny_recipe().unwrap();
        recipe.set("training.steps", Value::Integer(steps)).unwrap();
        window.send(Command::LoadData { path: self.folder.path().join("data") }).unwrap();
        window.send(Command::LoadRecipe { recipe }).unwrap();
        window.send(Command::Start).unwrap();
        let told = until(window, |event| matches!(event, Event::Steps(_)));
        let run =
            told.into_iter().find_map(|event| if let Event::Run { path, .. } = event { Some(path) } else { None });
        run.unwrap()
    }
}

#[track_caller]
fn until(window: &Client, is_end: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut found = Vec::new();
    loop {
        let event = window.events().recv_timeout(LIMIT).unwrap_or_else(|_| panic!("nothing came after {found:#?}"));
        let is_last = is_end(&event);
        found.push(event);
        if is_last {
            return found;
        }
    }
}

fn steps_in(events: &[Event]) -> Vec<u64> {
    let steps = events.iter().filter_map(|event| if let Event::Steps(steps) = event { Some(steps) } else { None });
    steps.flatten().map(|step| step.step).collect()
}

#[track_caller]
fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LIMIT, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn lines(run: &Path) -> usize {
    std::fs::read_to_string(run.join("metrics.jsonl")).map_or(0, |text| text.lines().count())
}

#[test]
fn a_run_goes_on_without_a_window_and_the_next_one_hears_all_of_it() {
    let staying = Staying::new(LIMIT);
    let window = staying.window();
    let run = staying.train(&window, 60);
    drop(window);
    wait_for("the run goes on", || lines(&run) == 62);
    let window = staying.window();
    let told = until(&window, |event| *event == Event::State(SessionState::Finished));
    assert_eq!(steps_in(&told), (1..=62).collect::<Vec<_>>(), "every step, once and in order");
    for name in ["Dataset", "Recipe", "Network", "Run", "Evaluation"] {
        let is_it = |event: &&Event| format!("{event:?}").starts_with(name);
        assert!(told.iter().find(is_it).is_some(), "{name} was not told");
    }
    // It is asked as before.
    let request = ViewRequest { split: "val".to_owned(), ..ViewRequest::default() };
    window.send(Command::View(request.clone())).unwrap();
    until(&window, |event| *event == Event::ViewReady { view: 0 });
    assert_eq!(window.view(0).unwrap().request, request);
    window.send(Command::Shutdown).unwrap();
    until(&window, |event| *event == Event::Ended);
    staying.serving.join().unwrap();
    assert!(staying.meeting.meet().unwrap().is_none());
}

#[test]
fn a_second_window_takes_over_and_the_first_is_told() {
    let staying = Staying::new(LIMIT);
    let first = staying.window();
    let run = staying.train(&first, 100_000);
    let folders = vec![staying.folder.path().join("runs")];
    let watch =
        || Command::Shelf(ShelfCommand::Watch(Some(RunsWatch { folders: folders.clone(), traced: Vec::new() })));
    let lists = |event: &Event| {
        let Event::Shelf(ShelfNews::Cards { cards, .. }) = event else { return false };
        cards.iter().any(|card| card.path == run)
    };
    first.send(watch()).unwrap();
    until(&first, lists);
    let second = staying.window();
    wait_for("the first is told", || matches!(first.standing(), Standing::Lost { .. }));
    let Standing::Lost { failure, .. } = first.standing() else { panic!() };
    assert!(failure.kind == FailureKind::Refused && failure.text.contains("Another window"), "{failure}");
    until(&second, |event| matches!(event, Event::Steps(_)));
    second.send(watch()).unwrap();
    // What the first was told of other runs, the second has not heard.
    until(&second, lists);
    second.send(Command::Stop).unwrap();
    until(&second, |event| matches!(event, Event::State(SessionState::Stopped { .. })));
    // Whoever says nothing, or something else, disturbs nobody.
    let stranger = staying.meeting.meet().unwrap().unwrap();
    (&stranger).write_all(&vec![b'x'; 100_000]).unwrap_or_default();
    drop(stranger);
    second.send(Command::Shutdown).unwrap();
    until(&second, |event| *event == Event::Ended);
    staying.serving.join().unwrap();
}

#[test]
fn a_dead_line_that_takes_nothing_keeps_no_other_window_out() {
    let staying = Staying::new(LIMIT);
    // A window that says who it is, asks for a great deal, and never reads.
    let dead = staying.meeting.meet().unwrap().unwrap();
    let say = |message: ToEngine| write_frame(&mut &dead, &encode(&message).unwrap()).unwrap();
    say(ToEngine::Hello(Hello::ours(PathBuf::new())));
    let recipe = tiny_recipe().unwrap();
    for _ in 0..400 {
        // Each is answered with the whole recipe.
        say(ToEngine::Command(Box::new(Command::LoadRecipe { recipe: recipe.clone() })));
    }
    std::thread::sleep(Duration::from_millis(300));
    let window = staying.window();
    until(&window, |event| matches!(event, Event::Recipe(_)));
    window.send(Command::Shutdown).unwrap();
    until(&window, |event| *event == Event::Ended);
    staying.serving.join().unwrap();
    drop(dead);
}

#[test]
fn an_engine_that_nobody_needs_ends_by_itself_and_one_at_work_does_not() {
    let staying = Staying::new(Duration::from_millis(200));
    let window = staying.window();
    let run = staying.train(&window, 150);
    drop(window);
    // Far longer than its patience, where a step takes milliseconds; then it ends.
    staying.serving.join().unwrap();
    assert_eq!(lines(&run), 152, "it has waited for the end of the run");
    assert!(staying.meeting.hold().is_ok());
}
