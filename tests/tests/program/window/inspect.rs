//! The pictures: tiles, what lies under the pointer, counts, differences, and a tile that fills the pane.

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use fusionscope::action::Action;
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope::store::Store;
use fusionscope_engine::protocol::{Content, Explained, Pixels, WhatIf};

use super::panes::{Stage, stage};
use super::scripts;

const TILES: [&str; 8] = ["colour", "thermal", "depth", "label", "fused", "head colour", "head thermal", "error fused"];

fn shown(store: Store) -> Harness<'static, Stage> {
    let mut harness = stage(PaneKind::Inspect, store, Theme::Dark, [900.0, 640.0]);
    harness.run_steps(4);
    harness
}

fn tiles(harness: &Harness<'_, Stage>) -> Vec<&'static str> {
    TILES.into_iter().filter(|name| harness.query_by_label(&format!("Tile {name}")).is_some()).collect()
}

#[test]
fn a_scene_opens_with_sensors_label_predictions_and_the_first_heads_errors() {
    let mut harness = shown(scripts::running(150));
    assert_eq!(tiles(&harness), TILES);
    let width = |harness: &Harness<'_, Stage>, name: &str| harness.get_by_label(name).rect().width();
    assert!(TILES.iter().all(|name| width(&harness, &format!("Tile {name}")) > 150.0));
    harness.state_mut().store.scene.errors = false;
    harness.state_mut().store.scene.label = false;
    harness.run_steps(2);
    assert_eq!(tiles(&harness), ["colour", "thermal", "depth", "fused", "head colour", "head thermal"]);
}

#[test]
fn the_hover_card_reads_every_sensor_and_head_at_the_pixel() {
    let mut harness = shown(scripts::running(150));
    assert!(harness.query_by_label("pixel").is_none());
    // The person stands in the middle of the picture; the camera's head does not see him.
    let middle = harness.get_by_label("Tile thermal").rect().center();
    harness.hover_at(middle);
    harness.run_steps(4);
    assert!(harness.query_by_label("pixel").is_some());
    assert!(harness.query_by_label("32, 24").is_some());
    assert!(harness.query_by_label("35.1 °C").is_some(), "230 of 255 between -10 and 40 °C");
    assert_eq!(harness.query_all_by_label("person").count(), 3, "the label, the fused head and the thermal head");
    assert_eq!(harness.query_all_by_label("building").count(), 1, "the colour head");
    assert_eq!(harness.query_all_by_label("0.80").count(), 3, "a probability for each head");
}

#[test]
fn a_click_picks_the_pixel_whose_attention_is_shown() {
    let clicked = |watched: &[&str]| {
        let mut store = scripts::running(150);
        store.scene.watched = watched.iter().map(|&name| name.to_owned()).collect();
        let mut harness = shown(store);
        let tile = harness.get_by_label("Tile colour").rect();
        // The picture stands below the tile's title.
        let place = tile.center() + egui::vec2(0.25 * tile.width(), 0.0);
        for pressed in [true, false] {
            let button = egui::PointerButton::Primary;
            harness.event(egui::Event::PointerMoved(place));
            harness.event(egui::Event::PointerButton { pos: place, button, pressed, modifiers: egui::Modifiers::NONE });
            harness.run_steps(1);
        }
        harness.run_steps(2);
        harness.state().asked.clone()
    };
    let asked = clicked(&["fdam.attention.level1"]);
    let Some(Action::PickPixel([across, down])) = asked.last() else { panic!("{asked:?}") };
    assert!((0.7..0.8).contains(&(f32::from(*across) / 65_535.0)), "{across}");
    assert!((0.3..0.7).contains(&(f32::from(*down) / 65_535.0)), "{down}");
    let asked = clicked(&["sci.mask.level1"]);
    assert!(!asked.iter().any(|action| matches!(action, Action::PickPixel(_))), "{asked:?}");
}

#[test]
fn an_explanation_says_what_it_is_about_and_a_drag_draws_its_region() {
    assert!(shown(scripts::running(150)).query_by_label("Draw a region").is_none());
    let mut store = scripts::running(150);
    store.scene.watched = vec!["explain.region.thermal".to_owned()];
    let mut harness = shown(store);
    for name in ["Class", "Head", "Draw a region"] {
        assert!(harness.query_by_label(name).is_some(), "{name} is missing");
    }
    assert!(harness.query_by_label("Layer").is_none(), "Grad-CAM is not watched");
    harness.get_by_label("Draw a region").click();
    harness.run_steps(2);
    let from = harness.get_by_label("Tile colour").rect().center();
    let to = from + egui::vec2(40.0, 30.0);
    let press = |harness: &mut Harness<'static, Stage>, pos, pressed| {
        let button = egui::PointerButton::Primary;
        harness.event(egui::Event::PointerMoved(pos));
        harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers: egui::Modifiers::NONE });
        harness.run_steps(1);
    };
    press(&mut harness, from, true);
    harness.event(egui::Event::PointerMoved(to));
    harness.run_steps(2);
    press(&mut harness, to, false);
    harness.run_steps(2);
    let asked = harness.state().asked.last();
    let Some(Action::Explain(Explained { region: Some(region), .. })) = asked else { panic!("{asked:?}") };
    let middle = |place: u16| (0.4..0.6).contains(&(f32::from(place) / 65_535.0));
    assert!(middle(region.left) && region.right > region.left && region.bottom > region.top, "{region:?}");
}

