//! Where the keys go in the whole window: Tab, F6 and Escape, and what does not move under the hand.

use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{By, NodeT as _, Queryable};
use fusionscope::action::{Action, Layout};
use fusionscope::link::Scripted;
use fusionscope::workbench::{Launch, Workbench};
use fusionscope_engine::protocol::{Event, Level, NetworkSummary, SessionState, Subject};

use super::whole::{perform, window_of};

fn press(harness: &mut Harness<'_, Workbench>, key: Key) {
    harness.key_press(key);
    harness.run_steps(3);
}

/// What has the keys, by its name and place.
fn focused(harness: &Harness<'_, Workbench>) -> Option<(String, egui::Rect)> {
    // The window itself has the keys where nothing in it has.
    let nodes = harness.query_all(By::new().predicate(|node| node.is_focused() && node.role() != Role::Window));
    nodes.into_iter().find_map(|node| Some((node.accesskit_node().label().or_else(|| node.value())?, node.rect())))
}

#[test]
fn the_first_picture_is_at_most_twenty_stops_away_by_skipping_parts() {
    for layout in Layout::ALL {
        let (mut harness, _script) = window_of([1500.0, 980.0]);
        perform(&mut harness, Action::UseLayout(layout));
        let mut presses = 0;
        let mut go = |harness: &mut Harness<'_, Workbench>, key: Key, is_there: &dyn Fn(&str) -> bool| {
            while !focused(harness).is_some_and(|(name, _)| is_there(&name)) {
                press(harness, key);
                presses += 1;
                assert!(presses <= 20, "{layout:?}: {key:?} leads to {:?}", focused(harness));
            }
        };
        go(&mut harness, Key::F6, &|name| name == "Inspect tab");
        go(&mut harness, Key::Tab, &|name| name.starts_with("Tile "));
    }
}

#[test]
fn tab_goes_through_the_bar_from_left_to_right_and_every_stop_has_a_name_and_is_in_sight() {
    let (mut harness, _script) = window_of([1500.0, 980.0]);
    let whole = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1500.0, 980.0));
    let mut stops: Vec<(String, egui::Rect)> = Vec::new();
    for _ in 0..60 {
        press(&mut harness, Key::Tab);
        let (name, rect) = focused(&harness).expect("Tab always leads somewhere");
        assert!(!name.is_empty() && whole.expand(1.0).contains_rect(rect), "{name} at {rect:?}");
        stops.push((name, rect));
    }
    let bar: Vec<f32> =
        stops.iter().map(|(_, rect)| *rect).take_while(|rect| rect.bottom() < 46.0).map(|rect| rect.left()).collect();
    assert!(bar.len() >= 8 && bar.is_sorted(), "the bar is gone through at {bar:?}");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    harness.run_steps(3);
    assert_eq!(focused(&harness).map(|(name, _)| name), Some(stops[stops.len() - 2].0.clone()), "and back");
}

#[test]
fn a_list_scrolls_along_with_the_keys() {
    // A low window: most of the recipe is scrolled out of sight.
    let (mut harness, _script) = window_of([1280.0, 620.0]);
    press(&mut harness, Key::F6);
    press(&mut harness, Key::F6);
    let mut seen = 0;
    for _ in 0..40 {
        press(&mut harness, Key::Tab);
        let Some((name, rect)) = focused(&harness) else { panic!("nothing has the keys") };
        if name.starts_with("Settings of ") || name.starts_with("Group ") {
            assert!(rect.bottom() < 621.0 && rect.top() > 60.0, "{name} lies at {rect:?}");
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} rows of the recipe had the keys");
}

#[test]
fn escape_leaves_one_thing_at_a_time_innermost_first() {
    let (mut harness, _script) = window_of([1500.0, 980.0]);
    let tiles = |harness: &Harness<'_, Workbench>| harness.query_all_by_label_contains("Tile ").count();
    let all = tiles(&harness);
    harness.get_by_label("Tile fused").focus();
    harness.run_steps(2);
    press(&mut harness, Key::Enter);
    assert_eq!(tiles(&harness), 1);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(3);
    assert!(harness.query_by_label("Action Pause").is_some());
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_label("Action Pause").is_none(), "the list goes first");
    assert_eq!(tiles(&harness), 1, "and nothing else with it");
    perform(&mut harness, Action::ToggleHelp);
    press(&mut harness, Key::Escape);
    assert!(harness.query_by_label("Leave what was opened, maximised or selected last").is_none());
    assert_eq!(tiles(&harness), 1);
    press(&mut harness, Key::Escape);
    assert_eq!(tiles(&harness), all, "then the picture goes back to the wall");
}

