//! The robustness pane: a protocol is run and can be cancelled, its figures are seen, sorted and led to the inspector.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::link::Scripted;
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope::store::Store;
use fusionscope::store::metrics::headline;
use fusionscope_engine::protocol::{
    ClassScores, Command, Degradation, Degraded, Event, NoiseLevel, Protocol, ProtocolReport, RunTrace, SessionState,
    ShelfNews, SubsetScores, Trial, TrialScores,
};

use super::panes::{Stage, stage};
use super::scripts;
use super::whole::{perform, window};

const WIDE: [f32; 2] = [1200.0, 2600.0];

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn scored(trial: Trial, miou: f64) -> TrialScores {
    let classes = (0..10)
        .map(|class| ClassScores { iou: Some(miou * (1.2 - 0.06 * f64::from(class))), accuracy: None, pixels: 900 })
        .collect();
    TrialScores { trial, scores: SubsetScores { miou: Some(miou), classes, scenes: 40, ..SubsetScores::default() } }
}

/// What a protocol finds of the made-up run on the test split; `hardness` is how much less than usual is left.
fn report(protocol: Protocol, hardness: f64) -> ProtocolReport {
    let mut trials = vec![scored(Trial::Clean, 0.62)];
    let failing = [("colour", 0.31), ("thermal", 0.44)];
    match protocol {
        Protocol::Emm => {
            trials.extend(failing.map(|(sensor, miou)| scored(Trial::Missing { sensors: names(&[sensor]) }, miou)));
        }
        Protocol::Rmm => {
            for share in [0.25, 0.5, 0.75] {
                let holed = |(sensor, miou): (&str, f64)| {
                    let trial = Trial::Holed { sensors: names(&[sensor]), share };
                    scored(trial, 0.62 - share * (0.62 - miou))
                };
                trials.extend(failing.map(holed));
            }
        }
        Protocol::Nm => {
            trials.extend(
                NoiseLevel::ALL.into_iter().zip([0.5, 0.3, 0.1]).map(|(level, miou)| scored(Trial::Noisy(level), miou)),
            );
        }
        Protocol::Severity => {
            for (sensor, kind, end) in [
                ("colour", Degradation::Fog, 0.25),
                ("colour", Degradation::MotionBlur, 0.4),
                ("colour", Degradation::Blackout, 0.31),
                ("thermal", Degradation::ThermalDrift, 0.56),
                ("thermal", Degradation::Blackout, 0.44),
            ] {
                for severity in [0.2_f32, 0.4, 0.6, 0.8, 1.0] {
                    let sensor = sensor.to_owned();
                    let miou = 0.62 - f64::from(severity) * (0.62 - end + hardness);
                    trials.push(scored(Trial::Degraded(Degraded { sensor, kind, severity }), miou));
                }
            }
        }
        _ => {}
    }
    let mut report = ProtocolReport {
        protocol,
        dataset: "sample".to_owned(),
        split: "test".to_owned(),
        step: 500,
        missing: "drop".to_owned(),
        stand_in: "In the place of a failing sensor stands 0 of the normalised image".to_owned(),
        convention: "nanmean".to_owned(),
        seed: Some(1),
        sensors: names(&["colour", "thermal"]),
        classes: scripts::dataset().classes,
        trials,
        ..ProtocolReport::default()
    };
    report.figures = report.figures_of_trials();
    report
}

fn take(store: &mut Store, protocols: &[Protocol]) {
    for protocol in protocols {
        store.apply(Event::Protocol(Box::new(report(*protocol, 0.0))));
    }
}

/// A run is open of which protocols have found figures.
pub fn sounded() -> Store {
    let mut store = scripts::reopened();
    take(&mut store, &[Protocol::Emm, Protocol::Rmm, Protocol::Nm, Protocol::Severity]);
    store
}

/// The same beside other runs, of which two have curves.
pub fn sounded_beside_others() -> Store {
    let mut store = scripts::beside_others();
    take(&mut store, &[Protocol::Emm, Protocol::Severity]);
    for card in &scripts::cards()[..2] {
        let trace = RunTrace { protocols: vec![report(Protocol::Severity, 0.05)], ..scripts::trace(card) };
        store.apply(Event::Shelf(ShelfNews::Trace(trace)));
    }
    store
}

fn staged(store: Store) -> Harness<'static, Stage> {
    let mut harness = stage(PaneKind::Robustness, store, Theme::Dark, WIDE);
    harness.run_steps(3);
    harness
}

#[test]
fn a_protocol_is_run_on_a_split_told_how_far_it_is_and_cancelled() {
    let (mut harness, engine) = window();
    for event in scripts::opening() {
        engine.say(event);
    }
    engine.say(Event::State(SessionState::Idle));
    perform(&mut harness, Action::ShowPane(PaneKind::Robustness));
    harness.get_by_label("Run protocol").click();
    harness.run_steps(3);
    let wanted = Command::RunProtocol { protocol: Protocol::Severity, split: "test".to_owned() };
    assert!(engine.sent().contains(&wanted), "{:?}", engine.sent());
    engine.say(Event::State(SessionState::Evaluating { done: 30, total: 120 }));
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("severity: 30 of 120").is_some());
    assert!(harness.query_by_label("Run protocol").is_none());
    harness.get_by_label("Cancel").click();
    harness.run_steps(2);
    assert!(engine.sent().contains(&Command::Stop));
    engine.say(Event::State(SessionState::Idle));
    harness.run_steps(3);
    assert!(harness.query_by_label("Run protocol").is_some());
}

