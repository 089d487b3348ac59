//! Frames that are damaged, ends that do not fit, and a whole session through two pipes.

use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::device::DeviceChoice;
use crate::fixtures::{TinyData, tiny_recipe, write_tiny_data};
use crate::protocol::{
    Command, Content, EmbeddingRequest, EmbeddingStage, EmbeddingView, Event, Figure, Frame, Happening, Pixels,
    PointMark, Quantity, Recorded, SceneView, SessionState, StepReport, Tile, ViewRequest, WhatIf,
};
use crate::recipe::Value;
use crate::session::{SessionOptions, leaving};

const LIMIT: Duration = Duration::from_mins(1);

fn framed(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_frame(&mut bytes, payload).unwrap();
    bytes
}

fn frames(bytes: &[u8]) -> Frames<Cursor<Vec<u8>>> {
    Frames::new(Cursor::new(bytes.to_vec()))
}

#[test]
fn frames_come_out_as_they_went_in() {
    let long: Vec<u8> = (0..300_000_u32).map(|number| (number * 7) as u8).collect();
    let payloads: [&[u8]; 4] = [b"", b"a", b"\x93FSE\x93FSE\x93FSE\x93FSE", &long];
    let all: Vec<u8> = payloads.iter().flat_map(|payload| framed(payload)).collect();
    let mut read = frames(&all);
    assert_eq!(read.first().unwrap(), payloads[0]);
    for payload in &payloads[1..] {
        assert_eq!(read.read().unwrap().as_deref(), Some(*payload));
    }
    assert_eq!(read.read().unwrap(), None);
}

#[test]
fn a_stream_that_ends_within_a_frame_says_so_wherever_that_is() {
    let whole = framed(b"a message");
    for length in 1..whole.len() {
        let found = frames(&whole[..length]).read();
        assert!(matches!(found, Err(WireError::CutOff { .. })), "{length}: {found:?}");
    }
    assert_eq!(frames(b"").read().unwrap(), None);
}

#[test]
fn every_flipped_bit_is_found() {
    let whole = framed(b"a message");
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let found = frames(&damaged).read();
        assert!(matches!(found, Err(WireError::Damaged { .. })), "{bit}: {found:?}");
    }
}

#[test]
fn what_a_shell_prints_first_is_passed_over_and_what_comes_later_is_damage() {
    let header = &framed(b"no message")[..HEADER_BYTES - 1];
    for noise in [b"Welcome to host\r\n".as_slice(), b"\x93", b"\x93FSE", b"\x93FSEand more of it that is none", header]
    {
        let mut read = frames(&[noise, &framed(b"one"), &framed(b"two"), noise].concat());
        assert_eq!(read.first().unwrap(), b"one", "{noise:?}");
        assert_eq!(read.read().unwrap().as_deref(), Some(b"two".as_slice()));
        assert!(matches!(read.read(), Err(WireError::CutOff { .. } | WireError::Damaged { .. })), "{noise:?}");
    }
}

#[test]
fn who_is_no_engine_is_quoted_and_never_listened_to_for_long() {
    let words = |bytes: &[u8]| frames(bytes).first().unwrap_err().to_string();
    assert_eq!(words(b""), "expected an engine's greeting, found nothing");
    assert_eq!(words(b"\x1b[1mno such\n command"), "expected an engine's greeting, found “[1mno such command”");
    // It would never end.
    let endless = std::io::repeat(b'z');
    let found = Frames::new(endless).first().unwrap_err();
    assert!(
        matches!(&found, WireError::NoEngine { said } if said.starts_with('…') && said.ends_with("zzz")),
        "{found}"
    );
}

#[test]
fn a_frame_that_is_too_large_is_neither_written_nor_waited_for() {
    let mut written = Vec::new();
    let large = vec![0; MOST_BYTES as usize + 1];
    assert!(matches!(write_frame(&mut written, &large), Err(WireError::TooLarge { .. })));
    assert!(written.is_empty());
    let mut header = framed(b"")[..HEADER_BYTES].to_vec();
    header[4..8].copy_from_slice(&(MOST_BYTES as u32 + 1).to_le_bytes());
    let sum = crc32fast::hash(&header[..12]);
    header[12..].copy_from_slice(&sum.to_le_bytes());
    assert!(matches!(frames(&header).read(), Err(WireError::TooLarge { found, .. }) if found == MOST_BYTES + 1));
}

