//! The whole window on a scripted session: the palette, dialogs and floating panes, found by their names.

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::{Action, Layout};
use fusionscope::link::Scripted;
use fusionscope::panes::PaneKind;
use fusionscope::store::AS_ASKED;
use fusionscope::workbench::{Launch, Workbench};
use fusionscope_engine::protocol::{Command, Event, Failure, FailureKind, SessionState};

use super::scripts;

/// The window with data, a run and pictures.
pub fn window() -> (Harness<'static, Workbench>, Scripted) {
    window_of([1500.0, 980.0])
}

/// The same, of another size.
pub fn window_of(size: [f32; 2]) -> (Harness<'static, Workbench>, Scripted) {
    let script = Scripted::default();
    let engine = script.clone();
    let mut harness = Harness::builder()
        .with_size(size)
        .with_accessibility_check(false)
        .build_eframe(|cc| Workbench::new(&cc.egui_ctx, None, Box::new(engine), Launch::default()));
    for event in scripts::opening() {
        script.say(event);
    }
    harness.run_steps(3);
    let asked = script.sent().into_iter().rev().find_map(|command| match command {
        Command::View(request) if request.view == AS_ASKED => Some(request),
        _ => None,
    });
    script.show(scripts::scene_view(asked.expect("the window asks for pictures"), 1));
    harness.run_steps(3);
    (harness, script)
}

pub fn perform(harness: &mut Harness<'_, Workbench>, action: Action) {
    let ctx = harness.ctx.clone();
    harness.state_mut().perform(action, Some(&ctx));
    harness.run_steps(3);
}

#[test]
fn the_palette_opens_filters_and_acts() {
    let (mut harness, _script) = window();
    let scene = harness.state().store().scene.index;
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(3);
    assert!(harness.query_by_label("Action Pause").is_some());
    harness.event(egui::Event::Text("next scene".to_owned()));
    harness.run_steps(3);
    assert!(harness.query_by_label("Action Next scene").is_some());
    assert!(harness.query_by_label("Action Pause").is_none());
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().store().scene.index, scene + 1);
    assert!(harness.query_by_label("Action Next scene").is_none());
}

#[test]
fn going_to_a_scene_finds_it_by_its_id() {
    let (mut harness, _script) = window();
    harness.key_press(Key::G);
    harness.run_steps(3);
    harness.event(egui::Event::Text("test-017".to_owned()));
    harness.run_steps(3);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().store().scene.index, 17);
}

#[test]
fn a_failed_run_offers_its_checkpoint_in_the_banner() {
    let (mut harness, script) = window();
    script.say(Event::Checkpoint { step: 6, path: "runs/a/checkpoints/6".into() });
    script.say(Event::State(SessionState::Failed(Failure::new(FailureKind::Broken, "a fault"))));
    harness.run_steps(3);
    harness.get_all_by_label("Resume from step 6").next().expect("an offer").click();
    harness.run_steps(3);
    assert_eq!(script.sent().last(), Some(&Command::ResumeRun));
}

#[test]
fn a_run_that_could_not_be_saved_is_offered_to_be_saved_again_before_another_takes_its_place() {
    let (mut harness, script) = window();
    script.say(Event::Steps(vec![scripts::step(1)]));
    let failure = Failure::new(FailureKind::Broken, "No space is left for the checkpoint");
    script.say(Event::Unsaved(Some(failure)));
    script.say(Event::State(SessionState::Finished));
    harness.run_steps(3);
    assert!(harness.query_all_by_label("Save the run again").next().is_some(), "in the banner and in the run pane");
    perform(&mut harness, Action::Train);
    assert!(harness.query_by_label("The last run is not saved").is_some());
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.get_by_label("Save it again").click();
    harness.run_steps(3);
    assert_eq!(script.sent().last(), Some(&Command::SaveCheckpoint));
    assert!(harness.query_by_label("The last run is not saved").is_none());

    perform(&mut harness, Action::Train);
    harness.get_by_label("Train without it").click();
    harness.run_steps(3);
    assert_eq!(script.sent().last(), Some(&Command::Start));
}

