//! A second network beside the one in view, in whole sessions.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Session;
use super::session_tests::{Bench, finished, until};
use crate::data::MANIFEST_NAME;
use crate::fixtures::{CLASSES, TinyData, tiny_recipe, write_tiny_data};
use crate::protocol::{
    BesideRun, Command, Confusion, Content, CountedFrom, DISAGREEMENT, Event, FailureKind, Pixels, SceneView,
    SessionState, SplitComparison, SplitRequest, Subject, Tile, ViewRequest, WhatIf,
};
use crate::recipe::Recipe;
use crate::training::export_model;

fn recipe(settings: &[(&str, &str)]) -> Recipe {
    let mut recipe = tiny_recipe().unwrap();
    for (key, value) in settings {
        recipe.set_text(key, value).unwrap();
    }
    recipe
}

/// Trains a run on the data set at `data`; its folder.
fn trained(bench: &Bench, data: &Path, settings: &[(&str, &str)]) -> PathBuf {
    let session = bench.session();
    session.send(Command::LoadData { path: data.to_owned() }).unwrap();
    session.send(Command::LoadRecipe { recipe: recipe(settings) }).unwrap();
    session.send(Command::Start).unwrap();
    let events = until(&session, finished);
    let run = events.into_iter().find_map(|event| if let Event::Run { path, .. } = event { Some(path) } else { None });
    run.unwrap()
}

fn data_of(bench: &Bench) -> PathBuf {
    bench.folder.path().join("data")
}

/// A session that has opened a run with this data set.
fn opened(bench: &Bench, run: &Path, data: &Path) -> Session {
    let session = bench.session();
    session.send(Command::OpenRun { path: run.to_owned(), data: Some(data.to_owned()) }).unwrap();
    until(&session, |event| *event == Event::State(SessionState::Idle));
    until(&session, |event| *event == Event::State(SessionState::Idle));
    session
}

/// The answer to this request, and to no older one.
fn ask(session: &Session, request: &ViewRequest) -> Arc<SceneView> {
    session.send(Command::View(request.clone())).unwrap();
    loop {
        until(session, |event| *event == Event::ViewReady { view: request.view });
        if let Some(view) = session.view(request.view).filter(|view| view.request == *request) {
            return view;
        }
    }
}

/// Opens a run beside; what was told of it.
fn beside(session: &Session, run: &Path) -> BesideRun {
    session.send(Command::CompareWith { path: run.to_owned() }).unwrap();
    let events = until(session, |event| matches!(event, Event::Beside(Some(_))));
    let Some(Event::Beside(Some(beside))) = events.last() else { panic!() };
    beside.clone()
}

fn request(dropped: &[&str]) -> ViewRequest {
    let what_if = WhatIf::without(dropped);
    let watched = vec!["gsu.gate.first".to_owned(), "uncertainty.entropy.fused".to_owned()];
    ViewRequest { view: 1, split: "val".to_owned(), index: 1, what_if, watched, ..ViewRequest::default() }
}

/// The pictures that a network made, under the names they have as the network in view's own.
fn made(view: &SceneView, is_beside: bool) -> Vec<Tile> {
    let tiles = view.tiles.iter().filter(|tile| tile.content.is_beside() == is_beside).cloned();
    let tiles = tiles.map(|tile| Tile { content: tile.content.of_either().clone(), ..tile });
    tiles.filter(|tile| !matches!(tile.content, Content::Sensor(_) | Content::Label | Content::Disagreement)).collect()
}

fn ids(view: &SceneView, content: &Content) -> Vec<u8> {
    let tile = view.tiles.iter().find(|tile| tile.content == *content).unwrap();
    match &tile.frame.pixels {
        Pixels::Labels { ids, .. } | Pixels::Categories { ids, .. } => ids.clone(),
        other => panic!("{other:?}"),
    }
}

fn answer(view: &SceneView) -> Vec<u8> {
    ids(view, &Content::Prediction(view.answer.clone().unwrap()))
}

