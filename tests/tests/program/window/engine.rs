//! The engine's menu, and what the window does when its engine is gone.

use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::link::{Engines, Place, Scripted, ScriptedEngines, Seat, Starting};
use fusionscope::store::{Recovery, Store};
use fusionscope::workbench::{Launch, Workbench};
use fusionscope_engine::protocol::{Command, Event, Failure, FailureKind, SessionState};
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::recipe::catalogue::data;
use fusionscope_engine::session::DeviceChoice;

use super::scripts;
use super::session::{press, wait};
use super::whole::perform;
use crate::support::{Bench, only_run_in, program, step_lines};

const RUN: &str = "runs/2026-11-21-ogp-net-demo";

/// A window with a run under way whose engine sits there, and who starts others.
fn window(place: Place) -> (Harness<'static, Workbench>, Scripted, ScriptedEngines) {
    let (script, engines) = (Scripted::default(), ScriptedEngines::default());
    let (engine, given) = (script.clone(), engines.clone());
    let mut harness =
        Harness::builder().with_size([1500.0, 980.0]).with_accessibility_check(false).build_eframe(move |cc| {
            Workbench::new(&cc.egui_ctx, None, Box::new(engine), Launch::default())
                .with_engines(Box::new(given), Seat::at(place))
        });
    for event in scripts::opening() {
        script.say(event);
    }
    script.say(Event::Checkpoint { step: 40, path: "runs/checkpoints/step-40".into() });
    harness.run_steps(3);
    (harness, script, engines)
}

/// What an engine was told of runs, data and recipes.
fn told(script: &Scripted) -> Vec<String> {
    let is_of_work = |command: &Command| {
        !matches!(
            command,
            Command::View(_)
                | Command::Shelf(_)
                | Command::Gallery(_)
                | Command::SetViewBudget { .. }
                | Command::ScoreScenes
        )
    };
    let words = |command: Command| match command {
        Command::LoadRecipe { recipe } => format!("recipe with {}", recipe.get(data::BATCH_SIZE)),
        Command::LoadData { path } => format!("data {}", path.display()),
        Command::OpenRun { path, data } => format!("open {} on {}", path.display(), data.unwrap_or_default().display()),
        other => format!("{other:?}"),
    };
    script.sent().into_iter().filter(is_of_work).map(words).collect()
}

/// Whether the window says so, wherever it does.
fn is_told(harness: &Harness<'_, Workbench>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

fn store<'a>(harness: &'a Harness<'_, Workbench>) -> &'a Store {
    harness.state().store()
}

#[test]
fn an_engine_moves_at_once_where_nothing_is_under_way_and_takes_up_what_is_open() {
    let (mut harness, script, engines) = window(Place::Here);
    script.say(Event::State(SessionState::Finished));
    harness.run_steps(3);
    press(&mut harness, "Engine");
    harness.run_steps(3);
    harness.get_by_label("As a process of its own").click();
    harness.run_steps(3);
    let (seat, other) = engines.newest().expect("another engine");
    assert_eq!(seat, Seat::at(Place::Process));
    assert_eq!(store(&harness).engine.seat, seat);
    let batch = store(&harness).recipe.get(data::BATCH_SIZE);
    let opened = format!("open {RUN} on datasets-sample");
    assert_eq!(told(&other), ["data datasets-sample".to_owned(), opened, format!("recipe with {batch}")]);
    assert!(!told(&script).contains(&"Stop".to_owned()));
    // The window goes on with it: it asks for pictures anew.
    assert!(other.sent().iter().any(|command| matches!(command, Command::View(_))));
}

#[test]
fn an_engine_with_a_run_under_way_is_moved_when_that_was_asked_and_the_run_has_stopped() {
    let (mut harness, script, engines) = window(Place::Here);
    perform(&mut harness, Action::UseEngine(Place::Process));
    assert_eq!(engines.count(), 0);
    harness.get_by_label("Cancel").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("Move the engine?").is_none() && !told(&script).contains(&"Stop".to_owned()));

    perform(&mut harness, Action::UseEngine(Place::Process));
    harness.get_by_label("Stop and move").click();
    harness.run_steps(3);
    assert_eq!((engines.count(), told(&script).last().map(String::as_str)), (0, Some("Stop")));
    script.say(Event::State(SessionState::Stopped { step: 44, of: 700 }));
    harness.run_steps(3);
    let (_, other) = engines.newest().expect("another engine");
    let told = told(&other);
    assert_eq!(told[1..], [format!("open {RUN} on datasets-sample"), "ResumeRun".to_owned()]);
}

