//! What if: the card of a sensor, the tools on its picture, what is asked for, told, kept and taken back.

use egui::{Key, Modifiers, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::link::Scripted;
use fusionscope::look::{self, Theme};
use fusionscope::panes::PaneKind;
use fusionscope::store::{Store, Tool};
use fusionscope::workbench::Workbench;
use fusionscope_engine::data::scene::{SceneSettings, write_dataset};
use fusionscope_engine::protocol::{
    Absence, Command, Degradation, Event, OUTCOME, SensorChange, Stroke, SubsetScores, Touch, ViewRequest, WhatIf,
    WhatIfReport,
};
use fusionscope_engine::recipe::Value;

use super::panes::{Stage, stage};
use super::scripts;
use super::session::{open_window, press, wait};
use super::whole::{perform, window};

/// A session in view with the card open on a sensor.
fn opened(what_if: WhatIf) -> Store {
    let mut store = scripts::running(150);
    store.scene.supposing.open("thermal");
    store.scene.what_if = what_if;
    scripts::look(&mut store, 150);
    store
}

fn of(sensor: &str, change: SensorChange) -> WhatIf {
    let mut what_if = WhatIf::default();
    what_if.change(sensor, change);
    what_if
}

fn drift() -> WhatIf {
    let degraded = [(Degradation::ThermalDrift, 0.5)].into();
    of("thermal", SensorChange { degraded, shift: [3, 0], ..SensorChange::default() })
}

fn shown(store: Store, size: [f32; 2], theme: Theme) -> Harness<'static, Stage> {
    let mut harness = stage(PaneKind::Inspect, store, theme, size);
    harness.run_steps(4);
    harness
}

/// The newest request for pictures.
fn asked(script: &Scripted) -> ViewRequest {
    let views = script.sent().into_iter().rev().find_map(|command| match command {
        Command::View(request) => Some(request),
        _ => None,
    });
    views.expect("pictures are asked for")
}

/// Draws with the pointer held down, from place to place.
fn drag(harness: &mut Harness<'_, Workbench>, places: &[Pos2]) {
    let button = |pressed, pos| egui::Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    harness.event(egui::Event::PointerMoved(places[0]));
    harness.run_steps(1);
    harness.event(button(true, places[0]));
    harness.run_steps(1);
    for &place in &places[1..] {
        harness.event(egui::Event::PointerMoved(place));
        harness.run_steps(1);
    }
    harness.event(button(false, places[places.len() - 1]));
    harness.run_steps(2);
}

#[test]
fn the_card_has_a_named_control_for_everything_and_acts_by_nothing() {
    for (size, theme) in [([1200.0, 900.0], Theme::Dark), ([520.0, 500.0], Theme::Light)] {
        let odd = SensorChange { degraded: [(Degradation::Noise, 0.123)].into(), ..SensorChange::default() };
        for what_if in [WhatIf::default(), drift(), of("thermal", odd), WhatIf::without(&["colour"])] {
            let mut store = opened(what_if);
            store.scene.supposing.tool = Some(Tool::Paint(Touch::Black));
            let harness = shown(store, size, theme);
            for name in
                ["Put the what-if card away", "Presence of thermal", "Degrade thermal", "Move the sensor's picture"]
            {
                let rect = harness.get_by_label(name).rect();
                assert!(rect.left() >= 0.0 && rect.right() <= size[0], "{name} at {rect:?} in {size:?}");
            }
            assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
            assert_eq!(harness.state().asked, []);
        }
    }
}

#[test]
fn the_card_says_what_a_degradation_is_and_how_much_of_it_there_is() {
    let harness = shown(opened(drift()), [1300.0, 1100.0], Theme::Dark);
    assert!(harness.query_all_by_label("Severity of thermal drift on thermal").next().is_some());
    assert!(harness.query_by_label_contains("microbolometer").is_some(), "its physics");
    assert!(harness.query_by_label("Header thermal").is_some());
}

#[test]
fn what_changes_is_told_before_and_after_by_class_and_by_pixels_beside_both_predictions() {
    let store = opened(WhatIf::without(&["colour"]));
    let effect = store.scene.effect_that_counts().expect("an effect").clone();
    assert!(effect.changed() > 0);
    let mut harness = shown(store, [1400.0, 1300.0], Theme::Dark);
    for name in ["Tile fused without the what-if", "Tile fused: right and wrong"] {
        assert!(harness.query_by_label(name).is_some(), "{name}");
    }
    assert!(harness.query_by_label("61.4 → 48.9 %").is_some(), "the scene's mIoU");
    for (word, count) in OUTCOME.iter().zip(effect.counts).skip(1).take(2) {
        assert!(harness.query_by_label_contains(&format!("{word}  {} px", look::count(count))).is_some(), "{word}");
    }
    // Without the card the wall is as it was.
    harness.state_mut().store.scene.supposing.leave();
    harness.run_steps(3);
    assert!(harness.query_by_label("Tile fused without the what-if").is_none());
}

