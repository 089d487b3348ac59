//! What evaluations counted in single scenes.

use super::*;

fn files(run: &RunFolder) -> Vec<String> {
    let entries = fs::read_dir(run.path().join("scenes")).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn on(split: &str, missing: &str, step: u64) -> Evaluated {
    let mut evaluated = counted(step);
    evaluated.report.split = split.to_owned();
    evaluated.report.missing = missing.to_owned();
    evaluated
}

#[test]
fn counts_come_back_with_their_evaluation_and_there_are_none_where_none_were_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    assert_eq!(run.scene_counts(&counted(1).report).unwrap(), None);
    run.add_evaluation(&counted(1).report).unwrap();
    assert_eq!((run.scene_counts(&counted(1).report).unwrap(), files(&run)), (None, Vec::new()));
    assert_eq!(run.keep_evaluation(&counted(1)).unwrap(), None);
    assert_eq!(RunFolder::open(run.path()).unwrap().scene_counts(&counted(1).report).unwrap(), counted(1).scenes);
    // In place of an evaluation stands one of the same split and step, whose counts were not kept.
    run.add_evaluation(&counted(1).report).unwrap();
    assert_eq!((run.scene_counts(&counted(1).report).unwrap(), files(&run)), (None, Vec::new()));
}

#[test]
fn the_newest_counts_stay_of_each_split_and_way_of_missing() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    for step in 1..=4 {
        for (split, missing) in [("val", "drop"), ("val", "zeros"), ("te/st", "drop")] {
            run.keep_evaluation(&on(split, missing, step)).unwrap();
        }
    }
    assert_eq!(files(&run).len(), 3, "{:?}", files(&run));
    assert!(files(&run)[0].starts_with("te-st-step-4-"), "{:?}", files(&run));
    assert_eq!(run.scene_counts(&on("val", "zeros", 4).report).unwrap(), counted(4).scenes);
    assert_eq!(run.scene_counts(&on("val", "zeros", 3).report).unwrap(), None);
    // A resumed run makes the later ones again, and an earlier one by hand is not the newest.
    run.truncate_evaluations(3).unwrap();
    assert_eq!(files(&run), Vec::<String>::new());
    run.keep_evaluation(&on("val", "drop", 4)).unwrap();
    run.keep_evaluation(&on("val", "drop", 2)).unwrap();
    assert_eq!(run.scene_counts(&on("val", "drop", 4).report).unwrap(), counted(4).scenes);
    assert_eq!(files(&run).len(), 1);
}

#[test]
fn damaged_counts_and_those_of_another_evaluation_are_refused_and_cost_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.keep_evaluation(&counted(1)).unwrap();
    let path = run.counts_path(&counted(1).report);
    let mut other = counted(1).report;
    other.subsets[0].confusion[2] += 1;
    let refused = run.scene_counts(&other).unwrap_err().to_string();
    assert!(refused.contains("another evaluation") && refused.ends_with(".counts"), "{refused}");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let refused = run.scene_counts(&counted(1).report).unwrap_err().to_string();
    assert!(refused.contains("cut or changed"), "{refused}");
    assert_eq!(run.evaluations().unwrap(), [counted(1).report]);
}

#[test]
fn an_evaluation_is_kept_whose_counts_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    fs::write(run.path().join("scenes"), "in the way").unwrap();
    let said = run.keep_evaluation(&counted(1)).unwrap().unwrap();
    assert!(said.contains("counts of single scenes") && said.contains("scenes"), "{said}");
    assert_eq!(run.evaluations().unwrap(), [counted(1).report]);
}

#[cfg(unix)]
#[test]
fn counts_are_not_written_or_removed_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (mut run, outside) = (run(folder.path()), folder.path().join("outside"));
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("theirs.counts"), "theirs").unwrap();
    std::os::unix::fs::symlink(&outside, run.path().join("scenes")).unwrap();
    let said = run.keep_evaluation(&counted(1)).unwrap().unwrap();
    assert!(said.contains("link"), "{said}");
    run.truncate_evaluations(0).unwrap();
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(run.evaluations().unwrap(), []);
}
