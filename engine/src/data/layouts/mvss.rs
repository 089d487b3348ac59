//! MVSS (MVSeg): 738 videos of RGB and thermal, 3545 frames of them labelled, in 26 classes.
//!
//! Lists name videos, and the labelled frames of a video are its scenes. The baseline's loader turns 255 into the last
//! class, so that its own borders are trained as ground; here 255 counts nowhere.

use std::path::Path;

use super::evidence::Signs;
use super::parts::{as_stored, colour_and_thermal, has_folders, labels, manifest, proposal};
use crate::data::manifest::{Manifest, ModalityFiles, SplitSource, TagRule};
use crate::data::sample::{ModalityKind, Normalisation};
use crate::progress::disk;

pub(super) const SIGNS: Signs =
    Signs { is_id: |id| !id.is_empty(), ids: "names of any kind", max_label: 25, size: (640, 480) };

const CLASSES: &[(&str, [u8; 3])] = &[
    ("background", [0, 0, 0]),
    ("car", [0, 0, 142]),
    ("bus", [0, 60, 100]),
    ("motorcycle", [0, 0, 230]),
    ("bicycle", [119, 11, 32]),
    ("pedestrian", [255, 0, 0]),
    ("motorcyclist", [0, 139, 139]),
    ("bicyclist", [255, 165, 150]),
    ("cart", [192, 64, 0]),
    ("bench", [211, 211, 211]),
    ("umbrella", [100, 33, 128]),
    ("box", [117, 79, 86]),
    ("pole", [153, 153, 153]),
    ("street lamp", [190, 122, 222]),
    ("traffic light", [250, 170, 30]),
    ("traffic sign", [220, 220, 0]),
    ("car stop", [222, 142, 35]),
    ("colour cone", [205, 155, 155]),
    ("sky", [70, 130, 180]),
    ("road", [128, 64, 128]),
    ("sidewalk", [244, 35, 232]),
    ("curb", [0, 0, 70]),
    ("vegetation", [107, 142, 35]),
    ("terrain", [152, 251, 152]),
    ("building", [70, 70, 70]),
    ("ground", [110, 80, 100]),
];

const LABEL: &str = "data/{video}/label/{id}l.png";

/// `data/VIDEO/{visible,infrared,label}/`, frames that end in `v`, `i` and `l`, and lists of videos in the root.
pub(super) fn official(root: &Path) -> Option<Manifest> {
    let exists = |name: &str| disk::is_file(&root.join(format!("{name}.txt")));
    if !has_folders(root, &["data"]) || !["train", "val", "test"].iter().any(|name| exists(name)) {
        return None;
    }
    let mut entries = disk::list(&root.join("data")).ok()?.flatten();
    if !entries.any(|entry| has_folders(&entry.path(), &["visible", "infrared", "label"])) {
        return None;
    }
    let listed = |name: &&str| SplitSource {
        line: Some("{video}".to_owned()),
        files: Some(LABEL.to_owned()),
        ..SplitSource::listed(name, &format!("{name}.txt"))
    };
    let splits = ["train", "val", "test"].iter().filter(|name| exists(name)).map(listed).collect();
    let mut sensors = colour_and_thermal("data/{video}/visible/{id}v.*", "data/{video}/infrared/{id}i.*");
    // The baseline gives both as they are, 0 to 1, and opens the grey infrared image as three channels.
    sensors[0].normalisation = Some(Normalisation::Unit);
    sensors[1] =
        ModalityFiles { channels: None, ..as_stored(root, "thermal", ModalityKind::Thermal, &sensors[1].pattern) };
    let tagged = |hour: &&str, split: &str| {
        let list = format!("{split}_{hour}");
        exists(&list).then(|| TagRule {
            name: (*hour).to_owned(),
            list: Some(format!("{list}.txt")),
            ..TagRule::default()
        })
    };
    let tags = ["day", "night"]
        .iter()
        .flat_map(|hour| ["train", "val", "test"].into_iter().filter_map(move |split| tagged(hour, split)));
    Some(Manifest {
        labels: Some(labels(LABEL, CLASSES)),
        tags: tags.collect(),
        proposals: vec![proposal(
            "ogp-net",
            "the baseline's size of 320 × 480 and its mean, in which an absent class counts as 1",
            &["data.height=320", "data.width=480", "data.crop=0", "evaluation.convention=nan-as-one"],
        )],
        ..manifest("MVSS", sensors, splits)
    })
}
