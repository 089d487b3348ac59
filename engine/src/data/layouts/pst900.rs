//! PST900: RGB-thermal pairs underground, 597 to train with and 288 to test, 1280 × 720.
//!
//! The 8-bit thermal images are reprojected: 0 is a hole. Papers in the line of MRFS list the names of classes 1 and 3
//! the other way round; these are the data set's own.

use std::path::Path;

use super::evidence::Signs;
use super::parts::{colour_and_thermal, has_folders, labels, listed_splits, manifest, proposal, splits_in_folders};
use crate::data::manifest::{Manifest, ModalityFiles, SplitSource};
use crate::data::sample::ModalityKind;

pub(super) const SIGNS: Signs =
    Signs { is_id: |id| id.contains("frame"), ids: "names with a frame's number", max_label: 4, size: (1280, 720) };

const CLASSES: &[(&str, [u8; 3])] = &[
    ("background", [0, 0, 0]),
    ("fire extinguisher", [255, 0, 0]),
    ("backpack", [0, 255, 0]),
    ("hand drill", [0, 0, 255]),
    ("survivor", [255, 255, 255]),
];

/// The official folder: `train/` and `test/`, each with `rgb/`, `thermal/`, `labels/`, and `thermal_raw/` and `depth/`
/// where they were kept.
pub(super) fn official(root: &Path) -> Option<Manifest> {
    let splits = splits_in_folders(root, &["{split}/rgb", "{split}/thermal", "{split}/labels"]);
    let has = |folder: &str| {
        splits.iter().all(|split: &SplitSource| has_folders(root, &[&format!("{}/{folder}", split.name)]))
    };
    let mut sensors = sensors("{split}/rgb/{id}.*", "{split}/thermal/{id}.*");
    if has("thermal_raw") {
        // Counts of the camera without a unit: each image between its own percentiles, as gain control does.
        sensors.push(ModalityFiles {
            bit_depth: 16,
            hole: Some(0.0),
            percentiles: Some([1.0, 99.0]),
            ..ModalityFiles::new("raw thermal", ModalityKind::Thermal, "{split}/thermal_raw/{id}.*")
        });
    }
    if has("depth") {
        sensors.push(ModalityFiles {
            bit_depth: 16,
            scale: Some(1.0 / 2560.0),
            unit: "m".to_owned(),
            low: Some(0.0),
            high: Some(10.0),
            ..ModalityFiles::new("depth", ModalityKind::Depth, "{split}/depth/{id}.*")
        });
    }
    (!splits.is_empty()).then(|| pst900(sensors, splits, "{split}/labels/{id}.png"))
}

/// MRFS's folder: `Visible/`, `Infrared/`, `Label/` and lists.
pub(super) fn mrfs(root: &Path) -> Option<Manifest> {
    let found = has_folders(root, &["Visible", "Infrared", "Label"]);
    let splits = || listed_splits(root, &["train", "val", "test"]);
    found.then(|| pst900(sensors("Visible/{id}.*", "Infrared/{id}.*"), splits(), "Label/{id}.png"))
}

fn sensors(colour: &str, thermal: &str) -> Vec<ModalityFiles> {
    let mut sensors = colour_and_thermal(colour, thermal);
    sensors[1].hole = Some(0.0);
    sensors
}

fn pst900(sensors: Vec<ModalityFiles>, splits: Vec<SplitSource>, label: &str) -> Manifest {
    Manifest {
        labels: Some(labels(label, CLASSES)),
        proposals: vec![proposal(
            "amdanet",
            "the code's values for PST900: 300 epochs, 75 of them warming up at 99 steps, scales up to 2, crops of 480 × 640",
            &[
                "training.epochs=300",
                "training.warmup_steps=7425",
                "data.scale_max=2.0",
                "data.crop=640",
                "data.crop_height=480",
            ],
        )],
        ..manifest("PST900", sensors, splits)
    }
}
