use png::ColorType;

use crate::data::fixture::{SMALL, flat, small, write};
use crate::data::{CheckReport, Severity, check};
use crate::progress::unwatched;

fn report(root: &std::path::Path) -> CheckReport {
    check(root, &mut unwatched).unwrap()
}

fn problem<'a>(report: &'a CheckReport, file: &str) -> &'a crate::data::Problem {
    let found = report.problems.iter().find(|problem| problem.file.ends_with(file));
    found.unwrap_or_else(|| panic!("no problem with {file}: {}", report.text()))
}

#[test]
fn a_sound_data_set_has_no_problem_and_counts_add_up() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 10);
    let report = report(root.path());
    assert!(!report.has_errors() && report.problems.is_empty(), "{}", report.text());
    assert_eq!(report.splits.iter().map(|split| split.samples).collect::<Vec<_>>(), [9, 1]);
    assert_eq!(report.splits.iter().filter_map(|split| split.tags.get("night")).sum::<u64>(), 5);
    assert_eq!(report.histogram.iter().map(|class| class.pixels).collect::<Vec<_>>(), [160, 160, 160, 0]);
    let of_splits = |class: usize| report.splits.iter().map(|split| split.pixels[class]).sum::<u64>();
    assert_eq!([0, 1, 2].map(of_splits), [160, 160, 160]);
    assert!(report.sizes.iter().all(|size| (size.width, size.height, size.files) == (8, 6, 10)));
    assert!(report.text().contains("0 errors, 0 warnings"));
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<CheckReport>(&json).unwrap(), report);
}

#[test]
fn every_fault_is_reported_with_its_file() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    small(root, 10);
    write(root, "rgb/0000D.png", b"");
    std::fs::remove_file(root.join("depth/0001N.png")).unwrap();
    std::fs::remove_file(root.join("label/0002D.png")).unwrap();
    flat(root, "label/0003N.png", 8, 6, ColorType::Grayscale, 9);
    flat(root, "depth/0004D.png", 8, 6, ColorType::Grayscale, 9);
    flat(root, "rgb/0005N.png", 6, 8, ColorType::Rgb, 9);
    flat(root, "rgb/0006D.png", 16, 12, ColorType::Rgb, 9);
    let report = report(root);
    for (file, words) in [
        ("rgb/0000D.png", "the file is empty"),
        ("depth/0001N.png", "lacks its depth image"),
        ("label/0002D.png", "lacks its label"),
        ("label/0003N.png", "label id 9 is out of range"),
        ("depth/0004D.png", "expected 16 bits a value, found 8"),
        ("rgb/0005N.png", "found 6 × 8"),
    ] {
        let problem = problem(&report, file);
        assert_eq!(problem.severity, Severity::Error);
        assert!(problem.text.contains(words) && problem.text.ends_with(file), "{}", problem.text);
    }
    assert_eq!(problem(&report, "rgb/0006D.png").severity, Severity::Warning);
    assert!(report.has_errors() && report.text().contains("6 errors, 1 warnings"), "{}", report.text());
}

#[test]
fn absent_listed_samples_and_unseen_classes_are_warnings() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 4);
    let text = SMALL.replace("\"sky\"]", "\"sky\", \"ghost\"]").replace("map = [0, 1, 0]", "map = [0, 1, 0, 0]");
    let text = text.replace("name = \"train\"", "name = \"train\"\nids = [\"0000D\", \"0001N\", \"0001N_flip\"]");
    write(root.path(), "dataset.toml", text.as_bytes());
    let report = report(root.path());
    assert!(!report.has_errors(), "{}", report.text());
    assert!(report.text().contains("`0001N_flip`") && report.text().contains("class 3 (ghost) has no pixel"));
}

#[test]
fn what_cannot_be_opened_is_a_report_with_an_error() {
    let root = tempfile::tempdir().unwrap();
    let report = report(root.path());
    assert!(report.has_errors() && report.text().contains("no data set recognised"));
}