#[test]
fn both_runs_are_seen_as_each_sees_itself_and_what_differs_is_counted_right() {
    let bench = Bench::new();
    let data = data_of(&bench);
    let first = trained(&bench, &data, &[("training.seed", "1")]);
    let other = trained(&bench, &data, &[("training.seed", "2"), ("fusion.kind", "average")]);
    let alone = opened(&bench, &other, &data);
    let session = opened(&bench, &first, &data);
    let plain = ask(&session, &request(&[]));
    assert_eq!(plain.beside, None);
    let told = beside(&session, &other);
    assert_eq!((told.path.as_path(), told.step, told.recipe.as_str()), (other.as_path(), 6, "tiny"));
    for dropped in [&[][..], &["colour"]] {
        let request = request(dropped);
        let (both, theirs) = (ask(&session, &request), ask(&alone, &request));
        if dropped.is_empty() {
            assert_eq!(made(&both, false), made(&plain, false), "the network in view sees what it saw before");
        }
        assert_eq!(made(&both, true), made(&theirs, false), "without {dropped:?}");
        let seen = both.beside.as_ref().unwrap();
        assert_eq!((&seen.answer, seen.step, &seen.offered), (&theirs.answer, 6, &theirs.offered));

        let (one, two, truth) = (answer(&both), answer(&theirs), ids(&both, &Content::Label));
        let mut counts = [0_u64; 5];
        for ((one, two), truth) in one.iter().zip(&two).zip(&truth) {
            let known = *truth != 255;
            let place = match () {
                () if one == two => 0,
                () if !known => 4,
                () if one == truth => 1,
                () if two == truth => 2,
                () => 3,
            };
            counts[place] += 1;
        }
        let found = seen.disagreement.as_ref().unwrap();
        assert!(found.differing > 0, "two seeds of so few steps differ somewhere");
        assert_eq!(found.pixels, one.len() as u64);
        assert_eq!(found.differing, one.iter().zip(&two).filter(|(one, two)| one != two).count() as u64);
        assert_eq!((found.right, found.both_wrong), ([counts[1], counts[2]], counts[3]));
        let map = ids(&both, &Content::Disagreement);
        for (place, count) in counts.iter().enumerate() {
            let drawn = map.iter().filter(|&&id| usize::from(id) == place).count() as u64;
            assert_eq!(drawn, *count, "{}", DISAGREEMENT[place]);
        }
        assert!(found.miou.iter().all(Option::is_some));
    }
    session.send(Command::StopComparing).unwrap();
    until(&session, |event| *event == Event::Beside(None));
    let after = ask(&session, &request(&[]));
    assert_eq!((&after.beside, &after.tiles), (&None, &plain.tiles));
    let of = SplitRequest { split: "val".to_owned(), dropped: Vec::new() };
    session.send(Command::CompareSplit { of, from: CountedFrom::Predictions }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Failure { .. }));
    let Some(Event::Failure { about: Subject::Beside, failure }) = events.last() else { panic!("{events:?}") };
    assert!(failure.text.contains("Choose a run"), "{failure}");
}

#[test]
fn a_packed_model_of_another_sensor_is_asked_with_what_it_knows() {
    let bench = Bench::new();
    let data = data_of(&bench);
    let first = trained(&bench, &data, &[("sensors.use", "colour")]);
    let other = trained(&bench, &data, &[("sensors.use", "thermal"), ("data.height", "64"), ("data.width", "64")]);
    let packed = bench.folder.path().join("packed.safetensors");
    export_model(&other, &packed, false).unwrap();
    let session = opened(&bench, &first, &data);
    assert_eq!(beside(&session, &packed).network.sensors, ["thermal"]);
    let alone = opened(&bench, &packed, &data);
    let both = ask(&session, &request(&[]));
    assert_eq!(made(&both, true), made(&ask(&alone, &request(&[])), false));
    assert!(both.beside.as_ref().is_some_and(|seen| seen.disagreement.is_ok()));
    // Its only sensor is dropped: it says nothing, and the other one is as before.
    let dropped = ask(&session, &request(&["thermal"]));
    let seen = dropped.beside.as_ref().unwrap();
    assert_eq!((&seen.answer, seen.lack.is_none(), seen.disagreement.is_err()), (&None, true, true));
    assert_eq!(made(&dropped, false), made(&both, false));
}

