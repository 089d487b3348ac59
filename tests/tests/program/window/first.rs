//! What a first launch shows: the sample data, the demo network's prediction, and a sensor that can be dropped.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::store::Store;
use fusionscope::workbench::{Launch, Workbench};
use fusionscope_engine::protocol::{Content, Frame, SessionState};
use fusionscope_engine::recipe::preset;

use super::session::{session_in, wait};

/// The prediction that stands first: the fused head's, or that of the sensor that is left.
fn first_mask(store: &Store) -> Option<Frame> {
    let tiles = &store.scene.shown()?.view.tiles;
    tiles.iter().find(|tile| matches!(tile.content, Content::Prediction(_))).map(|tile| tile.frame.clone())
}

#[test]
fn a_first_launch_predicts_a_night_scene_and_shows_what_a_dropped_camera_costs() {
    let folder = tempfile::tempdir().expect("a folder");
    let session = session_in(folder.path());
    let launch = Launch::first();
    assert!(launch.data.is_some() && launch.run.is_some() && launch.problem.is_none(), "{launch:?}");
    let mut harness = Harness::builder()
        .with_size([1500.0, 980.0])
        .build_eframe(|cc| Workbench::new(&cc.egui_ctx, None, Box::new(session), launch));

    let shipped = preset("ogp-net-demo").expect("a shipped recipe");
    wait(&mut harness, "the demo network predicts", |store| {
        store.state == SessionState::Idle
            && store.in_force.as_ref() == Some(&shipped)
            && store.scene.shown().is_some_and(|shown| shown.view.step.is_some())
            && !store.scene.is_outdated()
    });
    harness.run_steps(3);
    let store = harness.state().store();
    assert!(store.recipe.differences(&shipped).is_empty(), "the recipe is the preset's");
    assert!(store.recipe == store.origin);
    assert_eq!(store.alert, None);
    assert!(store.split().is_some_and(|split| split.tags[store.scene.index].contains(&"night".to_owned())));
    assert!(harness.query_by_label_contains("OGP-Net on the sample data, ").is_some());
    assert!(harness.query_all_by_label_contains(", about ").count() == 0, "no time is told that was not measured");
    let whole = first_mask(store).expect("a prediction");

    harness.key_press(egui::Key::Num1);
    wait(&mut harness, "a prediction without the camera", |store| {
        store
            .scene
            .shown()
            .is_some_and(|shown| shown.view.request.what_if.dropped() == ["colour"] && shown.view.step.is_some())
    });
    let blind = first_mask(harness.state().store()).expect("a prediction without the camera");
    assert_ne!(blind.pixels, whole.pixels, "the mask changes");

    harness.key_press(egui::Key::Num1);
    wait(&mut harness, "the camera is back", |store| {
        store.scene.shown().is_some_and(|shown| shown.view.request.what_if.is_empty())
    });
    assert_eq!(first_mask(harness.state().store()), Some(whole));
}
