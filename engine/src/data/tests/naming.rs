//! Lists, splits and names of files as people have them.

use png::ColorType;

use crate::data::fixture::{SMALL, flat, open, small, write};
use crate::data::{CheckReport, Dataset, Severity, check};
use crate::progress::unwatched;

/// [`small`] with six scenes and these splits.
fn with_splits(splits: &str, lists: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 6);
    let text = SMALL.replace("[[splits]]\nname = \"train\"\n", splits);
    write(root.path(), "dataset.toml", text.as_bytes());
    for (name, list) in lists {
        write(root.path(), name, list.as_bytes());
    }
    root
}

const TRAIN: &str = "[[splits]]\nname = \"train\"\nlist = \"train.txt\"\n";
const BOTH: &str =
    "[[splits]]\nname = \"train\"\nlist = \"train.txt\"\n[[splits]]\nname = \"val\"\nlist = \"val.txt\"\n";

fn ids(dataset: &Dataset, split: &str) -> Vec<String> {
    dataset.split(split).unwrap().samples.iter().map(|sample| sample.id().to_owned()).collect()
}

fn report(root: &std::path::Path) -> CheckReport {
    check(root, &mut unwatched).unwrap()
}

fn has(report: &CheckReport, severity: Severity, words: &[&str]) {
    let fits = |text: &str| words.iter().all(|word| text.contains(word));
    let found = report.problems.iter().any(|problem| problem.severity == severity && fits(&problem.text));
    assert!(found, "{words:?}: {}", report.text());
}

#[test]
fn the_first_column_counts_and_names_that_differ_are_said() {
    for list in [
        "0000D.png 0002D.png\n0001N.png 0003N.png\n",
        "rgb/0000D.png label/0002D.png\nrgb/0001N.png label/0003N.png\n",
        "rgb/0000D.png,depth/0000D.png,label/0002D.png\nrgb/0001N.png,depth/0001N.png,label/0003N.png\n",
    ] {
        let root = with_splits(BOTH, &[("train.txt", list), ("val.txt", "0005N\n")]);
        let dataset = open(root.path()).unwrap();
        assert_eq!(ids(&dataset, "train"), ["0000D", "0001N"], "{list}");
        has(&report(root.path()), Severity::Warning, &["2 lines of train.txt name two files", "0000D", "0002D"]);
    }
    // The first column counts also where its file is missing and the second's is not.
    let root = with_splits(BOTH, &[("train.txt", "0009D.png 0002D.png\n0001N.png\n"), ("val.txt", "0005N\n")]);
    assert_eq!(ids(&open(root.path()).unwrap(), "train"), ["0001N"]);
    let same = "rgb/0000D.png\tlabel/0000D.png\n0001N.png 480 640\n";
    let root = with_splits(BOTH, &[("train.txt", same), ("val.txt", "0005N\n")]);
    assert!(report(root.path()).problems.is_empty(), "{}", report(root.path()).text());
}

#[test]
fn quotes_around_names_are_stripped() {
    for list in [
        "\"image\",\"label\"\n\"rgb/0000D.png\",\"label/0000D.png\"\n\"rgb/0001N.png\",\"label/0001N.png\"\n",
        "'0000D'\n'0001N'\n",
        "\"0000D.png\";\"0000D.png\"\n\"0001N.png\";\"x\"\n",
        "\"0000D.png\" 1\n\"0001N.png\" 2\n",
    ] {
        let root = with_splits(BOTH, &[("train.txt", list), ("val.txt", "0005N\n")]);
        assert_eq!(ids(&open(root.path()).unwrap(), "train"), ["0000D", "0001N"], "{list}");
    }
}

#[test]
fn a_split_that_comes_out_empty_is_an_error_with_the_path_that_was_looked_for() {
    let root = with_splits(BOTH, &[("train.txt", "\n"), ("val.txt", "0005N\n")]);
    has(&report(root.path()), Severity::Error, &["split `train`", "`train.txt` names 0 samples"]);
    let message = open(root.path()).unwrap().split("train").unwrap_err().to_string();
    assert!(message.contains("`train.txt` names 0 samples") && message.contains("this data set has val"), "{message}");
    let root = with_splits(BOTH, &[("train.txt", "0000\n0001\n"), ("val.txt", "0005N\n")]);
    has(
        &report(root.path()),
        Severity::Error,
        &["names 2 samples; the first, `0000`, was looked for at", "rgb/0000.png"],
    );
    let splits = "[[splits]]\nname = \"train\"\nfiles = \"RGB/{id}.png\"\n[[splits]]\nname = \"val\"\nids = [\"0005N\"]\n\
                  [[splits]]\nname = \"test\"\nids = []\n";
    let root = with_splits(splits, &[]);
    has(&report(root.path()), Severity::Error, &["split `train`", "0 files fit `RGB/{id}.png`"]);
    has(&report(root.path()), Severity::Error, &["split `test`", "`ids` names 0 samples"]);
    let splits = "[[splits]]\nname = \"train\"\nids = [\"0001N\"]\n[[splits]]\nname = \"val\"\nfrom = \"train\"\nfraction = 0.5\n";
    let root = with_splits(splits, &[]);
    has(&report(root.path()), Severity::Error, &["split `val` came out empty", "too few"]);
}