/// The tiny data under other class names, in a folder of their own.
fn renamed(bench: &Bench, folder: &str, names: [&str; 3]) -> PathBuf {
    let path = bench.folder.path().join(folder);
    write_tiny_data(&path, &TinyData::default()).unwrap();
    let manifest = std::fs::read_to_string(path.join(MANIFEST_NAME)).unwrap();
    let quoted = |name: &str| format!("\"{name}\"");
    let mut text = manifest;
    for (place, name) in CLASSES.iter().enumerate() {
        text = text.replace(&quoted(name), &format!("\"<{place}>\""));
    }
    for (place, name) in names.iter().enumerate() {
        text = text.replace(&format!("\"<{place}>\""), &quoted(name));
    }
    std::fs::write(path.join(MANIFEST_NAME), text).unwrap();
    path
}

#[test]
fn other_classes_are_joined_by_name_and_else_said_and_not_compared() {
    let bench = Bench::new();
    let data = data_of(&bench);
    let first = trained(&bench, &data, &[]);
    let turned = trained(&bench, &renamed(&bench, "turned", ["ground", "Sign", "person"]), &[("training.seed", "2")]);
    let strange = trained(&bench, &renamed(&bench, "strange", ["ground", "boat", "buoy"]), &[]);
    let session = opened(&bench, &first, &data);
    beside(&session, &turned);
    let both = ask(&session, &request(&[]));
    let seen = both.beside.as_ref().unwrap();
    let their = ids(&both, &Content::Prediction(seen.answer.clone().unwrap()).beside());
    let joined: Vec<u8> = their.iter().map(|&id| [0, 2, 1][usize::from(id)]).collect();
    let found = seen.disagreement.as_ref().unwrap();
    assert_eq!(found.differing, joined.iter().zip(answer(&both)).filter(|(one, two)| **one != *two).count() as u64);
    assert!(found.miou[1].is_some(), "all its classes are the labels'");
    assert!(seen.unfit.is_some(), "its ids are not those of the labels, so it is not scored by itself");

    beside(&session, &strange);
    let both = ask(&session, &request(&[]));
    let seen = both.beside.as_ref().unwrap();
    let why = seen.disagreement.as_ref().unwrap_err();
    assert!(why.contains("person") && why.contains("boat"), "{why}");
    assert!(!both.tiles.iter().any(|tile| tile.content == Content::Disagreement));
    assert!(made(&both, true).iter().any(|tile| matches!(tile.content, Content::Prediction(_))), "it is shown");
}

#[test]
fn what_cannot_be_compared_with_is_a_message_and_changes_nothing() {
    let bench = Bench::new();
    let data = data_of(&bench);
    let first = trained(&bench, &data, &[]);
    let other = trained(&bench, &data, &[("training.seed", "2")]);
    let session = opened(&bench, &first, &data);
    beside(&session, &other);
    let before = ask(&session, &request(&[]));
    let nothing = bench.folder.path().join("nothing");
    let torn = bench.folder.path().join("torn.safetensors");
    std::fs::write(&torn, [7_u8; 99]).unwrap();
    let bare = bench.folder.path().join("bare");
    std::fs::create_dir(&bare).unwrap();
    std::fs::copy(other.join("recipe.toml"), bare.join("recipe.toml")).unwrap();
    for path in [&nothing, &torn, &bare, &data] {
        session.send(Command::CompareWith { path: path.clone() }).unwrap();
        let events = until(&session, |event| matches!(event, Event::Failure { .. }));
        let Some(Event::Failure { about, failure }) = events.last() else { panic!() };
        assert_eq!(*about, Subject::Beside, "{failure}");
        assert_ne!(failure.kind, FailureKind::Broken, "{failure}");
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(failure.text.contains(&*name), "{failure} names {name}");
        assert!(!events.iter().any(|event| matches!(event, Event::Beside(_))));
    }
    let after = ask(&session, &request(&[]));
    assert_eq!(after.tiles, before.tiles, "the one before is still there");
}

