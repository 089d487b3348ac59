//! Robustness protocols by the command line.

use std::path::Path;
use std::process::Command;

use fusionscope_engine::fixtures::{Need, skip};
use serde_json::{Value, json};

use crate::support::{Bench, run, text, trained};

#[test]
fn every_protocol_writes_its_figures_as_table_csv_and_json() {
    let trained = trained();
    let out = trained.beside("protocols");
    let words = ["evaluate", trained.run(), "--split", "test", "--device", "cpu", "--out", &out];
    for (protocol, figure) in [
        ("all", "all sensors"),
        ("heads", "thermal alone, branch"),
        ("subsets", "avg"),
        ("conditions", "night"),
        ("emm", "E(0.05)"),
        ("rmm", "0.75 E(0.1)"),
        ("nm", "high"),
        ("heatnet", "thermal alone, both, night"),
    ] {
        let ran = run(&[&words[..], &["--protocol", protocol]].concat()).ends_with(0);
        assert!(ran.out.starts_with(&format!("{protocol} · ")), "{}", ran.out);
        let read =
            |ending: &str| std::fs::read_to_string(Path::new(&out).join(format!("protocol-{protocol}.{ending}")));
        let json: Value = serde_json::from_str(&read("json").unwrap()).unwrap();
        let figures = json["figures"].as_array().unwrap();
        assert!(figures.iter().any(|found| found["name"] == figure && found["miou"].is_number()), "{json}");
        let csv = read("csv").unwrap();
        let rows = json["trials"].as_array().unwrap().len() + figures.len();
        assert_eq!(csv.lines().count(), 1 + rows, "{csv}");
        assert!(csv.lines().skip(1).all(|line| line.starts_with(&format!("{protocol},"))), "{csv}");
    }
    let refused = run(&[&words[..], &["--protocol", "rnm"]].concat()).ends_with(2);
    assert!(refused.err.contains("severity"), "{}", refused.err);
    run(&[&words[..], &["--protocol", "emm", "--subsets", "singles"]].concat()).ends_with(2);
}

#[test]
fn label_maps_of_a_protocol_hold_what_its_figures_were_counted_from() {
    let trained = trained();
    let (out, maps, csv) = (trained.beside("dumped"), trained.beside("maps"), trained.beside("emm.csv"));
    let words = ["evaluate", trained.run(), "--split", "test", "--device", "cpu", "--out", &out, "--json"];
    let asked = ["--protocol", "emm", "--predictions", &maps, "--csv", &csv, "--flip", "--scales", "1,1.25"];
    let report = run(&[&words[..], &asked].concat()).ends_with(0).json_lines().remove(0);
    assert_eq!(report["convention"], "nanmean, scales 1 1.25, flipped");
    assert!(Path::new(&csv).is_file());
    let maps = Path::new(&maps);
    let read = |folder: &str| -> Vec<Vec<u8>> {
        let mut paths: Vec<_> =
            std::fs::read_dir(maps.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        // The indices, not the colours that they stand for.
        let indices = |path: &std::path::PathBuf| {
            let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap()));
            let mut reader = decoder.read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            pixels.truncate(info.buffer_size());
            pixels
        };
        paths.iter().map(indices).collect()
    };
    let truth = read("truth");
    let classes = report["classes"].as_array().unwrap().len();
    for (place, scored) in report["trials"].as_array().unwrap().iter().enumerate() {
        let (mut hits, mut unions) = (vec![0_u64; classes], vec![0_u64; classes]);
        for (truth, found) in truth.iter().zip(read(&format!("{place:04}"))) {
            for (&truth, found) in truth.iter().zip(found).filter(|(truth, _)| usize::from(**truth) < classes) {
                let (truth, found) = (usize::from(truth), usize::from(found));
                hits[truth] += u64::from(truth == found);
                unions[truth] += 1;
                unions[found] += u64::from(truth != found);
            }
        }
        let ious =
            hits.iter().zip(&unions).filter(|(_, union)| **union > 0).map(|(hit, all)| *hit as f64 / *all as f64);
        let ious: Vec<f64> = ious.collect();
        let mean = ious.iter().sum::<f64>() / ious.len() as f64;
        assert!((scored["scores"]["miou"].as_f64().unwrap() - mean).abs() < 1e-12, "{}", scored["trial"]);
    }
    let kept: Value = serde_json::from_slice(&std::fs::read(maps.join("report.json")).unwrap()).unwrap();
    assert_eq!(kept["figures"], report["figures"]);
}

