//! How soon a what-if is answered: from the command to the picture in its slot, through a whole session; and what a
//! page of a pinned scene costs, and how soon the slider shows one.
//!
//! `cargo bench --profile release --workspace --bench what_if` takes the demo presets on the sample data,
//! with the run held and with it training. Words after `--` choose presets by a part of their names. `taskset -c 0,1`
//! before it gives two cores.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a benchmark talks to a terminal and may stop")]

use std::time::{Duration, Instant};

use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::places::sample_data;
use fusionscope_engine::protocol::{
    AlbumWish, Command, Degradation, Event, Phase, Pin, SensorChange, SessionState, Stroke, Touch, ViewRequest, WhatIf,
};
use fusionscope_engine::recipe::{Recipe, preset, presets};
use fusionscope_engine::session::{Session, SessionOptions};

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Answers that are timed, each way.
const ANSWERS: usize = 120;
/// Reports of where the time went that are read while pages are kept.
const REPORTS: usize = 8;
/// The scene that is looked at.
const SPLIT: &str = "test";
const SCENE: usize = 3;
/// What one may take, in milliseconds.
const LIMIT_MILLIS: f64 = 150.0;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_chosen = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    println!("{ANSWERS} what-ifs, milliseconds from the command to the picture; the limit is {LIMIT_MILLIS}");
    println!(
        "{:<22} {:>8} {:>8}   {:>16} {:>8}   {:>8} {:>8} {:>8} {:>8}",
        "", "held", "95 %", "beside training", "95 %", "page", "KB", "slider", "95 %"
    );
    for preset in presets().iter().filter(|preset| preset.name.ends_with("-demo") && is_chosen(preset.name)) {
        match measured(preset.name) {
            Ok(Measured { held, beside, page, slider }) => {
                let late = if held[1] > LIMIT_MILLIS { "  too late" } else { "" };
                println!(
                    "{:<22} {:>8.1} {:>8.1}   {:>16.1} {:>8.1}   {:>8.1} {:>8.1} {:>8.1} {:>8.1}{late}",
                    preset.name, held[0], held[1], beside[0], beside[1], page[0], page[1], slider[0], slider[1]
                );
            }
            Err(reason) => println!("{:<22} left out: {reason}", preset.name),
        }
    }
}

/// Milliseconds, median and 95th percentile; of a page its mean, and how many KB it takes.
struct Measured {
    held: [f64; 2],
    beside: [f64; 2],
    page: [f64; 2],
    slider: [f64; 2],
}

/// What-ifs with the run held, and beside training; then a page at every step, and those looked at while they come.
fn measured(name: &str) -> Result<Measured, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let options =
        SessionOptions { device: DeviceChoice::Cpu, runs_dir: folder.path().join("runs"), ..SessionOptions::default() };
    let session = Session::spawn(options).map_err(|error| error.to_string())?;
    let data = sample_data().map_err(|error| error.to_string())?.ok_or("the sample data were not found")?;
    let send = |command| session.send(command).map_err(|error| error.to_string());
    send(Command::LoadData { path: data })?;
    let id = next(&session, |event| match event {
        Event::Dataset(dataset) => dataset.splits.iter().find(|split| split.name == SPLIT)?.ids.get(SCENE).cloned(),
        _ => None,
    })?;
    send(Command::LoadRecipe { recipe: recipe(name)? })?;
    send(Command::Start)?;
    wait(
        &session,
        |event| matches!(event, Event::Steps(steps) if steps.iter().any(|step| step.phase != Phase::Teacher)),
    )?;
    send(Command::Pause)?;
    wait(&session, |event| *event == Event::State(SessionState::Paused))?;
    let held = answered(&session, Duration::ZERO, supposed)?;
    send(Command::Start)?;
    wait(&session, |event| *event == Event::State(SessionState::Training))?;
    // The budget fills again between two gestures of a hand.
    let beside = answered(&session, Duration::from_millis(400), supposed)?;
    let pins = vec![Pin { split: SPLIT.to_owned(), id, watched: Vec::new() }];
    send(Command::KeepAlbum(AlbumWish { pins, every: 1, ..AlbumWish::default() }))?;
    let (page, steps) = kept(&session)?;
    send(Command::Pause)?;
    wait(&session, |event| *event == Event::State(SessionState::Paused))?;
    let at = |number: usize| ViewRequest { at: Some(steps[number * 7 % steps.len()]), ..request() };
    let slider = answered(&session, Duration::ZERO, at)?;
    Ok(Measured { held, beside, page, slider })
}

