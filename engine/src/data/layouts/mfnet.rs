//! MFNet: RGB-thermal streets by day and night, 1569 pairs of 640 × 480.

use std::path::Path;

use super::evidence::Signs;
use super::parts::{
    colour_and_thermal, day_and_night, depth_and_channels, first_file, has_folders, is_day_or_night, listed_splits,
    manifest, words,
};
use crate::data::manifest::{ClassMap, LabelFiles, Manifest, ModalityFiles};
use crate::data::sample::ModalityKind;

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

fn mfnet(root: &Path, modalities: Vec<ModalityFiles>, label: &str) -> Manifest {
    Manifest {
        labels: Some(labels(label)),
        tags: day_and_night(),
        class_maps: vec![cityscapes()],
        ..manifest("MFNet", modalities, listed_splits(root, LISTS))
    }
}

/// MFNet's labels among Cityscapes' 19 classes, as cross-spectral adaptation needs them, whose pseudo-labels are of
/// these.
///
/// Car, person and bicycle are the same in both, and all that is compared (HeatNet's convention). Unlabelled pixels
/// count nowhere. The other five have no counterpart: each stands as a class of Cityscapes that it may be taken for,
/// none of them the first, which the convention leaves out.
fn cityscapes() -> ClassMap {
    const SIDEWALK: u8 = 1;
    const WALL: u8 = 3;
    const FENCE: u8 = 4;
    const TRAFFIC_SIGN: u8 = 7;
    ClassMap {
        name: "cityscapes".to_owned(),
        map: vec![255, 13, 11, 18, SIDEWALK, WALL, FENCE, TRAFFIC_SIGN, SIDEWALK],
        names: words(&[
            "road",
            "sidewalk",
            "building",
            "wall",
            "fence",
            "pole",
            "traffic light",
            "traffic sign",
            "vegetation",
            "terrain",
            "sky",
            "person",
            "rider",
            "car",
            "truck",
            "bus",
            "train",
            "motorcycle",
            "bicycle",
        ]),
        colours: vec![
            [128, 64, 128],
            [244, 35, 232],
            [70, 70, 70],
            [102, 102, 156],
            [190, 153, 153],
            [153, 153, 153],
            [250, 170, 30],
            [220, 220, 0],
            [107, 142, 35],
            [152, 251, 152],
            [70, 130, 180],
            [220, 20, 60],
            [255, 0, 0],
            [0, 0, 142],
            [0, 0, 70],
            [0, 60, 100],
            [0, 80, 100],
            [0, 0, 230],
            [119, 11, 32],
        ],
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
