use fusionscope_engine::protocol::{
    EvaluationReport, Event, FailureKind, Happening, Level, ModalitySummary, Phase, Recorded, StepReport, Subject,
    SubsetScores,
};
use fusionscope_engine::recipe::Value;
use fusionscope_engine::recipe::catalogue::{data, objective, sensors, training};

use super::*;
use crate::action::Action;

#[test]
fn another_run_begins_with_empty_curves() {
    let mut store = Store::default();
    let step = |step| StepReport { step, total_steps: 100, secs: 0.1, ..StepReport::default() };
    let run = |path: &str| Event::Run { path: path.into(), checkpoint: None };
    store.apply(run("runs/a"));
    store.apply(Event::Steps(vec![step(1), step(2)]));
    assert_eq!(store.curves.progress().last().map(|last| last.step), Some(2));
    store.apply(run("runs/b"));
    assert!(store.curves.progress().last().is_none());
}

#[test]
fn only_an_unfinished_run_can_be_resumed() {
    let mut store = Store::default();
    assert!(!store.can_resume());
    store.apply(Event::Run { path: "runs/a".into(), checkpoint: Some(4) });
    assert!(store.can_resume() && Action::Resume.enabled(&store));
    assert_eq!(store.checkpoint, Some(4));
    store.apply(Event::Steps(vec![StepReport { step: 9, total_steps: 9, ..StepReport::default() }]));
    assert!(!store.can_resume());
    store.apply(Event::Model { path: "demo.safetensors".into() });
    assert!(!store.can_resume() && store.run.is_none() && store.curves.steps().is_none());
}

#[test]
fn edits_that_the_session_has_not_answered_stay() {
    let mut store = Store::default();
    let mut running = store.recipe.clone();
    store.apply(Event::Recipe(running.clone()));
    store.recipe.put(data::BATCH_SIZE, 2).unwrap();
    store.recipe.put(objective::contrast::WEIGHT, 0.5).unwrap();
    running.put(objective::contrast::WEIGHT, 0.25).unwrap();
    running.put(training::CLIP_NORM, 1.0).unwrap();
    store.apply(Event::Recipe(running));
    assert_eq!(store.recipe.get(data::BATCH_SIZE), 2);
    assert_eq!(store.recipe.get(objective::contrast::WEIGHT), 0.5);
    assert_eq!(store.recipe.get(training::CLIP_NORM), 1.0);
    assert_eq!(store.pending(), 1);
}

#[test]
fn an_opened_run_brings_its_own_recipe() {
    let mut store = Store::default();
    store.recipe.put(data::BATCH_SIZE, 2).unwrap();
    store.apply(Event::Recipe(preset("baseline-demo").unwrap()));
    assert_eq!(*store.recipe, preset("baseline-demo").unwrap());
    assert_eq!(store.origin.name, "baseline-demo");
}

#[test]
fn a_reopened_run_counts_no_change_that_was_never_made() {
    let sensor = |name: &str| ModalitySummary { name: name.to_owned(), kind: name.to_owned(), ..Default::default() };
    let modalities = ["colour", "thermal", "depth"].map(sensor).to_vec();
    let data = DatasetSummary { modalities, ..Default::default() };
    let of_run = |sensors: &str| {
        let mut recipe = preset("baseline-demo").unwrap();
        recipe.set_text("sensors.use", sensors).unwrap();
        recipe
    };
    // The data set comes first or last.
    for data_first in [true, false] {
        let mut store = Store::default();
        let events = [Event::Dataset(data.clone()), Event::Recipe(of_run("colour,thermal"))];
        let turned = usize::from(!data_first);
        for place in [turned, 1 - turned] {
            store.apply(events[place].clone());
        }
        assert!(!store.is_edited(), "{:?}", store.findings().changes);
        // Neither does the next one, on data without these sensors.
        let modalities = ["colour", "disparity"].map(sensor).to_vec();
        store.apply(Event::Dataset(DatasetSummary { modalities, ..Default::default() }));
        assert!(!store.is_edited(), "{:?}", store.findings().changes);
    }
    // Other sensors than the data set's first were chosen by somebody.
    let mut store = Store::default();
    store.apply(Event::Dataset(data));
    store.apply(Event::Recipe(of_run("colour,depth")));
    assert_eq!(store.findings().changes.len(), 1);
}

