//! The figures of protocols among a run's evaluations.

use super::*;
use crate::protocol::{FiguresBy, Protocol, ProtocolReport, RunScore, Trial, TrialScores};
use crate::training::run_folder::figures::newest;

fn of_protocol(protocol: Protocol, step: u64, miou: f64) -> ProtocolReport {
    let scores = |sensors: &[&str]| SubsetScores {
        sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
        miou: Some(miou),
        ..SubsetScores::default()
    };
    ProtocolReport {
        protocol,
        step,
        split: "test".to_owned(),
        missing: "drop".to_owned(),
        trials: vec![TrialScores { trial: Trial::Clean, scores: scores(&["colour"]) }],
        ..ProtocolReport::default()
    }
}

fn evaluation(step: u64, miou: f64) -> EvaluationReport {
    let scores = SubsetScores { sensors: vec!["colour".to_owned()], miou: Some(miou), ..SubsetScores::default() };
    EvaluationReport {
        step,
        split: "test".to_owned(),
        missing: "drop".to_owned(),
        subsets: vec![scores],
        ..EvaluationReport::default()
    }
}

#[test]
fn figures_of_protocols_are_kept_and_no_reader_takes_them_for_an_evaluation() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.add_protocol(&of_protocol(Protocol::Nm, 9, 0.1)).unwrap();
    run.add_evaluation(&evaluation(9, 0.6)).unwrap();
    run.add_protocol(&of_protocol(Protocol::Emm, 9, 0.2)).unwrap();
    run.add_protocol(&of_protocol(Protocol::Nm, 9, 0.3)).unwrap();
    // One of the same step, split and settings takes the place of the older one and of nothing else.
    let kept = run.protocols().unwrap();
    assert_eq!(kept, [of_protocol(Protocol::Emm, 9, 0.2), of_protocol(Protocol::Nm, 9, 0.3)]);
    assert_eq!(run.evaluations().unwrap(), [evaluation(9, 0.6)]);
    let figures = newest(run.path()).unwrap();
    assert_eq!((figures.len(), figures[0].all_sensors("")), (1, Some(0.6)));
    assert_eq!(figures[0].by, FiguresBy::of(&evaluation(9, 0.6)));
    // The run goes on from an earlier step.
    run.add_evaluation(&evaluation(5, 0.5)).unwrap();
    run.truncate_evaluations(5).unwrap();
    assert_eq!((run.protocols().unwrap().len(), run.evaluations().unwrap()), (0, vec![evaluation(5, 0.5)]));
}

/// What a program that knows no protocols makes of the file: every entry an evaluation.
#[test]
fn an_older_program_reads_a_protocol_as_an_evaluation_without_figures() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.add_evaluation(&evaluation(9, 0.6)).unwrap();
    run.add_protocol(&of_protocol(Protocol::Rmm, 9, 0.1)).unwrap();
    let bytes = fs::read(run.path().join("evaluation.json")).unwrap();
    let older: Vec<EvaluationReport> = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((older.len(), &older[0]), (2, &evaluation(9, 0.6)));
    assert!(older[1].subsets.is_empty());
    assert_eq!(older.iter().rev().find_map(RunScore::of).unwrap().miou, 0.6);
}

#[test]
fn a_file_of_an_older_program_still_reads() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let older = vec![evaluation(3, 0.4), evaluation(9, 0.6)];
    fs::write(run.path().join("evaluation.json"), serde_json::to_vec_pretty(&older).unwrap()).unwrap();
    assert_eq!((run.evaluations().unwrap(), run.protocols().unwrap()), (older, Vec::new()));
}

#[test]
fn a_protocol_of_a_later_program_is_set_aside_and_nothing_else_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.add_evaluation(&evaluation(9, 0.6)).unwrap();
    run.add_protocol(&of_protocol(Protocol::Rmm, 9, 0.1)).unwrap();
    let path = run.path().join("evaluation.json");
    let later = fs::read_to_string(&path).unwrap().replace("\"rmm\"", "\"later\"");
    fs::write(&path, &later).unwrap();
    let (evaluations, warning) = run.evaluations_with_warning().unwrap();
    assert_eq!(evaluations, [evaluation(9, 0.6)]);
    assert!(warning.unwrap().contains("found `later`"));
    let told = run.add_protocol(&of_protocol(Protocol::Emm, 9, 0.2)).unwrap().unwrap();
    assert!(told.contains("set aside"), "{told}");
    assert_eq!(fs::read_to_string(run.path().join("evaluation.unreadable.json")).unwrap(), later);
    assert_eq!((run.evaluations().unwrap().len(), run.protocols().unwrap().len()), (1, 1));
}
