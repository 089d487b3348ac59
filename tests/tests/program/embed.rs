//! `fusionscope embed`: points in, places out.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::{Running, run, text};

/// Points in three bunches as text with a line of names; the path.
fn write_points(folder: &Path, count: usize) -> PathBuf {
    let mut text = "a,b,c,d\n".to_owned();
    for point in 0..count {
        let wave = |part: usize| {
            (point * 37 % 101 + part * 11) as f64 % 17.0 / 17.0 + 8.0 * (point % 3 * (part + 1) % 3) as f64
        };
        text.push_str(&format!("{},{},{},{}\n", wave(0), wave(1), wave(2), wave(3)));
    }
    let path = folder.join("points.csv");
    fs::write(&path, text).unwrap();
    path
}

/// The places of an NPY file of 32-bit floats.
fn places(path: &Path) -> Vec<[f32; 2]> {
    let bytes = fs::read(path).unwrap();
    let header = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let numbers = bytes[10 + header..].chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap()));
    numbers.collect::<Vec<_>>().chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}

#[test]
fn points_are_laid_out_and_the_summary_says_how_well() {
    let folder = TempDir::new().unwrap();
    let points = write_points(folder.path(), 150);
    let lay_out = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let words = ["embed", "--points", text(&points), "--device", "cpu", "--iterations", "200", "--out", text(&out)];
        (run(&[&words[..], more].concat()).ends_with(0), out)
    };
    let (ran, out) = lay_out("places.npy", &["--json", "--threads", "1"]);
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["event"], "embedding");
    assert_eq!((&lines[0]["points"], &lines[0]["columns"]), (&150.into(), &4.into()));
    assert_eq!((&lines[0]["iterations"], &lines[0]["method"]), (&200.into(), &"tsne".into()));
    assert!(lines[0]["kl"].as_f64().is_some_and(|divergence| divergence > 0.0 && divergence < 2.0), "{}", lines[0]);
    assert!(lines[0]["device"].as_str().is_some_and(|device| device.starts_with("CPU")), "{}", lines[0]);
    let first = places(&out);
    assert!(first.len() == 150 && first.iter().flatten().all(|part| part.is_finite()));
    // The same on two threads, and as text.
    let (_, again) = lay_out("again.npy", &["--quiet", "--threads", "2"]);
    assert_eq!(fs::read(&out).unwrap(), fs::read(&again).unwrap());
    let (ran, as_text) = lay_out("places.csv", &[]);
    assert!(ran.out.contains("150 points of 4 columns") && ran.out.contains("KL "), "{}", ran.out);
    assert_eq!(fs::read_to_string(&as_text).unwrap().lines().count(), 151);
    // A layout can be gone on from; principal components are one too.
    let (_, projected) = lay_out("pca.npy", &["--method", "pca"]);
    assert_eq!(places(&projected).len(), 150);
    let (_, further) = lay_out("further.npy", &["--init", text(&projected)]);
    assert_ne!(places(&further), first);
    let (_, random) = lay_out("random.npy", &["--init", "random", "--seed", "3"]);
    assert_ne!(places(&random), first);
}