#[test]
fn what_a_run_recorded_is_drawn_live_and_again_when_it_is_opened() {
    let off = Happening::Change {
        key: "exchange.channel.enabled".to_owned(),
        old: Value::Switch(true),
        new: Value::Switch(false),
    };
    let entry = |step, what: &Happening| Recorded { at: String::new(), step, what: what.clone() };
    let entries = vec![
        entry(0, &Happening::Start { phase: Phase::Student }),
        entry(2, &off),
        entry(3, &Happening::Evaluation { split: "val".to_owned() }),
        entry(4, &Happening::Pause),
    ];
    let changed: Vec<_> = entries.iter().filter_map(Recorded::change).collect();
    let marks = |store: &Store| -> Vec<(u64, String)> {
        store.curves.marks().iter().map(|mark| (mark.step, mark.label.clone())).collect()
    };
    let run = |path: &str| Event::Run { path: path.into(), checkpoint: None };
    let mut live = Store::default();
    live.apply(run("runs/a"));
    for entry in &entries {
        live.apply(Event::Recorded(vec![entry.clone()]));
    }
    live.apply(Event::Changed(changed.clone()));
    let mut opened = Store::default();
    opened.apply(run("runs/a"));
    opened.apply(Event::Recorded(entries));
    opened.apply(Event::Changed(changed));
    let expected = [(0, "start, student phase"), (2, "channel exchange off"), (4, "paused")];
    assert_eq!(marks(&live), expected.map(|(step, label)| (step, label.to_owned())));
    assert_eq!(marks(&live), marks(&opened));
    assert_eq!((live.curves.changes().len(), opened.curves.changes().len()), (1, 1));
    opened.apply(run("runs/b"));
    assert!(marks(&opened).is_empty() && opened.curves.changes().is_empty());
}

#[test]
fn a_recipe_that_names_sensors_of_other_data_is_freed_from_them() {
    let sensor = |name: &str| ModalitySummary { name: name.to_owned(), kind: name.to_owned(), ..Default::default() };
    let data = DatasetSummary { modalities: vec![sensor("colour"), sensor("disparity")], ..Default::default() };
    let mut named = preset("baseline-demo").unwrap();
    named.set_text("sensors.use", "colour,thermal").unwrap();

    let mut store = Store::default();
    store.apply(Event::Recipe(named.clone()));
    assert_eq!(store.recipe.get(sensors::USE).len(), 2);
    store.apply(Event::Dataset(data.clone()));
    assert!(store.recipe.get(sensors::USE).is_empty());
    assert!(store.uses_sensor("disparity"));
    assert!(store.log.entries().any(|entry| entry.text.contains("`thermal`")));

    let mut store = Store::default();
    store.apply(Event::Dataset(data));
    store.apply(Event::Recipe(named));
    assert!(store.recipe.get(sensors::USE).is_empty());
}

#[test]
fn the_second_sensor_joins_after_the_teacher_phase() {
    let sensor = |name: &str| ModalitySummary { name: name.to_owned(), kind: name.to_owned(), ..Default::default() };
    let modalities = vec![sensor("colour"), sensor("thermal"), sensor("depth")];
    let mut store = Store::default();
    store.apply(Event::Dataset(DatasetSummary { modalities, ..Default::default() }));
    store.apply(Event::Network(NetworkSummary { sensors: vec!["colour".to_owned()], ..Default::default() }));
    store.apply(Event::State(SessionState::Training));
    let step = StepReport { phase: Phase::Teacher, step: 1, total_steps: 9, ..StepReport::default() };
    store.apply(Event::Steps(vec![step]));
    assert!(store.joins_later("thermal"));
    assert!(!store.joins_later("colour") && !store.joins_later("depth"));
}

