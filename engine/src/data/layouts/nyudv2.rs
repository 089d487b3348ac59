//! NYUDv2: 1449 indoor RGB-depth images with 40 classes, and their usual joining to 13.
//!
//! CMX's loader opens HHA, and SMMCL's both images, with blue first; here red comes first, as the files have it. CMX's
//! labels have void at 0, those of CEN at 255.

use std::path::Path;

use super::evidence::Signs;
use super::parts::{depth_and_channels, first_file, has_folders, is_number, listed_splits, manifest, proposal, words};
use crate::data::manifest::{ClassMap, LabelFiles, Manifest, ModalityFiles, SplitSource};
use crate::data::palette::voc_colour;
use crate::data::sample::{IGNORE, ModalityKind};
use crate::progress::disk;

/// CMX's labels: 1 to 40, and 0 for void.
pub(super) const CMX_SIGNS: Signs = Signs { is_id: is_number, ids: "numbers", max_label: 40, size: (640, 480) };

/// CEN's labels: 0 to 39.
pub(super) const CEN_SIGNS: Signs = Signs { max_label: 39, ..CMX_SIGNS };

const LISTS: &[&str] = &["train", "val", "test"];

/// The 13-class map's name.
pub(crate) const NYU13: &str = "nyu13";

/// All labelled scenes in one file of MATLAB's version 7.3, as the data set's page has it.
pub(super) const LABELLED: &str = "nyu_depth_v2_labeled.mat";

/// Its labels: the place of a name among its 894, from 1, and 0 for void.
pub(super) const LABELLED_SIGNS: Signs = Signs { max_label: 894, ..CMX_SIGNS };

/// Which scenes its authors test on.
const TEST: &str = include_str!("nyudv2/test.txt");

/// From its 894 names to 40 classes.
const CLASSES: &str = include_str!("nyudv2/classes.txt");

/// The folder of CMX: `RGB/`, `HHA/` or raw `Depth/`, `Label/` with 1 to 40 and 0 for void.
pub(super) fn cmx(root: &Path) -> Option<Manifest> {
    if !has_folders(root, &["RGB", "Label"]) {
        return None;
    }
    let colour = ModalityFiles::new("colour", ModalityKind::Colour, "RGB/{id}.*");
    let (depth, class_map) = if has_folders(root, &["HHA"]) {
        let hha = ModalityFiles { channels: Some(3), ..ModalityFiles::new("depth", ModalityKind::Depth, "HHA/{id}.*") };
        (hha, "")
    } else if has_folders(root, &["Depth"]) {
        // Raw depth is what demonstrations and small models use, and those work with 13 classes.
        (raw_depth(root, "Depth/{id}.*", MILLIMETRES), NYU13)
    } else {
        return None;
    };
    let labels = LabelFiles { offset: -1, ignore: vec![0], ..labels("Label/{id}.png") };
    Some(nyudv2(root, vec![colour, depth], labels, class_map))
}

/// The folder of CEN and TokenFusion: `rgb/`, `depth/`, `masks/` with 0 to 39 and 255 for void.
pub(super) fn cen(root: &Path) -> Option<Manifest> {
    if !has_folders(root, &["rgb", "depth", "masks"]) {
        return None;
    }
    let colour = ModalityFiles::new("colour", ModalityKind::Colour, "rgb/{id}.*");
    let depth = raw_depth(root, "depth/{id}.*", CEN_STEPS);
    Some(nyudv2(root, vec![colour, depth], labels("masks/{id}.png"), ""))
}

/// The labelled file itself: `images`, in-painted `depths` in metres, and `labels`, 894 names of which 40 classes come.
/// Its scenes are counted from 0, as CMX has them. Lists beside it say what its splits are; else those of its authors.
pub(super) fn labelled(root: &Path) -> Option<Manifest> {
    if !disk::is_file(&root.join(LABELLED)) {
        return None;
    }
    let pattern = |variable: &str| format!("{LABELLED}/{variable}/{{id}}");
    let colour = ModalityFiles::new("colour", ModalityKind::Colour, &pattern("images"));
    let depth = raw_depth(root, &pattern("depths"), MILLIMETRES);
    let map = (1..).zip(numbers(CLASSES)).map(|(stored, class)| [stored, class - 1]);
    let labels = LabelFiles { map: map.collect(), ignore: vec![0], ..labels(&pattern("labels")) };
    let mut manifest = nyudv2(root, vec![colour, depth], labels, NYU13);
    let is_whole = |last: usize| disk::is_file(&root.join(pattern("images").replace("{id}", &last.to_string())));
    if manifest.splits == [SplitSource::found("test")] && is_whole(SCENES - 1) && !is_whole(SCENES) {
        manifest.splits = splits_of_authors();
    }
    Some(manifest)
}

