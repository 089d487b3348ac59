//! What-ifs in whole sessions: that they disturb nothing, that the newest counts, and what they come to on a split.

use std::cell::Cell;
use std::sync::Arc;

use super::Session;
use super::session_tests::{Bench, finished, trace, until};
use crate::fixtures::tiny_recipe;
use crate::protocol::{
    Absence, Command, Content, Degradation, Event, FailureKind, OUTCOME, OtherScene, SceneView, SensorChange,
    SessionState, Stroke, Touch, ViewRequest, WhatIf, WhatIfReport,
};
use crate::recipe::Value;

/// Something of everything that a what-if can suppose; the number makes it another one.
fn supposed(number: i32) -> WhatIf {
    let stroke = Stroke { touch: Touch::Black, radius: 0.1, points: vec![[0.3, 0.3], [0.6, 0.4]] };
    let scene = OtherScene { split: "train".to_owned(), id: "train001N".to_owned() };
    let mut what_if = WhatIf::default();
    let degraded = [(Degradation::ThermalDrift, 0.4)].into();
    let thermal = SensorChange { shift: [number, 1], degraded, brush: vec![stroke], ..SensorChange::default() };
    what_if.change("thermal", thermal);
    let absent = (number % 2 == 0).then_some(Absence::Zeros);
    what_if.change("colour", SensorChange { scene: Some(scene), absent, ..SensorChange::default() });
    what_if.settings.insert("exchange.channel.enabled".to_owned(), Value::Switch(number % 3 == 0));
    what_if
}

fn request(what_if: WhatIf, index: usize) -> ViewRequest {
    ViewRequest { view: 1, split: "val".to_owned(), index, what_if, compares: true, ..ViewRequest::default() }
}

fn ask(session: &Session, request: &ViewRequest) -> Arc<SceneView> {
    session.send(Command::View(request.clone())).unwrap();
    loop {
        until(session, |event| *event == Event::ViewReady { view: 1 });
        if let Some(view) = session.view(1).filter(|view| view.request == *request) {
            return view;
        }
    }
}

fn evaluated(session: &Session, what_if: &WhatIf) -> WhatIfReport {
    session.send(Command::EvaluateWhatIf { split: "val".to_owned(), what_if: what_if.clone() }).unwrap();
    let events = until(session, |event| matches!(event, Event::WhatIf(_)));
    let Some(Event::WhatIf(report)) = events.last() else { panic!() };
    WhatIfReport::clone(report)
}

#[test]
fn what_ifs_change_no_bit_of_the_training_beside_which_they_are_asked() {
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("training.steps", Value::Integer(12)).unwrap();
    let bench = Bench::new();
    let session = bench.started(recipe.clone());
    until(&session, finished);
    drop(session);
    let run = bench.run_folder();
    let (expected, in_force) = (trace(&run.steps().unwrap()), run.recipe().clone());
    let record = run.recorded().unwrap().0.len();
    std::fs::remove_dir_all(bench.folder.path().join("runs")).unwrap();

    let session = bench.loaded(recipe);
    session.send(Command::SetViewBudget { share: 0.9 }).unwrap();
    session.send(Command::View(request(supposed(0), 0))).unwrap();
    session.send(Command::Start).unwrap();
    let number = Cell::new(0);
    until(&session, |event| {
        // A new one is asked for whenever anything happens at all; refused ones of the teacher's phase among them.
        number.set(number.get() + 1);
        let _busy = session.send(Command::View(request(supposed(number.get()), 0)));
        finished(event)
    });
    let last = ask(&session, &request(supposed(1), 1));
    assert!(!last.effects.is_empty());
    session.send(Command::EvaluateWhatIf { split: "val".to_owned(), what_if: supposed(1) }).unwrap();
    until(&session, |event| matches!(event, Event::WhatIf(_)));
    drop(session);
    let run = bench.run_folder();
    assert_eq!(trace(&run.steps().unwrap()), expected);
    assert_eq!(*run.recipe(), in_force, "no switch of a what-if stands in the recipe");
    assert_eq!(run.recorded().unwrap().0.len(), record, "nor in the record");
}