#[test]
fn without_figures_the_pane_says_which_protocol_makes_which() {
    let harness = staged(scripts::running(20));
    for words in ["Run a protocol to see", "Run the protocol severity", "run the protocols severity or emm"] {
        assert!(harness.query_by_label_contains(words).is_some(), "{words}");
    }
}

#[test]
fn a_click_on_a_subset_makes_it_the_inspectors_and_what_is_taken_in_part_cannot_be_clicked() {
    let mut harness = staged(sounded());
    // The table of entire sensors, by EMM: what is left stands in its rows.
    harness.get_by_label("thermal: all 31.0").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::KeepSensors(names(&["thermal"]))]);
    harness.state_mut().asked.clear();
    harness.get_by_label_contains("colour failing: r = 0.25").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, []);
}

#[test]
fn keeping_sensors_drops_the_others_and_never_all() {
    let (mut harness, script) = window();
    let dropped = |script: &Scripted| {
        let sent = script.sent().into_iter().rev();
        let mut views = sent.filter_map(|command| if let Command::View(view) = command { Some(view) } else { None });
        views.next().expect("pictures are asked for").what_if.dropped()
    };
    perform(&mut harness, Action::KeepSensors(names(&["thermal"])));
    assert_eq!(dropped(&script), ["colour"]);
    perform(&mut harness, Action::KeepSensors(names(&["depth"])));
    assert_eq!(dropped(&script), ["colour"], "the network takes no depth");
    perform(&mut harness, Action::KeepSensors(names(&["colour", "thermal"])));
    assert_eq!(dropped(&script), [""; 0]);
}

#[test]
fn means_and_expectations_say_their_convention_and_noise_stands_beside_the_clean_figure() {
    let harness = staged(sounded());
    for words in [
        "EMM, entire missing: avg 45.7",
        "RMM, r = 0.75: avg",
        "avg: plain mean over all combinations",
        "NM, noisy: clean 62.0, low noise 50.0, mid noise 30.0, high noise 10.0",
        "In the place of a failing sensor stands 0",
    ] {
        assert!(harness.query_all_by_label_contains(words).next().is_some(), "{words}");
    }
}

#[test]
fn a_table_is_sorted_by_the_column_that_is_pressed() {
    let mut harness = staged(sounded());
    let top = |harness: &Harness<'_, Stage>, name: &str| harness.get_by_label(name).rect().top();
    let [colour, thermal] = ["colour: all 44.0", "thermal: all 31.0"];
    assert!(top(&harness, thermal) < top(&harness, colour), "as the protocol has them");
    harness.get_by_label("Sort by all").click();
    harness.run_steps(3);
    assert!(top(&harness, colour) < top(&harness, thermal), "the best first");
}

#[test]
fn curves_are_told_by_their_ends_and_areas_and_one_run_lies_over_another() {
    let harness = staged(sounded());
    let own = "fog of colour: 2026-11-21-ogp-net-demo from 62.0 clean to 25.0, area 43.5";
    assert!(harness.query_by_label(own).is_some());
    assert!(harness.query_by_label("colour degrades").is_some());

    let harness = staged(sounded_beside_others());
    let plot =
        "from 62.0 clean to 25.0, area 43.5; with-exchange, 3 runs (2 scored) from 62.0 clean to 20.0, area 41.0";
    assert!(harness.query_all_by_label_contains(plot).next().is_some());
    let without = "No such figures, made in the same way, of: no-exchange, 3 runs";
    assert!(harness.query_by_label_contains(without).is_some(), "and says whose are missing");
}

#[test]
fn it_is_told_which_sensor_the_network_relies_on_overall_and_by_class() {
    let mut harness = staged(sounded());
    assert!(harness.query_by_label_contains("It leans most on colour: its degradations cost 15.0 points").is_some());
    let row = "Points of mIoU lost: colour degraded 15.0, absent 31.0; thermal degraded 6.0, absent 18.0";
    assert!(harness.query_by_label(row).is_some());
    assert!(harness.query_by_label_contains("Points of road lost: colour degraded 18.0").is_some());
    harness.get_by_label("Worst first").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, []);
}

#[test]
fn no_figure_of_a_degraded_sensor_becomes_one_of_the_run() {
    let (clean, store) = (scripts::reopened(), sounded());
    let latest = |store: &Store| store.metrics.latest().and_then(headline).and_then(|scores| scores.miou);
    assert_eq!(latest(&clean), latest(&store));
    assert_eq!(clean.metrics.reports().len(), store.metrics.reports().len());
    let mut store = store;
    for event in scripts::opening() {
        store.apply(event);
    }
    assert!(store.robustness.reports().is_empty(), "another run has figures of its own");
}

#[test]
fn a_run_under_way_keeps_its_figures_while_more_are_taken() {
    let mut store = sounded();
    take(&mut store, &[Protocol::Emm]);
    assert_eq!(store.robustness.reports().len(), 4, "taken again at the same step");
    store.apply(Event::Protocol(Box::new(ProtocolReport { step: 600, ..report(Protocol::Emm, 0.0) })));
    assert_eq!(store.robustness.reports().len(), 5);
}
