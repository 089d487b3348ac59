//! DELIVER: 7885 street scenes out of CARLA as colour, depth, events and LiDAR, in five weathers and with five failures
//! of a sensor, 1042 × 1042.
//!
//! What its loader calls depth is the folder `hha`. Labels hold 1 to 25 in their first channel; 0 and 255 are void.
//! Events have another size. Class "other" scores 0 in every printed row and is part of their mean.

use std::path::Path;

use super::evidence::Signs;
use super::parts::{as_stored, has_folders, labels, manifest, proposal};
use crate::data::manifest::{LabelFiles, Manifest, ModalityFiles, SplitSource, TagRule};
use crate::data::sample::ModalityKind;
use crate::progress::disk;

pub(super) const SIGNS: Signs =
    Signs { is_id: |id| !id.is_empty(), ids: "names of any kind", max_label: 25, size: (1042, 1042) };

const WEATHERS: [&str; 5] = ["cloud", "fog", "night", "rain", "sun"];

/// Failures, by words in the names of folders and files.
const CASES: [&str; 5] = ["motionblur", "overexposure", "underexposure", "lidarjitter", "eventlowres"];

const CLASSES: &[(&str, [u8; 3])] = &[
    ("building", [70, 70, 70]),
    ("fence", [100, 40, 40]),
    ("other", [55, 90, 80]),
    ("pedestrian", [220, 20, 60]),
    ("pole", [153, 153, 153]),
    ("road line", [157, 234, 50]),
    ("road", [128, 64, 128]),
    ("sidewalk", [244, 35, 232]),
    ("vegetation", [107, 142, 35]),
    ("cars", [0, 0, 142]),
    ("wall", [102, 102, 156]),
    ("traffic sign", [220, 220, 0]),
    ("sky", [70, 130, 180]),
    ("ground", [81, 0, 81]),
    ("bridge", [150, 100, 100]),
    ("rail track", [230, 150, 140]),
    ("ground rail", [180, 165, 180]),
    ("traffic light", [250, 170, 30]),
    ("static", [110, 190, 160]),
    ("dynamic", [170, 120, 50]),
    ("water", [45, 60, 150]),
    ("terrain", [145, 170, 100]),
    ("two wheeler", [0, 0, 230]),
    ("bus", [0, 60, 100]),
    ("truck", [0, 0, 70]),
];

/// `img/WEATHER/SPLIT/MAP/…_rgb_front.png`, and so for `hha` (or `depth`), `lidar`, `event` and `semantic`.
pub(super) fn official(root: &Path) -> Option<Manifest> {
    if !has_folders(root, &["img", "semantic"]) {
        return None;
    }
    let is_split = |split: &&str| {
        let in_weather = |weather: &&str| disk::list(&root.join("img").join(weather).join(split)).is_ok();
        WEATHERS.iter().any(in_weather)
    };
    let splits: Vec<&str> = ["train", "val", "test"].into_iter().filter(is_split).collect();
    let first = splits.first()?;
    let sensor = |name: &str, kind: ModalityKind, folder: &str, word: &str| {
        let pattern = format!("{folder}/{{weather}}/{{split}}/{{map}}/{{id}}_{word}_front.png");
        let stored = as_stored(root, name, kind, &pattern.replace("{split}", first));
        has_folders(root, &[folder]).then_some(ModalityFiles { pattern, ..stored })
    };
    let sensors = [
        sensor("colour", ModalityKind::Colour, "img", "rgb"),
        sensor("depth", ModalityKind::Depth, "hha", "depth")
            .or_else(|| sensor("depth", ModalityKind::Depth, "depth", "depth")),
        sensor("event", ModalityKind::Event, "event", "event").map(|event| ModalityFiles { any_shape: true, ..event }),
        sensor("lidar", ModalityKind::Lidar, "lidar", "lidar"),
    ];
    let tag = |name: &str, part: String| TagRule { name: name.to_owned(), contains: Some(part), ..TagRule::default() };
    let weathers = WEATHERS.iter().map(|weather| tag(weather, format!("img/{weather}/")));
    let label = labels("semantic/{weather}/{split}/{map}/{id}_semantic_front.png", CLASSES);
    Some(Manifest {
        labels: Some(LabelFiles { offset: -1, ignore: vec![0], channel: Some(0), ..label }),
        tags: weathers.chain(CASES.iter().map(|case| tag(case, (*case).to_owned()))).collect(),
        proposals: vec![proposal(
            "any2seg",
            "evaluated at 1024 × 1024, to which images are resized, as CMNeXt does",
            &["data.height=1024", "data.width=1024"],
        )],
        ..manifest(
            "DELIVER",
            sensors.into_iter().flatten().collect(),
            splits.into_iter().map(SplitSource::found).collect(),
        )
    })
}