#[test]
fn a_run_that_trains_is_compared_with_one_that_stays_as_it_was() {
    let bench = Bench::new();
    let data = data_of(&bench);
    let other = trained(&bench, &data, &[("training.seed", "2")]);
    let session = bench.started(recipe(&[("training.steps", "100000"), ("training.checkpoint_every", "0")]));
    until(&session, |event| matches!(event, Event::Steps(_)));
    session.send(Command::CompareWith { path: other }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Beside(Some(_))));
    let prepares = |event: &Event| matches!(event, Event::State(SessionState::Preparing { .. }));
    assert!(!events.iter().any(prepares), "the run goes on: {events:?}");
    let first = ask(&session, &request(&[]));
    let later = loop {
        let view = ask(&session, &request(&[]));
        if view.step > first.step {
            break view;
        }
    };
    assert_eq!(made(&later, true), made(&first, true));
    assert_eq!(later.beside.as_ref().map(|seen| seen.step), Some(6));
    session.send(Command::Stop).unwrap();
    until(&session, |event| matches!(event, Event::State(SessionState::Stopped { .. })));
}

fn compared(session: &Session, split: &str, dropped: &[&str], from: CountedFrom) -> SplitComparison {
    let of = SplitRequest { split: split.to_owned(), dropped: dropped.iter().map(|&name| name.to_owned()).collect() };
    session.send(Command::CompareSplit { of: of.clone(), from }).unwrap();
    let events = until(session, |event| matches!(event, Event::Compared(_)));
    let Some(Event::Compared(found)) = events.last() else { panic!() };
    assert_eq!((&found.of, found.from), (&of, from));
    (**found).clone()
}

#[test]
fn the_scenes_of_a_split_are_compared_as_their_pictures_are() {
    let bench = Bench::new();
    let data = data_of(&bench);
    let first = trained(&bench, &data, &[]);
    let other = trained(&bench, &data, &[("training.seed", "2")]);
    let session = opened(&bench, &first, &data);
    beside(&session, &other);
    for dropped in [&[][..], &["thermal"]] {
        let found = compared(&session, "val", dropped, CountedFrom::Predictions);
        assert_eq!((found.scenes.len(), found.steps), (2, [6, 6]));
        let (mut differing, mut pixels) = (0, 0);
        for (index, scene) in found.scenes.iter().enumerate() {
            let view = ask(&session, &ViewRequest { index, ..request(dropped) });
            let seen = view.beside.as_ref().unwrap().disagreement.clone().unwrap();
            assert_eq!((scene.index, scene.share, scene.miou), (index, Some(seen.share()), seen.miou));
            let (one, two) = (answer(&view), {
                let head = view.beside.as_ref().unwrap().answer.clone().unwrap();
                ids(&view, &Content::Prediction(head).beside())
            });
            let truth = ids(&view, &Content::Label);
            for (class, change) in scene.changes.iter().enumerate() {
                let iou = |ids: &[u8]| iou_of(class as u8, &truth, ids);
                let expected = iou(&one).zip(iou(&two)).map(|(one, two)| (two - one) as f32);
                assert_eq!(*change, expected, "class {class}");
            }
            differing += seen.differing;
            pixels += seen.pixels;
        }
        assert_eq!(found.share, Some(differing as f64 / pixels as f64));
    }
    // Both runs were evaluated on this split at their end.
    let kept = compared(&session, "test", &[], CountedFrom::Evaluations);
    let made = compared(&session, "test", &[], CountedFrom::Predictions);
    assert_eq!((kept.miou, &kept.iou, kept.share), (made.miou, &made.iou, None));
    for (kept, made) in kept.scenes.iter().zip(&made.scenes) {
        assert_eq!((kept.index, kept.miou, &kept.changes), (made.index, made.miou, &made.changes));
    }
    // And on none of these: there is nothing to tell yet, which is no failure.
    let of = SplitRequest { split: "train".to_owned(), dropped: Vec::new() };
    session.send(Command::CompareSplit { of, from: CountedFrom::Evaluations }).unwrap();
    session.send(Command::View(request(&[]))).unwrap();
    let events = until(&session, |event| *event == Event::ViewReady { view: 1 });
    assert!(!events.iter().any(|event| matches!(event, Event::Compared(_) | Event::Failure { .. })), "{events:?}");
}

