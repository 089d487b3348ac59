//! The same folders, each with one thing broken: what the report says, and what goes on.

use std::path::Path;

use png::ColorType;

use super::opened::count;
use super::sets::{SETS, Set};
use crate::data::fixture::{flat, open, write};
use crate::data::{CheckReport, Dataset, Lack, Problem, Severity, check};
use crate::progress::unwatched;

/// A set with something done to it, opened and checked.
fn damaged(set: &Set, damage: impl Fn(&Path)) -> (tempfile::TempDir, Dataset, CheckReport) {
    let root = tempfile::tempdir().unwrap();
    (set.write)(root.path());
    damage(root.path());
    let dataset = open(root.path()).unwrap_or_else(|error| panic!("{}: {error}", set.name));
    let report = check(root.path(), &mut unwatched).unwrap();
    (root, dataset, report)
}

/// Whether an error of the report names the file, but for its ending where any will do.
fn names(report: &CheckReport, file: &str) -> bool {
    names_as(report, Severity::Error, file)
}

fn names_as(report: &CheckReport, severity: Severity, file: &str) -> bool {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let is_as_bad = |problem: &&Problem| problem.severity == severity;
    report.problems.iter().filter(is_as_bad).any(|problem| problem.text.contains(stem))
}

/// Width and height of its label files.
fn label_size(set: &Set) -> (u32, u32) {
    match set.name {
        "MCubeS" => (196, 4),
        "FMB in the folders of MRFS" => (800, 600),
        _ => (8, 6),
    }
}

/// Reads every scene; the errors.
fn errors(dataset: &Dataset) -> Vec<String> {
    let scenes =
        dataset.splits.iter().flat_map(|split| (0..split.samples.len()).map(move |at| (split.name.as_str(), at)));
    let all: Vec<usize> = (0..dataset.modalities.len()).collect();
    scenes.filter_map(|(split, at)| dataset.sample(split, at, &all).err()).map(|error| error.to_string()).collect()
}

#[test]
fn a_scene_whose_partner_is_missing_is_named_and_left_out() {
    for set in &SETS {
        let whole = damaged(set, |_| {}).1;
        for file in [set.files[1], set.files[2]] {
            let (_root, dataset, report) = damaged(set, |root| std::fs::remove_file(root.join(file)).unwrap());
            assert_eq!(count(&dataset), count(&whole) - 1, "{}", set.name);
            if set.name == "MVSS" && file == set.files[2] {
                // Its labels say which frames are scenes.
                assert!(dataset.skipped().is_empty());
                continue;
            }
            // Lists may name scenes of which nobody has a file.
            let is_all = set.has_joint_files() && file == set.files[1];
            let severity = if is_all { Severity::Warning } else { Severity::Error };
            assert!(names_as(&report, severity, file), "{}: {}", set.name, report.text());
            let [skipped] = dataset.skipped() else { panic!("{}: {:?}", set.name, dataset.skipped()) };
            assert_eq!(skipped.lack == Lack::Everything, is_all, "{}", set.name);
            assert_eq!(skipped.lack == Lack::Label, file == set.files[2], "{}", set.name);
            assert!(errors(&dataset).is_empty(), "{}", set.name);
        }
    }
}

#[test]
fn an_image_of_another_shape_is_named_and_the_others_are_read() {
    for set in &SETS {
        let colour = if set.has_joint_files() { ColorType::Rgba } else { ColorType::Rgb };
        let (_root, dataset, report) = damaged(set, |root| drop(flat(root, set.files[0], 400, 5, colour, 9)));
        assert!(names(&report, set.files[0]), "{}: {}", set.name, report.text());
        let errors = errors(&dataset);
        assert!(matches!(&errors[..], [one] if one.contains(set.files[0])), "{}: {errors:?}", set.name);
    }
}

#[test]
fn a_label_of_no_class_is_named_and_the_others_are_read() {
    for set in &SETS {
        let colour = if set.name == "DELIVER" { ColorType::Rgb } else { ColorType::Grayscale };
        let (width, height) = label_size(set);
        let (_root, dataset, report) = damaged(set, |root| drop(flat(root, set.files[2], width, height, colour, 200)));
        assert!(names(&report, set.files[2]), "{}: {}", set.name, report.text());
        let errors = errors(&dataset);
        assert!(
            matches!(&errors[..], [one] if one.contains("200") && one.contains(set.files[2])),
            "{}: {errors:?}",
            set.name
        );
    }
}

#[test]
fn a_truncated_image_is_named_and_the_others_are_read() {
    for set in &SETS {
        for file in set.files {
            let (_root, dataset, report) = damaged(set, |root| {
                let bytes = std::fs::read(root.join(file)).unwrap();
                write(root, file, &bytes[..bytes.len() / 2]);
            });
            assert!(names(&report, file), "{}: {}", set.name, report.text());
            let errors = errors(&dataset);
            assert!(matches!(&errors[..], [one] if one.contains(file)), "{}: {errors:?}", set.name);
        }
    }
}

#[test]
fn lists_with_foreign_line_ends_and_further_columns_name_the_same_scenes() {
    for set in &SETS {
        let Some((list, split)) = set.list else { continue };
        let whole = damaged(set, |_| {}).1;
        let (_root, dataset, _report) = damaged(set, |root| {
            let text = std::fs::read_to_string(root.join(list)).unwrap();
            let lines: String = text.lines().map(|line| format!("{line}\t480\t640\r\n")).collect();
            write(root, list, format!("\u{feff}{lines}\r\n").as_bytes());
        });
        let ids = |dataset: &Dataset| -> Vec<String> {
            dataset.split(split).unwrap().samples.iter().map(|sample| sample.id().to_owned()).collect()
        };
        assert_eq!(ids(&dataset), ids(&whole), "{}", set.name);
        assert!(dataset.skipped().is_empty() && !dataset.notes.iter().any(|note| note.contains("name no sample")));
    }
}
