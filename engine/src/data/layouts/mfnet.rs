//! MFNet: RGB-thermal streets by day and night, 1569 pairs of 640 × 480.

use std::path::Path;

use super::{
    Manifest, ModalityFiles, ModalityKind, colour_and_thermal, day_and_night, depth_and_channels, first_file,
    has_folders, is_day_or_night, listed_splits, manifest, words,
};
use crate::data::manifest::LabelFiles;

const LISTS: &[&str] = &["train", "val", "test"];

/// The official folder: `images/00001D.png` with thermal as the fourth channel, `labels/`, lists in the root.
pub(super) fn official(root: &Path) -> Option<Manifest> {
    if !has_folders(root, &["images", "labels"]) {
        return None;
    }
    let (id, file) = first_file(root, "images/{id}.png")?;
    if !is_day_or_night(&id) || depth_and_channels(&file) != (8, 4) {
        return None;
    }
    let colour = ModalityFiles {
        first_channel: Some(0),
        ..ModalityFiles::new("colour", ModalityKind::Colour, "images/{id}.png")
    };
    let thermal = ModalityFiles {
        first_channel: Some(3),
        ..ModalityFiles::new("thermal", ModalityKind::Thermal, "images/{id}.png")
    };
    Some(mfnet(root, vec![colour, thermal], "labels/{id}.png"))
}

/// The split of CMX and CMNeXt: `rgb/`, `ther/`, `labels/`, `train.txt`, `test.txt`.
pub(super) fn cmx(root: &Path) -> Option<Manifest> {
    let found = has_folders(root, &["rgb", "ther", "labels"]);
    found.then(|| mfnet(root, colour_and_thermal("rgb/{id}.*", "ther/{id}.*"), "labels/{id}.png"))
}

/// The split of MRFS and AMDANet: `Visible/`, `Infrared/`, `Label/`. Other data sets come in the same folders; MFNet's ids
/// tell it from them.
pub(super) fn mrfs(root: &Path) -> Option<Manifest> {
    if !has_folders(root, &["Visible", "Infrared", "Label"]) {
        return None;
    }
    let ours = first_file(root, "Visible/{id}.*").is_some_and(|(id, _)| is_day_or_night(&id));
    ours.then(|| mfnet(root, colour_and_thermal("Visible/{id}.*", "Infrared/{id}.*"), "Label/{id}.png"))
}

fn mfnet(root: &Path, modalities: Vec<ModalityFiles>, label: &str) -> Manifest {
    Manifest {
        labels: Some(labels(label)),
        tags: day_and_night(),
        ..manifest("MFNet", modalities, listed_splits(root, LISTS))
    }
}

/// Nine ids; 0 (unlabelled) is a class to everybody who publishes on this data. Colours of RTFNet.
pub(super) fn labels(pattern: &str) -> LabelFiles {
    LabelFiles {
        pattern: pattern.to_owned(),
        names: words(&["unlabelled", "car", "person", "bike", "curve", "car stop", "guardrail", "colour cone", "bump"]),
        colours: vec![
            [0, 0, 0],
            [64, 0, 128],
            [64, 64, 0],
            [0, 128, 192],
            [0, 0, 192],
            [128, 128, 0],
            [64, 64, 128],
            [192, 128, 128],
            [192, 64, 0],
        ],
        ..LabelFiles::default()
    }
}
