//! Pages of pinned scenes in whole sessions: what is kept, that it changes nothing about a run, and how it is looked
//! at.

use std::path::Path;
use std::sync::Arc;

use super::Session;
use super::session_tests::{Bench, finished, trace, until};
use crate::fixtures::tiny_recipe;
use crate::protocol::{
    Album, AlbumWish, Command, Content, Event, FailureKind, Level, Pin, SceneView, SessionState, Tile, ViewRequest,
};
use crate::recipe::{Recipe, Value};
use crate::training::RunFolder;

const ENTROPY: &str = "uncertainty.entropy.fused";

/// Two teacher and eight student steps, a checkpoint after every third.
fn recipe() -> Recipe {
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("training.steps", Value::Integer(8)).unwrap();
    recipe
}

fn pin(id: &str) -> Pin {
    Pin { split: "val".to_owned(), id: id.to_owned(), watched: vec![ENTROPY.to_owned()] }
}

fn keep(session: &Session, ids: &[&str], every: u64) {
    let pins = ids.iter().map(|id| pin(id)).collect();
    session.send(Command::KeepAlbum(AlbumWish { pins, every, ..AlbumWish::default() })).unwrap();
}

fn steps(album: &Album, id: &str) -> Vec<u64> {
    let scene = album.scenes.iter().find(|scene| scene.id == id);
    scene.map(|scene| scene.pages.keys().copied().collect()).unwrap_or_default()
}

/// The album as it was told last.
fn told(events: &[Event]) -> Option<&Album> {
    events.iter().rev().find_map(|event| if let Event::Album(album) = event { Some(album) } else { None })
}

fn ask(session: &Session, at: Option<u64>, since: Option<u64>) -> Arc<SceneView> {
    let watched = vec![ENTROPY.to_owned()];
    let request = ViewRequest { view: 1, split: "val".to_owned(), watched, at, since, ..ViewRequest::default() };
    session.send(Command::View(request.clone())).unwrap();
    loop {
        until(session, |event| *event == Event::ViewReady { view: 1 });
        if let Some(view) = session.view(1).filter(|view| view.request == request) {
            return view;
        }
    }
}

fn tile<'a>(view: &'a SceneView, content: &Content) -> Option<&'a Tile> {
    view.tiles.iter().find(|tile| tile.content == *content)
}

fn copy(from: &Path, to: &Path) {
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
}

#[test]
fn pages_of_pinned_scenes_change_no_bit_of_a_run_and_are_shown_while_it_trains_and_ever_after() {
    let bench = Bench::new();
    let session = bench.started(recipe());
    until(&session, finished);
    drop(session);
    let run = bench.run_folder();
    let expected = trace(&run.steps().unwrap());
    assert!(!run.path().join("album").exists(), "nothing is pinned");
    std::fs::remove_dir_all(bench.folder.path().join("runs")).unwrap();

    let session = bench.loaded(recipe());
    keep(&session, &["val000D", "val001N", "nowhere"], 4);
    session.send(Command::Start).unwrap();
    let events = until(&session, finished);
    let is_about_nowhere = |event: &&Event| matches!(event, Event::Notice { level: Level::Warning, text, .. } if text.contains("no scene `nowhere`"));
    assert_eq!(events.iter().filter(is_about_nowhere).count(), 1, "{events:#?}");
    let first_times = events.iter().find_map(|event| if let Event::Times(times) = event { Some(times) } else { None });
    let pages =
        first_times.unwrap().parts.iter().find(|part| part.name == "album").map(|part| (part.calls, part.millis > 0.0));
    assert_eq!(pages, Some((1.0, true)), "what they cost is told: {first_times:?}");
    let run = bench.run_folder();
    assert_eq!(trace(&run.steps().unwrap()), expected);
    let album = told(&events).unwrap();
    for id in ["val000D", "val001N"] {
        assert_eq!(steps(album, id), [0, 4, 8, 10], "every fourth step, and the last");
    }
    assert_eq!(run.album(), (album.clone(), Vec::new()));

    let now = ask(&session, None, None);
    let last = ask(&session, Some(10), None);
    for content in [Content::Prediction("fused".to_owned()), Content::Probe(ENTROPY.to_owned()), Content::Label] {
        assert_eq!(tile(&last, &content), tile(&now, &content), "{content:?}");
        assert!(tile(&last, &content).is_some(), "{content:?}");
    }
    drop(session);

    let session = bench.session();
    session.send(Command::OpenRun { path: run.path().to_owned(), data: None }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Album(_)));
    assert_eq!(told(&events), Some(album));
    let then = ask(&session, Some(8), Some(4));
    assert_eq!(then.step, Some(8));
    let effect = &then.effects[0];
    let became = tile(&then, &Content::Outcome(effect.head.clone())).unwrap();
    assert_eq!(u64::from(became.frame.width * became.frame.height), effect.pixels());
    let since = ask(&session, None, Some(4));
    assert_eq!((since.step, since.effects[0].pixels()), (Some(10), effect.pixels()));
    assert_eq!(tile(&since, &Content::Before("fused".to_owned())), tile(&then, &Content::Before("fused".to_owned())));
    let lack = ask(&session, Some(5), None).lack.clone().unwrap();
    assert_eq!(lack.kind, FailureKind::Unreadable);
}

