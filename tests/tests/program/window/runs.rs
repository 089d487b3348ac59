//! Runs and their data in the window: resuming, lists of runs, data that have gone, classes that are mapped by name.

use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope_engine::protocol::{
    Command, EvaluationReport, Event, Failure, FailureKind, Figure, Level, NetworkSummary, Quantity, RunScore,
    RunState, RunSummary, SessionState, StepReport, Subject,
};

use super::panes::stage;
use super::scripts;
use super::whole::{perform, window};

#[test]
fn a_stopped_run_is_resumed_by_the_button_that_stands_out() {
    let (mut harness, script) = window();
    script.say(Event::Steps(vec![scripts::step(150)]));
    script.say(Event::State(SessionState::Stopped { step: 150, of: 700 }));
    harness.run_steps(3);
    assert!(harness.query_all_by_label("Stopped at step 150 of 700").next().is_some());
    assert!(harness.query_all_by_label("Finished").next().is_none());
    harness.get_all_by_label("Resume").next().expect("the main button").click();
    harness.run_steps(2);
    assert_eq!(script.sent().last(), Some(&Command::ResumeRun));
    harness.key_press(egui::Key::Space);
    harness.run_steps(2);
    let resumed = script.sent().iter().filter(|command| **command == Command::ResumeRun).count();
    assert!(resumed >= 2, "the space bar does the same");
}

#[test]
fn a_folder_of_runs_is_a_list_that_one_is_chosen_from() {
    let (mut harness, script) = window();
    script.say(Event::State(SessionState::Finished));
    let run = |name: &str, step, state| RunSummary {
        path: format!("runs/{name}").into(),
        name: name.to_owned(),
        started: "2026-11-21T08:15:00Z".to_owned(),
        dataset: "sample".to_owned(),
        step,
        steps: 1500,
        state,
        score: Some(RunScore { split: "test".to_owned(), miou: 0.614 }),
    };
    let runs = vec![
        run("monday-run", 1500, RunState::Complete),
        run("tuesday-run", 412, RunState::Incomplete),
        run("torn-run", 0, RunState::Unreadable("the recipe does not read".to_owned())),
    ];
    script.say(Event::Runs { path: "runs".into(), runs });
    harness.run_steps(3);
    for words in ["412 of 1,500", "incomplete", "complete", "not readable"] {
        assert!(harness.query_all_by_label(words).next().is_some(), "{words}");
    }
    assert!(harness.query_all_by_label("61.4 % (test)").next().is_some());
    assert!(harness.query_all_by_label("2026-11-21 08:15").next().is_some());
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.get_by_label("torn-run").click();
    harness.run_steps(2);
    assert!(harness.query_by_label("tuesday-run").is_some(), "what cannot be read is not chosen");
    harness.get_by_label("tuesday-run").click();
    harness.run_steps(3);
    assert_eq!(script.sent().last(), Some(&Command::OpenRun { path: "runs/tuesday-run".into(), data: None }));
    assert!(harness.query_by_label("tuesday-run").is_none());
}

#[test]
fn the_data_of_a_run_are_asked_for_where_they_have_gone() {
    let (mut harness, script) = window();
    script.say(Event::State(SessionState::Idle));
    let failure = Failure::new(FailureKind::Unreadable, "Could not read the data set: it is not there");
    script.say(Event::DataGone { path: "/data/streets".into(), failure });
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("where is it now?").is_some());
    assert!(harness.query_all_by_label("Open a data set").next().is_some());
}

#[test]
fn classes_of_other_data_are_mapped_by_picking_names() {
    let (mut harness, script) = window();
    let known = || ["street", "person", "car"].map(str::to_owned).to_vec();
    script.say(Event::State(SessionState::Finished));
    harness.run_steps(2);
    assert!(!Action::MapClasses.enabled(harness.state().store()), "the network has the data's classes");
    script.say(Event::Network(NetworkSummary {
        sensors: vec!["colour".to_owned(), "thermal".to_owned()],
        heads: vec!["fused".to_owned()],
        classes: known(),
        ..NetworkSummary::default()
    }));
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("Class street shown").is_some(), "the legend names the network's classes");
    assert!(harness.query_by_label_contains("Class road shown").is_none());

    perform(&mut harness, Action::MapClasses);
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.get_by_label("The network's class for road").click();
    harness.run_steps(3);
    harness.get_by_label("street").click();
    harness.run_steps(3);
    harness.get_by_label("Use this map").click();
    harness.run_steps(3);
    let mut picks = vec![None; 10];
    (picks[0], picks[5], picks[6]) = (Some(0), Some(2), Some(1));
    let file = "class-maps/sample.toml".into();
    assert_eq!(script.sent().last(), Some(&Command::JoinClasses { picks, file }));
}