#[test]
fn what_cannot_be_done_says_why_in_the_palette_and_under_the_pointer() {
    let (harness, _script) = window();
    let known = Action::Resume.describe(harness.state().store());
    assert_eq!(known.hint(&harness.ctx), "Resume the opened run: a run is training");
    assert!(known.enabled.is_err());
    let known = Action::StepOnce.describe(harness.state().store());
    assert_eq!(known.hint(&harness.ctx), "Take one step, then hold  (.)");
}

#[test]
fn a_pane_floats_from_the_menu_of_its_tab_and_docks_again() {
    let (mut harness, _script) = window();
    harness.get_by_label("Curves tab").click_secondary();
    harness.run_steps(3);
    harness.get_by_label("Float").click();
    harness.run_steps(4);
    assert!(harness.query_by_label("Curves tab").is_none());
    assert!(harness.query_by_label("Overview").is_some(), "the pane is drawn in its own window");
    let place = harness.get_by_label("Dock").rect();
    harness.run_steps(10);
    assert_eq!(harness.get_by_label("Dock").rect(), place, "the window keeps its size");
    harness.get_by_label("Dock").click();
    harness.run_steps(4);
    assert!(harness.query_by_label("Dock").is_none());
    assert!(harness.query_by_label("Curves tab").is_some());
}

#[test]
fn everything_in_the_window_has_a_name() {
    let (mut harness, script) = window();
    let stop = SessionState::Finished;
    for layout in Layout::ALL {
        perform(&mut harness, Action::UseLayout(layout));
        assert_eq!(harness.unnamed_widgets(), Vec::<String>::new(), "{layout:?}");
        perform(&mut harness, Action::FloatPane(PaneKind::Inspect));
        assert_eq!(harness.unnamed_widgets(), Vec::<String>::new(), "{layout:?} with a floating pane");
        perform(&mut harness, Action::FloatPane(PaneKind::Inspect));
    }
    script.say(Event::State(stop));
    harness.run_steps(2);
    let lists = [
        (Action::TogglePalette, "Action Train"),
        (Action::GoToScene, "Action 1  test-000"),
        (Action::ToggleHelp, "Maximise the focused picture, or open the focused run"),
        (Action::OpenData, "Open a data set"),
        (Action::OpenRecipe, "Open a recipe"),
        (Action::OpenRun, "Model file…"),
    ];
    for (action, sign) in lists {
        perform(&mut harness, action.clone());
        assert!(harness.query_all_by_label(sign).next().is_some(), "{action:?} is open");
        assert_eq!(harness.unnamed_widgets(), Vec::<String>::new(), "{action:?}");
        harness.key_press(Key::Escape);
        harness.run_steps(3);
    }
}

/// Draws the window into a folder for looking at it: `FUSIONSCOPE_DRAW=folder cargo test draw_window -- --ignored`.
#[test]
#[ignore = "draws pictures for people"]
fn draw_window() {
    let Some(folder) = std::env::var_os("FUSIONSCOPE_DRAW") else { return };
    let folder = std::path::PathBuf::from(folder);
    for theme in ["dark", "light"] {
        let (mut harness, script) = window();
        if theme == "light" {
            perform(&mut harness, Action::ToggleTheme);
        }
        let draw = |harness: &mut Harness<'_, Workbench>, name: &str| {
            let picture = harness.render().expect("a picture");
            picture.save(folder.join(format!("{name}-{theme}.png"))).expect("a file");
        };
        perform(&mut harness, Action::FloatPane(PaneKind::Curves));
        perform(&mut harness, Action::FloatPane(PaneKind::Recipe));
        draw(&mut harness, "floating");
        perform(&mut harness, Action::ResetLayout);
        script.say(Event::Checkpoint { step: 6, path: "runs/a/checkpoints/6".into() });
        script.say(Event::State(SessionState::Failed(Failure::new(
            FailureKind::Broken,
            "A fault. The checkpoint of step 6 is intact: resume the run from there",
        ))));
        harness.run_steps(3);
        harness.get_by_label_contains("Class car shown").click_secondary();
        harness.run_steps(3);
        harness.get_by_label_contains("Colour").click();
        harness.run_steps(4);
        draw(&mut harness, "failed-and-recolouring");
        harness.key_press(Key::Escape);
        harness.run_steps(2);
        harness.get_by_label("Tile fused").focus();
        harness.run_steps(2);
        draw(&mut harness, "focus");
        perform(&mut harness, Action::OpenRun);
        draw(&mut harness, "open-run");
    }
}
