//! Folders that others remove with all that is in them while they are written to: `rm -rf` does not see what is made behind
//! its back, and leaves that.

use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, Instant};

use super::*;
use crate::protocol::Happening;

fn evaluation(step: u64) -> EvaluationReport {
    counted(step).report
}

/// A run that trains, with something of everything that is written meanwhile.
fn begun(folder: &Path) -> RunFolder {
    let mut run = run(folder);
    run.lock().unwrap();
    assert!(write_everything(&mut run, 1).is_ok());
    run
}

fn write_everything(run: &mut RunFolder, step: u64) -> Result<(), RunError> {
    run.append_step(&report(step))?;
    run.record(&RunFolder::happening(step, Happening::Pause))?;
    run.save_checkpoint(&checkpoint(step), 2)?;
    run.keep_evaluation(&counted(step)).map(drop)
}

/// Removes what is in a folder now, but for one file.
fn empty(folder: &Path, but: &str) {
    for entry in fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.file_name() != but) {
        crate::files::remove_entry(&entry.path()).unwrap();
    }
}

/// Makes an entry, whatever became of the folder that it belongs in.
fn make(path: &Path) {
    let all = path.parent().unwrap();
    if !all.exists() {
        fs::create_dir(all).unwrap();
    }
    if path.ends_with("step-7") {
        fs::create_dir(path).unwrap();
        fs::write(path.join("state.json"), "of this run").unwrap();
    } else {
        fs::write(path, "of this run").unwrap();
    }
}

const MADE: [&str; 8] = [
    "metrics.jsonl",
    "record.jsonl",
    "evaluation.json",
    ".evaluation.lock",
    ".lock",
    "checkpoints/step-7",
    "scenes/test.counts",
    "album/val-a-0000000000000000-step-7.page",
];

#[track_caller]
fn is_gone<T: std::fmt::Debug>(written: Result<T, RunError>, found: &str) {
    let refused = written.unwrap_err();
    assert!(matches!(&refused, RunError::Gone { found: there, .. } if there == found), "{refused}");
}

#[test]
fn what_is_made_while_others_remove_the_folder_goes_with_it() {
    for name in MADE {
        let folder = tempfile::tempdir().unwrap();
        let mut run = begun(folder.path());
        let path = run.path().join(name);
        let made = run.making(&[path.parent().unwrap(), &path], |run| {
            empty(run.path(), "");
            make(&path);
            Ok(())
        });
        is_gone(made, "nothing");
        assert!(!run.path().exists(), "{name} is left");
    }
}

#[test]
fn what_was_made_before_the_recipe_went_goes_at_the_next_write_or_at_the_end() {
    for (number, name) in MADE.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = begun(folder.path());
        let path = run.path().join(name);
        let made = run.making(&[path.parent().unwrap(), &path], |run| {
            empty(run.path(), "recipe.toml");
            make(&path);
            Ok(())
        });
        made.unwrap();
        let place = run.path().to_owned();
        fs::remove_file(place.join("recipe.toml")).unwrap();
        match number % 3 {
            0 => is_gone(run.append_step(&report(2)), "nothing"),
            1 => is_gone(run.save_checkpoint(&checkpoint(2), 2), "nothing"),
            _ => drop(run),
        }
        assert!(!place.exists(), "{name} is left");
    }
}

#[test]
fn a_run_that_has_lost_its_recipe_alone_keeps_all_the_rest_and_goes_on_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = begun(folder.path());
    write_everything(&mut run, 2).unwrap();
    let (recipe, aside) = (run.path().join("recipe.toml"), folder.path().join("aside"));
    fs::rename(&recipe, &aside).unwrap();
    is_gone(write_everything(&mut run, 3), "a folder without its recipe.toml");
    fs::rename(&aside, &recipe).unwrap();
    run.take_up().unwrap();
    write_everything(&mut run, 4).unwrap();
    assert_eq!(run.steps().unwrap().len(), 4);
    assert_eq!(run.evaluations().unwrap(), [1, 2, 4].map(evaluation));
    assert_eq!(run.checkpoints().iter().map(|(step, _)| *step).collect::<Vec<_>>(), [4, 2]);
    assert_eq!(run.recorded().unwrap().0.len(), 3);
}

#[test]
fn an_evaluation_by_a_program_that_does_not_train_leaves_nothing_either() {
    let folder = tempfile::tempdir().unwrap();
    let place = begun(folder.path()).path().to_owned();
    let mut other = RunFolder::open(&place).unwrap();
    let mut locked = other.lock_evaluations().unwrap();
    empty(&place, "");
    is_gone(locked.add(&evaluation(2), counted(2).scenes.as_ref()), "nothing");
    assert!(!place.exists());
}

#[test]
fn checkpoints_that_are_older_stay_whatever_else_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = begun(folder.path());
    let Some(before) = Instant::now().checked_sub(Duration::from_mins(2)) else { return };
    for (_, at) in run.made.entries.values_mut() {
        *at = before;
    }
    run.in_place().unwrap();
    for entry in fs::read_dir(run.path()).unwrap().flatten().filter(|entry| entry.file_name() != "checkpoints") {
        crate::files::remove_entry(&entry.path()).unwrap();
    }
    is_gone(run.append_step(&report(2)), "a folder without its recipe.toml");
    assert_eq!(run.checkpoints().len(), 1);
}

#[test]
fn what_others_put_into_the_folder_meanwhile_stays_and_no_link_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = begun(folder.path());
    let (place, outside) = (run.path().to_owned(), folder.path().join("outside"));
    fs::create_dir_all(outside.join("step-9")).unwrap();
    let evaluations = place.join("evaluation.json");
    let made = run.making(&[&evaluations], |run| {
        empty(run.path(), "");
        make(&evaluations);
        symlink(&outside, run.path().join("checkpoints")).unwrap();
        fs::write(run.path().join("notes.txt"), "theirs").unwrap();
        Ok(())
    });
    is_gone(made, "a folder without its recipe.toml");
    let mut left: Vec<_> = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["checkpoints", "notes.txt"]);
    assert!(outside.join("step-9").is_dir());
}

#[test]
fn a_folder_that_is_removed_while_everything_is_written_is_gone_afterwards() {
    for round in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let mut run = begun(folder.path());
        let place = run.path().to_owned();
        let removing = format!("sleep 0.{:04}; exec rm -rf \"$0\"", 5 * round);
        let mut remover = Command::new("sh").arg("-c").arg(removing).arg(&place).spawn().unwrap();
        let mut step = 1;
        // What else goes wrong while files go is tried again.
        while !matches!(write_everything(&mut run, step), Err(RunError::Gone { .. })) {
            step += 1;
        }
        let removed = remover.wait().unwrap();
        let made: Vec<PathBuf> = run.made.entries.keys().cloned().collect();
        drop(run);
        let left = super::super::remains::listing(&place);
        assert!(!place.exists(), "round {round}: {left:?} are left of what was made, {made:?}; {removed:?}");
    }
}