/// Milliseconds and KB of a page, and the steps of those that were kept.
fn kept(session: &Session) -> Result<([f64; 2], Vec<u64>), String> {
    let (mut millis, mut pages) = (0.0, 0.0);
    for _ in 0..REPORTS {
        let [of_report, calls] = next(session, |event| match event {
            Event::Times(times) => {
                let album = times.parts.iter().find(|part| part.name == "album")?;
                Some([album.millis, album.calls].map(|a_step| a_step * times.steps as f64))
            }
            _ => None,
        })?;
        millis += of_report;
        pages += calls;
    }
    let scene = next(session, |event| match event {
        Event::Album(album) => album.scenes.first().cloned(),
        _ => None,
    })?;
    let bytes = scene.pages.values().sum::<u64>() as f64 / scene.pages.len() as f64;
    Ok(([millis / pages, bytes / 1024.0], scene.pages.into_keys().collect()))
}

/// The shipped recipe with phases so short that the student's begins at once, and no end.
fn recipe(name: &str) -> Result<Recipe, String> {
    let mut recipe = preset(name).map_err(|error| error.to_string())?;
    for (key, value) in [("teacher.steps", "1"), ("training.steps", "1000000"), ("training.evaluate_every", "0")] {
        recipe.set_text(key, value).map_err(|error| error.to_string())?;
    }
    Ok(recipe)
}

fn request() -> ViewRequest {
    ViewRequest { view: 1, split: SPLIT.to_owned(), index: SCENE, ..ViewRequest::default() }
}

fn supposed(number: usize) -> ViewRequest {
    ViewRequest { what_if: what_if(number), compares: true, ..request() }
}

/// Asks for one thing after the other, each another one, as a slider that is dragged does.
fn answered(session: &Session, rest: Duration, ask: impl Fn(usize) -> ViewRequest) -> Result<[f64; 2], String> {
    let mut millis = Vec::with_capacity(ANSWERS);
    for number in 0..ANSWERS {
        std::thread::sleep(rest);
        let request = ask(number);
        let begun = Instant::now();
        session.send(Command::View(request.clone())).map_err(|error| error.to_string())?;
        loop {
            wait(session, |event| *event == Event::ViewReady { view: 1 })?;
            if session.view(1).is_some_and(|view| view.request == request) {
                break;
            }
        }
        // The first decodes the scene and predicts it without a what-if.
        if number > 0 {
            millis.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    millis.sort_by(f64::total_cmp);
    let at = |share: f64| millis[((millis.len() - 1) as f64 * share).round() as usize];
    Ok([at(0.5), at(0.95)])
}

/// Fog on the guiding camera, which is moved and painted on.
fn what_if(number: usize) -> WhatIf {
    let severity = 0.2 + 0.6 * (number as f32 / ANSWERS as f32);
    let stroke = Stroke { touch: Touch::Black, radius: 0.06, points: vec![[0.3, 0.4], [0.5, 0.5], [0.7, 0.45]] };
    let change = SensorChange {
        shift: [(number % 9) as i32 - 4, 2],
        degraded: [(Degradation::Fog, severity)].into(),
        brush: vec![stroke],
        ..SensorChange::default()
    };
    let mut what_if = WhatIf::default();
    what_if.change("colour", change);
    what_if
}

fn wait(session: &Session, is_it: impl Fn(&Event) -> bool) -> Result<(), String> {
    next(session, |event| is_it(event).then_some(()))
}

/// What is picked from the first event that has it.
fn next<T>(session: &Session, pick: impl Fn(&Event) -> Option<T>) -> Result<T, String> {
    loop {
        let event = session.events().recv_timeout(Duration::from_mins(2)).map_err(|error| error.to_string())?;
        if let Some(found) = pick(&event) {
            return Ok(found);
        }
        match &event {
            Event::State(SessionState::Failed(failure)) | Event::Failure { failure, .. } => {
                return Err(failure.text.clone());
            }
            _ => {}
        }
    }
}