#[test]
fn a_run_that_could_not_be_saved_keeps_its_engine() {
    let (mut harness, script, engines) = window(Place::Here);
    perform(&mut harness, Action::MoveEngine(Place::Process));
    script.say(Event::Unsaved(Some(Failure::refused("the disk is full"))));
    script.say(Event::State(SessionState::Stopped { step: 44, of: 700 }));
    harness.run_steps(3);
    assert_eq!((engines.count(), store(&harness).engine.seat.place.clone()), (0, Place::Here));
    assert!(is_told(&harness, "The engine stays where it is"));
}

fn die(script: &Scripted) {
    let text = "The engine is gone: it was killed (signal 9): by hand, or by the system for want of memory";
    script.die(Failure::new(FailureKind::Broken, text), &["wgpu error: device lost", "note: an abort follows"]);
}

#[test]
fn the_window_outlives_its_engine_and_says_what_happened_and_what_helps() {
    let (mut harness, script, engines) = window(Place::Process);
    script.say(Event::Steps((1..=44).map(scripts::step).collect()));
    harness.run_steps(3);
    perform(&mut harness, Action::EndEngine);
    assert!(script.was_ended());
    die(&script);
    harness.run_steps(3);
    assert!(harness.query_by_label("The engine is gone").is_some());
    for words in ["signal 9", "checkpoint of step 40", "device lost"] {
        assert!(is_told(&harness, words), "{words}");
    }
    // What was seen stays in sight, and nothing is said to nobody.
    assert_eq!(store(&harness).curves.progress().last().map(|last| last.step), Some(44));
    assert!(store(&harness).is_at_rest() && harness.query_by_label("Resume on the processor").is_none());
    let said = script.sent().len();

    harness.get_by_label("Leave it").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("The engine is gone").is_none());
    perform(&mut harness, Action::NextScene);
    assert_eq!((engines.count(), script.sent().len()), (0, said));
    assert!(is_told(&harness, "its menu in the bar starts it again"));

    perform(&mut harness, Action::Recover(Recovery::GoOn));
    let (seat, other) = engines.newest().expect("another engine");
    assert_eq!(seat, Seat::at(Place::Process));
    assert_eq!(told(&other)[1..], [format!("open {RUN} on datasets-sample"), "ResumeRun".to_owned()]);
    other.say(Event::State(SessionState::Training));
    harness.run_steps(3);
    assert_eq!((&store(&harness).state, store(&harness).engine.lost.is_none()), (&SessionState::Training, true));
}

#[test]
fn an_engine_that_dies_again_while_it_takes_the_run_up_leaves_the_run_to_the_next() {
    let (mut harness, script, engines) = window(Place::Process);
    die(&script);
    harness.run_steps(3);
    for count in 1..4 {
        harness.get_by_label("Start it again and resume").click();
        harness.run_steps(3);
        let (_, other) = engines.newest().expect("another engine");
        assert_eq!((engines.count(), told(&other).last().map(String::as_str)), (count, Some("ResumeRun")));
        other.say(Event::State(SessionState::Preparing { what: "Opening the run".to_owned(), done: 0, total: 0 }));
        other.say(Event::State(SessionState::Idle));
        harness.run_steps(3);
        die(&other);
        harness.run_steps(3);
    }
}

