//! NYUDv2's labelled file: read where it lies, and damaged.

use std::path::Path;

use super::mat_file::{Kind, Variable, mat_file, write_mat};
use super::{GREY, RGB, ids};
use crate::data::fixture::{flat, open, write};
use crate::data::sample::IGNORE;
use crate::data::{Lack, check};
use crate::kernels::most_bytes;
use crate::progress::unwatched;

const FILE: &str = "nyu_depth_v2_labeled.mat";

/// Rows and columns of its images here.
const SIDES: [usize; 2] = [3, 4];

fn images(place: &[usize]) -> f32 {
    let [row, column, channel, picture] = place else { panic!("{place:?}") };
    ((picture * 100 + channel * 50 + row * 10 + column) % 256) as f32
}

fn metres(place: &[usize]) -> f32 {
    let [row, column, picture] = place else { panic!("{place:?}") };
    if (*row, *column) == (0, 0) { 0.0 } else { *picture as f32 * 0.001 + 1.0 + *column as f32 }
}

/// 894 is the last name, 21 a wall, 5 a chair.
fn stored(place: &[usize]) -> f32 {
    [0.0, 21.0, 5.0, 894.0][place[1] % 4]
}

/// Its variables with as many scenes each.
fn write_labelled(root: &Path, counts: [usize; 3]) {
    let [rows, columns] = SIDES;
    let [colour, depth, labels] = counts;
    write_mat(
        &root.join(FILE),
        &[
            Variable { name: "images", kind: Kind::Byte, sides: &[rows, columns, 3, colour], number: &images },
            Variable { name: "depths", kind: Kind::Single, sides: &[rows, columns, depth], number: &metres },
            Variable { name: "labels", kind: Kind::Word, sides: &[rows, columns, labels], number: &stored },
            Variable { name: "instances", kind: Kind::Byte, sides: &[rows, columns], number: &|_| 0.0 },
        ],
    );
}

fn problems(root: &Path) -> String {
    check(root, &mut unwatched).unwrap().problems.iter().map(|problem| format!("{}\n", problem.text)).collect()
}

