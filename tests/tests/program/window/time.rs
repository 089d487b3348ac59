//! Pinned scenes: the slider over the steps of a run, its keys, the curves' cross-hair, and two steps beside each other.

use egui::{Key, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::link::Scripted;
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope::store::Store;
use fusionscope::workbench::Workbench;
use fusionscope_engine::data::scene::{SceneSettings, write_dataset};
use fusionscope_engine::protocol::{AlbumWish, Command, Event, ViewRequest};

use super::panes::stage;
use super::scripts;
use super::session::{open_window, press, wait};
use super::whole::{perform, window};

/// The newest request for pictures.
fn asked(script: &Scripted) -> ViewRequest {
    let views = script.sent().into_iter().rev().find_map(|command| match command {
        Command::View(request) => Some(request),
        _ => None,
    });
    views.expect("pictures are asked for")
}

/// What was told last to be kept.
fn kept(script: &Scripted) -> Option<AlbumWish> {
    script.sent().into_iter().rev().find_map(|command| match command {
        Command::KeepAlbum(wish) => Some(wish),
        _ => None,
    })
}

fn key(harness: &mut Harness<'_, Workbench>, key: Key) {
    harness.key_press(key);
    harness.run_steps(3);
}

/// A window whose scene in view has pages.
fn with_pages(steps: &[u64]) -> (Harness<'static, Workbench>, Scripted) {
    let (mut harness, script) = window();
    script.say(scripts::album(harness.state().store(), steps));
    harness.run_steps(3);
    (harness, script)
}

#[test]
fn the_slider_has_a_named_control_for_everything_and_acts_by_nothing() {
    for (size, theme) in [([1200.0, 900.0], Theme::Dark), ([420.0, 500.0], Theme::Light)] {
        let mut harness = stage(PaneKind::Inspect, scripts::travelling(150), theme, size);
        harness.run_steps(4);
        for name in
            ["Step of the scene", "Earlier step of the scene", "Later step of the scene", "Now", "with step 50  ×"]
        {
            let rect = harness.get_by_label(name).rect();
            assert!(rect.left() >= 0.0 && rect.right() <= size[0], "{name} at {rect:?} in {size:?}");
        }
        assert!(harness.query_by_label_contains("Since step 50: ").is_some(), "which pixels turned right and wrong");
        assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
        assert_eq!(harness.state().asked, []);
        harness.get_by_label("Earlier step of the scene").click();
        harness.run_steps(2);
        assert_eq!(harness.state().asked, [Action::EarlierPage]);
    }
}

#[test]
fn what_has_changed_since_the_other_step_is_told_in_pixels_beside_both_predictions() {
    let store = scripts::travelling(150);
    let found = store.scene.effect_that_counts().expect("an effect").clone();
    assert!(found.counts[1] > 0);
    let mut harness = stage(PaneKind::Inspect, store, Theme::Dark, [1400.0, 1000.0]);
    harness.run_steps(4);
    for name in ["Tile fused at step 50", "Tile fused: right and wrong"] {
        assert!(harness.query_by_label(name).is_some(), "{name}");
    }
    assert!(harness.query_by_label_contains(&format!("{} pixels turned right", found.counts[1])).is_some());
}

#[test]
fn a_scene_that_is_pinned_says_that_it_waits_for_pages() {
    let mut store = scripts::running(150);
    store.toggle_pin();
    let mut harness = stage(PaneKind::Inspect, store, Theme::Dark, [900.0, 700.0]);
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("is kept from its next step on").is_some());
    assert!(harness.query_by_label("Step of the scene").is_none());
}

#[test]
fn a_key_pins_the_scene_for_the_session_and_for_the_next_day() {
    let (mut harness, script) = window();
    assert_eq!(kept(&script), None, "nothing is pinned");
    key(&mut harness, Key::P);
    let wish = kept(&script).expect("a pin");
    let id = harness.state().store().scene_id().expect("a scene").to_owned();
    assert_eq!((wish.pins.len(), &wish.pins[0].id), (1, &id));
    perform(&mut harness, Action::Watch(vec!["gsu.gate.first".to_owned()]));
    assert_eq!(kept(&script).expect("the maps too").pins[0].watched, ["gsu.gate.first"]);
    perform(&mut harness, Action::SetAlbumBound(16));
    assert_eq!(kept(&script).expect("the bound").most_mib, 16);
    // The data set is opened again.
    script.say(Event::Dataset(scripts::dataset()));
    harness.run_steps(3);
    assert!(harness.state().store().is_pinned());
    key(&mut harness, Key::P);
    assert!(kept(&script).expect("told").pins.is_empty() && !harness.state().store().is_pinned());
}

