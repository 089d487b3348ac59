//! LLRGBD-synthetic: indoor RGB-D in low light, in the subset of SMMCL, 1418 scenes to train with and 479 to test.
//!
//! Void (0) is trained as a class, and left out of the reported mean.

use std::path::Path;

use super::evidence::Signs;
use super::parts::{as_stored, has_folders, is_number, labels, manifest, proposal};
use crate::data::manifest::{Manifest, ModalityFiles, SplitSource};
use crate::data::sample::{ModalityKind, Normalisation};
use crate::progress::disk;

pub(super) const SIGNS: Signs = Signs { is_id: is_number, ids: "numbers", max_label: 13, size: (640, 480) };

const CLASSES: &[(&str, [u8; 3])] = &[
    ("void", [0, 0, 0]),
    ("bed", [0, 0, 255]),
    ("books", [233, 89, 48]),
    ("ceiling", [0, 218, 0]),
    ("chair", [149, 0, 240]),
    ("floor", [222, 241, 24]),
    ("furniture", [255, 206, 206]),
    ("objects", [0, 224, 229]),
    ("painting", [106, 136, 204]),
    ("sofa", [117, 29, 41]),
    ("table", [240, 35, 235]),
    ("tv", [0, 167, 156]),
    ("wall", [249, 139, 0]),
    ("window", [225, 229, 194]),
];

/// SMMCL's folder: `train/{rgb,depth,label}/` with `train/train.txt`, `test/…` with `test/test.txt`.
pub(super) fn smmcl(root: &Path) -> Option<Manifest> {
    let has = |split: &&str| {
        has_folders(root, &[&format!("{split}/rgb"), &format!("{split}/depth"), &format!("{split}/label")])
    };
    let source = |split: &str| {
        let list = format!("{split}/{split}.txt");
        if disk::is_file(&root.join(&list)) { SplitSource::listed(split, &list) } else { SplitSource::found(split) }
    };
    let splits: Vec<SplitSource> = ["train", "val", "test"].into_iter().filter(has).map(source).collect();
    if splits.is_empty() {
        return None;
    }
    let folder = &splits[0].name;
    let stored = as_stored(root, "depth", ModalityKind::Depth, &format!("{folder}/depth/{{id}}.*"));
    // SMMCL's loader gives both by ImageNet's mean and deviation, the grey depth image thrice.
    let depth = ModalityFiles {
        pattern: "{split}/depth/{id}.*".to_owned(),
        channels: None,
        normalisation: Some(Normalisation::Imagenet),
        ..stored
    };
    let sensors = vec![ModalityFiles::new("colour", ModalityKind::Colour, "{split}/rgb/{id}.*"), depth];
    Some(Manifest {
        labels: Some(labels("{split}/label/{id}.png", CLASSES)),
        proposals: vec![proposal(
            "smmcl",
            "SMMCL on LLRGBD: λ = 0.2, 500 epochs with 10 of 88 steps warming up, void left out of the mean",
            &[
                "objective.multimodal_contrast.cross_weight=0.2",
                "objective.multimodal_contrast.visible_weight=0.2",
                "objective.multimodal_contrast.auxiliary_weight=0.2",
                "training.epochs=500",
                "training.warmup_steps=880",
                "evaluation.convention=no-background",
            ],
        )],
        ..manifest("LLRGBD", sensors, splits)
    })
}
