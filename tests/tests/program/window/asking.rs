//! What the panes ask for when their controls, found by name, are used.

use egui::accesskit::Toggled;
use egui_kittest::kittest::{NodeT, Queryable};
use fusionscope::action::Action;
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope_engine::recipe::Value;

use super::panes::stage;
use super::scripts;

const NARROW: [f32; 2] = [300.0, 760.0];

fn set(key: &str, value: Value) -> Action {
    Action::SetSetting { key: key.to_owned(), value }
}

#[test]
fn a_components_switch_asks_for_its_live_setting() {
    let mut harness = stage(PaneKind::Recipe, scripts::running(150), Theme::Dark, NARROW);
    harness.run_steps(2);
    let switch = harness.get_by_label("Channel exchange on");
    assert_eq!(switch.accesskit_node().toggled(), Some(Toggled::True));
    switch.click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [set("exchange.channel.enabled", Value::Switch(false))]);
}

#[test]
fn settings_are_folded_away_and_edited_by_their_keys() {
    let mut harness = stage(PaneKind::Recipe, scripts::running(150), Theme::Dark, NARROW);
    harness.run_steps(2);
    assert!(harness.query_by_label("exchange.channel.threshold").is_none());
    harness.get_by_label("Settings of Channel exchange").click();
    harness.run_steps(2);
    harness.get_by_label("exchange.channel.threshold").set_value_accesskit(0.25);
    harness.run_steps(3);
    harness.get_by_label("exchange.channel.stages 3").click();
    harness.run_steps(2);
    assert_eq!(
        harness.state().asked,
        [
            set("exchange.channel.threshold", Value::Number(0.25)),
            set("exchange.channel.stages", Value::Integers(vec![1, 2, 4, 5])),
        ]
    );
}

#[test]
fn a_component_offers_its_variants_and_calls_other_settings_custom() {
    let mut store = scripts::running(150);
    store.recipe.set_text("exchange.channel.variant", "paper").expect("a variant");
    let mut harness = stage(PaneKind::Recipe, store, Theme::Dark, NARROW);
    harness.run_steps(2);
    harness.get_by_label("Settings of Channel exchange").click();
    harness.run_steps(2);
    harness.get_by_label("exchange.channel.variant paper").click();
    harness.run_steps(3);
    harness.get_by_label("code").click();
    harness.run_steps(2);
    let wanted = Action::SetVariant { component: "exchange.channel".to_owned(), variant: "code".to_owned() };
    assert_eq!(harness.state().asked, [wanted]);
    harness.state_mut().store.recipe.set("exchange.channel.threshold", Value::Number(0.3)).expect("a fit value");
    harness.run_steps(3);
    assert!(harness.query_by_label("exchange.channel.variant custom").is_some());
}

#[test]
fn structural_edits_wait_for_a_restart_and_can_be_discarded() {
    let mut store = scripts::running(150);
    let before = store.recipe.value("data.batch_size").cloned().expect("a batch size");
    store.recipe.set("data.batch_size", Value::Integer(2)).expect("a fit value");
    let mut harness = stage(PaneKind::Recipe, store, Theme::Dark, NARROW);
    harness.run_steps(2);
    assert!(harness.query_by_label("1 change waits for a new run").is_some());
    harness.get_by_label("Restart with these").click();
    harness.run_steps(2);
    harness.get_by_label("Discard").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::Restart, set("data.batch_size", before)]);
}

#[test]
fn a_changed_setting_can_be_reset_to_the_preset() {
    let mut store = scripts::empty();
    let shipped = store.recipe.value("fusion.kind").cloned().expect("a kind");
    store.recipe.set("fusion.kind", Value::Text("concat".to_owned())).expect("a fit value");
    let mut harness = stage(PaneKind::Recipe, store, Theme::Dark, NARROW);
    harness.run_steps(2);
    assert!(harness.query_by_label("1 change").is_some());
    harness.get_by_label("Settings of Fusion").click();
    harness.run_steps(2);
    harness.get_by_label("Reset fusion.kind").click();
    harness.run_steps(2);
    harness.get_by_label("Reset the recipe").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [set("fusion.kind", shipped), Action::ResetRecipe]);
}