#[test]
fn features_of_a_run_are_listed_gathered_and_laid_out() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    run(&["dataset", "sample", "--out", text(&data), "--count", "1,1,3", "--size", "64x48"]).ends_with(0);
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/demo.safetensors");
    let embed = |more: &[&str]| run(&[&["embed", demo, "--data", text(&data)], more].concat());
    let listed = embed(&[]).ends_with(0).out;
    for name in ["stage4", "stage4.thermal", "decoder.colour", "projection1", "scores.fused"] {
        assert!(listed.lines().any(|line| line == name), "{name} in {listed}");
    }
    let (out, vectors) = (folder.path().join("places.csv"), folder.path().join("vectors.npy"));
    let more = ["--features", "stage2", "--split", "test", "--count", "200", "--json", "--iterations", "150"];
    let ran = embed(&[&more[..], &["--vectors", text(&vectors), "--out", text(&out)]].concat()).ends_with(0);
    let line = &ran.json_lines()[0];
    assert_eq!((&line["points"], &line["sources"]), (&200.into(), &serde_json::json!(["colour", "thermal"])));
    for measure in ["trustworthiness", "class_purity", "source_purity"] {
        assert!(line["measures"][measure].as_f64().is_some_and(|value| (0.0..=1.0).contains(&value)), "{line}");
    }
    let table = fs::read_to_string(&out).unwrap();
    assert_eq!(table.lines().next(), Some("x,y,class,predicted,source,split,scene,across,down"));
    let sources: Vec<&str> = table.lines().skip(1).filter_map(|row| row.split(',').nth(4)).collect();
    assert_eq!((sources.len(), sources[0], sources[1]), (200, "colour", "thermal"));
    // The vectors that were written are the points that were laid out.
    let again = folder.path().join("again.npy");
    let words = ["embed", "--points", text(&vectors), "--device", "cpu", "--iterations", "150", "--out", text(&again)];
    run(&words).ends_with(0);
    let number = |row: &str, place: usize| row.split(',').nth(place).unwrap().parse::<f32>().unwrap();
    let written: Vec<[f32; 2]> = table.lines().skip(1).map(|row| [number(row, 0), number(row, 1)]).collect();
    assert_eq!(places(&again), written);
    // Without a camera only the other one's features are left.
    let alone = folder.path().join("alone.npy");
    let more = ["--features", "stage2", "--without", "colour", "--count", "60", "--json", "--method", "pca"];
    let ran = embed(&[&more[..], &["--out", text(&alone)]].concat()).ends_with(0);
    assert_eq!(ran.json_lines()[0]["sources"], serde_json::json!(["thermal"]));
    let refused = |more: &[&str], says: &str| {
        let ran = embed(&[more, &["--out", text(&folder.path().join("none.npy"))]].concat()).ends_with(2);
        assert!(ran.err.contains(says), "{more:?}: {}", ran.err);
    };
    refused(&["--features", "stage9"], "choose one of stage1, ");
    refused(&["--features", "stage2", "--without", "sonar"], "no sensor named `sonar`");
    refused(&["--features", "stage2", "--split", "none"], "none");
    refused(&["--points", "points.csv"], "cannot be used with");
    let ran = embed(&["--features", "stage2"]).ends_with(2);
    assert!(ran.err.contains("--out"), "{}", ran.err);
}

#[test]
fn what_cannot_be_laid_out_is_a_sentence_with_its_exit_code() {
    let folder = TempDir::new().unwrap();
    let points = write_points(folder.path(), 20);
    let out = folder.path().join("out.npy");
    let broken = folder.path().join("broken.csv");
    fs::write(&broken, "1,2\nNaN,3\n").unwrap();
    let tried = |words: &[&str], code: i32, says: &str| {
        let ran = run(&[&["embed", "--out", text(&out)], words].concat()).ends_with(code);
        assert!(ran.err.contains("error: ") && ran.err.contains(says), "{words:?}: {}", ran.err);
        assert!(!out.exists(), "{words:?} wrote something");
    };
    tried(&["--points", "nowhere.npy"], 3, "nowhere.npy");
    tried(&["--points", text(&broken)], 3, "point 1 is NaN in column 0");
    tried(&["--points", text(&points), "--perplexity", "0"], 2, "perplexity is 0");
    tried(&["--points", text(&points), "--perplexity", "nan"], 2, "perplexity is NaN");
    tried(&["--points", text(&points), "--device", "gpu:77"], 2, "no gpu:77");
    tried(&["--points", text(&points), "--device", "tpu"], 2, "tpu");
    tried(&["--points", text(&points), "--threads", "0"], 2, "--threads");
    tried(&["--points", text(&points), "--init", "nowhere.npy"], 3, "nowhere.npy");
    tried(&["--points", text(&points), "--init", text(&points)], 3, "2 columns, found 4");
    tried(&[], 2, "--points");
    let ran =
        run(&["embed", "--points", text(&points), "--out", text(&folder.path().join("no/where.npy"))]).ends_with(1);
    assert!(ran.err.contains("could not write"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn an_interrupted_layout_is_written_as_it_stands() {
    let folder = TempDir::new().unwrap();
    let points = write_points(folder.path(), 300);
    let out = folder.path().join("out.npy");
    let words =
        ["embed", "--points", text(&points), "--device", "cpu", "--iterations", "100000000", "--out", text(&out)];
    let mut running = Running::start(&words);
    running.wait_for_error("t-SNE");
    running.interrupt();
    running.finish().ends_with(4);
    assert_eq!(places(&out).len(), 300);
}