#[test]
fn a_switch_of_the_method_is_asked_for_and_taken_back_by_its_own_value() {
    let mut harness = shown(opened(WhatIf::default()), [1300.0, 1300.0], Theme::Dark);
    harness.get_by_label("Channel exchange").click();
    harness.run_steps(3);
    let key = "exchange.channel.enabled".to_owned();
    let off = Action::SetSwitch { key: key.clone(), value: Some(Value::Switch(false)) };
    assert_eq!(harness.state().asked, [off]);
    let settings = [(key.clone(), Value::Switch(false))].into();
    let mut harness = shown(opened(WhatIf { settings, ..WhatIf::default() }), [1300.0, 1300.0], Theme::Dark);
    harness.get_by_label("Channel exchange").click();
    harness.run_steps(3);
    assert_eq!(harness.state().asked, [Action::SetSwitch { key, value: None }], "as trained is no what-if");
}

#[test]
fn keys_open_the_card_take_tools_and_the_pointer_moves_and_paints_the_sensor_s_own_picture() {
    let (mut harness, script) = window();
    perform(&mut harness, Action::OpenCard(1));
    harness.key_press(Key::M);
    harness.run_steps(2);
    assert_eq!(harness.state().store().scene.supposing.tool, Some(Tool::Move));
    let tile = harness.get_by_label("Tile thermal").rect();
    let (middle, width) = (tile.center(), tile.width());
    // A quarter of the picture, of which the first step tells that it is a drag.
    let steps: Vec<Pos2> = (0..=4).map(|step| middle + egui::vec2(width / 16.0 * step as f32, 0.0)).collect();
    drag(&mut harness, &steps);
    let [right, down] = asked(&script).what_if.sensors["thermal"].shift;
    let pixels = scripts::WIDTH as i32;
    assert!((pixels / 6..=pixels / 4 + 1).contains(&right) && down == 0, "{right} {down}");

    harness.key_press(Key::B);
    harness.run_steps(2);
    let step = egui::vec2(width / 12.0, 0.0);
    drag(&mut harness, &[middle, middle + step, middle + 2.0 * step]);
    harness.key_press(Key::V);
    harness.run_steps(2);
    drag(&mut harness, &[middle, middle + step]);
    let brush = asked(&script).what_if.sensors["thermal"].brush.clone();
    assert_eq!(brush.iter().map(|stroke| stroke.touch).collect::<Vec<_>>(), [Touch::Black, Touch::Restore]);
    assert!(brush[0].points.len() >= 2, "{brush:?}");
    let [across, down] = brush[0].points[0];
    assert!((across - 0.5).abs() < 0.05 && (down - 0.5).abs() < 0.05, "where the pointer stood: {brush:?}");

    // Another sensor's picture is looked at, as ever.
    let colour = harness.get_by_label("Tile colour").rect().center();
    drag(&mut harness, &[colour, colour + step]);
    assert!(!asked(&script).what_if.sensors.contains_key("colour"));

    // Stroke by stroke it is taken back, and done again.
    perform(&mut harness, Action::Undo);
    assert_eq!(asked(&script).what_if.sensors["thermal"].brush.len(), 1);
    perform(&mut harness, Action::Redo);
    assert_eq!(asked(&script).what_if.sensors["thermal"].brush, brush);
    harness.key_press(Key::Num0);
    harness.run_steps(3);
    assert!(asked(&script).what_if.is_empty());
    perform(&mut harness, Action::Undo);
    assert_eq!(asked(&script).what_if.sensors["thermal"].brush, brush, "clearing can be taken back too");

    // Escape leaves the tool first, then the card.
    let left: [fn(&Store) -> bool; 2] =
        [|store| store.scene.supposing.tool.is_none(), |store| store.scene.supposing.card.is_none()];
    for is_left in left {
        harness.key_press(Key::Escape);
        harness.run_steps(3);
        assert!(is_left(harness.state().store()));
    }
}

#[test]
fn a_dropped_sensor_is_part_of_the_what_if_and_the_last_one_stays() {
    let (mut harness, script) = window();
    harness.key_press(Key::Num1);
    harness.run_steps(3);
    assert_eq!(asked(&script).what_if, WhatIf::without(&["colour"]));
    assert!(!asked(&script).compares, "what a drop costs is predicted where somebody looks at it");
    harness.key_press(Key::Num2);
    harness.run_steps(3);
    assert_eq!(asked(&script).what_if.dropped(), ["colour"], "one sensor stays");
    let zeros = SensorChange { absent: Some(Absence::Zeros), ..SensorChange::default() };
    perform(&mut harness, Action::ChangeSensor { sensor: "colour".to_owned(), change: zeros });
    assert_eq!(asked(&script).what_if.sensors["colour"].absent, Some(Absence::Zeros));
    perform(&mut harness, Action::Undo);
    assert_eq!(asked(&script).what_if, WhatIf::without(&["colour"]));
    perform(&mut harness, Action::ToggleWhatIf);
    assert!(asked(&script).compares);
    perform(&mut harness, Action::AllSensors);
    assert!(asked(&script).what_if.is_empty());
}