#[test]
fn a_map_that_cannot_be_shown_says_why_in_its_place() {
    let mut store = scripts::running(150);
    store.scene.watched = vec!["explain.region.thermal".to_owned()];
    let mut view = scripts::scene_view(store.scene.request(), 151);
    view.offered.push("explain.region.thermal".to_owned());
    view.refused.push(("explain.region.thermal".to_owned(), "no region is given".to_owned()));
    assert!(store.scene.take(std::sync::Arc::new(view)));
    let content = Content::Probe("explain.region.thermal".to_owned());
    assert_eq!(store.scene.refusal(&content), Some("no region is given"));
    let harness = shown(store);
    assert!(harness.query_by_label("Tile loss without the region in thermal").is_some());
}

#[test]
fn the_legend_counts_the_classes_of_the_first_prediction() {
    let store = scripts::running(150);
    let frame = store.scene.frame(&Content::Prediction("fused".to_owned())).expect("a prediction");
    let Pixels::Labels { ids, .. } = &frame.pixels else { panic!("a label map") };
    let share = 100.0 * ids.iter().filter(|id| matches!(id, 6)).count() as f64 / ids.len() as f64;
    assert!(share > 1.0);
    let harness = shown(store);
    assert!(harness.query_by_label(&format!("Class person shown, {share:.1} %")).is_some());
    assert!(harness.query_by_label("Class cone shown, 0 %").is_some());
}

#[test]
fn the_legend_hides_and_recolours_a_class() {
    let mut harness = shown(scripts::running(150));
    harness.get_by_label_contains("Class car shown").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::ToggleClass(5)]);
    harness.get_by_label_contains("Class car shown").click_secondary();
    harness.run_steps(3);
    harness.get_by_label_contains("Colour").click();
    harness.run_steps(4);
    let red = harness
        .query_all_by_role(Role::Slider)
        .find(|slider| slider.accesskit_node().label().is_some_and(|name| name == "Red"));
    let red = red.expect("the submenu stays open");
    red.set_value_accesskit(7.0);
    harness.run_steps(3);
    let asked = harness.state().asked.last();
    assert!(matches!(asked, Some(Action::SetClassColour { class: 5, colour: Some([7, ..]) })), "{asked:?}");
}

#[test]
fn swipe_and_difference_draw_over_the_predictions() {
    let shapes = |change: &dyn Fn(&mut Store)| {
        let mut store = scripts::running(150);
        change(&mut store);
        shown(store).output().shapes.len()
    };
    let plain = shapes(&|_| {});
    assert!(
        shapes(&|store| store.scene.swipe = true) >= plain + 3 * 3,
        "a label and a line in each of three predictions"
    );
    let without_colour = |store: &mut Store| {
        store.scene.what_if = WhatIf::without(&["colour"]);
        scripts::look(store, 150);
    };
    let dropped = shapes(&without_colour);
    let compared = shapes(&|store| {
        store.scene.difference = true;
        without_colour(store);
    });
    // The header tells the share in place of the step, so that two images a tile and the strip come on top.
    assert!(compared > dropped + 2 * 2, "{compared} and {dropped}: a filling and an outline in two predictions");
}

#[test]
fn what_a_dropped_sensor_changes_is_told_in_figures_for_the_last_row() {
    let difference = |dropped: &[&str]| {
        let mut store = scripts::running(150);
        store.scene.difference = true;
        store.scene.what_if = WhatIf::without(dropped);
        scripts::look(&mut store, 150);
        store
    };
    let harness = shown(difference(&[]));
    assert!(harness.query_by_label_contains("Drop a sensor").is_some(), "what to do is said where nothing is dropped");
    let store = difference(&["colour"]);
    let share = store.scene.effect_that_counts().expect("figures").share();
    assert!(share > 0.01);
    let harness = shown(store);
    let words =
        format!("{:.1} % of the pixels change without colour    scene mIoU 61.4 → 48.9 %  −12.5", 100.0 * share);
    let figures = harness.get_by_label(&words).rect();
    assert!(figures.height() >= 22.0, "large: {figures:?}");
    let top = harness.get_by_label("Tile colour").rect().top();
    let plain = shown(difference(&[])).get_by_label("Tile colour").rect().top();
    assert_eq!(top, plain, "pictures do not move when a sensor is dropped");
}

