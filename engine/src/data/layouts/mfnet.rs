//! MFNet: RGB-thermal streets by day and night, 1569 pairs of 640 × 480.

use std::path::Path;

use super::cityscapes;
use super::evidence::Signs;
use super::parts::{
    colour_and_thermal, day_and_night, depth_and_channels, first_file, has_folders, is_day_or_night, listed_splits,
    manifest, proposal, words,
};
use crate::data::manifest::{ClassMap, LabelFiles, Manifest, ModalityFiles, SplitSource};
use crate::data::sample::ModalityKind;
use crate::progress::disk;
use crate::protocol::Proposal;

/// MSRS is made of MFNet's images and shares them.
pub(super) const SIGNS: Signs =
    Signs { is_id: is_day_or_night, ids: "numbers that end in D or N", max_label: 8, size: (640, 480) };

const LISTS: &[&str] = &["train", "val", "test"];

/// The official folder: `images/00001D.png` with thermal as the fourth channel, `labels/`, lists in the root.
pub(super) fn official(root: &Path) -> Option<Manifest> {
    if !has_folders(root, &["images", "labels"]) {
        return None;
    }
    let (_id, file) = first_file(root, "images/{id}.png")?;
    if depth_and_channels(&file) != (8, 4) {
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

/// The split of MRFS and AMDANet: `Visible/`, `Infrared/`, `Label/`.
pub(super) fn mrfs(root: &Path) -> Option<Manifest> {
    // MSRS has folders of these names too, with its files further down.
    let found = has_folders(root, &["Visible", "Infrared", "Label"]) && first_file(root, "Visible/{id}.*").is_some();
    found.then(|| mfnet(root, colour_and_thermal("Visible/{id}.*", "Infrared/{id}.*"), "Label/{id}.png"))
}

/// The pictures that cross-spectral adaptation cuts the official ones into (the folder is spelt so):
/// `seperated_images/00001D_rgb.png` and `_th.png`, beside `labels/`. Its pseudo-labels and fake nights are
/// `pseudo_all/00001D_pseudo.png` and `Day2Night/00001D_2N.png`, here as in the official folder.
pub(super) fn uda(root: &Path) -> Option<Manifest> {
    let found = has_folders(root, &["seperated_images", "labels"]) && !has_folders(root, &["images"]);
    let sensors = colour_and_thermal("seperated_images/{id}_rgb.png", "seperated_images/{id}_th.png");
    found.then(|| mfnet(root, sensors, "labels/{id}.png"))
}

/// The lists of all hours; where one of them is missing, those of day and night that stand for it.
fn splits(root: &Path) -> Vec<SplitSource> {
    let exists = |name: &str| disk::is_file(&root.join(format!("{name}.txt")));
    let mut names: Vec<String> = Vec::new();
    for list in LISTS {
        let by_hour = ["day", "night"].map(|hour| format!("{list}_{hour}"));
        if exists(list) || !by_hour.iter().any(|name| exists(name)) {
            names.push((*list).to_owned());
        } else {
            names.extend(by_hour);
        }
    }
    listed_splits(root, &names.iter().map(String::as_str).collect::<Vec<_>>())
}

fn proposals() -> Vec<Proposal> {
    vec![
        proposal(
            "cross-spectral-uda",
            "the pseudo-labels in `pseudo_all` are of Cityscapes' classes",
            &["data.class_map=cityscapes"],
        ),
        proposal("ogp-net", "480 × 640 at once; the paper names no crop", &["data.crop=640", "data.crop_height=480"]),
    ]
}

fn mfnet(root: &Path, modalities: Vec<ModalityFiles>, label: &str) -> Manifest {
    Manifest {
        labels: Some(labels(label)),
        tags: day_and_night(),
        class_maps: vec![as_cityscapes()],
        proposals: proposals(),
        ..manifest("MFNet", modalities, splits(root))
    }
}

/// MFNet's labels among Cityscapes' 19 classes, as cross-spectral adaptation needs them, whose pseudo-labels are of
/// these.
///
/// Car, person and bicycle are the same in both, and all that is compared (HeatNet's convention). Unlabelled pixels
/// count nowhere. The other five have no counterpart: each stands as a class of Cityscapes that it may be taken for,
/// none of them the first, which the convention leaves out.
fn as_cityscapes() -> ClassMap {
    const SIDEWALK: u8 = 1;
    const WALL: u8 = 3;
    const FENCE: u8 = 4;
    const TRAFFIC_SIGN: u8 = 7;
    ClassMap {
        name: "cityscapes".to_owned(),
        map: vec![255, 13, 11, 18, SIDEWALK, WALL, FENCE, TRAFFIC_SIGN, SIDEWALK],
        names: cityscapes::names(),
        colours: cityscapes::COLOURS.to_vec(),
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