#[test]
fn a_what_if_is_kept_by_name_used_again_and_tried_on_the_whole_split() {
    let (mut harness, script) = window();
    perform(&mut harness, Action::Suppose(drift()));
    perform(&mut harness, Action::KeepWhatIf("a warm camera".to_owned()));
    assert_eq!(asked(&script).what_if, drift(), "a name changes no picture");
    perform(&mut harness, Action::SupposeNothing);
    let kept = harness.state().store().scene.supposing.kept.clone();
    perform(&mut harness, Action::Suppose(kept[0].clone()));
    assert_eq!(asked(&script).what_if, drift());
    perform(&mut harness, Action::ApplyWhatIf);
    let named = WhatIf { name: "a warm camera".to_owned(), ..drift() };
    let split = harness.state().store().scene.split.clone();
    let sent = script.sent();
    let is_it = |command: &&Command| matches!(command, Command::EvaluateWhatIf { .. });
    assert_eq!(
        sent.iter().find(is_it),
        Some(&Command::EvaluateWhatIf { split: split.clone(), what_if: named.clone() })
    );

    let scores = |miou| SubsetScores { miou: Some(miou), scenes: 40, ..SubsetScores::default() };
    let report = WhatIfReport {
        what_if: named,
        split,
        step: 12,
        scores: vec![[scores(0.5), scores(0.25)]],
        ..WhatIfReport::default()
    };
    let evaluations = harness.state().store().metrics.reports().len();
    script.say(Event::WhatIf(Box::new(report)));
    perform(&mut harness, Action::OpenCard(1));
    assert!(harness.query_by_label("50.0 → 25.0 %").is_some());
    assert_eq!(harness.state().store().metrics.reports().len(), evaluations, "it is no evaluation");
    perform(&mut harness, Action::ForgetWhatIf("a warm camera".to_owned()));
    assert!(harness.query_by_label("a warm camera").is_none());
}

#[test]
fn what_was_kept_is_used_by_a_click_where_the_network_has_what_it_is_of() {
    let named = |name: &str, what_if: WhatIf| WhatIf { name: name.to_owned(), ..what_if };
    let mut store = opened(WhatIf::default());
    let fits = named("fits", drift());
    let settings = [("mff.selection".to_owned(), Value::Switch(false))].into();
    store.scene.supposing.keep(fits.clone());
    store.scene.supposing.keep(named("another method", WhatIf { settings, ..WhatIf::default() }));
    store.scene.supposing.keep(named("another sensor", WhatIf::without(&["sonar"])));
    let mut harness = shown(store, [1300.0, 1500.0], Theme::Light);
    for name in ["another method", "another sensor", "fits"] {
        harness.get_by_label(name).click();
        harness.run_steps(3);
    }
    assert_eq!(harness.state().asked, [Action::Suppose(fits)]);
}

#[test]
fn on_a_real_session_thermal_is_dropped_fog_put_on_colour_painted_kept_and_tried_on_the_split() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let scenes = SceneSettings { seed: 5, train: 4, val: 2, test: 2, width: 48, height: 32 };
    write_dataset(&data, &scenes, &mut |_, _| std::ops::ControlFlow::Continue(())).expect("a data set");
    let mut harness = open_window(folder.path(), data);
    press(&mut harness, "Train");
    wait(&mut harness, "the student phase", |store| store.curves.phases().len() == 2);
    press(&mut harness, "Drop thermal");
    perform(&mut harness, Action::OpenCard(0));
    let stroke = Stroke { touch: Touch::Black, radius: 0.1, points: vec![[0.5, 0.5], [0.7, 0.5]] };
    let degraded = [(Degradation::Fog, 0.6)].into();
    let change = SensorChange { degraded, brush: vec![stroke], ..SensorChange::default() };
    perform(&mut harness, Action::ChangeSensor { sensor: "colour".to_owned(), change });
    wait(&mut harness, "what it changes, while the run trains", |store| {
        let shown = store.scene.shown().filter(|shown| !shown.view.effects.is_empty());
        shown.is_some_and(|shown| shown.view.request == store.scene.request())
    });
    perform(&mut harness, Action::KeepWhatIf("a foggy night".to_owned()));
    perform(&mut harness, Action::ApplyWhatIf);
    wait(&mut harness, "what it comes to on the split", |store| !store.scene.supposing.reports.is_empty());
    let store = harness.state().store();
    let report = &store.scene.supposing.reports[0];
    assert_eq!((report.what_if.name.as_str(), report.scores[0][1].scenes), ("a foggy night", 2));
    assert_eq!(report.scores[0][1].sensors, ["colour"]);
    press(&mut harness, "Stop the run");
    wait(&mut harness, "the run has ended", Store::is_at_rest);
}
