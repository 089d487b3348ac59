//! Several programs on one run.

use std::sync::Barrier;

use super::*;

#[test]
fn one_writer_at_a_time_and_readers_any_number() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = run(folder.path());
    assert_eq!(first.lock().unwrap(), None);
    let mut second = RunFolder::open(first.path()).unwrap();
    let message = second.lock().unwrap_err().to_string();
    let holder = format!("process {}", std::process::id());
    assert!(message.contains(&holder) && message.contains("stop it"), "{message}");
    first.append_step(&report(1)).unwrap();
    first.save_checkpoint(&checkpoint(1), 1).unwrap();
    assert_eq!(second.steps().unwrap(), [report(1)]);
    assert!(second.newest_checkpoint().unwrap().0.is_some());
    second.add_evaluation(&EvaluationReport::default()).unwrap();
    assert_eq!(first.lock().unwrap(), None, "its own lock is in nobody's way");
    drop(first);
    assert_eq!(second.lock().unwrap(), None);
}

#[test]
fn a_lock_left_behind_by_a_program_that_has_ended_locks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    fs::write(run.path().join(".lock"), "process 1 on another computer, since 2026-01-01T00:00:00Z").unwrap();
    assert_eq!(run.lock().unwrap(), None);
}

#[test]
fn a_lock_that_was_removed_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.lock().unwrap();
    fs::remove_file(run.path().join(".lock")).unwrap();
    let mut other = RunFolder::open(run.path()).unwrap();
    other.lock().unwrap();
    assert!(RunFolder::open(run.path()).unwrap().lock().is_err());
}

#[test]
fn all_of_many_evaluations_at_the_same_time_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = run(folder.path()).path().to_owned();
    let (count, barrier) = (25, Barrier::new(25));
    std::thread::scope(|scope| {
        for step in 0..count {
            let (path, barrier) = (&path, &barrier);
            scope.spawn(move || {
                let mut run = RunFolder::open(path).unwrap();
                let report = EvaluationReport { step, ..EvaluationReport::default() };
                barrier.wait();
                assert_eq!(run.add_evaluation(&report).unwrap(), None);
            });
        }
    });
    let mut steps: Vec<u64> =
        RunFolder::open(&path).unwrap().evaluations().unwrap().iter().map(|report| report.step).collect();
    steps.sort_unstable();
    assert_eq!(steps, (0..count).collect::<Vec<_>>());
}

#[test]
fn runs_that_begin_in_the_same_second_have_folders_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let (count, barrier) = (12, Barrier::new(12));
    let mut paths: Vec<PathBuf> = std::thread::scope(|scope| {
        let begun: Vec<_> = (0..count)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    run(folder.path()).path().to_owned()
                })
            })
            .collect();
        begun.into_iter().map(|begun| begun.join().unwrap()).collect()
    });
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), count);
    for path in paths {
        assert!(RunFolder::open(&path).is_ok(), "{}", path.display());
    }
}

#[test]
fn a_lock_that_was_removed_is_taken_again_unless_another_program_was_quicker() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.lock().unwrap();
    let lock = run.path().join(".lock");
    fs::remove_file(&lock).unwrap();
    run.append_step(&report(1)).unwrap();
    assert!(lock.is_file(), "it is there again");
    assert!(RunFolder::open(run.path()).unwrap().lock().is_err(), "and keeps others out");
    fs::remove_file(&lock).unwrap();
    let mut other = RunFolder::open(run.path()).unwrap();
    other.lock().unwrap();
    for _ in 0..2 {
        let refused = run.append_step(&report(2)).unwrap_err();
        assert!(
            matches!(refused, RunError::Gone { .. }) && refused.to_string().contains("another program"),
            "{refused}"
        );
    }
    drop(other);
}