#[test]
fn another_version_is_refused_and_both_are_named() {
    let ours = Hello::ours(PathBuf::new());
    ours.check().unwrap();
    for theirs in
        [Hello { program: "9.8.7".to_owned(), ..ours.clone() }, Hello { protocol: PROTOCOL + 1, ..ours.clone() }]
    {
        let words = theirs.check().unwrap_err().to_string();
        assert!(words.contains(&ours.to_string()) && words.contains(&theirs.to_string()), "{words}");
    }
    // What later programs add is passed over.
    let later = serde_json::json!({"protocol": 1, "program": "0.1.0", "process": 4, "runs": "/r", "weather": "fine"});
    let read: Hello = decode(&encode(&later).unwrap()).unwrap();
    assert_eq!((read.process, read.runs), (4, PathBuf::from("/r")));
}

fn there_and_back(message: &FromEngine) -> FromEngine {
    decode(&encode(message).unwrap()).unwrap()
}

fn event_back(event: Event) -> Event {
    let FromEngine::Event(event) = there_and_back(&FromEngine::Event(Box::new(event))) else { panic!() };
    *event
}

#[test]
fn numbers_that_are_none_arrive_as_they_are() {
    let values = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, f32::MIN_POSITIVE, 0.1];
    let terms = values.map(|value| Figure::new("total", Quantity::Loss, value)).into();
    let report = StepReport { step: u64::MAX, secs: 1e-300, terms, ..StepReport::default() };
    let Event::Steps(read) = event_back(Event::Steps(vec![report])) else { panic!() };
    assert_eq!((read[0].step, read[0].secs), (u64::MAX, 1e-300));
    let bits: Vec<u32> = read[0].terms.iter().map(|term| term.value.to_bits()).collect();
    assert_eq!(bits, values.map(f32::to_bits));
}

#[test]
fn settings_records_and_paths_keep_their_types() {
    for value in [
        Value::Switch(true),
        Value::Integer(-3),
        Value::Number(2.0),
        Value::Text("2".to_owned()),
        Value::Integers(vec![1, 300]),
        Value::Texts(vec!["a".to_owned()]),
    ] {
        let command = ToEngine::Command(Box::new(Command::Set { key: "k".to_owned(), value: value.clone() }));
        let read: ToEngine = decode(&encode(&command).unwrap()).unwrap();
        assert_eq!(read, command);
        let what = Happening::Change { key: "k".to_owned(), old: value.clone(), new: Value::Number(1.0) };
        let recorded = Event::Recorded(vec![
            Recorded { at: "2026-11-21T08:15:00Z".to_owned(), step: 5, what },
            Recorded { at: String::new(), step: 6, what: Happening::Pause },
        ]);
        assert_eq!(event_back(recorded.clone()), recorded);
    }
    let recipe = Event::Recipe(tiny_recipe().unwrap());
    assert_eq!(event_back(recipe.clone()), recipe);
    #[cfg(unix)]
    {
        let bytes = std::os::unix::ffi::OsStrExt::from_bytes(b"/d\xff");
        let checkpoint = Event::Checkpoint { step: 1, path: PathBuf::from(<std::ffi::OsStr>::to_owned(bytes)) };
        assert_eq!(event_back(checkpoint.clone()), checkpoint);
    }
}