#[test]
fn the_labelled_file_opens_itself_and_in_its_folder_with_the_splits_of_its_authors() {
    let root = tempfile::tempdir().unwrap();
    write_labelled(root.path(), [1449; 3]);
    for path in [root.path().to_owned(), root.path().join(FILE)] {
        let dataset = open(&path).unwrap();
        assert_eq!((dataset.name.as_str(), dataset.root.as_path()), ("NYUDv2", root.path()));
        let count = |split: &str| dataset.split(split).unwrap().samples.len();
        assert_eq!((count("train") + count("val"), count("test")), (795, 654));
        assert!(dataset.skipped().is_empty());
        // `splits.mat` tests on 1, 2, 9, 14 and so on, counted from 1.
        assert_eq!(ids(&path, "test")[..4], ["0", "1", "8", "13"]);
        assert_eq!(ids(&path, "test")[653], "1448");
        let sample = dataset.sample("test", 2, &[0, 1]).unwrap();
        let ([rows, columns], scene) = (SIDES, 8);
        let places = || (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        for (at, (row, column)) in places().enumerate() {
            for channel in 0..3 {
                let found = sample.planes[0].values[channel * rows * columns + at];
                assert_eq!(found, images(&[row, column, channel, scene]) / 255.0, "{row}, {column}, {channel}");
            }
            assert_eq!(sample.planes[1].values[at], metres(&[row, column, scene]));
        }
        assert_eq!(sample.planes[1].values[0], dataset.hole(1).unwrap());
        let words = |id: u8| if id == IGNORE { "void" } else { dataset.classes[usize::from(id)].as_str() };
        let found: Vec<&str> = sample.label.unwrap()[..4].iter().map(|&id| words(id)).collect();
        assert_eq!(found, ["void", "wall", "chair", "objects"]);
        let forty = dataset.with_class_map("none").unwrap();
        let label = forty.sample("test", 2, &[]).unwrap().label.unwrap();
        assert_eq!(forty.classes[usize::from(label[3])], "other prop");
    }
}

#[test]
fn the_manifest_of_the_labelled_file_reads_the_same_from_a_file_of_its_own() {
    let root = tempfile::tempdir().unwrap();
    write_labelled(root.path(), [1449; 3]);
    let by_layout = open(root.path()).unwrap();
    write(root.path(), "dataset.toml", by_layout.manifest().to_toml().unwrap().as_bytes());
    for path in [root.path().to_owned(), root.path().join(FILE)] {
        let by_manifest = open(&path).unwrap();
        assert_eq!(by_manifest.summary(), by_layout.summary());
        assert_eq!(by_manifest.sample("test", 3, &[0, 1]).unwrap(), by_layout.sample("test", 3, &[0, 1]).unwrap());
    }
}

#[test]
fn a_file_whose_folder_opens_as_something_else_is_refused() {
    let root = tempfile::tempdir().unwrap();
    write_labelled(root.path(), [2; 3]);
    for (folder, colour) in [("RGB", RGB), ("Depth", GREY), ("Label", GREY)] {
        flat(root.path(), &format!("{folder}/7.png"), 4, 3, colour, 5);
    }
    assert_eq!(ids(root.path(), "test"), ["7"]);
    let said = open(&root.path().join(FILE)).unwrap_err().to_string();
    assert!(said.contains("its folder opens as NYUDv2") && said.contains("a folder of its own"), "{said}");

    let other = tempfile::tempdir().unwrap();
    write_labelled(other.path(), [2; 3]);
    let mine = other.path().join("mine.mat");
    std::fs::rename(other.path().join(FILE), &mine).unwrap();
    let said = open(&mine).unwrap_err().to_string();
    assert!(said.contains("mine.mat/VARIABLE/{id}") && said.contains(FILE), "{said}");
}

#[test]
fn a_file_that_claims_what_no_picture_has_is_refused_before_it_takes_memory() {
    let [rows, columns] = SIDES;
    let claims = |at: usize, found: u64| {
        let root = tempfile::tempdir().unwrap();
        let mut bytes = mat_file(&[
            Variable { name: "images", kind: Kind::Byte, sides: &[rows, columns, 3, 5], number: &images },
            Variable { name: "depths", kind: Kind::Double, sides: &[rows, columns, 5], number: &metres },
            Variable { name: "labels", kind: Kind::Word, sides: &[rows, columns, 5], number: &stored },
        ]);
        let shape: Vec<u8> =
            [5_u64, 3, columns as u64, rows as u64].iter().flat_map(|side| side.to_le_bytes()).collect();
        let place = bytes.windows(shape.len()).position(|found| found == shape).unwrap() + 8 * at;
        bytes[place..place + 8].copy_from_slice(&found.to_le_bytes());
        std::fs::write(root.path().join(FILE), bytes).unwrap();
        let (said, most) = most_bytes(|| match open(root.path()) {
            Ok(dataset) => dataset.sample("test", 0, &[0, 1]).map(drop).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        });
        assert!(most < 20_000_000, "{most} bytes");
        said
    };
    assert_eq!(claims(0, 5), Ok(()));
    assert!(claims(0, 1 << 40).unwrap_err().contains("at most 1000000"));
    assert!(claims(1, 0).unwrap_err().contains("no channels"));
    assert!(claims(1, 17).unwrap_err().contains("found 17"));
    assert!(claims(2, 1 << 33).is_err());
}

#[test]
fn lists_beside_the_labelled_file_say_what_its_splits_are() {
    let root = tempfile::tempdir().unwrap();
    write_labelled(root.path(), [5; 3]);
    assert_eq!(ids(root.path(), "test"), ["0", "1", "2", "3", "4"]);
    write(root.path(), "train.txt", b"RGB/1.jpg Label/1.png\r\n3\tx\r\n");
    write(root.path(), "test.txt", b"4\n");
    let mut train = [ids(root.path(), "train"), ids(root.path(), "val")].concat();
    train.sort();
    assert_eq!((train, ids(root.path(), "test")), (vec!["1".to_owned(), "3".to_owned()], vec!["4".to_owned()]));
}

#[test]
fn scenes_that_a_variable_lacks_are_named_and_left_out() {
    for (counts, lack) in [
        ([5, 4, 5], Lack::Modality("depth".to_owned())),
        ([5, 5, 4], Lack::Label),
        ([5, 4, 4], Lack::Modality("depth".to_owned())),
    ] {
        let root = tempfile::tempdir().unwrap();
        write_labelled(root.path(), counts);
        let dataset = open(root.path()).unwrap();
        let [skipped] = dataset.skipped() else { panic!("{:?}", dataset.skipped()) };
        assert_eq!((skipped.id.as_str(), &skipped.lack), ("4", &lack));
        assert_eq!(dataset.split("test").unwrap().samples.len(), 4);
        let words = if lack == Lack::Label { "labels/4" } else { "depths/4" };
        assert!(problems(root.path()).contains(words), "{}", problems(root.path()));
    }
}

#[test]
fn a_damaged_labelled_file_says_what_is_wrong_with_it() {
    let refused = |variables: &[Variable<'_>], cut: Option<usize>, words: &[&str]| {
        let root = tempfile::tempdir().unwrap();
        let bytes = mat_file(variables);
        std::fs::write(root.path().join(FILE), &bytes[..cut.unwrap_or(bytes.len())]).unwrap();
        let said = match open(root.path()) {
            Ok(dataset) => {
                let error = dataset.sample("test", 0, &[0, 1]).unwrap_err().to_string();
                assert!(error.contains(FILE), "{error}");
                assert!(problems(root.path()).contains(&error), "{error}\n{}", problems(root.path()));
                error
            }
            Err(error) => error.to_string(),
        };
        for words in words {
            assert!(said.contains(words), "{words}: {said}");
        }
    };
    let of = |name, kind, sides, number| Variable { name, kind, sides, number };
    let [colour, depth, labels]: [&[usize]; 3] = [&[3, 4, 3, 5], &[3, 4, 5], &[3, 4, 5]];
    let whole = || of("images", Kind::Byte, colour, &images);
    let deep = || of("depths", Kind::Single, depth, &metres);
    let labelled = || of("labels", Kind::Word, labels, &stored);
    refused(&[whole(), of("depths", Kind::Whole, depth, &metres), labelled()], None, &["depths", "int32", "single"]);
    refused(&[whole(), of("depths", Kind::Byte, &[2, 4, 5], &metres), labelled()], None, &["depths/0"]);
    refused(&[whole(), deep(), of("labels", Kind::Word, labels, &|_| 895.0)], None, &["id 895", "above 894"]);
    refused(&[deep(), labelled()], None, &["no variable `images`; it has depths, labels"]);
    refused(&[whole(), deep(), labelled()], Some(700), &["its variable `images` could not be read", "unexpected end"]);
    refused(&[whole(), deep(), labelled()], Some(400), &["no whole file of MATLAB's version 7.3"]);
    let old = tempfile::tempdir().unwrap();
    write(old.path(), FILE, b"MATLAB 5.0 MAT-file, Platform: GLNXA64");
    for path in [old.path().to_owned(), old.path().join(FILE)] {
        let said = open(&path).unwrap_err().to_string();
        assert!(said.contains("-v7.3") && said.contains(FILE), "{said}");
    }
}

#[test]
fn one_label_of_no_class_and_one_damaged_chunk_are_named_and_the_other_scenes_are_read() {
    let root = tempfile::tempdir().unwrap();
    let [rows, columns] = SIDES;
    let labels = |place: &[usize]| if place[2] == 3 { 900.0 } else { stored(place) };
    let mut bytes = mat_file(&[
        Variable { name: "images", kind: Kind::Byte, sides: &[rows, columns, 3, 6], number: &images },
        Variable { name: "depths", kind: Kind::Single, sides: &[rows, columns, 6], number: &metres },
        Variable { name: "labels", kind: Kind::Word, sides: &[rows, columns, 6], number: &labels },
    ]);
    // The first chunk of the first variable by name, `depths`, which two scenes share halves of.
    let chunk = 512 + 96;
    bytes[chunk..chunk + 4].copy_from_slice(b"oops");
    std::fs::write(root.path().join(FILE), bytes).unwrap();
    let dataset = open(root.path()).unwrap();
    let read: Vec<_> = (0..6).map(|scene| dataset.sample("test", scene, &[0, 1])).collect();
    let wrong: Vec<usize> = (0..6).filter(|&scene| read[scene].is_err()).collect();
    assert_eq!(wrong, [0, 1, 3]);
    let said = problems(root.path());
    for words in ["depths/0", "picture 1 of its variable `depths` is damaged", "labels/3", "900"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn the_file_is_read_anew_once_it_has_changed() {
    let root = tempfile::tempdir().unwrap();
    write_labelled(root.path(), [3; 3]);
    assert_eq!(ids(root.path(), "test").len(), 3);
    write_labelled(root.path(), [4; 3]);
    assert_eq!(ids(root.path(), "test").len(), 4);
}
