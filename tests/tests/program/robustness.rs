//! The figure of what runs lose as one of their sensors degrades, from what their folders keep.

use std::path::{Path, PathBuf};

use fusionscope_engine::protocol::{Degradation, Degraded, Protocol, ProtocolReport, SubsetScores, Trial, TrialScores};
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::training::{Environment, RunFolder};
use tempfile::TempDir;

use super::support::{run, text};

/// Curves of two sensors, as `evaluate --protocol severity` keeps them.
fn report(thermal: f64) -> ProtocolReport {
    let scored =
        |trial, miou| TrialScores { trial, scores: SubsetScores { miou: Some(miou), ..SubsetScores::default() } };
    let mut trials = vec![scored(Trial::Clean, 0.6)];
    for (sensor, kind, end) in [("colour", Degradation::Fog, 0.4), ("thermal", Degradation::Noise, thermal)] {
        for severity in [0.5_f32, 1.0] {
            let trial = Trial::Degraded(Degraded { sensor: sensor.to_owned(), kind, severity });
            trials.push(scored(trial, 0.6 - f64::from(severity) * (0.6 - end)));
        }
    }
    ProtocolReport {
        protocol: Protocol::Severity,
        dataset: "streets".to_owned(),
        split: "test".to_owned(),
        step: 10,
        missing: "drop".to_owned(),
        convention: "nanmean".to_owned(),
        sensors: ["colour", "thermal"].map(str::to_owned).into(),
        trials,
        ..ProtocolReport::default()
    }
}

fn run_folder(runs: &Path, recipe: &str, report: Option<&ProtocolReport>) -> PathBuf {
    std::fs::create_dir_all(runs).unwrap();
    let mut folder = RunFolder::create(runs, &Recipe::defaults(recipe), &Environment::default()).unwrap();
    if let Some(report) = report {
        folder.add_protocol(report).unwrap();
    }
    folder.path().to_owned()
}

#[test]
fn each_run_is_a_row_of_the_figure_and_a_folder_of_runs_is_their_mean() {
    let folder = TempDir::new().unwrap();
    let own = run_folder(&folder.path().join("own"), "ogp", Some(&report(0.2)));
    let seeds = folder.path().join("seeds");
    for (seed, thermal) in [("1", 0.5), ("2", 0.3)] {
        run_folder(&seeds.join(seed), "baseline", Some(&report(thermal)));
    }
    let [svg, png, csv] = ["f.svg", "f.png", "f.csv"].map(|name| folder.path().join(name));
    let named = format!("plain mean={}", text(&seeds));
    run(&["robustness", text(&own), &named, "--out", text(&svg)]).ends_with(0);
    let picture = std::fs::read_to_string(&svg).unwrap();
    for words in [">ogp<", ">plain mean<", "mean of 2 runs", "thermal degrades", "−20.0 on average", "streets,"] {
        assert!(picture.contains(words), "{words}: {picture}");
    }
    run(&["robustness", text(&own), "--out", text(&png)]).ends_with(0);
    assert!(std::fs::read(&png).unwrap().starts_with(b"\x89PNG"));
    run(&["robustness", text(&own), text(&seeds), "--out", text(&csv)]).ends_with(0);
    let table = std::fs::read_to_string(&csv).unwrap();
    assert_eq!(table.lines().count(), 1 + 3 * 2 * 3, "{table}");
    assert!(table.contains("\nbaseline,streets,test,thermal,noise,10,1,0.5,"), "{table}");
}

#[test]
fn runs_without_curves_or_with_others_of_another_kind_are_refused_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let own = run_folder(&folder.path().join("a"), "ogp", Some(&report(0.2)));
    let without = run_folder(&folder.path().join("b"), "bare", None);
    let zeros = ProtocolReport { missing: "zeros".to_owned(), ..report(0.2) };
    let other = run_folder(&folder.path().join("c"), "other", Some(&zeros));
    let out = folder.path().join("f.svg");
    let refused = run(&["robustness", text(&own), text(&without), "--out", text(&out)]).ends_with(3);
    assert!(refused.err.contains("evaluate RUN --protocol severity --split test"), "{}", refused.err);
    let refused = run(&["robustness", text(&own), text(&other), "--out", text(&out)]).ends_with(3);
    assert!(refused.err.contains("missing: drop") && refused.err.contains("missing: zeros"), "{}", refused.err);
    let nothing = folder.path().join("nothing");
    let refused = run(&["robustness", text(&nothing), "--out", text(&out)]).ends_with(3);
    assert!(refused.err.contains("expected a run folder or a folder of runs"), "{}", refused.err);
    let refused = run(&["robustness", text(&own), "--out", text(&folder.path().join("f.doc"))]).ends_with(2);
    assert!(refused.err.contains(".svg, .png or .pdf"), "{}", refused.err);
    assert!(!out.exists());
}