#[test]
fn a_message_goes_with_its_cause() {
    let (mut harness, script) = window();
    let full = "The disk is full";
    script.say(Event::Notice { about: Subject::Checkpoint, level: Level::Warning, text: full.to_owned() });
    harness.run_steps(2);
    assert!(harness.query_all_by_label(full).next().is_some());
    script.say(Event::Checkpoint { step: 6, path: "runs/a/checkpoints/6".into() });
    harness.run_steps(2);
    assert!(harness.query_by_label("Put the message away").is_none());
}

#[test]
fn an_evaluation_is_chosen_from_the_list_of_the_run_s() {
    let mut store = scripts::running(300);
    let zeros = EvaluationReport { missing: "zeros".to_owned(), ..scripts::evaluation(300) };
    store.apply(Event::Evaluation(zeros));
    let test = EvaluationReport { split: "test".to_owned(), ..scripts::evaluation(300) };
    store.apply(Event::Evaluation(test));
    let mut harness = stage(PaneKind::Metrics, store, Theme::Dark, [330.0, 760.0]);
    harness.run_steps(2);
    assert!(harness.query_by_label("test · step 300").is_some(), "the newest");
    harness.get_by_label("Evaluations").click();
    harness.run_steps(3);
    harness.get_by_label_contains("val · step 300 · missing: zeros").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("val · step 300").is_some());
    assert!(harness.query_by_label("test · step 300").is_none());
}

#[test]
fn a_row_of_the_recipe_says_that_its_switch_has_nothing_to_act_on() {
    let mut store = scripts::running(150);
    let mut harness = stage(PaneKind::Recipe, scripts::running(150), Theme::Dark, [300.0, 760.0]);
    harness.run_steps(2);
    assert!(harness.query_by_label("0 of 1,312 channels exchanged").is_none());
    let terms = vec![Figure::new("exchange.channel.share", Quantity::Share, 0.0)];
    store.apply(Event::Steps(vec![StepReport { terms, ..scripts::step(151) }]));
    let mut harness = stage(PaneKind::Recipe, store, Theme::Dark, [300.0, 760.0]);
    harness.run_steps(2);
    assert!(harness.query_by_label("0 of 1,312 channels exchanged").is_some());
}

#[test]
fn the_card_of_the_curves_shows_no_value_of_a_term_that_did_not_exist_at_the_step() {
    let mut harness = stage(PaneKind::Curves, scripts::running(150), Theme::Dark, [980.0, 260.0]);
    harness.run_steps(3);
    let mut dashes = |x| {
        harness.hover_at(egui::pos2(x, 150.0));
        harness.run_steps(4);
        harness.query_all_by_label("–").count()
    };
    // Of six loss terms the teacher has two, its total among them.
    let (teacher, student) = (dashes(140.0), dashes(520.0));
    assert_eq!((teacher, student), (5, 0));
}

#[test]
fn the_teacher_s_steps_can_be_left_out_of_the_axis() {
    let mut harness = stage(PaneKind::Curves, scripts::running(50), Theme::Dark, [980.0, 260.0]);
    harness.run_steps(2);
    assert!(harness.query_by_label("Student only").is_none(), "there is no other phase yet");
    let mut harness = stage(PaneKind::Curves, scripts::running(150), Theme::Dark, [980.0, 260.0]);
    harness.run_steps(2);
    harness.get_by_label("Student only").click();
    harness.run_steps(3);
    harness.hover_at(egui::pos2(100.0, 150.0));
    harness.run_steps(4);
    assert!(harness.query_by_label_contains("teacher").is_none());
    assert!(harness.query_by_label_contains(" · student").is_some());
}