#[test]
fn a_run_that_goes_on_has_undone_the_pages_after_its_checkpoint() {
    let bench = Bench::new();
    let session = bench.loaded(recipe());
    keep(&session, &["val000D"], 1);
    for _ in 0..5 {
        session.send(Command::StepOnce).unwrap();
        until(&session, |event| *event == Event::State(SessionState::Paused));
    }
    let killed = bench.folder.path().join("killed");
    copy(bench.run_folder().path(), &killed);
    drop(session);
    assert_eq!(steps(&RunFolder::open(&killed).unwrap().album().0, "val000D"), [0, 1, 2, 3, 4, 5]);

    // Nothing is pinned now: what was kept stays as far as the run does.
    let session = bench.session();
    session.send(Command::OpenRun { path: killed.clone(), data: None }).unwrap();
    session.send(Command::ResumeRun).unwrap();
    session.send(Command::Pause).unwrap();
    let events = until(&session, |event| *event == Event::State(SessionState::Paused));
    let album = told(&events).unwrap();
    let kept = steps(album, "val000D");
    assert_eq!(kept, [0, 1, 2, 3], "{events:#?}");
    // Pinned again, the scene has pages from here on.
    keep(&session, &["val000D"], 1);
    session.send(Command::Start).unwrap();
    let events = until(&session, finished);
    assert_eq!(steps(told(&events).unwrap(), "val000D"), (0..=10).collect::<Vec<u64>>());
}

#[test]
fn a_scene_that_is_pinned_while_a_run_trains_has_a_page_at_once_and_one_that_is_let_go_has_no_more() {
    let bench = Bench::new();
    let session = bench.loaded(recipe());
    for _ in 0..3 {
        session.send(Command::StepOnce).unwrap();
        until(&session, |event| *event == Event::State(SessionState::Paused));
    }
    keep(&session, &["val001N"], 100);
    let events = until(&session, |event| matches!(event, Event::Album(_)));
    assert_eq!(steps(told(&events).unwrap(), "val001N"), [3]);
    keep(&session, &[], 100);
    session.send(Command::Start).unwrap();
    until(&session, finished);
    assert_eq!(steps(&bench.run_folder().album().0, "val001N"), [3]);
}

#[test]
fn a_full_album_is_thinned_on_the_disk() {
    let bench = Bench::new();
    let session = bench.loaded(recipe());
    let pins = vec![pin("val000D")];
    // No page fits: it is said once, and the run goes on.
    session.send(Command::KeepAlbum(AlbumWish { pins, every: 1, most_mib: 0 })).unwrap();
    session.send(Command::Start).unwrap();
    let events = until(&session, finished);
    let is_full = |event: &&Event| matches!(event, Event::Notice { text, .. } if text.contains("no more of them"));
    assert_eq!(events.iter().filter(is_full).count(), 1, "{events:#?}");
    let run = bench.run_folder();
    assert_eq!(std::fs::read_dir(run.path().join("album")).unwrap().count(), 0);
}
