//! FMB: 1500 RGB-infrared pairs of streets, 1220 to train with and 280 to test, 800 × 600.
//!
//! Usually described as 14 classes and unlabelled pixels; papers in the line of MRFS average over all 15. Without a
//! validation split of its own.

use std::path::Path;

use super::evidence::Signs;
use super::parts::{
    colour_and_thermal, first_file, has_folders, is_number, labels, listed_splits, manifest, proposal,
    splits_in_folders,
};
use crate::data::decode;
use crate::data::manifest::{Manifest, ModalityFiles, SplitSource};

pub(super) const SIGNS: Signs = Signs { is_id: is_number, ids: "numbers", max_label: 14, size: (800, 600) };

/// Colours of the code, which writes them blue first; here red first.
const CLASSES: &[(&str, [u8; 3])] = &[
    ("background", [0, 0, 0]),
    ("road", [179, 228, 228]),
    ("sidewalk", [181, 57, 133]),
    ("building", [67, 162, 177]),
    ("lamp", [200, 178, 50]),
    ("sign", [132, 45, 199]),
    ("vegetation", [66, 172, 84]),
    ("sky", [179, 73, 79]),
    ("person", [76, 99, 166]),
    ("car", [66, 121, 253]),
    ("truck", [137, 165, 91]),
    ("bus", [155, 97, 152]),
    ("motorcycle", [105, 153, 140]),
    ("bicycle", [222, 215, 158]),
    ("pole", [135, 113, 90]),
];

/// The official folder: `train/` and `test/`, each with `Visible/`, `Infrared/`, `Label/` and the painted `color/`.
pub(super) fn official(root: &Path) -> Option<Manifest> {
    let splits = splits_in_folders(root, &["{split}/Visible", "{split}/Infrared", "{split}/Label"]);
    let sensors = colour_and_thermal("{split}/Visible/{id}.*", "{split}/Infrared/{id}.*");
    (!splits.is_empty()).then(|| fmb(sensors, splits, "{split}/Label/{id}.png"))
}

/// MRFS's folder: `Visible/`, `Infrared/`, `Label/` and lists. Others have such folders with numbers in them, so the
/// size counts here.
pub(super) fn mrfs(root: &Path) -> Option<Manifest> {
    if !has_folders(root, &["Visible", "Infrared", "Label"]) {
        return None;
    }
    let (_id, file) = first_file(root, "Visible/{id}.*")?;
    let header = decode::read_header(&file).ok()?;
    let is_size = (header.width, header.height) == SIGNS.size;
    let splits = || listed_splits(root, &["train", "val", "test"]);
    is_size.then(|| fmb(colour_and_thermal("Visible/{id}.*", "Infrared/{id}.*"), splits(), "Label/{id}.png"))
}

fn fmb(sensors: Vec<ModalityFiles>, splits: Vec<SplitSource>, label: &str) -> Manifest {
    Manifest {
        labels: Some(labels(label, CLASSES)),
        proposals: vec![proposal(
            "amdanet",
            "the code's values for FMB: a rate of 3e-5, 50 epochs of 203 steps warming up, crops of 480 × 640",
            &[
                "training.learning_rate=3e-5",
                "training.warmup_steps=10150",
                "data.crop=640",
                "data.crop_height=480",
                "objective.fusion_image.gamma=0.8",
                "objective.fusion_image.contrast=1.0",
                "objective.fusion_image.gradient=1.0",
            ],
        )],
        ..manifest("FMB", sensors, splits)
    }
}