#[test]
fn escape_closes_a_list_within_a_question_before_the_question() {
    let (mut harness, script) = window_of([1500.0, 980.0]);
    let classes = vec!["road".to_owned(), "tramway".to_owned()];
    script.say(Event::Network(NetworkSummary { classes, ..NetworkSummary::default() }));
    script.say(Event::State(SessionState::Finished));
    harness.run_steps(3);
    perform(&mut harness, Action::MapClasses);
    let is_there = |harness: &Harness<'_, Workbench>, name: &str| harness.query_all_by_label(name).next().is_some();
    assert!(is_there(&harness, "Map the classes"));
    harness.get_by_label("The network's class for sidewalk").click();
    harness.run_steps(3);
    assert!(is_there(&harness, "tramway"), "the list of classes is open");
    press(&mut harness, Key::Escape);
    assert!(!is_there(&harness, "tramway"), "the list goes first");
    assert!(is_there(&harness, "Map the classes"), "and the question stays");
    press(&mut harness, Key::Escape);
    assert!(!is_there(&harness, "Map the classes"));
}

#[test]
fn enter_in_a_question_presses_the_button_that_has_the_keys() {
    let (mut harness, script) = window_of([1500.0, 980.0]);
    script.say(Event::State(SessionState::Finished));
    harness.run_steps(3);
    perform(&mut harness, Action::OpenData);
    assert_eq!(focused(&harness).map(|(name, _)| name).as_deref(), Some("Path"), "one can type at once");
    press(&mut harness, Key::Tab);
    assert!(focused(&harness).is_some_and(|(name, _)| name != "Path"), "and leave the field, though it is empty");
    harness.get_by_label("Cancel").focus();
    harness.run_steps(2);
    press(&mut harness, Key::Enter);
    assert!(harness.query_by_label("Cancel").is_none());
}

#[test]
fn a_key_that_does_nothing_says_why() {
    let script = Scripted::default();
    let mut harness = Harness::builder()
        .with_size([1200.0, 700.0])
        .with_accessibility_check(false)
        .build_eframe(|cc| Workbench::new(&cc.egui_ctx, None, Box::new(script), Launch::default()));
    harness.run_steps(3);
    press(&mut harness, Key::Space);
    assert!(harness.query_by_label("Start or pause: open a data set first").is_some());
    press(&mut harness, Key::S);
    assert!(harness.query_by_label_contains("Swipe prediction against label: ").is_some());
}

#[test]
fn neither_a_message_nor_a_run_that_begins_moves_what_is_under_the_hand() {
    let (mut harness, script) = window_of([1500.0, 980.0]);
    let of =
        |harness: &Harness<'_, Workbench>, name: &str| harness.get_all_by_label(name).next().map(|node| node.rect());
    let (tile, step) = (of(&harness, "Tile fused"), of(&harness, "One step"));
    assert!(tile.is_some() && step.is_some());
    script.say(Event::Notice {
        about: Subject::Data,
        level: Level::Error,
        text: "A scene could not be read".to_owned(),
    });
    harness.run_steps(3);
    assert!(harness.query_by_label("A scene could not be read").is_some());
    assert_eq!(of(&harness, "Tile fused"), tile, "a message pushes the pictures");
    for state in [SessionState::Paused, SessionState::Finished, SessionState::Training] {
        script.say(Event::State(state.clone()));
        script.say(Event::Run {
            path: "runs/20261121-084312-a-name-that-is-longer-than-before".into(),
            checkpoint: None,
        });
        harness.run_steps(3);
        assert_eq!(of(&harness, "One step"), step, "{state:?} moves the buttons");
    }
}

#[test]
fn in_the_smallest_window_with_text_of_twice_the_size_the_bar_stays_in_the_window_and_apart() {
    for width in [480.0, 640.0, 960.0, 1280.0] {
        let (harness, _script) = window_of([width, 400.0]);
        let names = ["Pause", "One step", "Stop the run", "Search", "Look of the window"];
        let rect = |name: &&str| harness.get_all_by_label(name).next().expect("it stands in the bar").rect();
        let mut rects: Vec<egui::Rect> = names.iter().map(rect).collect();
        rects.sort_by(|one, other| one.left().total_cmp(&other.left()));
        for pair in rects.windows(2) {
            assert!(pair[0].right() <= pair[1].left() + 0.5, "{pair:?} at {width}");
        }
        assert!(rects.iter().all(|rect| rect.left() >= 0.0 && rect.right() <= width), "{rects:?} at {width}");
    }
}

#[test]
fn what_a_narrow_pane_has_no_room_for_folds_into_one_menu() {
    let (harness, _script) = window_of([700.0, 500.0]);
    assert!(harness.query_by_label("Ways to look at curves").is_some());
    let (harness, _script) = window_of([1800.0, 900.0]);
    assert!(harness.query_by_label("Ways to look at curves").is_none());
    assert!(harness.query_by_label("Follow").is_some());
}