#[test]
fn an_impossible_recipe_says_so_at_the_setting_that_must_change() {
    let mut store = scripts::empty();
    store.recipe.set("encoder.sharing", Value::Text("shared".to_owned())).expect("a fit value");
    let mut harness = stage(PaneKind::Recipe, store, Theme::Dark, NARROW);
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("channel exchange needs batch norms per sensor").is_some());
}

#[test]
fn a_list_that_is_no_list_is_refused_in_place_and_not_set() {
    let mut harness = stage(PaneKind::Recipe, scripts::empty(), Theme::Dark, NARROW);
    harness.run_steps(2);
    harness.get_by_label("Group Decoder").click();
    harness.run_steps(2);
    harness.get_by_label("Settings of Decoder").click();
    harness.run_steps(2);
    let field = harness.get_by_label("decoder.rates");
    field.focus();
    harness.run_steps(2);
    harness.get_by_label("decoder.rates").type_text("x");
    harness.run_steps(2);
    harness.key_press(egui::Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().asked, []);
    assert!(harness.query_by_label_contains("a list of different whole numbers").is_some());
}

#[test]
fn the_run_pane_pauses_a_run_and_trains_again_after_a_failure() {
    let mut harness = stage(PaneKind::Controls, scripts::running(150), Theme::Dark, NARROW);
    harness.run_steps(2);
    harness.get_by_label("Pause").click();
    harness.get_by_label("Stop").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::Pause, Action::Stop]);

    let mut harness = stage(PaneKind::Controls, scripts::failed(), Theme::Dark, NARROW);
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("is not a number at step 43").is_some());
    harness.get_by_label("Train").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::Train]);
}

#[test]
fn the_legend_hides_a_curve_and_the_slider_smooths() {
    let mut harness = stage(PaneKind::Curves, scripts::running(300), Theme::Dark, [980.0, 260.0]);
    harness.run_steps(3);
    let total = harness.get_by_label("Curve total");
    assert_eq!(total.accesskit_node().toggled(), Some(Toggled::True));
    total.click();
    harness.run_steps(2);
    assert_eq!(harness.get_by_label("Curve total").accesskit_node().toggled(), Some(Toggled::False));
    harness.get_by_label("Smoothing of curves").set_value_accesskit(0.0);
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::SetSmoothing(0.0)]);
}

#[test]
fn a_row_of_the_modality_table_shows_its_classes() {
    let report = scripts::evaluation(300);
    let all = format!("{:.1} %", 100.0 * report.subsets[0].classes[0].iou.expect("an IoU"));
    let thermal = format!("{:.1} %", 100.0 * report.subsets[2].classes[0].iou.expect("an IoU"));
    assert_ne!(all, thermal);
    let mut harness = stage(PaneKind::Metrics, scripts::running(300), Theme::Dark, [330.0, 760.0]);
    harness.run_steps(2);
    assert!(harness.query_by_label(&format!("IoU of road: {all}")).is_some());
    harness.get_by_label("Scores with thermal").click();
    harness.run_steps(2);
    assert!(harness.query_by_label(&format!("IoU of road: {thermal}")).is_some());
    harness.get_by_label("Evaluate now").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::EvaluateSplit("val".to_owned())]);
}

#[test]
fn the_log_hides_levels_and_filters() {
    let mut harness = stage(PaneKind::Log, scripts::failed(), Theme::Dark, [700.0, 220.0]);
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("Took the first two sensors").is_some());
    harness.get_by_label("Notes").click();
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("Took the first two sensors").is_none());
    assert!(harness.query_by_label_contains("is not a number").is_some());
    harness.get_by_label("Filter the log").focus();
    harness.run_steps(2);
    harness.get_by_label("Filter the log").type_text("THERMAL/0031");
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("is not a number").is_none());
    assert!(harness.query_by_label_contains("thermal/0031.png").is_some());
}
