//! A few small pictures that a person has looked at. `UPDATE_SNAPSHOTS=true cargo test window::pictures` draws them
//! anew.

use egui_kittest::kittest::Queryable;
use egui_kittest::wgpu::WgpuTestRenderer;
use egui_kittest::{Harness, SnapshotOptions};
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope_engine::fixtures::{Need, skip};
use fusionscope_engine::protocol::WhatIf;

use super::panes::{Stage, stage_with};
use super::scripts;

/// A renderer, where there is an adapter. What is missing is said by name, or fails the test if it was required.
fn renderer(name: &str) -> Option<WgpuTestRenderer> {
    let found = std::panic::catch_unwind(WgpuTestRenderer::new).ok();
    if found.is_none() {
        skip(&format!("the picture `{name}`"), Need::Window, "a graphics adapter");
    }
    found
}

fn compare(name: &str, kind: PaneKind, theme: Theme, size: [f32; 2], prepare: impl FnOnce(&mut Harness<'_, Stage>)) {
    let Some(renderer) = renderer(name) else { return };
    let store = if kind == PaneKind::Controls { scripts::failed() } else { scripts::running(500) };
    let mut harness = stage_with(kind, store, theme, size, Some(renderer));
    harness.run_steps(3);
    prepare(&mut harness);
    harness.remove_cursor();
    harness.run_steps(4);
    let options = SnapshotOptions::new().output_path("tests/program/snapshots").max_failed_pixels(12);
    harness.snapshot_options(name, &options);
}

#[test]
fn curves_show_raw_behind_smoothed_marks_gaps_and_the_spike() {
    compare("curves", PaneKind::Curves, Theme::Dark, [900.0, 260.0], |_| {});
}

#[test]
fn metrics_show_what_each_sensor_is_worth() {
    compare("metrics", PaneKind::Metrics, Theme::Light, [330.0, 480.0], |_| {});
}

#[test]
fn the_recipe_shows_changes_and_what_waits_for_a_new_run() {
    compare("recipe", PaneKind::Recipe, Theme::Dark, [300.0, 486.0], |harness| {
        harness.get_by_label("Settings of Channel exchange").click();
        harness.run_steps(2);
        let recipe = &mut harness.state_mut().store.recipe;
        recipe.set_text("encoder.family", "efficientnet-lite0").expect("a family");
        recipe.set_text("encoder.pretrained", "").expect("no weights");
        recipe.set_text("exchange.channel.threshold", "0.05").expect("a threshold");
    });
}

#[test]
fn a_failed_run_says_why_and_offers_to_train_again() {
    compare("failed", PaneKind::Controls, Theme::Light, [300.0, 330.0], |_| {});
}

#[test]
fn pictures_stand_side_by_side_with_bars_counts_and_a_dropped_sensor() {
    compare("inspect", PaneKind::Inspect, Theme::Dark, [760.0, 470.0], |harness| {
        let store = &mut harness.state_mut().store;
        store.scene.what_if = WhatIf::without(&["colour"]);
        store.scene.difference = true;
        scripts::look(store, 500);
    });
}

#[test]
fn the_slider_stands_below_the_pictures_with_what_has_changed_since_the_other_step() {
    compare("time", PaneKind::Inspect, Theme::Light, [760.0, 470.0], |harness| {
        harness.state_mut().store = scripts::travelling(150);
    });
}
