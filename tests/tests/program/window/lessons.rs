//! Lessons: offered once, walked through by keys, and each played to its end on a real session.

use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::lesson::lessons;
use fusionscope::look;
use fusionscope::store::{LessonPlace, Store};
use fusionscope::workbench::{Launch, Workbench};
use fusionscope_engine::protocol::Level;

use super::session::{session_in, wait};

/// The longest step trains a few hundred steps, on a machine that may have other things to do.
const LONGEST_STEP: Duration = Duration::from_mins(15);

/// A window as on a first launch; runs go into `folder`.
fn first_window(folder: &std::path::Path) -> Harness<'static, Workbench> {
    let session = session_in(folder);
    let mut harness = Harness::builder()
        .with_size([1920.0, 1080.0])
        .build_eframe(|cc| Workbench::new(&cc.egui_ctx, None, Box::new(session), Launch::first()));
    wait(&mut harness, "the demo model is open", |store| store.shows_demo() && store.is_at_rest());
    harness
}

#[test]
fn lesson_1_is_offered_to_who_comes_first_and_walked_through_with_a_clicker() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = first_window(folder.path());
    harness.run_steps(2);
    harness.get_by_label("Begin lesson 1").click();
    harness.run_steps(3);
    assert_eq!(harness.state().store().lesson.at, Some(LessonPlace { lesson: 0, step: 0 }));
    assert!(harness.query_by_label("Begin lesson 1").is_none(), "what was taken is offered no more");

    let steps = lessons()[0].steps.len();
    let start = Instant::now();
    loop {
        let at = harness.state().store().lesson.at.expect("the lesson");
        if at.lesson > 0 {
            break;
        }
        harness.key_press(egui::Key::PageDown);
        harness.run_steps(2);
        wait(&mut harness, "the button has done its work", |store| store.lesson.doing.is_empty());
        assert!(start.elapsed() < Duration::from_mins(3), "stays at step {} of {steps}", at.step + 1);
    }
    harness.state_mut().perform(Action::LessonBack, None);
    assert_eq!(harness.state().store().lesson.at, Some(LessonPlace { lesson: 1, step: 0 }), "there is no step before");
}

#[test]
fn the_offer_of_lessons_is_put_away_for_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = first_window(folder.path());
    harness.run_steps(2);
    harness.get_by_label("No, thank you").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("Begin lesson 1").is_none());
    assert!(!harness.state().store().lesson.is_offered);
}

#[test]
fn the_figures_of_a_step_are_seen_on_a_projector_without_scrolling() {
    let folder = tempfile::tempdir().expect("a folder");
    let session = session_in(folder.path());
    // As many points as 1280 × 720 pixels have in the large type of a lecture.
    let size = egui::vec2(1280.0, 720.0) / look::scale_of(true);
    let mut harness = Harness::builder()
        .with_size(size)
        .build_eframe(|cc| Workbench::new(&cc.egui_ctx, None, Box::new(session), Launch::first()));
    wait(&mut harness, "the demo model is open", |store| store.shows_demo() && store.is_at_rest());
    harness.state_mut().perform(Action::OpenLesson(1), None);
    for place in 0..2 {
        harness.run_steps(2);
        assert_eq!(harness.state().store().lesson.at, Some(LessonPlace { lesson: 1, step: place }));
        harness.state_mut().perform(Action::DoLessonStep, None);
        let step = &lessons()[1].steps[place];
        wait(&mut harness, "the step is done", |store| {
            store.lesson_step_is_done() && step.work.read.iter().all(|reading| store.figure(&reading.of).is_some())
        });
        harness.run_steps(3);
        let button = harness.get_by_label(&step.work.press).rect();
        for reading in &step.work.read {
            let figure = harness.get_by_label(&reading.name).rect();
            assert!(figure.bottom() <= button.top(), "{}: {figure:?} is behind {button:?}", reading.name);
        }
        harness.state_mut().perform(Action::LessonNext, None);
    }
}

/// What went wrong, if anything did; what is worth knowing of pretrained weights is no failure.
fn failed(store: &Store) -> Option<&str> {
    store.alert.as_ref().filter(|alert| alert.level == Level::Error).map(|alert| alert.text.as_str())
}

/// Plays a lesson: presses each step's button, waits until it is done, and reads its figures.
#[track_caller]
fn play(harness: &mut Harness<'_, Workbench>, lesson: usize) {
    harness.state_mut().perform(Action::OpenLesson(lesson), None);
    let mut wrong = Vec::new();
    let steps = &lessons()[lesson].steps;
    for (place, step) in steps.iter().enumerate() {
        harness.run_steps(2);
        let at = harness.state().store().lesson.at;
        assert_eq!(at, Some(LessonPlace { lesson, step: place }), "{}", step.title);
        if step.has_button() {
            harness.state_mut().perform(Action::DoLessonStep, None);
            harness.run_steps(2);
        }
        let start = Instant::now();
        loop {
            harness.step();
            let store = harness.state().store();
            let has_figures = step.work.read.iter().all(|reading| store.figure(&reading.of).is_some());
            if store.lesson_step_is_done() && has_figures {
                break;
            }
            assert_eq!(failed(store), None, "{}", step.title);
            let layout = store.embedding.shown(0).map(|view| (&view.stage, view.step));
            let shown = store.scene.shown().map(|shown| (shown.view.request.index, shown.view.step));
            assert!(
                start.elapsed() < LONGEST_STEP,
                "step `{}` is not done: {:?}, at {:?}, layout {layout:?}, scene {shown:?} of {}",
                step.title,
                store.state,
                store.lesson.doing.front(),
                store.scene.index
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        let store = harness.state().store();
        assert_eq!(failed(store), None, "{}", step.title);
        for reading in &step.work.read {
            let found = store.figure(&reading.of).expect("a figure");
            eprintln!("lesson {} · {} · {}: {found:.2}", lesson + 1, step.title, reading.name);
            if !(reading.between[0]..=reading.between[1]).contains(&found) {
                wrong.push(format!("{} · {}: {found} is not in {:?}", step.title, reading.name, reading.between));
            }
        }
        if place + 1 < steps.len() {
            harness.state_mut().perform(Action::LessonNext, None);
        }
    }
    assert_eq!(wrong, [] as [String; 0], "figures of lesson {}", lesson + 1);
}

/// One window for all, as in a lecture: each lesson brings things into the state that it needs.
#[test]
fn every_lesson_can_be_played_to_its_end_and_shows_the_figures_that_it_speaks_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = first_window(folder.path());
    let chosen = std::env::var("FUSIONSCOPE_LESSON").ok().and_then(|text| text.parse::<usize>().ok());
    for lesson in 0..lessons().len() {
        if chosen.is_none_or(|chosen| chosen == lesson + 1) {
            play(&mut harness, lesson);
        }
    }
}
