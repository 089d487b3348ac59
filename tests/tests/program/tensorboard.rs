//! Event files beside a run, as TensorBoard reads them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use fusionscope_engine::fixtures::{Need, skip};
use serde_json::Value;

use crate::support::{Bench, run, step_lines, text};
#[cfg(target_os = "linux")]
use crate::support::{Running, only_run_in};

/// Each by its tag, and then by its step.
struct Read {
    scalars: BTreeMap<String, BTreeMap<u64, f64>>,
    pictures: BTreeMap<String, BTreeMap<u64, image::RgbaImage>>,
    walls: (f64, f64),
}

/// A python that has TensorBoard; `None` where there is none: `test` is skipped.
fn python(test: &str) -> Option<PathBuf> {
    let python = PathBuf::from(std::env::var_os("FUSIONSCOPE_TENSORBOARD").unwrap_or_else(|| "python3".into()));
    let ran = Command::new(&python).args(["-c", "import tensorboard"]).output();
    if ran.is_ok_and(|ran| ran.status.success()) {
        return Some(python);
    }
    skip(test, Need::Tensorboard, "a python3 that has tensorboard");
    None
}

fn read(python: &Path, run: &Path) -> Read {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/tensorboard/events.py");
    let ran = Command::new(python).arg("-B").arg(script).arg(run).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let told: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let by_step = |points: &Value| -> Vec<(u64, Vec<Value>)> {
        let points = points.as_array().unwrap().iter().map(|point| point.as_array().unwrap());
        points.map(|point| (point[0].as_u64().unwrap(), point[1..].to_vec())).collect()
    };
    let tags = |what: &str| told[what].as_object().unwrap().iter().map(|(tag, points)| (tag.clone(), by_step(points)));
    let once = |points: &[(u64, Vec<Value>)], tag: &str| {
        assert!(points.is_sorted_by(|(one, _), (other, _)| one < other), "{tag} stands twice at one step: {points:?}");
    };
    let scalars = tags("scalars").map(|(tag, points)| {
        once(&points, &tag);
        (tag, points.into_iter().map(|(step, point)| (step, point[0].as_f64().unwrap())).collect())
    });
    let pictures = tags("images").map(|(tag, points)| {
        let decoded = |point: &[Value]| {
            let digits = point[2].as_str().unwrap();
            let bytes: Vec<u8> =
                (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
            let picture = image::load_from_memory(&bytes).unwrap().into_rgba8();
            let size = [&point[0], &point[1]].map(|side| side.as_u64().unwrap() as u32);
            assert_eq!(<[u32; 2]>::from(picture.dimensions()), size);
            picture
        };
        (tag, points.into_iter().map(|(step, point)| (step, decoded(&point))).collect())
    });
    let walls = (told["walls"][0].as_f64().unwrap(), told["walls"][1].as_f64().unwrap());
    Read { scalars: scalars.collect(), pictures: pictures.collect(), walls }
}

/// The tag of a term of `metrics.jsonl`.
fn tag(line: &Value, name: &str) -> String {
    let mut kinds = line["kinds"].as_object().unwrap().iter();
    let kind = kinds.find(|(_, names)| names.as_array().unwrap().iter().any(|one| one == name));
    format!("{}/{name}", kind.map_or("loss", |(kind, _)| kind))
}

#[test]
fn tensorboard_reads_every_figure_of_a_resumed_run_once_and_the_pictures_that_inspect_writes() {
    let test = "tensorboard_reads_every_figure_of_a_resumed_run_once_and_the_pictures_that_inspect_writes";
    let Some(python) = python(test) else { return };
    let bench = Bench::new("training.evaluate_every = 2\ntraining.checkpoint_every = 4\ntraining.checkpoint_keep = 9");
    let begun = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let runs = bench.beside("runs");
    let words = bench.words(&runs);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let events = ["--tensorboard", "--tensorboard-scene", "01-night"];
    let first = run(&[&words[..], &events, &["--max-steps", "6"]].concat()).ends_with(0).run_folder();
    // As if a kill had left no checkpoint after step 4: what was told of steps 5 and 6 is void, and told again.
    std::fs::remove_dir_all(first.join("checkpoints/step-6")).unwrap();
    let resumed = ["train", "--device", "cpu", "--json", "--resume", text(&first)];
    run(&[&resumed[..], &events].concat()).ends_with(0);
    let Read { scalars, pictures, walls } = read(&python, &first);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    assert!(begun <= walls.0 && walls.0 < walls.1 && walls.1 <= now, "{begun} {walls:?} {now}");

    // Every figure of every step, and no others.
    let lines = step_lines(&first);
    assert_eq!(lines.len(), 8);
    let mut told = 0;
    for line in &lines {
        let step = line["step"].as_u64().unwrap();
        for term in line["terms"].as_array().unwrap() {
            let tag = tag(line, term[0].as_str().unwrap());
            assert_eq!(
                scalars[&tag].get(&step).map(|value| *value as f32),
                term[1].as_f64().map(|value| value as f32),
                "{tag}"
            );
            told += 1;
        }
        let rate = line["learning_rate"].as_f64().unwrap() as f32;
        assert_eq!(scalars["rate/learning_rate"][&step] as f32, rate);
        assert!(scalars["time/step, s"][&step] > 0.0);
    }
    let beside = ["rate/learning_rate", "time/step, s", "val", "test"];
    let of_steps = scalars.iter().filter(|(tag, _)| !beside.iter().any(|other| tag.starts_with(other)));
    assert_eq!(of_steps.map(|(_, points)| points.len()).sum::<usize>(), told);

    // Every evaluation, subset by subset.
    let evaluations: Value = serde_json::from_slice(&std::fs::read(first.join("evaluation.json")).unwrap()).unwrap();
    let mut splits = std::collections::BTreeSet::new();
    for report in evaluations.as_array().unwrap() {
        let (split, step) = (report["split"].as_str().unwrap(), report["step"].as_u64().unwrap());
        let whose = if report["of_teacher"] == true { " teacher" } else { "" };
        splits.insert(split.to_owned());
        for subset in report["subsets"].as_array().unwrap() {
            let sensors: Vec<&str> =
                subset["sensors"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
            let condition = match subset["tag"].as_str().unwrap() {
                "" => String::new(),
                condition => format!(", {condition}"),
            };
            let tag = |name: &str| format!("{split}{whose} {name}/{}{condition}", sensors.join(" + "));
            let walker = &subset["classes"][2]["iou"];
            for (name, value) in [("mIoU", &subset["miou"]), ("mean F1", &subset["mean_f1"]), ("IoU walker", walker)] {
                let told = scalars.get(&tag(name)).and_then(|points| points.get(&step)).map(|told| *told as f32);
                assert_eq!(told, value.as_f64().map(|value| value as f32), "{} at {step}", tag(name));
            }
        }
    }
    assert!(splits.contains("val") && splits.contains("test"), "{splits:?}");

    for view in ["colour", "thermal", "label", "prediction.fused"] {
        let path = bench.beside("view.png");
        let words =
            ["inspect", text(&first), "--device", "cpu", "--split", "val", "--sample", "01-night", "--view", view];
        run(&[&words[..], &["--out", text(&path)]].concat()).ends_with(0);
        let shown = &pictures[&format!("val 01-night/{view}")];
        assert_eq!(shown[&8], image::open(&path).unwrap().into_rgba8(), "{view}");
        assert!(shown.len() >= 2, "{view} is shown at each evaluation");
    }

    // What the run does is the same without.
    let plain =
        run(&[&bench.words(&bench.beside("plain")).iter().map(String::as_str).collect::<Vec<_>>()[..]].concat());
    let plain = plain.ends_with(0).run_folder();
    assert_eq!(step_lines(&plain), lines);
    let recipe = |run: &Path| std::fs::read_to_string(run.join("recipe.toml")).unwrap();
    assert_eq!(recipe(&plain), recipe(&first));
}

#[test]
fn a_scene_for_tensorboard_that_is_not_there_is_refused_before_a_run_begins() {
    let bench = Bench::new("");
    let runs = bench.beside("runs");
    let words = bench.words(&runs);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let refused = run(&[&words[..], &["--tensorboard", "--tensorboard-scene", "nowhere"]].concat());
    assert!(matches!(refused.code, Some(1 | 2)), "{refused:?}");
    assert!(refused.err.contains("no scene `nowhere`") && refused.err.contains("00-day"), "{}", refused.err);
    assert_eq!(std::fs::read_dir(&runs).unwrap().count(), 0);
    run(&["train", "--tensorboard-scene", "0"]).ends_with(2);
}

/// The one event file of a run, as far as it is whole: how many records it has, and how many bytes follow the last.
#[cfg(target_os = "linux")]
fn records(run: &Path) -> (usize, usize) {
    let mut files = std::fs::read_dir(run).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| text(path).contains("events.out.tfevents.")).unwrap();
    let bytes = std::fs::read(file).unwrap();
    let (mut rest, mut count) = (bytes.as_slice(), 0);
    while let Some((length, _)) = rest.split_first_chunk::<8>() {
        // The length, two sums, and what they are of.
        let Some(next) = rest.get(u64::from_le_bytes(*length) as usize + 16..) else { break };
        (rest, count) = (next, count + 1);
    }
    (count, rest.len())
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_a_folder_that_goes_cost_the_run_no_more_with_event_files() {
    use crate::faults::fill;
    use crate::support::Mounted;

    let test = "a_full_disk_and_a_folder_that_goes_cost_the_run_no_more_with_event_files";
    let bench = Bench::new("training.checkpoint_every = 1\ntraining.steps = 40\nteacher.steps = 2");
    let disk = bench.beside("disk");
    let Some(_mounted) = Mounted::tmpfs(&disk, "24m", test) else { return };
    let words = bench.words(&disk);
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["--tensorboard"]).collect();
    let mut running = Running::start(&words);
    running.wait_for("\"event\":\"checkpoint\"");
    let filler = disk.join("filler");
    fill(&filler);
    running.wait_for("free some space");
    std::fs::remove_file(&filler).unwrap();
    let kept = running.finish().ends_with(0).run_folder();
    let undisturbed = bench.train("undisturbed").ends_with(0).run_folder();
    assert_eq!(step_lines(&kept), step_lines(&undisturbed));
    let (count, torn) = records(&kept);
    assert!(count > 2 + 42 && torn == 0, "{count} records, and {torn} bytes of another");
    std::fs::remove_dir_all(&kept).unwrap();

    let mut running = Running::start(&words);
    running.wait_for("\"event\":\"checkpoint\"");
    let run = only_run_in(&disk);
    std::fs::rename(&run, disk.join("moved")).unwrap();
    running.finish().ends_with(1);
    assert!(!run.exists());
}
