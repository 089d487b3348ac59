//! Lists of scenes: by how far two runs differ on them, and by what is taken for what in them.

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope::store::{Outline, Store};
use fusionscope_engine::protocol::{
    Command, ConfusedScenes, Confusion, CountedFrom, Event, SessionState, SplitComparison, SplitRequest, WhatIf,
};

use super::panes::{Stage, stage};
use super::scripts;
use super::whole::{perform, window};

fn listed(store: Store) -> Harness<'static, Stage> {
    let mut harness = stage(PaneKind::Inspect, store, Theme::Dark, [1200.0, 760.0]);
    harness.run_steps(4);
    harness
}

/// The rows in view, from the top.
fn rows(harness: &Harness<'_, Stage>) -> Vec<String> {
    let mut rows: Vec<(i64, String)> = (0..40)
        .filter_map(|index| {
            let id = format!("test-{index:03}");
            let words = format!("Scene {id}:");
            let row = harness.query_by_label_contains(&words)?;
            Some((row.rect().top() as i64, id))
        })
        .collect();
    rows.sort();
    rows.into_iter().map(|(_, id)| id).collect()
}

#[test]
fn scenes_are_listed_by_what_differs_and_sorted_by_what_changed() {
    let mut harness = listed(scripts::listed(150));
    let by_difference = rows(&harness);
    assert!(by_difference.len() > 5 && by_difference.len() < 40, "only those in view are drawn: {by_difference:?}");
    assert_eq!(by_difference[..3], ["test-039", "test-038", "test-037"]);
    assert!(harness.query_by_label_contains("3.9 % of all pixels differ, 40 scenes, steps 150 and 1,500").is_some());
    assert!(harness.query_by_label_contains("Scene test-039: 7.8 % differ, mIoU −39.0, person −39.0").is_some());
    harness.get_by_label("Δ mIoU").click();
    harness.run_steps(3);
    assert_eq!(rows(&harness)[..3], ["test-039", "test-037", "test-035"], "the greatest losses first");
    harness.get_by_label("Δ mIoU ↓").click();
    harness.run_steps(3);
    assert_eq!(rows(&harness)[..3], ["test-038", "test-036", "test-034"]);
    harness.get_by_label("class  ▾").click();
    harness.run_steps(3);
    harness.get_by_label("person  −6.0").click();
    harness.run_steps(3);
    assert_eq!(rows(&harness)[..2], ["test-039", "test-038"]);
    assert_eq!(harness.state().asked, []);
    harness.get_by_label_contains("Scene test-038:").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::ShowScene { split: "test".to_owned(), index: 38 }]);
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn a_list_says_what_it_was_counted_from_and_when_it_is_of_something_else() {
    let mut store = scripts::listed(150);
    let found = scripts::differing();
    let scenes = found
        .scenes
        .iter()
        .cloned()
        .map(|scene| fusionscope_engine::protocol::SceneComparison { share: None, ..scene });
    let found = SplitComparison { from: CountedFrom::Evaluations, share: None, scenes: scenes.collect(), ..found };
    store.apply(Event::Compared(Box::new(found)));
    let mut harness = listed(store);
    assert!(harness.query_by_label_contains("From what the evaluations counted").is_some());
    assert!(harness.query_by_label_contains("differ ↓").is_none(), "there is no share to sort by");
    assert_eq!(rows(&harness)[..2], ["test-039", "test-037"]);
    assert!(harness.query_by_label("not what is in view").is_none());
    harness.state_mut().store.scene.what_if = WhatIf::without(&["colour"]);
    harness.run_steps(3);
    assert!(harness.query_by_label("not what is in view").is_some());
    harness.state_mut().store.apply(Event::State(SessionState::Evaluating { done: 3, total: 40 }));
    harness.run_steps(3);
    harness.get_by_label("Stop").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::Stop]);
}