#[test]
fn of_many_what_ifs_in_quick_succession_the_newest_is_answered() {
    let bench = Bench::new();
    let session = bench.started(tiny_recipe().unwrap());
    until(&session, finished);
    for number in 0..60 {
        session.send(Command::View(request(supposed(number), 0))).unwrap();
    }
    let newest = request(supposed(61), 0);
    let view = ask(&session, &newest);
    assert_eq!(view.request, newest);
    let plain = ask(&session, &request(WhatIf::default(), 0));
    assert!(plain.effects.is_empty());
    let of_head = |view: &SceneView, content: &dyn Fn(String) -> Content, head: &str| {
        let content = content(head.to_owned());
        view.tiles.iter().find(|tile| tile.content == content).unwrap().frame.clone()
    };
    for effect in &view.effects {
        let before = of_head(&view, &Content::Before, &effect.head);
        assert_eq!(
            before,
            of_head(&plain, &Content::Prediction, &effect.head),
            "as it is without, whatever came before"
        );
    }
}

#[test]
fn a_what_if_on_a_split_is_the_sum_over_its_scenes_and_no_evaluation() {
    let bench = Bench::new();
    let session = bench.started(tiny_recipe().unwrap());
    until(&session, finished);
    let evaluations = bench.run_folder().evaluations().unwrap();
    let what_if = WhatIf { name: "a night".to_owned(), ..supposed(1) };
    let report = evaluated(&session, &what_if);
    let mut counts = [0; OUTCOME.len()];
    for index in 0..2 {
        let view = ask(&session, &request(what_if.unnamed(), index));
        for (sum, count) in counts.iter_mut().zip(view.effects[0].counts) {
            *sum += count;
        }
    }
    assert_eq!(report.counts, counts);
    assert_eq!((report.what_if.name.as_str(), report.split.as_str(), report.step), ("a night", "val", 6));
    let [without, with] = &report.scores[0];
    assert_eq!((without.scenes, with.scenes), (2, 2));
    let last = evaluations.last().unwrap();
    assert_eq!(last.split, "test", "of val there is an older one");
    session.send(Command::Evaluate { split: "val".to_owned() }).unwrap();
    let events = until(&session, |event| matches!(event, Event::Evaluation(_)));
    let Some(Event::Evaluation(clean)) = events.last() else { panic!() };
    assert_eq!(without.miou, clean.subset(&["colour", "thermal"]).unwrap().miou);
    assert_eq!(report.scores[1][0].tag, "night");

    // Kept beside the evaluations, once however often it is asked, and told when the run is opened again.
    let again = evaluated(&session, &what_if);
    let run = bench.run_folder();
    let kept = run.what_ifs().unwrap();
    assert_eq!((kept.len(), kept[0].counts, &kept[0].what_if), (1, again.counts, &what_if));
    assert_eq!(run.evaluations().unwrap().len(), evaluations.len() + 1);
    drop(session);
    let session = bench.session();
    session.send(Command::OpenRun { path: run.path().to_owned(), data: None }).unwrap();
    let events = until(&session, |event| matches!(event, Event::WhatIf(_)));
    assert!(events.iter().any(|event| matches!(event, Event::Evaluation(_))));
}

#[test]
fn what_cannot_be_supposed_is_refused_in_words_and_nothing_is_kept() {
    let bench = Bench::new();
    let session = bench.started(tiny_recipe().unwrap());
    until(&session, finished);
    let sonar = WhatIf::without(&["sonar"]);
    let rate =
        WhatIf { settings: [("training.learning_rate".to_owned(), Value::Number(0.1))].into(), ..WhatIf::default() };
    for (what_if, word) in [(sonar, "`sonar`"), (rate, "training.learning_rate")] {
        for command in [
            Command::View(request(what_if.clone(), 0)),
            Command::EvaluateWhatIf { split: "val".to_owned(), what_if: what_if.clone() },
        ] {
            session.send(command).unwrap();
            let events = until(&session, |event| matches!(event, Event::Failure { .. }));
            let Some(Event::Failure { failure, .. }) = events.last() else { panic!() };
            assert!(failure.text.contains(word) && failure.kind != FailureKind::Broken, "{failure}");
        }
    }
    session.send(Command::EvaluateWhatIf { split: "none".to_owned(), what_if: supposed(1) }).unwrap();
    until(&session, |event| matches!(event, Event::Failure { .. }));
    until(&session, |event| *event == Event::State(SessionState::Finished));
    assert_eq!(bench.run_folder().what_ifs().unwrap(), []);
}
