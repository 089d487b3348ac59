//! MCubeS: 500 scenes of materials as colour, angle and degree of linear polarisation and near infrared, 1224 × 1024.
//!
//! The leftmost 192 columns are dropped of everything. The angle comes as sine and cosine, in a file each. Pixels that
//! the near-infrared camera does not see count nowhere, as the data set's own network has it; CMNeXt and Any2Seg count
//! them: a `dataset.toml` without `labels.mask` does so (`fusionscope dataset manifest` writes it).

use std::path::Path;

use super::evidence::Signs;
use super::parts::{as_stored, has_folders, labels, manifest, proposal};
use crate::data::manifest::{LabelFiles, Manifest, ModalityFiles, SplitSource};
use crate::data::sample::{ModalityKind, Normalisation};
use crate::data::source::Crop;
use crate::progress::disk;

pub(super) const SIGNS: Signs =
    Signs { is_id: |id| !id.is_empty(), ids: "names of any kind", max_label: 19, size: (1224, 1024) };

/// Columns that only one of the cameras sees.
const DROPPED: usize = 192;

const CLASSES: &[(&str, [u8; 3])] = &[
    ("asphalt", [44, 160, 44]),
    ("concrete", [31, 119, 180]),
    ("metal", [255, 127, 14]),
    ("road marking", [214, 39, 40]),
    ("fabric", [140, 86, 75]),
    ("glass", [127, 127, 127]),
    ("plaster", [188, 189, 34]),
    ("plastic", [255, 152, 150]),
    ("rubber", [23, 190, 207]),
    ("sand", [174, 199, 232]),
    ("gravel", [196, 156, 148]),
    ("ceramic", [197, 176, 213]),
    ("cobblestone", [247, 182, 210]),
    ("brick", [199, 199, 199]),
    ("grass", [219, 219, 141]),
    ("wood", [158, 218, 229]),
    ("leaf", [57, 59, 121]),
    ("water", [107, 110, 207]),
    ("human", [156, 158, 222]),
    ("sky", [99, 121, 57]),
];

/// `polL_color/`, `polL_aolp_sin/`, `polL_aolp_cos/`, `polL_dolp/`, `NIR_warped/`, `GT/` and `list_folder/`.
pub(super) fn official(root: &Path) -> Option<Manifest> {
    const FOLDERS: &[&str] = &["polL_color", "polL_aolp_sin", "polL_aolp_cos", "polL_dolp", "NIR_warped", "GT"];
    if !has_folders(root, FOLDERS) {
        return None;
    }
    let crop = Crop::left(DROPPED);
    let sensor = |name: &str, kind: ModalityKind, pattern: &str| {
        let stored = as_stored(root, name, kind, pattern);
        ModalityFiles { crop, channels: None, ..stored }
    };
    let polarised = |name: &str, pattern: &str| sensor(name, ModalityKind::Polarisation, pattern);
    let (sine, cosine) = ("polL_aolp_sin/{id}.npy", "polL_aolp_cos/{id}.npy");
    let sensors = vec![
        sensor("colour", ModalityKind::Colour, "polL_color/{id}.png"),
        // Sine, cosine, sine, −1 to 1 as they are.
        ModalityFiles {
            join: vec![cosine.to_owned(), sine.to_owned()],
            low: Some(-1.0),
            high: Some(1.0),
            normalisation: Some(Normalisation::MeanStd { mean: [0.5; 3], std: [0.5; 3] }),
            ..polarised("aolp", sine)
        },
        polarised("dolp", "polL_dolp/{id}.npy"),
        sensor("nir", ModalityKind::NearInfrared, "NIR_warped/{id}.png"),
    ];
    let exists = |split: &&str| disk::is_file(&root.join(format!("list_folder/{split}.txt")));
    let lists = ["train", "val", "test"].into_iter().filter(exists);
    let splits: Vec<SplitSource> =
        lists.map(|split| SplitSource::listed(split, &format!("list_folder/{split}.txt"))).collect();
    let splits = if splits.is_empty() { vec![SplitSource::found("test")] } else { splits };
    let mask = has_folders(root, &["NIR_warped_mask"]).then(|| "NIR_warped_mask/{id}.png".to_owned());
    Some(Manifest {
        labels: Some(LabelFiles { mask, crop, ..labels("GT/{id}.png", CLASSES) }),
        proposals: vec![proposal(
            "any2seg",
            "crops of 512, 10 epochs of 37 steps warming up, and the angle from −1 to 1; what CMNeXt calls val is `test`",
            &[
                "sensors.use=colour,aolp,dolp,nir",
                "data.crop=512",
                "data.normalisation=manifest",
                "training.warmup_steps=370",
            ],
        )],
        ..manifest("MCubeS", sensors, splits)
    })
}