#[test]
fn the_list_asks_for_what_is_counted_already_and_the_button_for_predictions() {
    let (mut harness, script) = window();
    assert!(!Action::ToggleDifferingScenes.enabled(harness.state().store()));
    script.say(Event::Beside(Some(scripts::beside())));
    harness.run_steps(3);
    let split = harness.state().store().scene.split.clone();
    let of = SplitRequest { split, dropped: Vec::new() };
    perform(&mut harness, Action::ToggleDifferingScenes);
    let asked = |from| Command::CompareSplit { of: of.clone(), from };
    assert!(script.sent().contains(&asked(CountedFrom::Evaluations)));
    harness.get_by_label("Compare all scenes").click();
    harness.run_steps(3);
    assert!(script.sent().contains(&asked(CountedFrom::Predictions)));
    script.say(Event::Beside(None));
    harness.run_steps(3);
    assert!(!harness.state().store().scene.lists_differing);
}

fn cell() -> Confusion {
    Confusion { split: "val".to_owned(), step: 500, truth: 6, predicted: 2, ..Confusion::default() }
}

#[test]
fn a_click_on_a_cell_of_the_matrix_lists_its_scenes_and_a_scene_opens_with_its_pixels() {
    let mut harness = stage(PaneKind::Metrics, scripts::running(500), Theme::Dark, [360.0, 1600.0]);
    harness.run_steps(3);
    harness.get_by_label("Confusion matrix").click();
    harness.run_steps(4);
    let matrix = harness.get_by_label_contains("Confusion matrix: rows are the truth").rect();
    let edge = 26.0;
    let side = (matrix.width() - edge) / 10.0;
    let place = matrix.min + egui::vec2(edge + 2.5 * side, edge + 6.5 * side);
    harness.hover_at(place);
    harness.run_steps(2);
    for pressed in [true, false] {
        let button = egui::PointerButton::Primary;
        harness.event(egui::Event::PointerButton { pos: place, button, pressed, modifiers: egui::Modifiers::NONE });
        harness.run_steps(1);
    }
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::FindConfused(cell())]);
    assert!(harness.query_by_label_contains("Not found yet").is_some());
    let found = ConfusedScenes {
        of: cell(),
        step: 500,
        from: CountedFrom::Evaluations,
        scenes: vec![(7, 300), (2, 100)],
        looked_at: 40,
        warnings: Vec::new(),
    };
    harness.state_mut().store.apply(Event::Confused(found));
    harness.run_steps(3);
    assert!(
        harness.query_by_label_contains("400 pixels in 2 of 40 scenes; counted by the evaluation, step 500").is_some()
    );
    assert!(harness.query_by_label("300 px  75 %").is_some() || harness.query_by_label("300 px  75.0 %").is_some());
    harness.get_by_label("val-007").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked.last(), Some(&Action::ShowConfused { index: 7, of: cell() }));
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn the_keys_reach_every_cell_of_the_matrix() {
    let mut harness = stage(PaneKind::Metrics, scripts::running(500), Theme::Dark, [360.0, 1600.0]);
    harness.run_steps(3);
    harness.get_by_label("Confusion matrix").click();
    harness.run_steps(4);
    harness.get_by_label_contains("Confusion matrix: rows are the truth").focus();
    harness.run_steps(2);
    for key in [[Key::ArrowDown; 6].as_slice(), &[Key::ArrowRight; 3], &[Key::ArrowLeft, Key::Enter]].concat() {
        harness.key_press(key);
        harness.run_steps(1);
    }
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::FindConfused(cell())]);
}

#[test]
fn the_outline_is_named_counted_and_removed_by_escape() {
    let (mut harness, script) = window();
    let of = Confusion { dropped: vec!["thermal".to_owned()], ..cell() };
    perform(&mut harness, Action::ShowConfused { index: 7, of });
    let store = harness.state().store();
    assert_eq!((store.scene.split.as_str(), store.scene.index), ("val", 7));
    assert_eq!(store.scene.what_if.dropped(), ["thermal"], "as the evaluation saw it");
    assert_eq!(store.scene.outline, Some(Outline { truth: 6, predicted: 2 }));
    let Some(Command::View(request)) = script.sent().pop() else { panic!("the scene is asked for") };
    script.show(scripts::scene_view(request, 500));
    harness.run_steps(4);
    // The fused head takes the two rightmost columns of the person for a building.
    assert!(harness.query_by_label("Outlined: person taken for building, 42 pixels in this scene").is_some());
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert_eq!(harness.state().store().scene.outline, None);
    assert!(harness.query_by_label_contains("Outlined:").is_none());
}