#[test]
fn a_finished_run_whose_checkpoint_could_not_be_written_can_be_saved_again() {
    let mut store = Store::default();
    let step = |step| StepReport { step, total_steps: 9, ..StepReport::default() };
    store.apply(Event::Run { path: "runs/a".into(), checkpoint: None });
    store.apply(Event::State(SessionState::Training));
    store.apply(Event::Checkpoint { step: 4, path: "runs/a/checkpoints/4".into() });
    store.apply(Event::Steps(vec![step(9)]));
    store.apply(Event::Unsaved(Some(Failure::new(FailureKind::Broken, "no space left"))));
    store.apply(Event::State(SessionState::Finished));
    assert!(Action::SaveCheckpoint.enabled(&store));
    assert_eq!(Action::SaveCheckpoint.title(&store), "Save the run again");
    store.apply(Event::Checkpoint { step: 9, path: "runs/a/checkpoints/9".into() });
    store.apply(Event::Unsaved(None));
    assert!(!Action::SaveCheckpoint.enabled(&store), "there is nothing left to save");
}

#[test]
fn only_steps_that_were_taken_here_and_with_these_data_tell_how_long_the_next_run_takes() {
    let data = |path: &str| Event::Dataset(DatasetSummary { path: path.into(), ..DatasetSummary::default() });
    let step = |step| Event::Steps(vec![StepReport { step, total_steps: 9, secs: 0.1, ..StepReport::default() }]);
    let mut store = Store::default();
    store.apply(data("a"));
    store.apply(Event::Run { path: "runs/a".into(), checkpoint: None });
    store.apply(step(1));
    assert!(!store.is_timed(), "an opened run may be another machine's");
    store.apply(Event::State(SessionState::Training));
    store.apply(step(2));
    assert!(store.is_timed());
    store.apply(data("b"));
    assert!(!store.is_timed());
}

#[test]
fn evaluations_edits_and_resumes_are_lines_of_the_log_and_the_past_of_an_opened_run_is_not() {
    let mut store = Store::default();
    let report = |step| {
        let scores = SubsetScores {
            sensors: vec!["colour".to_owned()],
            miou: Some(0.614),
            scenes: 1,
            ..SubsetScores::default()
        };
        let (split, convention) = ("val".to_owned(), "nanmean".to_owned());
        Event::Evaluation(EvaluationReport { split, step, convention, subsets: vec![scores], ..Default::default() })
    };
    let change = |old, new| {
        let [old, new] = [old, new].map(Value::Switch);
        let what = Happening::Change { key: "objective.contrast.enabled".to_owned(), old, new };
        Event::Recorded(vec![Recorded { at: String::new(), step: 7, what }])
    };
    let said = |store: &Store| store.log.entries().map(|entry| entry.text.clone()).collect::<Vec<_>>();
    store.apply(Event::Run { path: "runs/a".into(), checkpoint: None });
    store.apply(Event::State(SessionState::Preparing { what: "Opening".to_owned(), done: 0, total: 0 }));
    store.apply(Event::Steps(vec![StepReport { step: 6, total_steps: 9, ..StepReport::default() }]));
    store.apply(report(5));
    store.apply(change(true, false));
    assert_eq!(said(&store), Vec::<String>::new(), "what a run has behind it is no news");
    store.tell_edit("data.batch_size", "4", "2");
    store.apply(Event::State(SessionState::Training));
    store.apply(change(false, true));
    store.tell_edit("objective.contrast.weight", "1", "0.5");
    store.apply(report(7));
    assert_eq!(
        said(&store),
        [
            "data.batch_size: 4 → 2",
            "The run was resumed at step 6",
            "objective.contrast.enabled: off → on",
            "Evaluated val at step 7: mIoU 61.4 % (nanmean) with colour, 1 scene in 0 ms",
        ]
    );
}

