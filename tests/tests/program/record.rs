//! A run tells the truth about itself, whatever it is killed at: live changes are made again, evaluations are made up,
//! and nothing is written where its folder has gone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::protocol::{Command, Event, SessionState};
use fusionscope_engine::recipe::{Recipe, Value as Setting};
use fusionscope_engine::session::{Session, SessionOptions};
use serde_json::{Value, json};

#[cfg(target_os = "linux")]
use crate::support::Mounted;
use crate::support::{Bench, Running, only_run_in, resume_words, run, step_lines, text};

/// What was counted in every evaluation of a run, and after which changes.
fn evaluations(run: &Path) -> Vec<Value> {
    let kept: Vec<Value> = serde_json::from_slice(&std::fs::read(run.join("evaluation.json")).unwrap()).unwrap();
    let counted = |report: &Value| {
        let subsets = report["subsets"].as_array().unwrap();
        let confusion: Vec<&Value> = subsets.iter().map(|subset| &subset["confusion"]).collect();
        json!({"split": report["split"], "step": report["step"], "changed": report["changed"], "counts": confusion})
    };
    kept.iter().map(counted).collect()
}

#[test]
fn evaluations_that_kills_have_cost_are_made_up_and_the_last_one_too() {
    let bench = Bench::new("training.checkpoint_every = 2\ntraining.steps = 6\ntraining.evaluate_every = 1");
    let undisturbed = bench.train("undisturbed").ends_with(0).run_folder();
    // The teacher's, five on the way and the last one.
    assert_eq!(evaluations(&undisturbed).len(), 7);
    for (number, pause) in [0, 2_000, 9_000].into_iter().enumerate() {
        let runs = bench.beside(&format!("killed-{number}"));
        let mut running = bench.begin(&runs);
        // Kills in the midst of an evaluation, or just behind it, each time in another one.
        for _ in 0..3 {
            let mut evaluating = 0;
            while evaluating < 3 + number
                && let Some(line) = running.line()
            {
                evaluating += usize::from(line.contains("\"state\":\"evaluating\""));
            }
            std::thread::sleep(Duration::from_micros(pause));
            running.kill();
            running = Running::start(&resume_words(&only_run_in(&runs)));
        }
        let ran = running.finish();
        let run_folder = only_run_in(&runs);
        let has_nothing_left = ran.code == Some(3) && ran.err.contains("nothing left to train");
        assert!(ran.code == Some(0) || has_nothing_left, "{ran:?}");
        assert_eq!(step_lines(&run_folder), step_lines(&undisturbed), "{}", ran.err);
        assert_eq!(evaluations(&run_folder), evaluations(&undisturbed), "{}", ran.err);
    }
}

#[test]
fn a_run_killed_in_its_last_evaluation_makes_it_and_then_has_nothing_left() {
    let bench = Bench::new("");
    let undisturbed = bench.train("undisturbed").ends_with(0).run_folder();
    let run_folder = bench.begin(&bench.beside("killed")).finish().ends_with(0).run_folder();
    // What a kill in the last evaluation leaves: every step, the last checkpoint, and no figures of the student.
    let path = run_folder.join("evaluation.json");
    let kept: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!((kept.len(), &kept[0]["of_teacher"], &kept[1]["of_teacher"]), (2, &json!(true), &Value::Null));
    std::fs::write(path, serde_json::to_vec(&kept[..1]).unwrap()).unwrap();
    let ran = run(&resume_words(&run_folder)).ends_with(0);
    assert!(ran.json_lines().iter().any(|line| line["event"] == "evaluation"), "{}", ran.out);
    assert_eq!(evaluations(&run_folder), evaluations(&undisturbed));
    assert_eq!(step_lines(&run_folder), step_lines(&undisturbed));
    let ran = run(&resume_words(&run_folder)).ends_with(3);
    assert!(ran.err.contains("nothing left to train"), "{}", ran.err);
}

