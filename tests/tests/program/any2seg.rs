//! Four sensors, and a teacher's vectors, through the whole program.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use fusionscope_engine::fixtures::{Need, skip};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, run, text};

/// Sample data of a few scenes of 64 × 48 pixels.
fn sample_data(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("data");
    run(&["dataset", "sample", "--out", text(&data), "--count", "4,1,2", "--size", "64x48"]).ends_with(0);
    data
}

fn trained(folder: &Path, data: &Path, settings: &[&str]) -> Ran {
    let out = folder.join("runs");
    let words =
        ["train", "--device", "cpu", "--json", "--recipe", "any2seg-demo", "--data", text(data), "--out", text(&out)];
    let short = ["training.steps=3", "training.evaluate_every=0", "training.checkpoint_every=3"];
    let settings = short.iter().chain(settings).flat_map(|setting| ["--set", setting]);
    run(&words.into_iter().chain(settings).collect::<Vec<_>>()).ends_with(0)
}

fn notes(ran: &Ran) -> Vec<String> {
    let lines = ran.json_lines();
    let words = lines.iter().filter(|line| line["event"] == "notice");
    words.map(Value::to_string).collect()
}

#[test]
fn every_subset_of_four_sensors_is_evaluated() {
    let folder = TempDir::new().unwrap();
    let data = sample_data(folder.path());
    let ran = trained(folder.path(), &data, &[]);
    let path = ran.run_folder();
    let evaluated = run(&["evaluate", text(&path), "--data", text(&data), "--split", "test", "--json"]).ends_with(0);
    let report: Value = serde_json::from_str(&evaluated.out).unwrap();
    let whole = report["subsets"].as_array().unwrap().iter().filter(|scores| scores["tag"] == "");
    let sensors = |scores: &Value| {
        let names: Vec<&str> = scores["sensors"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        names.join("+")
    };
    let found: BTreeSet<String> = whole
        .map(|scores| {
            assert_eq!(scores["head"], "fused");
            assert!(scores["miou"].is_number());
            sensors(scores)
        })
        .collect();
    assert_eq!(found.len(), 15);
    assert!(found.contains("colour+thermal+depth+event") && found.contains("thermal+event"), "{found:?}");

    // What many of them cost is said before, and there is a choice.
    let words = ["evaluate", text(&path), "--data", text(&data), "--split", "test"];
    let said = run(&words).ends_with(0).err;
    assert!(said.contains("15 subsets of 4 sensors on 2 scenes take 0:"), "{said}");
    for (choice, count) in [("all", 15), ("singles", 5), ("leave-one-out", 5), ("3", 8)] {
        let ran = run(&[&words[..], &["--json", "--subsets", choice]].concat()).ends_with(0);
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        let whole = report["subsets"].as_array().unwrap().iter().filter(|scores| scores["tag"] == "");
        assert_eq!(whole.count(), count, "{choice}");
    }
    let few = run(&[&words[..], &["--subsets", "singles"]].concat()).ends_with(0).err;
    assert!(!few.contains("at most") && few.contains("5 are scored"), "{few}");
    run(&[&words[..], &["--subsets", "many"]].concat()).ends_with(2);
    run(&[&words[..], &["--subsets", "0"]].concat()).ends_with(2);
}

#[test]
fn vectors_that_the_shipped_script_writes_teach_a_run() {
    let folder = TempDir::new().unwrap();
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("assets/tools");
    // Without byte code, which would lie among the sources.
    let python = |arguments: &[&str]| Command::new("python3").arg("-B").args(arguments).output();
    if python(&["-c", "import json"]).is_err() {
        skip("vectors_that_the_shipped_script_writes_teach_a_run", Need::Python, "python3");
        return;
    }
    let data = sample_data(folder.path());
    let listing = run(&["dataset", "list", text(&data), "--json"]).ends_with(0);
    let listed = folder.path().join("samples.json");
    std::fs::write(&listed, &listing.out).unwrap();
    let lines: Value = serde_json::from_str(&listing.out).unwrap();
    assert_eq!(lines["samples"].as_array().unwrap().len(), 7);
    assert_eq!(lines["sensors"]["lidar"], "lidar");
    let script = tools.join("export_teacher_vectors.py");
    let export = |out: &Path, more: &[&str]| {
        let words = [text(&script), text(&listed), text(out), "--made"];
        let output = python(&[&words, more].concat()).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let whole = folder.path().join("whole.safetensors");
    export(&whole, &[]);
    let on = ["objective.inter_modal=on", "objective.inter_modal.temperature=0.1"];
    let path = format!("objective.language.vectors={}", text(&whole));
    let ran = trained(folder.path(), &data, &[&on[..], &[&path]].concat());
    let terms: Vec<Value> = ran.json_lines().into_iter().filter(|line| line["event"] == "step").collect();
    assert!(!terms.is_empty());
    for step in &terms {
        for term in ["inter_modal", "intra_modal", "inter_modal.teacher.thermal", "inter_modal.student.event"] {
            assert!(step.to_string().contains(&format!("\"{term}\"")), "{term}: {step}");
        }
    }
    assert!(notes(&ran).iter().all(|note| !note.contains("no say")), "{:?}", notes(&ran));

    // Captions of two of the four scenes: the others are counted and named.
    let ids: Vec<&str> =
        lines["samples"].as_array().unwrap().iter().filter_map(|sample| sample["id"].as_str()).collect();
    let captions = folder.path().join("captions.tsv");
    std::fs::write(&captions, format!("{}\ta street\n{}\ta street at night\n", ids[0], ids[1])).unwrap();
    let half = folder.path().join("half.safetensors");
    export(&half, &["--captions", text(&captions)]);
    let path = format!("objective.language.vectors={}", text(&half));
    let ran = trained(folder.path(), &data, &[&on[..], &[&path]].concat());
    let said = format!("{}{:?}", ran.err, notes(&ran));
    assert!(said.contains("2 of 4 training samples have no say") && said.contains(ids[2]), "{said}");
}

#[test]
fn distillation_without_vectors_says_why_it_is_off() {
    let folder = TempDir::new().unwrap();
    let data = sample_data(folder.path());
    let ran = trained(folder.path(), &data, &["objective.inter_modal=on"]);
    let said = format!("{}{:?}", ran.err, notes(&ran));
    assert!(said.contains("Inter-modal distillation is off") && said.contains("export_teacher_vectors.py"), "{said}");
    let out = folder.path().join("refused");
    let missing = "objective.language.vectors=/nowhere/vectors.safetensors";
    let words = ["train", "--device", "cpu", "--recipe", "any2seg-demo", "--data", text(&data), "--out", text(&out)];
    let refused = run(&[&words[..], &["--set", missing]].concat());
    assert_ne!(refused.code, Some(0));
    assert!(refused.err.contains("teacher vectors") && refused.err.contains("/nowhere/"), "{}", refused.err);
}