#[test]
fn a_held_run_is_held_again_and_another_way_needs_less_memory_or_no_driver() {
    let (mut harness, script, engines) = window(Place::Process);
    let network = scripts::opening().into_iter().find_map(|event| match event {
        Event::Network(network) => Some(network),
        _ => None,
    });
    let mut network = network.expect("a network");
    network.device = "NVIDIA A2 (vulkan)".to_owned();
    script.say(Event::Network(network));
    script.say(Event::State(SessionState::Paused));
    harness.run_steps(3);
    die(&script);
    harness.run_steps(3);
    harness.get_by_label("Resume on the processor").click();
    harness.run_steps(3);
    let (seat, other) = engines.newest().expect("another engine");
    assert_eq!(seat, Seat { place: Place::Process, device: DeviceChoice::Cpu });
    assert_eq!(told(&other)[2..], ["ResumeRun", "Pause"]);

    let (mut harness, script, engines) = window(Place::Process);
    let batch = store(&harness).recipe.get(data::BATCH_SIZE);
    die(&script);
    harness.run_steps(3);
    harness.get_by_label_contains("Begin anew with ").click();
    harness.run_steps(3);
    let (_, other) = engines.newest().expect("another engine");
    assert_eq!(told(&other)[2..], [format!("recipe with {}", batch / 2), "Start".to_owned()]);
}

#[test]
fn an_engine_of_another_version_is_not_started_again_but_replaced_by_this_process() {
    let (mut harness, script, engines) = window(Place::Process);
    let text = "The engine there is version 9.9.9 (messages 4) and this program is version 0.1.0 (messages 1)";
    script.die(Failure::new(FailureKind::Incompatible, text), &[]);
    harness.run_steps(3);
    assert!(is_told(&harness, "version 9.9.9"));
    assert!(harness.query_by_label("Start it again and resume").is_none());
    engines.refuse("the system is out of threads");
    harness.get_by_label("Resume in this process").click();
    harness.run_steps(3);
    assert!(store(&harness).engine.lost.is_some() && is_told(&harness, "out of threads"));
}

#[test]
fn a_window_whose_engine_is_killed_resumes_the_run_to_the_same_figures() {
    let bench = Bench::new("training.checkpoint_every = 4\ntraining.steps = 40\nteacher.steps = 3");
    let undisturbed = step_lines(&bench.train("undisturbed").ends_with(0).run_folder());
    let runs = bench.beside("runs");
    let mut engines =
        Starting { program: Some(program().to_owned()), runs: runs.clone(), paint: None, wake: Arc::new(|| {}) };
    let seat = Seat { place: Place::Process, device: DeviceChoice::Cpu };
    let engine = engines.start(&seat).expect("an engine");
    let recipe = Recipe::read(&bench.recipe).expect("the tests' recipe");
    let launch = Launch { data: Some(bench.data.path.clone()), recipe: Some(recipe), ..Launch::default() };
    let mut harness =
        Harness::builder().with_size([1500.0, 980.0]).with_accessibility_check(false).build_eframe(move |cc| {
            Workbench::new(&cc.egui_ctx, None, engine, launch).with_engines(Box::new(engines), seat)
        });
    wait(&mut harness, "the data are open", |store| store.dataset.is_some());
    press(&mut harness, "Train");
    wait(&mut harness, "a checkpoint", |store| store.checkpoint.is_some());
    perform(&mut harness, Action::EndEngine);
    wait(&mut harness, "the engine is gone", |store| store.engine.lost.is_some());
    harness.run_steps(3);
    if harness.query_by_label("Start it again and resume").is_some() {
        press(&mut harness, "Start it again and resume");
    } else {
        // It was quicker than the hand, and nothing is left to go on with.
        press(&mut harness, "Start it again");
    }
    wait(&mut harness, "the run is at its end", |store| {
        let at_end = store.curves.progress().last().is_some_and(|last| last.step == last.total_steps);
        at_end && store.is_at_rest() && store.engine.lost.is_none()
    });
    let run_folder = only_run_in(&runs);
    assert_eq!(step_lines(&run_folder), undisturbed);
}
