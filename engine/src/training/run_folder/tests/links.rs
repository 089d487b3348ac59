//! A run folder from elsewhere whose entries are links: nothing outside of it is written or deleted.

use std::os::unix::fs::symlink;

use super::*;

/// A run folder, and beside it what must stay as it is.
struct Bench {
    folder: tempfile::TempDir,
    run: RunFolder,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let run = run(&folder.path().join("runs"));
        let outside = folder.path().join("outside");
        fs::create_dir_all(outside.join("step-1")).unwrap();
        fs::write(outside.join("step-1/state.json"), "theirs").unwrap();
        fs::write(outside.join("file"), "theirs").unwrap();
        Self { folder, run }
    }

    fn outside(&self) -> PathBuf {
        self.folder.path().join("outside")
    }

    fn link(&self, to: &str, name: &str) {
        symlink(self.outside().join(to), self.run.path().join(name)).unwrap();
    }

    #[track_caller]
    fn nothing_was_touched(&self) {
        let mut names: Vec<_> = fs::read_dir(self.outside()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["file", "step-1"]);
        for name in ["file", "step-1/state.json"] {
            assert_eq!(fs::read(self.outside().join(name)).unwrap(), b"theirs", "{name}");
        }
    }
}

#[test]
fn evaluations_are_written_in_place_of_links() {
    let evaluation = EvaluationReport { step: 4, ..EvaluationReport::default() };
    for name in ["evaluation.json", ".evaluation.json.partial", ".evaluation.lock", "evaluation.unreadable.json"] {
        for target in ["file", "missing"] {
            let mut bench = Bench::new();
            if name.contains("unreadable") {
                fs::write(bench.run.path().join("evaluation.json"), "nothing that reads").unwrap();
            }
            bench.link(target, name);
            bench.run.add_evaluation(&evaluation).unwrap();
            assert_eq!(bench.run.evaluations().unwrap(), std::slice::from_ref(&evaluation));
            assert!(!bench.run.path().join("evaluation.json").is_symlink());
            bench.nothing_was_touched();
        }
    }
}

#[test]
fn a_run_whose_checkpoints_or_metrics_are_links_is_not_trained() {
    for name in ["checkpoints", "metrics.jsonl"] {
        let mut bench = Bench::new();
        if name == "checkpoints" {
            fs::remove_dir(bench.run.path().join(name)).unwrap();
            bench.link("", name);
        } else {
            bench.link("file", name);
        }
        let message = bench.run.lock().unwrap_err().to_string();
        assert!(message.contains("link") && message.contains(name), "{message}");
        if name == "checkpoints" {
            assert_eq!(bench.run.checkpoints().len(), 1, "reading follows links");
            assert!(bench.run.save_checkpoint(&checkpoint(2), 1).is_err());
        } else {
            assert!(bench.run.append_step(&report(1)).is_err());
            assert!(bench.run.truncate_steps(0).is_err());
        }
        bench.nothing_was_touched();
    }
}

#[test]
fn checkpoints_that_are_links_are_replaced_and_removed_as_links() {
    for name in ["step-1", "step-2", ".step-2.partial", ".step-2.old"] {
        for target in ["step-1", "file", "missing"] {
            let mut bench = Bench::new();
            bench.link(target, &format!("checkpoints/{name}"));
            bench.run.save_checkpoint(&checkpoint(2), 1).unwrap();
            bench.run.save_checkpoint(&checkpoint(2), 1).unwrap();
            let mut names: Vec<_> = fs::read_dir(bench.run.path().join("checkpoints"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            names.sort();
            assert_eq!(names, ["step-2"], "{name} to {target}");
            assert!(!bench.run.path().join("checkpoints/step-2").is_symlink());
            bench.nothing_was_touched();
        }
    }
}

#[test]
fn files_within_a_checkpoint_that_are_links_are_removed_with_it() {
    let mut bench = Bench::new();
    let old = bench.run.save_checkpoint(&checkpoint(1), 1).unwrap();
    fs::remove_file(old.join("weights.safetensors")).unwrap();
    symlink(bench.outside().join("file"), old.join("weights.safetensors")).unwrap();
    symlink(bench.outside(), old.join("more")).unwrap();
    bench.run.save_checkpoint(&checkpoint(2), 1).unwrap();
    assert!(!old.exists());
    bench.nothing_was_touched();
}

#[test]
fn what_does_not_read_is_never_set_aside_through_a_link() {
    let mut bench = Bench::new();
    fs::write(bench.run.path().join("metrics.jsonl"), "nothing that reads\n").unwrap();
    bench.link("file", "metrics.unreadable.jsonl");
    assert!(bench.run.truncate_steps(0).is_err());
    assert_eq!(fs::read(bench.run.path().join("metrics.jsonl")).unwrap(), b"nothing that reads\n");
    bench.nothing_was_touched();
}

#[test]
fn a_link_in_place_of_the_lock_is_none() {
    let mut bench = Bench::new();
    bench.link("file", ".lock");
    assert_eq!(bench.run.lock().unwrap(), None);
    bench.nothing_was_touched();
}

#[test]
fn a_run_that_shares_its_files_with_a_backup_leaves_the_backup_alone() {
    let mut bench = Bench::new();
    for step in 1..=4 {
        bench.run.append_step(&report(step)).unwrap();
    }
    let (path, backup) = (bench.run.path().join("metrics.jsonl"), bench.folder.path().join("backup"));
    fs::hard_link(&path, &backup).unwrap();
    let before = fs::read(&backup).unwrap();
    assert_eq!(bench.run.truncate_steps(2).unwrap().steps.len(), 2);
    bench.run.append_step(&report(3)).unwrap();
    assert_eq!(bench.run.steps().unwrap().len(), 3);
    assert_eq!(fs::read(&backup).unwrap(), before);
}