/// Scenes in the labelled file.
const SCENES: usize = 1449;

/// Training on 795 scenes and testing on 654.
fn splits_of_authors() -> Vec<SplitSource> {
    let mut is_test = [false; SCENES];
    for run in words_of(TEST) {
        let (first, last) = run.split_once('-').unwrap_or((run, run));
        if let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse::<usize>()) {
            is_test[first..=last].fill(true);
        }
    }
    let split = |name: &str, wanted: bool| {
        let ids = is_test.iter().enumerate().filter(|(_, is_test)| **is_test == wanted).map(|(id, _)| id.to_string());
        SplitSource { name: name.to_owned(), ids: Some(ids.collect()), ..SplitSource::default() }
    };
    vec![split("train", false), split("test", true)]
}

/// The words of a text whose comments begin with `#`.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
}

fn numbers(text: &str) -> impl Iterator<Item = i32> {
    words_of(text).filter_map(|word| word.parse().ok())
}

/// Metres in a step of a 16-bit depth file that holds millimetres.
const MILLIMETRES: f32 = 0.001;

/// Metres in a step of CEN's 16-bit depth files: its code multiplies them by 1/5000.
const CEN_STEPS: f32 = 1.0 / 5000.0;

/// Depth in metres: 16-bit files by their step, 8-bit files ten metres in 255 steps, a half step added.
fn raw_depth(root: &Path, pattern: &str, step: f32) -> ModalityFiles {
    let bits = first_file(root, pattern).map_or(8, |(_, file)| depth_and_channels(&file).0);
    let (scale, offset) = match bits {
        16 => (step, 0.0),
        32 => (1.0, 0.0),
        _ => (1.0 / 25.5, 0.5 / 25.5),
    };
    ModalityFiles {
        bit_depth: bits,
        scale: Some(scale),
        offset,
        unit: "m".to_owned(),
        low: Some(0.0),
        high: Some(10.0),
        ..ModalityFiles::new("depth", ModalityKind::Depth, pattern)
    }
}

fn nyudv2(root: &Path, modalities: Vec<ModalityFiles>, labels: LabelFiles, class_map: &str) -> Manifest {
    Manifest {
        labels: Some(labels),
        class_map: class_map.to_owned(),
        proposals: vec![proposal(
            "smmcl",
            "SMMCL on NYUDv2: 600 epochs with 10 of 49 steps warming up; all 40 classes",
            &["data.class_map=none", "training.epochs=600", "training.warmup_steps=490"],
        )],
        class_maps: vec![thirteen()],
        ..manifest("NYUDv2", modalities, listed_splits(root, LISTS))
    }
}

/// The 40 classes, in the Pascal VOC colours whose first entry stands for void.
fn labels(pattern: &str) -> LabelFiles {
    let names = words(&[
        "wall",
        "floor",
        "cabinet",
        "bed",
        "chair",
        "sofa",
        "table",
        "door",
        "window",
        "bookshelf",
        "picture",
        "counter",
        "blinds",
        "desk",
        "shelves",
        "curtain",
        "dresser",
        "pillow",
        "mirror",
        "floor mat",
        "clothes",
        "ceiling",
        "books",
        "refrigerator",
        "television",
        "paper",
        "towel",
        "shower curtain",
        "box",
        "whiteboard",
        "person",
        "night stand",
        "toilet",
        "sink",
        "lamp",
        "bathtub",
        "bag",
        "other structure",
        "other furniture",
        "other prop",
    ]);
    let colours = (1..=names.len()).map(voc_colour).collect();
    LabelFiles { pattern: pattern.to_owned(), ignore: vec![i32::from(IGNORE)], names, colours, ..LabelFiles::default() }
}

/// The 13 classes of Couprie et al. (ICLR 2013), by id of the 40.
fn thirteen() -> ClassMap {
    ClassMap {
        name: NYU13.to_owned(),
        map: vec![
            11, 4, 5, 0, 3, 8, 9, 11, 12, 5, 7, 5, 12, 9, 5, 12, 5, 6, 6, 4, 6, 2, 1, 5, 10, 6, 6, 6, 6, 6, 6, 5, 6, 6,
            6, 6, 6, 6, 5, 6,
        ],
        names: words(&[
            "bed",
            "books",
            "ceiling",
            "chair",
            "floor",
            "furniture",
            "objects",
            "picture",
            "sofa",
            "table",
            "television",
            "wall",
            "window",
        ]),
        colours: vec![
            [0, 0, 255],
            [233, 89, 48],
            [0, 218, 0],
            [149, 0, 240],
            [222, 241, 24],
            [255, 206, 206],
            [0, 224, 229],
            [106, 136, 204],
            [117, 29, 41],
            [240, 35, 235],
            [0, 167, 156],
            [249, 139, 0],
            [225, 229, 194],
        ],
    }
}