#[test]
fn the_shipped_script_counts_the_same_figures_from_the_label_maps() {
    let python = |words: &[&str]| Command::new("python3").arg("-B").args(words).output();
    if !python(&["-c", "import numpy, PIL"]).is_ok_and(|ran| ran.status.success()) {
        let missing = "a python3 that has NumPy and Pillow";
        skip("the_shipped_script_counts_the_same_figures_from_the_label_maps", Need::Torch, missing);
        return;
    }
    let trained = trained();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/tools/check_protocol.py");
    let out = trained.beside("counted");
    let words = ["evaluate", trained.run(), "--split", "test", "--device", "cpu", "--out", &out];
    for protocol in ["emm", "rmm", "nm", "severity"] {
        let maps = trained.beside(&format!("counted-{protocol}"));
        run(&[&words[..], &["--protocol", protocol, "--predictions", &maps]].concat()).ends_with(0);
        let counted = || {
            let ran = python(&[script, maps.as_str()]).unwrap();
            let [out, err] = [&ran.stdout, &ran.stderr].map(|bytes| String::from_utf8_lossy(bytes));
            (ran.status.code(), format!("{out}{err}"))
        };
        let (code, said) = counted();
        assert_eq!(code, Some(0), "{protocol}: {said}");
        let path = Path::new(&maps).join("report.json");
        let mut report: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let figures = report["figures"].as_array().unwrap();
        assert!(figures.len() >= 3, "{protocol}: {said}");
        for figure in figures {
            let name = figure["name"].as_str().unwrap();
            assert!(said.lines().any(|line| line.starts_with(name)), "{protocol} {name}: {said}");
        }
        // What it would say of figures that are wrong.
        let wrong = report["figures"][0]["miou"].as_f64().unwrap() + 1e-6;
        report["figures"][0]["miou"] = json!(wrong);
        std::fs::write(&path, report.to_string()).unwrap();
        let (code, said) = counted();
        assert_eq!(code, Some(1), "{protocol}: {said}");
    }
}

#[test]
fn a_study_has_its_runs_scored_by_the_protocols_that_its_figures_need() {
    let bench = Bench::new("");
    let (path, out) = (bench.beside("noise.toml"), bench.beside("out"));
    let study = "title = 'Noise'\nbase = 'tiny.toml'\nseeds = [3]\ndata = 'data'\n\
                 figures = [{}, { sensors = 'nm:low' }, { sensors = 'rmm:0.5:0.2', metric = 'mean-f1' }]\n\
                 [[rows]]\nname = 'one'\n";
    std::fs::write(&path, study).unwrap();
    let words = ["study", "run", text(&path), "--out", text(&out), "--device", "cpu", "--json"];
    let told = run(&words).ends_with(0).json_lines().pop().unwrap();
    let cells = told["rows"][0]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 3);
    assert!(cells.iter().all(|cell| cell["summary"]["mean"].is_number()), "{told}");
    // Nothing is done twice, and the run's headline stays that of its evaluation.
    run(&words).ends_with(0);
    let place = std::fs::read_dir(out.join("one/seed-3")).unwrap().map(|entry| entry.unwrap().path());
    let runs: Vec<_> = place.filter(|path| path.join("recipe.toml").is_file()).collect();
    assert_eq!(runs.len(), 1);
    let kept: Vec<Value> = serde_json::from_slice(&std::fs::read(runs[0].join("evaluation.json")).unwrap()).unwrap();
    let protocols: Vec<&str> = kept.iter().filter_map(|report| report["protocol"].as_str()).collect();
    assert_eq!(protocols, ["rmm", "nm"]);
    let of_protocols = kept.iter().filter(|report| report["protocol"].is_string());
    assert!(of_protocols.clone().all(|report| report["subsets"] == serde_json::json!([])));
}
