//! Reports for tests.

use crate::protocol::{
    ClassScores, Degradation, Degraded, EvaluationReport, NoiseLevel, Protocol, ProtocolReport, SubsetScores, Trial,
    TrialScores,
};

fn scored(trial: Trial, miou: f64) -> TrialScores {
    let class = |iou: f64| ClassScores { iou: Some(iou), accuracy: None, pixels: 1 };
    let classes = vec![class(miou), class(miou / 2.0)];
    TrialScores { trial, scores: SubsetScores { miou: Some(miou), classes, ..SubsetScores::default() } }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn report(protocol: Protocol, trials: Vec<TrialScores>) -> ProtocolReport {
    ProtocolReport {
        protocol,
        dataset: "streets".to_owned(),
        split: "test".to_owned(),
        step: 100,
        missing: "drop".to_owned(),
        convention: "nanmean".to_owned(),
        sensors: names(&["colour", "thermal"]),
        classes: names(&["road", "person"]),
        trials,
        ..ProtocolReport::default()
    }
}

/// Clean 0.6; without the colour camera 0.2, without the thermal one 0.4.
pub(super) fn emm() -> ProtocolReport {
    let missing = |sensor: &str, miou| scored(Trial::Missing { sensors: names(&[sensor]) }, miou);
    report(Protocol::Emm, vec![scored(Trial::Clean, 0.6), missing("colour", 0.2), missing("thermal", 0.4)])
}

/// Two shares.
pub(super) fn rmm() -> ProtocolReport {
    let holed = |sensor: &str, share, miou| scored(Trial::Holed { sensors: names(&[sensor]), share }, miou);
    let trials = vec![
        scored(Trial::Clean, 0.6),
        holed("colour", 0.25, 0.5),
        holed("thermal", 0.25, 0.55),
        holed("colour", 0.75, 0.3),
        holed("thermal", 0.75, 0.4),
    ];
    report(Protocol::Rmm, trials)
}

/// Three levels.
pub(super) fn nm() -> ProtocolReport {
    let mut trials = vec![scored(Trial::Clean, 0.6)];
    trials.extend(
        NoiseLevel::ALL.into_iter().zip([0.4, 0.2, 0.1]).map(|(level, miou)| scored(Trial::Noisy(level), miou)),
    );
    report(Protocol::Nm, trials)
}

/// Fog on both sensors and noise on the first: clean 0.6 falls in straight lines, under fog to `least` on the thermal one.
pub(super) fn severity(least: f64) -> ProtocolReport {
    use Degradation::{Fog, Noise};

    let mut trials = vec![scored(Trial::Clean, 0.6)];
    for (sensor, kind, end) in [("colour", Fog, 0.4), ("colour", Noise, 0.5), ("thermal", Fog, least)] {
        for severity in [0.5_f32, 1.0] {
            let trial = Trial::Degraded(Degraded { sensor: sensor.to_owned(), kind, severity });
            trials.push(scored(trial, 0.6 + f64::from(severity) * (end - 0.6)));
        }
    }
    report(Protocol::Severity, trials)
}

/// Every subset, as the network takes missing sensors.
pub(super) fn evaluation() -> EvaluationReport {
    let of = |sensors: &[&str], tag: &str, miou: f64| SubsetScores {
        sensors: names(sensors),
        tag: tag.to_owned(),
        ..scored(Trial::Clean, miou).scores
    };
    EvaluationReport {
        dataset: "streets".to_owned(),
        split: "test".to_owned(),
        step: 100,
        missing: "drop".to_owned(),
        convention: "nanmean".to_owned(),
        classes: names(&["road", "person"]),
        subsets: vec![
            of(&["colour", "thermal"], "", 0.6),
            of(&["colour"], "", 0.45),
            of(&["thermal"], "", 0.25),
            of(&["colour", "thermal"], "night", 0.5),
            of(&["colour"], "night", 0.1),
            of(&["thermal"], "night", 0.4),
        ],
        ..EvaluationReport::default()
    }
}