#[test]
fn figures_of_a_difference_fit_into_a_narrow_pane() {
    for width in [300.0, 420.0, 620.0] {
        let mut store = scripts::running(150);
        store.scene.difference = true;
        store.scene.what_if = WhatIf::without(&["colour"]);
        scripts::look(&mut store, 150);
        let mut harness = stage(PaneKind::Inspect, store, Theme::Light, [width, 420.0]);
        harness.run_steps(4);
        let figures = harness.get_by_label_contains("of the pixels change").rect();
        assert!(figures.right() <= width && figures.left() >= 0.0, "{figures:?} in {width}");
    }
}

#[test]
fn enter_lets_the_focused_tile_fill_the_pane_and_go_back() {
    let mut harness = shown(scripts::running(150));
    let before = harness.get_by_label("Tile fused").rect().width();
    harness.get_by_label("Tile fused").focus();
    harness.run_steps(2);
    harness.key_press(egui::Key::Enter);
    harness.run_steps(3);
    assert_eq!(tiles(&harness), ["fused"]);
    assert!(harness.get_by_label("Tile fused").rect().width() > 2.0 * before);
    assert!(harness.get_by_label("Tile fused").accesskit_node().is_focused());
    harness.key_press(egui::Key::Enter);
    harness.run_steps(3);
    assert_eq!(tiles(&harness), TILES);
}

#[test]
fn a_map_is_asked_for_while_it_stands_on_the_wall_and_not_otherwise() {
    let mut harness = shown(scripts::running(150));
    assert!(harness.query_by_label("Tile gate colour").is_none());
    harness.state_mut().store.scene.watched = vec!["gsu.gate.first".to_owned()];
    harness.run_steps(2);
    assert!(harness.query_by_label("Tile gate colour").is_some(), "what an action asks for comes onto the wall");
    assert_eq!(harness.state().asked, []);
    harness.get_by_label_contains("Views").click();
    harness.run_steps(3);
    harness.get_by_label_contains("gsu").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::CheckBox, "gate thermal").click();
    harness.run_steps(3);
    let both = ["gsu.gate.first", "gsu.gate.second"].map(str::to_owned).to_vec();
    assert_eq!(harness.state().asked.first(), Some(&Action::Watch(both)));
}

/// What the pane would keep, as text.
fn kept(harness: &Harness<'_, Stage>) -> String {
    harness.state().pane.choices().expect("choices")
}

#[test]
fn the_menu_of_a_tile_sets_its_range_and_the_range_is_kept_by_name() {
    let mut harness = shown(scripts::running(150));
    assert!(!kept(&harness).contains("thermal"));
    harness.get_by_label("Tile thermal").click_secondary();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::RadioButton, "auto").click();
    harness.run_steps(3);
    assert!(kept(&harness).contains(r#"{"Sensor":"thermal"},{"span":"Auto""#), "{}", kept(&harness));
    let gain = harness
        .query_all_by_role(Role::Slider)
        .find(|slider| slider.accesskit_node().label().is_some_and(|name| name == "Gain"));
    gain.expect("the menu stays open").set_value_accesskit(2.0);
    harness.run_steps(3);
    assert!(kept(&harness).contains(r#""gain":2.0"#), "{}", kept(&harness));

    // Another day.
    let choices = kept(&harness);
    let mut next = shown(scripts::running(150));
    next.state_mut().pane.restore(&choices);
    next.run_steps(2);
    assert_eq!(kept(&next), choices);

    harness.get_by_role_and_label(Role::Button, "Reset").click();
    harness.run_steps(3);
    assert!(!kept(&harness).contains("thermal"));
}

#[test]
fn choices_that_an_older_window_kept_are_understood() {
    let mut harness = shown(scripts::running(150));
    harness.state_mut().pane.restore(r#"[[],[{"Sensor":"depth"}],[{"Prediction":"fused"}]]"#);
    harness.run_steps(3);
    assert!(harness.query_by_label("Tile depth").is_none());
    let (fused, colour) = (harness.get_by_label("Tile fused").rect(), harness.get_by_label("Tile colour").rect());
    assert!((fused.top(), fused.left()) <= (colour.top(), colour.left()), "the order is kept, too");
}

#[test]
fn a_label_has_no_range_and_its_menu_fills_the_pane() {
    let mut harness = shown(scripts::running(150));
    harness.get_by_label("Tile label").click_secondary();
    harness.run_steps(3);
    assert!(harness.query_by_role_and_label(Role::RadioButton, "auto").is_none());
    harness.get_by_label_contains("Fill the pane").click();
    harness.run_steps(3);
    assert_eq!(tiles(&harness), ["label"]);
}
