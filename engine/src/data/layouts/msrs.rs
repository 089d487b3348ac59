//! MSRS: 1444 RGB-infrared pairs made from MFNet, its classes and names.

use std::path::Path;

use super::mfnet;
use super::parts::{colour_and_thermal, day_and_night, has_folders, manifest, proposal};
use crate::data::manifest::{Manifest, SplitSource};

const SPLITS: &[&str] = &["train", "val", "test"];

/// The official folder: `train/{vi,ir,Segmentation_labels}/`, `test/{vi,ir,Segmentation_labels}/`.
pub(super) fn official(root: &Path) -> Option<Manifest> {
    let splits: Vec<SplitSource> = SPLITS
        .iter()
        .filter(|split| has_folders(root, &[&format!("{split}/vi"), &format!("{split}/ir")]))
        .map(|split| SplitSource::found(split))
        .collect();
    msrs(splits, ["{split}/vi/{id}.*", "{split}/ir/{id}.*", "{split}/Segmentation_labels/{id}.png"])
}

/// SeAFusion's folder: `Visible/train/MSRS/`, `Infrared/train/MSRS/`, `Label/train/MSRS/`.
pub(super) fn sea_fusion(root: &Path) -> Option<Manifest> {
    let splits: Vec<SplitSource> = SPLITS
        .iter()
        .filter(|split| has_folders(root, &[&format!("Visible/{split}/MSRS"), &format!("Infrared/{split}/MSRS")]))
        .map(|split| SplitSource::found(split))
        .collect();
    let patterns = ["Visible/{split}/MSRS/{id}.*", "Infrared/{split}/MSRS/{id}.*", "Label/{split}/MSRS/{id}.png"];
    msrs(splits, patterns)
}

fn msrs(splits: Vec<SplitSource>, [colour, thermal, label]: [&str; 3]) -> Option<Manifest> {
    (!splits.is_empty()).then(|| Manifest {
        labels: Some(mfnet::labels(label)),
        tags: day_and_night(),
        proposals: vec![proposal(
            "ogp-net",
            "480 × 640 at once; the paper names no crop",
            &["data.crop=640", "data.crop_height=480"],
        )],
        ..manifest("MSRS", colour_and_thermal(colour, thermal), splits)
    })
}
