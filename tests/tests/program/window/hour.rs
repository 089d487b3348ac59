//! An hour with the program on one real session: train, pin, break a sensor, keep and try that, write a figure, go back in
//! time, and play a lesson.

use std::time::{Duration, Instant};

use egui::{Event as UiEvent, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::{Action, Exported};
use fusionscope::lesson::lessons;
use fusionscope::panes::PaneKind;
use fusionscope::store::Store;
use fusionscope::workbench::Workbench;
use fusionscope_engine::data::scene::{SceneSettings, write_dataset};
use fusionscope_engine::protocol::{Degradation, SensorChange, Stroke, Touch};

use super::session::{open_window, press, wait};
use super::whole::perform;

/// What of the store belongs to the request in force.
fn is_answered(store: &Store) -> bool {
    store.scene.shown().is_some_and(|shown| shown.view.request == store.scene.request())
}

/// Chooses a form, types where to, saves, and waits for the file.
fn save(harness: &mut Harness<'_, Workbench>, path: &std::path::Path, form: &str) {
    harness.get_by_label(form).click();
    harness.run_steps(2);
    harness.get_by_label("Path").focus();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(UiEvent::Text(path.display().to_string()));
    harness.run_steps(2);
    harness.get_by_label("Save").click();
    let begun = Instant::now();
    while !path.exists() || harness.query_by_label("Path").is_some() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{} was not written", path.display());
        std::thread::sleep(Duration::from_millis(5));
        harness.run_steps(1);
    }
}

#[test]
fn an_hour_with_the_program_from_train_to_the_end_of_lesson_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let scenes = SceneSettings { seed: 5, train: 4, val: 2, test: 2, width: 48, height: 32 };
    write_dataset(&data, &scenes, &mut |_, _| std::ops::ControlFlow::Continue(())).expect("a data set");
    let mut harness = open_window(folder.path(), data);
    press(&mut harness, "Pin the scene");
    press(&mut harness, "Train");
    wait(&mut harness, "the student phase, and pages of the scene", |store| {
        store.curves.phases().len() == 2 && store.scene.time.steps().len() >= 2
    });

    press(&mut harness, "Drop thermal");
    perform(&mut harness, Action::OpenCard(0));
    let stroke = Stroke { touch: Touch::Black, radius: 0.1, points: vec![[0.5, 0.5], [0.7, 0.5]] };
    let change =
        SensorChange { degraded: [(Degradation::Fog, 0.6)].into(), brush: vec![stroke], ..SensorChange::default() };
    perform(&mut harness, Action::ChangeSensor { sensor: "colour".to_owned(), change });
    wait(&mut harness, "what fog and brush change while the run trains", |store| {
        is_answered(store) && store.scene.shown().is_some_and(|shown| !shown.view.effects.is_empty())
    });
    perform(&mut harness, Action::KeepWhatIf("a foggy night".to_owned()));
    perform(&mut harness, Action::ApplyWhatIf);
    wait(&mut harness, "what it comes to on the split", |store| !store.scene.supposing.reports.is_empty());
    let report = &harness.state().store().scene.supposing.reports[0];
    assert_eq!((report.what_if.name.as_str(), report.scores[0][1].scenes), ("a foggy night", 2));

    for (form, begins) in [("PNG", &b"\x89PNG"[..]), ("SVG", b"<svg"), ("PDF", b"%PDF-")] {
        let path = folder.path().join(format!("figure.{}", form.to_lowercase()));
        perform(&mut harness, Action::Export(Exported::pane(PaneKind::Inspect)));
        save(&mut harness, &path, form);
        assert!(std::fs::read(&path).expect("a figure").starts_with(begins), "{form}");
    }

    perform(&mut harness, Action::NextScene);
    press(&mut harness, "Pin the scene");
    wait(&mut harness, "the other scene", is_answered);
    perform(&mut harness, Action::Export(Exported::pane(PaneKind::Inspect)));
    wait(&mut harness, "what the network makes of both pinned scenes", |store| store.figured.views().is_some());
    harness.get_by_label("What is exported").click();
    harness.run_steps(2);
    // It lies below all pictures, where a pointer would have to scroll to.
    harness.get_by_label("Figure of the pinned scenes, as papers print them").click_accesskit();
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    let path = folder.path().join("figure.csv");
    save(&mut harness, &path, "CSV");
    let (store, rows) = (harness.state().store(), std::fs::read_to_string(path).expect("a table"));
    let ids = &store.split().expect("a split").ids;
    assert!(ids.len() == 2 && ids.iter().all(|id| rows.contains(id.as_str())), "{ids:?}: {rows}");
    assert!(store.figured.asked().is_empty(), "nobody waits for them any more");

    perform(&mut harness, Action::PreviousScene);
    perform(&mut harness, Action::GoToTime(Some(0)));
    wait(&mut harness, "the first page of the scene, while the run trains", |store| {
        is_answered(store) && store.scene.shown().is_some_and(|shown| shown.view.step == Some(0))
    });
    let store = harness.state().store();
    assert!(store.scene.what_if.is_empty(), "what was seen then was seen by all sensors");
    perform(&mut harness, Action::GoToTime(None));
    press(&mut harness, "Stop the run");
    wait(&mut harness, "the run has ended", Store::is_at_rest);

    perform(&mut harness, Action::OpenLesson(0));
    let steps = lessons()[0].steps.len();
    let begun = Instant::now();
    while harness.state().store().lesson.at.is_some_and(|at| at.lesson == 0) {
        harness.key_press(Key::PageDown);
        harness.run_steps(2);
        wait(&mut harness, "the lesson's button has done its work", |store| store.lesson.doing.is_empty());
        let at = harness.state().store().lesson.at;
        assert!(begun.elapsed() < Duration::from_mins(3), "stays at {at:?} of {steps} steps");
    }
}