#[test]
fn what_is_looked_for_is_named_with_its_near_twin() {
    let root = with_splits(BOTH, &[("train.txt", "0000D\n0001N\n"), ("val.txt", "0005N\n")]);
    std::fs::rename(root.path().join("label"), root.path().join("labels")).unwrap();
    let report_of = |root: &std::path::Path| report(root);
    has(
        &report_of(root.path()),
        Severity::Error,
        &["split `train` has no labels", "label/0000D.png", "labels/0000D.png is there"],
    );
    let notes = open(root.path()).unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("labels/0000D.png is there")), "{notes:?}");
    std::fs::remove_dir_all(root.path().join("labels")).unwrap();
    has(&report_of(root.path()), Severity::Error, &["split `train` has no labels", "looked for", "label/0000D.png"]);
    let root = with_splits(BOTH, &[("train.txt", "0000D\n0001N\n"), ("val.txt", "0005N\n")]);
    std::fs::rename(root.path().join("depth/0000D.png"), root.path().join("depth/0000D.tif")).unwrap();
    has(
        &report_of(root.path()),
        Severity::Error,
        &["lacks its depth image", "depth/0000D.tif is there", "depth/0000D.png"],
    );
}

#[test]
fn some_splits_without_labels_are_no_error() {
    let root = with_splits(BOTH, &[("train.txt", "0000D\n0001N\n"), ("val.txt", "0005N\n")]);
    std::fs::remove_file(root.path().join("label/0005N.png")).unwrap();
    let report = report(root.path());
    assert!(
        !report.has_errors() && report.notes.iter().any(|note| note.contains("`val` has no labels")),
        "{}",
        report.text()
    );
}

#[test]
fn scenes_that_two_splits_share_are_counted() {
    let root = with_splits(BOTH, &[("train.txt", "0000D\n0001N\n0002D\n"), ("val.txt", "0002D\n0001N\n0005N\n")]);
    has(&report(root.path()), Severity::Warning, &["`train` and `val` share 2 scenes", "0001N", "trained on"]);
    let notes = open(root.path()).unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("share 2 scenes")), "{notes:?}");
    let test = BOTH.replace("train", "test");
    let root = with_splits(&test, &[("test.txt", "0000D\n0001N\n"), ("val.txt", "0001N\n")]);
    let found = report(root.path());
    assert!(
        found.problems.is_empty() && found.text().contains("note: splits `test` and `val` share 1 scenes"),
        "{}",
        found.text()
    );
}

#[test]
fn one_name_in_two_folders_is_no_overlap() {
    let root = tempfile::tempdir().unwrap();
    for split in ["train", "val"] {
        flat(root.path(), &format!("{split}/1.png"), 4, 4, ColorType::Rgb, 7);
    }
    let text = "version = 1\nname = \"x\"\nmodalities = [{ name = \"c\", kind = \"colour\", pattern = \"{split}/{id}.png\" }]\n\
                splits = [{ name = \"train\" }, { name = \"val\" }]\n";
    write(root.path(), "dataset.toml", text.as_bytes());
    assert!(open(root.path()).unwrap().notes.is_empty(), "{:?}", open(root.path()).unwrap().notes);
}

#[test]
fn ids_that_begin_with_a_hash_are_no_comments_where_they_have_files() {
    let root = with_splits(TRAIN, &[("train.txt", "# ids\n#4\n#5 x\n#none\n0001N\n0002D\n")]);
    for folder in ["rgb", "depth", "label"] {
        for id in ["#4", "#5"] {
            let folder = root.path().join(folder);
            std::fs::copy(folder.join("0000D.png"), folder.join(format!("{id}.png"))).unwrap();
        }
    }
    let dataset = open(root.path()).unwrap();
    let mut all = ids(&dataset, "train");
    all.extend(dataset.splits.iter().filter(|split| split.held_out).flat_map(|split| ids(&dataset, &split.name)));
    all.sort();
    assert_eq!(all, ["#4", "#5", "0001N", "0002D"]);
    assert!(dataset.skipped().is_empty(), "{:?}", dataset.skipped());
}

#[test]
fn endings_fit_in_any_letter_case() {
    for (pattern, ending) in
        [("rgb/{id}.*", "Png"), ("rgb/{id}.png", "PNG"), ("rgb/{id}.PNG", "png"), ("rgb/{id}.*", "pNG")]
    {
        let root = tempfile::tempdir().unwrap();
        small(root.path(), 4);
        for file in std::fs::read_dir(root.path().join("rgb")).unwrap().flatten() {
            std::fs::rename(file.path(), file.path().with_extension(ending)).unwrap();
        }
        write(root.path(), "dataset.toml", SMALL.replace("rgb/{id}.png", pattern).as_bytes());
        let found = report(root.path());
        assert!(found.problems.is_empty(), "{pattern} {ending}: {}", found.text());
        assert_eq!(found.splits.iter().map(|split| split.samples).sum::<u64>(), 4);
        // Lists drop such an ending too.
        write(root.path(), "train.txt", format!("0000D.{ending}\n0001N.{ending}\n").as_bytes());
        let text = SMALL.replace("rgb/{id}.png", pattern).replace("[[splits]]\nname = \"train\"\n", TRAIN);
        write(root.path(), "dataset.toml", text.as_bytes());
        assert!(report(root.path()).problems.is_empty(), "{pattern} {ending}: {}", report(root.path()).text());
    }
}

#[test]
fn two_files_for_one_id_are_said_and_the_preferred_is_taken() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 4);
    for other in ["rgb/0000D.JPG", "rgb/0001N.Png"] {
        std::fs::copy(root.path().join("rgb/0002D.png"), root.path().join(other)).unwrap();
    }
    write(root.path(), "dataset.toml", SMALL.replace("rgb/{id}.png", "rgb/{id}.*").as_bytes());
    has(&report(root.path()), Severity::Warning, &["2 ids have more than one colour image", "0000D.png", "0000D.JPG"]);
    let dataset = open(root.path()).unwrap();
    let files: Vec<_> =
        dataset.splits.iter().flat_map(|split| &split.samples).map(|sample| sample.file(0).unwrap()).collect();
    assert!(files.len() == 4 && files.iter().all(|file| file.extension().unwrap() == "png"), "{files:?}");
}