#[test]
fn a_last_evaluation_that_cannot_be_written_is_no_success() {
    let bench = Bench::new("training.steps = 100\ntraining.checkpoint_every = 0");
    let runs = bench.beside("runs");
    let mut running = bench.begin(&runs);
    running.wait_for("\"event\":\"step\"");
    let run_folder = only_run_in(&runs);
    // A folder in the way of the file that is to take the report.
    let partial = run_folder.join(".evaluation.json.partial");
    std::fs::create_dir(&partial).unwrap();
    let ran = running.finish().ends_with(1);
    assert!(ran.err.contains("last evaluation is missing") && ran.err.contains("evaluation"), "{}", ran.err);
    std::fs::remove_dir(&partial).unwrap();
    run(&resume_words(&run_folder)).ends_with(0);
    // That of the teacher came too early to be kept, or before its place was taken.
    assert_eq!(evaluations(&run_folder).iter().filter(|report| report["split"] == "test").count(), 1);
}

#[test]
fn a_run_whose_folder_goes_while_it_trains_fails_and_nothing_is_made_in_its_place() {
    for removed in [false, true] {
        let bench = Bench::new("training.steps = 100000\ntraining.checkpoint_every = 0");
        let runs = bench.beside("runs");
        let mut running = bench.begin(&runs);
        running.wait_for("\"event\":\"step\"");
        let run_folder = only_run_in(&runs);
        let moved = bench.beside("moved");
        if removed {
            // A line may be written while files go.
            while run_folder.exists() {
                let _again = std::fs::remove_dir_all(&run_folder);
            }
        } else {
            std::fs::rename(&run_folder, &moved).unwrap();
        }
        let ran = running.finish().ends_with(1);
        assert!(ran.err.contains("run folder is no longer in its place"), "{}", ran.err);
        assert!(ran.err.contains(text(&run_folder)), "{}", ran.err);
        assert_eq!(std::fs::read_dir(&runs).unwrap().count(), 0, "something was made in its place");
        if !removed {
            // What was trained before lies where the folder was moved to.
            std::fs::rename(&moved, &run_folder).unwrap();
            let mut running = Running::start(&resume_words(&run_folder));
            running.wait_for("\"event\":\"step\"");
            running.kill();
        }
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_removed_in_the_midst_of_its_writing_leaves_nothing() {
    let changes = "training.steps = 100000\ntraining.checkpoint_every = 1\ntraining.evaluate_every = 1";
    let bench = Bench::new(changes);
    for round in 1..=4 {
        let runs = bench.beside(&format!("runs-{round}"));
        let mut running = bench.begin(&runs);
        running.wait_for(&format!("\"step\":{},", 2 + round));
        let run_folder = only_run_in(&runs);
        // It does not see what is made behind its back.
        let _may_fail = std::process::Command::new("rm").arg("-rf").arg(&run_folder).output().unwrap();
        let ran = running.finish().ends_with(1);
        assert!(ran.err.contains("run folder is no longer in its place"), "{}", ran.err);
        let left: Vec<_> = std::fs::read_dir(&runs).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_whose_disk_is_unmounted_fails_and_nothing_is_made_below() {
    let test = "a_run_whose_disk_is_unmounted_fails_and_nothing_is_made_below";
    let bench = Bench::new("training.steps = 100000\ntraining.checkpoint_every = 0");
    let disk = bench.beside("disk");
    let Some(mounted) = Mounted::tmpfs(&disk, "24m", test) else { return };
    let mut running = bench.begin(&disk);
    running.wait_for("\"event\":\"step\"");
    drop(mounted);
    let ran = running.finish().ends_with(1);
    assert!(ran.err.contains("run folder is no longer in its place"), "{}", ran.err);
    assert_eq!(std::fs::read_dir(&disk).unwrap().count(), 0, "something was made below the disk");
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

#[track_caller]
fn until(session: &Session, state: &SessionState) {
    loop {
        let event = session.events().recv_timeout(Duration::from_mins(2)).unwrap();
        assert!(!matches!(&event, Event::Failure { .. } | Event::State(SessionState::Failed(_))), "{event:?}");
        if event == Event::State(state.clone()) {
            return;
        }
    }
}

/// Trains as the window does, with live changes, and leaves beside it a run as a kill would have: between two
/// checkpoints, after the changes.
fn trained_in_the_window(bench: &Bench, killed: &Path) -> PathBuf {
    let runs_dir = bench.beside("window");
    let options = SessionOptions { device: DeviceChoice::Cpu, runs_dir: runs_dir.clone(), ..SessionOptions::default() };
    let session = Session::spawn(options).unwrap();
    session.send(Command::LoadData { path: bench.data.path.clone() }).unwrap();
    session.send(Command::LoadRecipe { recipe: Recipe::read(&bench.recipe).unwrap() }).unwrap();
    for step in 1..=7 {
        session.send(Command::StepOnce).unwrap();
        until(&session, &SessionState::Paused);
        let (key, value) = match step {
            4 => ("training.weight_decay", Setting::Number(0.03)),
            5 => ("training.learning_rate", Setting::Number(0.002)),
            6 => ("exchange.channel.enabled", Setting::Switch(false)),
            _ => continue,
        };
        session.send(Command::Set { key: key.to_owned(), value }).unwrap();
    }
    copy(&only_run_in(&runs_dir), killed);
    session.send(Command::Start).unwrap();
    until(&session, &SessionState::Finished);
    only_run_in(&runs_dir)
}

#[test]
fn a_killed_run_with_live_changes_is_resumed_to_the_same_figures_and_says_so_everywhere() {
    let bench = Bench::new("training.checkpoint_every = 4\ntraining.steps = 7\ntraining.evaluate_every = 3");
    let killed = bench.beside("killed");
    let whole = trained_in_the_window(&bench, &killed);
    let ran = run(&resume_words(&killed)).ends_with(0);
    assert_eq!(step_lines(&killed), step_lines(&whole));
    assert_eq!(evaluations(&killed), evaluations(&whole));
    let marks: Vec<Value> = ran.json_lines().into_iter().filter(|line| line["event"] == "mark").collect();
    let off = marks.iter().find(|mark| mark["key"] == "exchange.channel.enabled").unwrap();
    assert_eq!((&off["step"], &off["old"], &off["new"]), (&json!(6), &json!(true), &json!(false)));

    // recipe.toml is the recipe at the start; every figure says that it was changed.
    let recipe = std::fs::read_to_string(killed.join("recipe.toml")).unwrap();
    assert!(recipe.contains("exchange.channel.enabled = true"), "{recipe}");
    let words = "exchange.channel.enabled on → off after step 6";
    let packed = bench.beside("packed.safetensors");
    run(&["export", text(&killed), "--out", text(&packed)]).ends_with(0);
    for model in [&killed, &packed] {
        let out = bench.beside("figures");
        let evaluate =
            ["evaluate", text(model), "--data", bench.data.argument(), "--device", "cpu", "--out", text(&out)];
        let ran = run(&evaluate).ends_with(0);
        assert!(ran.out.contains(&format!("changed: {words}")) && ran.err.contains(words), "{ran:?}");
        let csv = std::fs::read_to_string(out.join("evaluation.csv")).unwrap();
        assert!(csv.lines().skip(1).all(|line| line.contains(words)), "{csv}");
        let json: Value = serde_json::from_slice(&std::fs::read(out.join("evaluation.json")).unwrap()).unwrap();
        assert_eq!(json["changed"].as_array().unwrap().len(), 3, "{}", json["changed"]);
        let predict = ["predict", text(model), "--data", bench.data.argument(), "--device", "cpu", "--json", "--out"];
        let predicted =
            run(&[&predict[..], &[text(&bench.beside("masks"))]].concat()).ends_with(0).json_lines().pop().unwrap();
        assert_eq!(predicted["changed"], json["changed"]);
        let labels = bench.beside("pseudo-labels");
        let label = ["pseudo-label", text(model), "--data", bench.data.argument(), "--device", "cpu", "--overwrite"];
        run(&[&label[..], &["--out", text(&labels)]].concat()).ends_with(0);
        let card: Value = serde_json::from_slice(&std::fs::read(labels.join("pseudo-labels.json")).unwrap()).unwrap();
        assert_eq!(card["changed"], json["changed"]);
    }
}