#[test]
fn pictures_cost_a_byte_a_byte() {
    let ids: Vec<u8> = (0..320_u32 * 240).map(|pixel| pixel as u8).collect();
    let pixels = [
        Pixels::Rgba(ids.clone()),
        Pixels::Labels { ids: ids.clone(), confidence: ids.clone() },
        Pixels::Scalar { values: ids.clone(), low: 0.0, high: f32::INFINITY, unit: "m".to_owned(), has_holes: true },
        Pixels::Categories { ids: ids.clone(), legend: vec!["colour".to_owned()] },
        Pixels::Errors(ids.clone()),
    ];
    let tile = |pixels: &Pixels| Tile {
        content: Content::Prediction("fused".to_owned()).beside(),
        frame: Frame { width: 320, height: 240, pixels: pixels.clone() },
    };
    let view = Arc::new(SceneView { tiles: pixels.iter().map(tile).collect(), ..view_of(ViewRequest::default()) });
    let message = FromEngine::View(view);
    let bytes = encode(&message).unwrap();
    assert!(bytes.len() < 6 * ids.len() + 4096, "{} bytes", bytes.len());
    assert_eq!(decode::<FromEngine>(&bytes).unwrap(), message);
    // Files and tools still find lists.
    assert_eq!(serde_json::to_string(&Pixels::Errors(vec![0, 255])).unwrap(), r#"{"Errors":[0,255]}"#);
    assert_eq!(serde_json::from_str::<Pixels>(r#"{"Errors":[0,255]}"#).unwrap(), Pixels::Errors(vec![0, 255]));
}

fn view_of(request: ViewRequest) -> SceneView {
    SceneView {
        request,
        id: String::new(),
        tags: Vec::new(),
        step: None,
        answer: None,
        unfit: None,
        lack: None,
        missing: String::new(),
        tiles: Vec::new(),
        effects: Vec::new(),
        switches: Vec::new(),
        offered: Vec::new(),
        refused: Vec::new(),
        figures: Vec::new(),
        beside: None,
        millis: 0.0,
    }
}

#[test]
fn a_layout_is_sent_without_the_marks_that_are_known() {
    let mark = |scene: u32| PointMark { scene, source: 1, label: 255, predicted: 3, pixel: [scene as u16, 65535] };
    let first = EmbeddingView {
        request: EmbeddingRequest { slot: 1, ..EmbeddingRequest::default() },
        step: Some(4),
        sources: vec!["fused".to_owned()],
        offered: Vec::new(),
        marks: (0..5000).map(mark).collect(),
        layout: (0..5000).map(|place| [place as f32, f32::NEG_INFINITY]).collect(),
        stage: EmbeddingStage::Running,
        iteration: 7,
        iterations: 1000,
        divergences: vec![(7, 1.5)],
        perplexity: 30.0,
        device: "CPU".to_owned(),
        measures: None,
    };
    let second = EmbeddingView { layout: vec![[1.0, 2.0]; 5000], iteration: 8, ..first.clone() };
    let whole = encode(&PackedLayout::pack(&first, None)).unwrap();
    let moved = encode(&PackedLayout::pack(&second, Some(&first))).unwrap();
    assert!(whole.len() < 5000 * 19 + 1024 && moved.len() < 5000 * 8 + 1024, "{} {}", whole.len(), moved.len());
    let read = decode::<PackedLayout>(&whole).unwrap().unpack(None).unwrap();
    assert_eq!(read, first);
    assert_eq!(decode::<PackedLayout>(&moved).unwrap().unpack(Some(&read)).unwrap(), second);
    assert!(decode::<PackedLayout>(&moved).unwrap().unpack(None).is_err());
}

/// A session behind two pipes.
struct Wired {
    folder: TempDir,
    client: Client,
    server: JoinHandle<Result<Parting, WireError>>,
}

impl Wired {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_tiny_data(&folder.path().join("data"), &TinyData::default()).unwrap();
        let (input, told) = std::io::pipe().unwrap();
        let (heard, output) = std::io::pipe().unwrap();
        let runs_dir = folder.path().join("runs");
        let options = SessionOptions { device: DeviceChoice::Cpu, runs_dir, cache: None, ..SessionOptions::default() };
        let serve = move || Server::start(options).unwrap().attend(input, output, || ControlFlow::Continue(()));
        let server = std::thread::Builder::new().spawn(serve).unwrap();
        let peer = Peer { input: Box::new(heard), output: Box::new(told), process: None };
        Self { folder, client: Client::start(peer, None).unwrap(), server }
    }

    #[track_caller]
    fn until(&self, is_end: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut found = Vec::new();
        loop {
            let event =
                self.client.events().recv_timeout(LIMIT).unwrap_or_else(|_| panic!("nothing came after {found:#?}"));
            let is_last = is_end(&event);
            found.push(event);
            if is_last {
                return found;
            }
        }
    }

    fn send(&self, command: Command) {
        self.client.send(command).unwrap();
    }
}

#[test]
fn a_session_behind_two_pipes_trains_shows_and_lays_out() {
    let wired = Wired::new();
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("training.evaluate_every", Value::Integer(2)).unwrap();
    wired.send(Command::LoadData { path: wired.folder.path().join("data") });
    wired.send(Command::LoadRecipe { recipe });
    wired.send(Command::Start);
    let told = wired.until(|event| *event == Event::State(SessionState::Finished));
    let steps = told.iter().filter_map(|event| if let Event::Steps(steps) = event { Some(steps) } else { None });
    assert_eq!(steps.flatten().map(|report| report.step).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert!(matches!(wired.client.standing(), Standing::Ready(hello) if hello.runs.ends_with("runs")));

    // One picture after the other, each answering what was asked last.
    for dropped in [vec![], vec!["thermal".to_owned()], vec![]] {
        let what_if = WhatIf::without(&dropped);
        let request = ViewRequest { view: 3, split: "val".to_owned(), what_if, ..ViewRequest::default() };
        wired.send(Command::View(request.clone()));
        wired.until(|event| *event == Event::ViewReady { view: 3 });
        let view = wired.client.view(3).unwrap();
        assert_eq!(view.request, request);
        assert!(view.tiles.iter().any(|tile| tile.content == Content::Prediction("fused".to_owned())));
    }

    let request = EmbeddingRequest {
        slot: 1,
        features: "stage2".to_owned(),
        split: "train".to_owned(),
        scenes: vec![0, 1],
        points: 200,
        ..EmbeddingRequest::default()
    };
    wired.send(Command::Embed(request.clone()));
    let begun = Instant::now();
    let layout = loop {
        if let Some(layout) = wired.client.embedding(1) {
            break layout;
        }
        assert!(begun.elapsed() < LIMIT, "no layout came: {:?}", wired.client.events().try_iter().collect::<Vec<_>>());
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!((&layout.request, layout.layout.len()), (&request, layout.marks.len()));

    wired.send(Command::Shutdown);
    wired.until(|event| *event == Event::Ended);
    assert_eq!(wired.server.join().unwrap().unwrap(), Parting::Ended);
}

#[test]
fn a_window_that_goes_in_training_leaves_a_checkpoint_behind() {
    let wired = Wired::new();
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("training.steps", Value::Integer(100_000)).unwrap();
    wired.send(Command::LoadData { path: wired.folder.path().join("data") });
    wired.send(Command::LoadRecipe { recipe });
    wired.send(Command::Start);
    wired.until(|event| matches!(event, Event::Steps(_)));
    let Wired { folder, client, server } = wired;
    drop(client);
    assert_eq!(server.join().unwrap().unwrap(), Parting::Left);
    assert!(leaving::wait(LIMIT));
    let run = std::fs::read_dir(folder.path().join("runs")).unwrap().next().unwrap().unwrap().path();
    assert!(std::fs::read_dir(run.join("checkpoints")).unwrap().next().is_some());
}

#[test]
fn an_app_that_does_not_look_is_sent_one_picture_and_no_queue_of_them() {
    let wired = Wired::new();
    wired.send(Command::LoadData { path: wired.folder.path().join("data") });
    let request = |index: usize| ViewRequest { view: 3, split: "train".to_owned(), index, ..ViewRequest::default() };
    wired.send(Command::View(request(0)));
    wired.until(|event| *event == Event::ViewReady { view: 3 });
    for index in 1..6 {
        wired.send(Command::View(request(index)));
    }
    // Nobody has looked at the first yet, so no other comes.
    std::thread::sleep(Duration::from_millis(300));
    let told: Vec<Event> = wired.client.events().try_iter().collect();
    assert!(!told.contains(&Event::ViewReady { view: 3 }), "{told:?}");
    assert_eq!(wired.client.view(3).unwrap().request, request(0));
    wired.until(|event| *event == Event::ViewReady { view: 3 });
    assert_eq!(wired.client.view(3).unwrap().request, request(5));
}

/// A peer that says these bytes.
fn saying(bytes: &[u8]) -> Client {
    let peer = Peer { input: Box::new(Cursor::new(bytes.to_vec())), output: Box::new(std::io::sink()), process: None };
    Client::start(peer, None).unwrap()
}

#[track_caller]
fn lost(client: &Client) -> String {
    let begun = Instant::now();
    loop {
        if let Standing::Lost { failure, .. } = client.standing() {
            return failure.text;
        }
        assert!(begun.elapsed() < LIMIT);
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn an_end_that_does_not_fit_is_told_and_takes_no_commands() {
    let hello = |hello: Hello| framed(&encode(&FromEngine::Hello(hello)).unwrap());
    let ours = Hello::ours(PathBuf::new());
    let client = saying(&hello(Hello { program: "9.8.7".to_owned(), ..ours.clone() }));
    let words = lost(&client);
    assert!(words.contains("9.8.7") && words.contains(&ours.program), "{words}");
    assert!(client.send(Command::Stop).is_err());

    let words = lost(&saying(b"bash: fusionscope: command not found\n"));
    assert!(words.contains("command not found"), "{words}");
    let words = lost(&saying(&[hello(ours.clone()), b"libfoo: a warning between messages\n".to_vec()].concat()));
    assert!(words.contains("damaged"), "{words}");
    let words = lost(&saying(&hello(ours)));
    assert!(words.contains("connection was closed"), "{words}");
}

#[test]
#[cfg(unix)]
fn a_process_that_dies_leaves_its_last_words() {
    let client = |script: &str| {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script]);
        Client::start(Peer::start(command).unwrap(), None).unwrap()
    };
    for (script, words) in [("kill -9 $$", "signal 9"), ("kill -6 $$", "signal 6"), ("exit 7", "code 7")] {
        let client = client(&format!("for line in $(seq 40); do echo \"line $line\" >&2; done; {script}"));
        let told = lost(&client);
        assert!(told.contains(words), "{told}");
        let Standing::Lost { last_words, .. } = client.standing() else { panic!() };
        assert_eq!((last_words.len(), last_words.last().map(String::as_str)), (LAST_WORDS, Some("line 40")));
    }
    let mut command = std::process::Command::new("/no such program");
    command.arg("engine");
    let Err(error) = Peer::start(command) else { panic!() };
    assert!(error.to_string().contains("/no such program"), "{error}");
}

#[test]
fn a_full_pipe_holds_up_no_command() {
    // Nobody reads what the session says, and there is more of it than a pipe holds.
    let folder = tempfile::tempdir().unwrap();
    write_tiny_data(&folder.path().join("data"), &TinyData::default()).unwrap();
    let (input, mut told) = std::io::pipe().unwrap();
    let (_unread, output) = std::io::pipe().unwrap();
    let options = SessionOptions {
        device: DeviceChoice::Cpu,
        runs_dir: folder.path().join("runs"),
        cache: None,
        ..SessionOptions::default()
    };
    let server = Server::start(options).unwrap();
    let serve = move || server.attend(input, output, || ControlFlow::Continue(()));
    let _serving = std::thread::Builder::new().spawn(serve).unwrap();
    let mut say = |message: ToEngine| {
        write_frame(&mut told, &encode(&message).unwrap()).unwrap();
        told.flush().unwrap();
    };
    say(ToEngine::Hello(Hello::ours(PathBuf::new())));
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("training.steps", Value::Integer(100_000)).unwrap();
    say(ToEngine::Command(Box::new(Command::LoadData { path: folder.path().join("data") })));
    for _ in 0..400 {
        // Each is answered with the whole recipe.
        say(ToEngine::Command(Box::new(Command::LoadRecipe { recipe: recipe.clone() })));
    }
    say(ToEngine::Command(Box::new(Command::Start)));
    let checkpoint = || {
        let runs = std::fs::read_dir(folder.path().join("runs")).ok()?;
        runs.flatten().find(|run| run.path().join("metrics.jsonl").is_file()).map(|run| run.path())
    };
    let begun = Instant::now();
    let run = loop {
        if let Some(run) = checkpoint() {
            break run;
        }
        assert!(begun.elapsed() < LIMIT, "the run did not begin");
        std::thread::sleep(Duration::from_millis(10));
    };
    say(ToEngine::Command(Box::new(Command::Stop)));
    while !run.join("checkpoints").read_dir().is_ok_and(|mut all| all.next().is_some()) {
        assert!(begun.elapsed() < LIMIT, "the run was not stopped");
        std::thread::sleep(Duration::from_millis(10));
    }
}