/// Of pixels with a label; `None` where the class is in neither.
fn iou_of(class: u8, truth: &[u8], ids: &[u8]) -> Option<f64> {
    let pairs = || truth.iter().zip(ids).filter(|(truth, _)| usize::from(**truth) < CLASSES.len());
    let both = pairs().filter(|(truth, id)| **truth == class && **id == class).count();
    let either = pairs().filter(|(truth, id)| **truth == class || **id == class).count();
    (either > 0).then(|| both as f64 / either as f64)
}

#[test]
fn the_scenes_of_a_cell_are_those_whose_pictures_have_its_pixels() {
    let bench = Bench::new();
    let data = data_of(&bench);
    let session = opened(&bench, &trained(&bench, &data, &[]), &data);
    let find = |of: &Confusion| {
        session.send(Command::FindConfused(of.clone())).unwrap();
        let events = until(&session, |event| matches!(event, Event::Confused(_)));
        let Some(Event::Confused(found)) = events.last() else { panic!() };
        found.clone()
    };
    for (split, from) in [("test", CountedFrom::Evaluations), ("val", CountedFrom::Predictions)] {
        for dropped in [&[][..], &["colour"]] {
            let views: Vec<Arc<SceneView>> = (0..2)
                .map(|index| ask(&session, &ViewRequest { index, split: split.to_owned(), ..request(dropped) }))
                .collect();
            for (truth, predicted) in (0..3).flat_map(|truth| (0..3).map(move |predicted| (truth, predicted))) {
                for tag in ["", "night"] {
                    let of = Confusion {
                        split: split.to_owned(),
                        step: 6,
                        dropped: dropped.iter().map(|&name| name.to_owned()).collect(),
                        tag: tag.to_owned(),
                        truth,
                        predicted,
                    };
                    let found = find(&of);
                    let count = |view: &SceneView| {
                        let (labels, answer) = (ids(view, &Content::Label), answer(view));
                        labels.iter().zip(&answer).filter(|&(&one, &other)| (one, other) == (truth, predicted)).count()
                    };
                    let tagged =
                        views.iter().enumerate().filter(|(_, view)| tag.is_empty() || view.tags.contains(&of.tag));
                    let mut expected: Vec<(usize, u64)> =
                        tagged.clone().map(|(index, view)| (index, count(view) as u64)).collect();
                    expected.retain(|(_, pixels)| *pixels > 0);
                    expected.sort_by_key(|&(index, pixels)| (std::cmp::Reverse(pixels), index));
                    assert_eq!(found.scenes, expected, "{of:?}");
                    assert_eq!((found.from, found.step, found.looked_at), (from, 6, tagged.count() as u64));
                }
            }
        }
    }
    let nowhere = Confusion { split: "nowhere".to_owned(), ..Confusion::default() };
    session.send(Command::FindConfused(nowhere)).unwrap();
    let events = until(&session, |event| matches!(event, Event::Failure { .. }));
    let Some(Event::Failure { about, failure }) = events.last() else { panic!() };
    assert!(*about == Subject::Evaluation && failure.text.contains("nowhere"), "{failure}");
}