#[test]
fn keys_go_step_by_step_and_a_dropped_sensor_leads_back_to_now() {
    let (mut harness, script) = with_pages(&[0, 50, 100]);
    let mut seen = Vec::new();
    for pressed in [Key::J, Key::J, Key::A, Key::K, Key::N] {
        key(&mut harness, pressed);
        let ViewRequest { at, since, .. } = asked(&script);
        seen.push((at, since));
    }
    let now = (None, Some(50));
    assert_eq!(seen, [(Some(100), None), (Some(50), None), (Some(50), Some(50)), (Some(100), Some(50)), now]);
    key(&mut harness, Key::J);
    key(&mut harness, Key::Num1);
    let asked_now = asked(&script);
    assert_eq!((asked_now.at, asked_now.since, asked_now.what_if.dropped().len()), (None, None, 1));
    // Going back in time puts away what is supposed; that can be taken back, and leads to now.
    key(&mut harness, Key::J);
    assert_eq!((asked(&script).at, asked(&script).what_if.is_empty()), (Some(100), true));
    perform(&mut harness, Action::Undo);
    assert_eq!((asked(&script).at, asked(&script).what_if.dropped().len()), (None, 1));
}

#[test]
fn the_cross_hair_of_the_curves_and_the_slider_are_one() {
    let (mut harness, script) = with_pages(&[0, 50, 100, 150, 200]);
    script.say(Event::Steps((1..=200).map(scripts::step).collect()));
    perform(&mut harness, Action::ShowPane(PaneKind::Curves));
    let plot = harness.get_by_label("Loss terms").rect();
    // The axis stands left of the curves.
    let place = |share: f32| Pos2::new(plot.left() + 48.0 + share * (plot.width() - 48.0), plot.center().y);
    let point = |harness: &mut Harness<'_, Workbench>, at: Pos2| {
        harness.event(egui::Event::PointerMoved(at));
        harness.run_steps(3);
    };
    point(&mut harness, place(0.5));
    assert_eq!(asked(&script).at, None, "looking at curves alone changes no picture");
    for pressed in [true, false] {
        let (pos, modifiers) = (place(0.5), egui::Modifiers::NONE);
        let button = egui::PointerButton::Primary;
        harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
        harness.run_steps(2);
    }
    assert_eq!(asked(&script).at, Some(100), "a click leads there");
    point(&mut harness, place(0.26));
    assert_eq!(asked(&script).at, Some(50), "and from then on the pointer does");
    point(&mut harness, Pos2::new(plot.center().x, plot.top() - 60.0));
    assert_eq!(asked(&script).at, Some(50), "where it was last");
}

#[test]
fn on_a_real_session_a_scene_is_pinned_while_it_trains_and_the_slider_is_scrubbed_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let scenes = SceneSettings { seed: 5, train: 4, val: 2, test: 2, width: 48, height: 32 };
    write_dataset(&data, &scenes, &mut |_, _| std::ops::ControlFlow::Continue(())).expect("a data set");
    let mut harness = open_window(folder.path(), data);
    press(&mut harness, "Pin the scene");
    press(&mut harness, "Train");
    wait(&mut harness, "three pages", |store| store.scene.time.steps().len() >= 3);
    let came = |store: &Store, at: Option<u64>| {
        let shown = store.scene.shown().filter(|_| !store.scene.is_outdated());
        shown.is_some_and(|shown| shown.view.request.at == at && at.is_none_or(|at| shown.view.step == Some(at)))
    };
    perform(&mut harness, Action::GoToTime(Some(0)));
    wait(&mut harness, "the first page, while the run trains", |store| came(store, Some(0)));
    perform(&mut harness, Action::CompareTime);
    perform(&mut harness, Action::LaterPage);
    wait(&mut harness, "the second one beside it", |store| {
        came(store, store.scene.time.at()) && store.scene.effect_that_counts().is_some()
    });
    press(&mut harness, "Stop the run");
    wait(&mut harness, "the run has ended", Store::is_at_rest);
    perform(&mut harness, Action::GoToTime(Some(0)));
    wait(&mut harness, "the first page after its end", |store| came(store, Some(0)));
    perform(&mut harness, Action::GoToTime(None));
    wait(&mut harness, "the network as it stands", |store| came(store, None));
}
