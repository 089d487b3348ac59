//! What the workbench keeps, takes back and lets float.

use std::collections::BTreeMap;

use eframe::App as _;
use fusionscope_engine::protocol::DatasetSummary;

use super::*;
use crate::link::Scripted;

/// What eframe would write to a file.
#[derive(Default)]
pub(super) struct Memory(pub(super) BTreeMap<String, String>);

impl eframe::Storage for Memory {
    fn get_string(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    fn set_string(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }

    fn remove_string(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn flush(&mut self) {}
}

fn opened(storage: Option<&dyn eframe::Storage>) -> Workbench {
    let mut workbench =
        Workbench::new(&egui::Context::default(), storage, Box::new(Scripted::default()), Launch::default());
    let classes = vec!["road".to_owned(), "car".to_owned()];
    let dataset = DatasetSummary { name: "streets".to_owned(), classes, ..DatasetSummary::default() };
    workbench.store.apply(Event::Dataset(dataset));
    workbench
}

fn floating_now(workbench: &Workbench) -> Vec<PaneKind> {
    workbench.tree().map(layout::floating).unwrap_or_default()
}

#[test]
fn what_was_chosen_is_there_the_next_day() {
    let mut first = opened(None);
    let curves = r#"{"tab":"Scores","scale":"Log","legend":{"hidden":["total"],"colours":{}},"tag":"night"}"#;
    first.panes.get_mut(&PaneKind::Curves).unwrap().restore(curves);
    for action in [
        Action::SetSmoothing(0.25),
        Action::ToggleMotion,
        Action::ToggleOwnColours,
        Action::UseLayout(Layout::Debug),
        Action::FloatPane(PaneKind::Log),
        Action::SetClassColour { class: 1, colour: Some([1, 2, 3]) },
    ] {
        first.perform(action, None);
    }
    let mut memory = Memory::default();
    first.save(&mut memory);

    let second = opened(Some(&memory));
    assert_eq!(second.store.curves.smoothing(), 0.25);
    assert!(second.store.reduced_motion && second.store.scene.own_colours);
    assert_eq!(second.choices.layout, Layout::Debug);
    assert_eq!(floating_now(&second), [PaneKind::Log]);
    assert_eq!(second.store.colour_by_hand(1), Some([1, 2, 3]));
    assert_eq!(second.panes[&PaneKind::Curves].choices().as_deref(), Some(curves));
}

#[test]
fn panes_without_understandable_choices_begin_afresh() {
    for mut pane in panes::all() {
        let fresh = pane.choices();
        pane.restore("not what anybody wrote");
        assert_eq!(pane.choices(), fresh, "{:?}", pane.kind());
    }
}

#[test]
fn a_class_colour_dragged_through_many_is_taken_back_at_once() {
    let mut workbench = opened(None);
    workbench.perform(Action::SetClassColour { class: 0, colour: Some([9, 9, 9]) }, None);
    workbench.store.history = crate::store::History::default();
    for red in 0..5 {
        workbench.perform(Action::SetClassColour { class: 0, colour: Some([red, 0, 0]) }, None);
    }
    assert_eq!(workbench.store.class_colours(2).get(0).map(|colour| colour.to_array()), Some([4, 0, 0, 255]));
    workbench.perform(Action::Undo, None);
    assert_eq!(workbench.store.colour_by_hand(0), Some([9, 9, 9]));
    assert!(!workbench.store.can_undo());
    workbench.perform(Action::SetClassColour { class: 0, colour: None }, None);
    assert_eq!(workbench.store.class_colours(2), look::class_colours(2, None));
}

#[test]
fn floating_a_pane_can_be_undone_and_reset() {
    let mut workbench = opened(None);
    workbench.perform(Action::FloatPane(PaneKind::Curves), None);
    workbench.perform(Action::FloatPane(PaneKind::Inspect), None);
    assert_eq!(floating_now(&workbench), [PaneKind::Inspect, PaneKind::Curves]);
    workbench.perform(Action::Undo, None);
    assert_eq!(floating_now(&workbench), [PaneKind::Curves]);
    workbench.perform(Action::ResetLayout, None);
    assert_eq!(floating_now(&workbench), []);
}

#[test]
fn a_window_that_is_held_still_can_move_again_and_keeps_nothing_of_it() {
    let ctx = egui::Context::default();
    let mut workbench = Workbench::new(&ctx, None, Box::new(Scripted::default()), Launch::default());
    workbench.hold_still(&ctx);
    assert_eq!(ctx.global_style().animation_time, 0.0);
    let mut memory = Memory::default();
    workbench.save(&mut memory);
    assert!(!opened(Some(&memory)).store.reduced_motion);
    workbench.perform(Action::ToggleMotion, Some(&ctx));
    assert!(ctx.global_style().animation_time > 0.0);
}

#[test]
fn motion_is_reduced_for_both_themes() {
    let ctx = egui::Context::default();
    let mut workbench = Workbench::new(&ctx, None, Box::new(Scripted::default()), Launch::default());
    assert!(ctx.global_style().animation_time > 0.0);
    workbench.perform(Action::ToggleMotion, Some(&ctx));
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        assert_eq!(ctx.style_of(theme).animation_time, 0.0);
    }
}