#[test]
fn the_banner_holds_the_newest_message_until_its_cause_is_gone_and_never_an_older_one_again() {
    let mut store = Store::default();
    let shown = |store: &Store| store.alert.as_ref().map(|alert| alert.text.clone());
    let notice = |about, level, text: &str| Event::Notice { about, level, text: text.to_owned() };
    store.apply(Event::State(SessionState::Failed(Failure::new(FailureKind::Broken, "a fault"))));
    assert_eq!(shown(&store).as_deref(), Some("a fault"));
    store.apply(notice(Subject::Checkpoint, Level::Warning, "the disk is full"));
    assert_eq!(shown(&store).as_deref(), Some("the disk is full"));
    // What succeeds elsewhere leaves it.
    store.apply(Event::Steps(vec![StepReport::default()]));
    assert_eq!(shown(&store).as_deref(), Some("the disk is full"));
    store.apply(Event::Checkpoint { step: 4, path: "runs/a/checkpoints/4".into() });
    assert_eq!(shown(&store), None, "neither it nor the one before");
    assert_eq!(store.log.entries().filter(|entry| entry.level != Level::Info).count(), 2);

    store.apply(notice(Subject::Record, Level::Warning, "the metrics cannot be written"));
    store.apply(notice(Subject::Record, Level::Info, "the metrics can be written again"));
    assert_eq!(shown(&store), None);
    store.apply(Event::Failure { about: Subject::Data, failure: Failure::refused("no such folder") });
    store.apply(Event::Dataset(DatasetSummary::default()));
    assert_eq!(shown(&store), None);
    for text in ["a.png is left out", "b.png is left out", "b.png is left out"] {
        store.apply(notice(Subject::Data, Level::Warning, text));
    }
    let words = store.alert.as_ref().map(Alert::words);
    assert_eq!(words.as_deref(), Some("b.png is left out (and 1 more, in the log)"));
    store.say(Level::Warning, "the last sensor");
    store.settle_action();
    assert_eq!(shown(&store), None);
}

#[test]
fn a_run_that_goes_on_from_an_earlier_step_shows_its_own_evaluations_alone() {
    let mut store = Store::default();
    let report = |step| EvaluationReport { step, split: "val".to_owned(), ..EvaluationReport::default() };
    let run = || Event::Run { path: "runs/a".into(), checkpoint: None };
    store.apply(run());
    for step in [100, 200] {
        store.apply(Event::Evaluation(report(step)));
    }
    store.apply(run());
    store.apply(Event::Evaluation(report(100)));
    let steps: Vec<u64> = store.metrics.reports().iter().map(|report| report.step).collect();
    assert_eq!(steps, [100]);
}

#[test]
fn an_interrupted_run_is_resumed_unless_the_recipe_asks_for_another() {
    let step = |step| Event::Steps(vec![StepReport { step, total_steps: 9, ..StepReport::default() }]);
    let mut store = Store::default();
    assert!(!store.is_interrupted());
    store.apply(Event::Recipe(preset(FIRST_RECIPE).unwrap()));
    store.apply(Event::Run { path: "runs/a".into(), checkpoint: Some(4) });
    store.apply(step(4));
    assert!(store.is_interrupted());
    assert_eq!(store.left_at(), Some((4, 9)));
    store.recipe.put(data::BATCH_SIZE, 2).unwrap();
    assert!(!store.is_interrupted(), "another run was asked for");
    store.recipe.put(data::BATCH_SIZE, preset(FIRST_RECIPE).unwrap().get(data::BATCH_SIZE)).unwrap();
    store.apply(step(9));
    assert!(!store.is_interrupted() && store.left_at().is_none(), "the run is complete");
    store.apply(Event::State(SessionState::Stopped { step: 5, of: 9 }));
    assert_eq!(store.left_at(), Some((5, 9)));
}
