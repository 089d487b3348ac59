//! Two runs' pictures: whose they are, what swipes, what differs, and how the other run comes and goes.

use std::sync::Arc;

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope::store::Store;
use fusionscope_engine::protocol::{Command, Content, Event, Failure, SceneView, Subject, share};

use super::panes::{Stage, stage};
use super::scripts;
use super::whole::{perform, window};

const OTHER: &str = "fused · baseline-demo";

fn shown(store: Store) -> Harness<'static, Stage> {
    let mut harness = stage(PaneKind::Inspect, store, Theme::Dark, [1000.0, 700.0]);
    harness.run_steps(4);
    harness
}

#[test]
fn the_other_run_s_pictures_stand_behind_their_like_and_say_whose_they_are() {
    let mut harness = shown(scripts::compared(150));
    let place = |name: &str| harness.get_by_label(&format!("Tile {name}")).rect();
    let (own, other) = (place("fused"), place(OTHER));
    let is_next = if (own.top() - other.top()).abs() < 4.0 {
        (0.0..40.0).contains(&(other.left() - own.right()))
    } else {
        // The first of the next row, or of the next column where the wall is filled by columns.
        (other.top() > own.bottom() && other.left() < 60.0) || (other.left() > own.right() && other.top() < own.top())
    };
    assert!(is_next, "{other:?} comes after {own:?}");
    assert!(harness.query_by_label("Tile differ").is_some());
    assert!(harness.query_by_label("Tile error fused · baseline-demo").is_some());
    assert!(harness.query_by_label("Tile head colour · baseline-demo").is_none(), "the head that counts is enough");
    assert!(harness.query_by_label("other: baseline-demo, step 1,500").is_some());
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.get_by_label("Stop comparing").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::StopComparing]);
    harness.state_mut().store.apply(Event::Beside(None));
    harness.run_steps(3);
    assert!(harness.query_by_label(&format!("Tile {OTHER}")).is_none());
    assert!(harness.query_by_label("Tile differ").is_none());
}

#[test]
fn a_comparison_fits_into_a_narrow_pane() {
    for (size, theme) in [([320.0, 240.0], Theme::Light), ([520.0, 420.0], Theme::Dark)] {
        let mut store = scripts::compared(150);
        store.scene.difference = true;
        let mut harness = stage(PaneKind::Inspect, store, theme, size);
        harness.run_steps(4);
        for name in ["Scenes", "Stop comparing"] {
            let rect = harness.get_by_label(name).rect();
            assert!(rect.left() >= 0.0 && rect.right() <= size[0], "{name} at {rect:?} in {size:?}");
        }
    }
}

#[test]
fn how_many_pixels_differ_and_which_run_is_right_there_is_told_in_large_figures() {
    let mut store = scripts::compared(150);
    let plain = shown(scripts::compared(150)).output().shapes.len();
    store.scene.difference = true;
    let seen = store.scene.seen_beside().expect("a view of both").clone();
    let found = seen.disagreement.expect("compared");
    assert!(found.differing > 0 && found.right[0] > found.right[1]);
    let harness = shown(store);
    let of = |pixels: u64| share(pixels as f64 / found.differing as f64);
    let words = format!("{} of the pixels differ    right there: in view {}", share(found.share()), of(found.right[0]));
    let figures = harness.get_by_label_contains(&words).rect();
    assert!(figures.height() >= 22.0, "large: {figures:?}");
    assert!(harness.output().shapes.len() >= plain + 2 * 2, "a filling and an outline in both runs' predictions");
}

#[test]
fn what_is_not_compared_says_why_and_is_shown_all_the_same() {
    let mut store = scripts::compared(150);
    store.scene.difference = true;
    let request = store.scene.request();
    let mut view = scripts::with_beside(scripts::scene_view(request, 151));
    view.tiles.retain(|tile| tile.content != Content::Disagreement);
    if let Some(seen) = &mut view.beside {
        seen.disagreement = Err("each has classes that the other has not".to_owned());
    }
    assert!(store.scene.take(Arc::new(view)));
    let harness = shown(store);
    assert!(harness.query_by_label("Not compared: each has classes that the other has not").is_some());
    assert!(harness.query_by_label("not compared").is_some(), "the badge");
    assert!(harness.query_by_label(&format!("Tile {OTHER}")).is_some());
}

#[test]
fn predictions_swipe_between_the_two_runs() {
    let store = scripts::compared(150);
    let own = Content::Prediction("fused".to_owned());
    assert_eq!(store.scene.counterpart(&own), Some(own.clone().beside()));
    assert_eq!(store.scene.counterpart(&own.clone().beside()), Some(own.clone()));
    let colour = Content::Prediction("colour".to_owned());
    assert_eq!(store.scene.counterpart(&colour), Some(own.beside()), "the head that counts stands in");
    assert_eq!(store.scene.counterpart(&Content::Label), None);
    let plain = shown(scripts::compared(150)).output().shapes.len();
    let mut swiping = scripts::compared(150);
    swiping.scene.swipe = true;
    let drawn = shown(swiping).output().shapes.len();
    assert!(drawn >= plain + 2 * 3, "a picture and a line in the predictions of both: {drawn} after {plain}");
    let title = Action::ToggleSwipe.title(&store);
    assert_eq!(title, "Swipe between the two runs");
    assert_eq!(Action::ToggleSwipe.title(&scripts::running(9)), "Swipe prediction against label");
}

fn seen_together(request: fusionscope_engine::protocol::ViewRequest) -> SceneView {
    scripts::with_beside(scripts::scene_view(request, 2))
}

#[test]
fn a_run_is_chosen_in_the_dialog_compared_with_and_let_go() {
    let (mut harness, script) = window();
    assert!(!Action::StopComparing.enabled(harness.state().store()));
    perform(&mut harness, Action::ChooseCompared);
    assert!(harness.query_all_by_label("Compare with another run").next().is_some());
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    perform(&mut harness, Action::CompareWith("runs/other".into()));
    assert_eq!(script.sent().last(), Some(&Command::CompareWith { path: "runs/other".into() }));

    script.say(Event::Beside(Some(scripts::beside())));
    harness.run_steps(3);
    let Some(Command::View(request)) = script.sent().pop() else { panic!("the pictures are asked for anew") };
    assert!(!request.compares, "two runs are compared, and not a sensor's absence");
    script.show(seen_together(request));
    harness.run_steps(3);
    assert!(harness.query_by_label(&format!("Tile {OTHER}")).is_some());

    let failure = Failure::refused("the run has no intact checkpoint: runs/third");
    script.say(Event::Failure { about: Subject::Beside, failure });
    harness.run_steps(3);
    assert!(harness.query_all_by_label_contains("no intact checkpoint").next().is_some(), "in the banner");
    assert!(harness.state().store().scene.beside.is_some());
    perform(&mut harness, Action::StopComparing);
    assert_eq!(script.sent().last(), Some(&Command::StopComparing));
    script.say(Event::Beside(None));
    harness.run_steps(3);
    assert!(harness.state().store().scene.beside.is_none());
    assert_eq!(harness.state().store().alert, None);
}
