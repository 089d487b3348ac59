//! KAIST pedestrians with labels of Cityscapes' 19 classes ("KP"): RGB-thermal streets by day and night, 640 × 512.
//!
//! The split of CRM has 499, 140 and 311 scenes. Void (19) counts nowhere.

use std::path::Path;

use super::cityscapes;
use super::evidence::Signs;
use super::parts::{colour_and_thermal, has_folders, listed_splits, manifest, proposal};
use crate::data::manifest::{LabelFiles, Manifest, ModalityFiles, SplitSource, TagRule};
use crate::data::sample::Normalisation;
use crate::progress::disk;

pub(super) const CRM_SIGNS: Signs =
    Signs { is_id: |id| id.starts_with('I'), ids: "frames such as I00000", max_label: 19, size: (640, 512) };

pub(super) const UDA_SIGNS: Signs =
    Signs { is_id: |id| id.starts_with("set"), ids: "names such as set00_V000_I00000", ..CRM_SIGNS };

/// The sets of the day; 03, 04, 05, 09, 10 and 11 are of the night.
const DAY: [&str; 6] = ["set00", "set01", "set02", "set06", "set07", "set08"];
const NIGHT: [&str; 6] = ["set03", "set04", "set05", "set09", "set10", "set11"];

/// CRM's folder: `images/set00/V000/{visible,lwir}/I00000.jpg`, `labels/set00_V000_I00000.png`, lists of the labels'
/// names. Grey thermal images in three channels are averaged to one.
pub(super) fn crm(root: &Path) -> Option<Manifest> {
    let sets = DAY.iter().chain(&NIGHT).any(|set| has_folders(root, &[&format!("images/{set}")]));
    if !sets || !has_folders(root, &["labels"]) {
        return None;
    }
    let mut sensors = colour_and_thermal("images/{set}/{video}/visible/{id}.*", "images/{set}/{video}/lwir/{id}.*");
    sensors[1].normalisation = Some(Normalisation::MeanStd { mean: [127.0 / 255.0; 3], std: [60.0 / 255.0; 3] });
    let mut splits = listed_splits(root, &["train", "val", "test"]);
    for split in splits.iter_mut().filter(|split| split.list.is_some()) {
        split.line = Some("{set}_{video}_{id}.png".to_owned());
    }
    Some(kaist(sensors, splits, "labels/{set}_{video}_{id}.png", "/"))
}

/// The folder of cross-spectral adaptation: `pseudo_KP/all/set00_V000_I00000_{rgb,th,pseudo}.png` to train with and
/// `pseudo_KP/val_all/` with `labels/val_all/` to test on, on CRM's list where that is there.
pub(super) fn uda(root: &Path) -> Option<Manifest> {
    if !has_folders(root, &["pseudo_KP/all"]) {
        return None;
    }
    let folder = |name: &str, folder: &str| SplitSource { folder: Some(folder.to_owned()), ..SplitSource::found(name) };
    let mut splits = vec![folder("train", "all")];
    if has_folders(root, &["pseudo_KP/val_all", "labels/val_all"]) {
        const LISTS: [&str; 2] = ["filenames_KP/CRM_split/test.txt", "CRM_split/test.txt"];
        let list = LISTS.into_iter().find(|list| disk::is_file(&root.join(list))).map(str::to_owned);
        splits.push(SplitSource { list, ..folder("test", "val_all") });
    }
    let sensors = colour_and_thermal("pseudo_KP/{split}/{id}_rgb.png", "pseudo_KP/{split}/{id}_th.png");
    let kaist = kaist(sensors, splits, "labels/{split}/{id}.png", "_");
    Some(Manifest {
        proposals: vec![proposal(
            "cross-spectral-uda",
            "the authors' folders and epochs for KP, and their mean, in which an absent class counts as 0",
            &[
                "data.pseudo_labels=pseudo_KP/all/{id}_pseudo.png",
                "data.fake_night=day2night/{id}_2N.png",
                "training.epochs=250",
                "adaptation.epochs=100",
                "evaluation.convention=nan-as-zero",
            ],
        )],
        ..kaist
    })
}

fn kaist(sensors: Vec<ModalityFiles>, splits: Vec<SplitSource>, label: &str, after_set: &str) -> Manifest {
    let labels = LabelFiles {
        pattern: label.to_owned(),
        ignore: vec![19],
        names: cityscapes::names(),
        colours: cityscapes::COLOURS.to_vec(),
        ..LabelFiles::default()
    };
    let tag = |name: &str, set: &str| TagRule {
        name: name.to_owned(),
        contains: Some(format!("{set}{after_set}")),
        ..TagRule::default()
    };
    let tags = DAY.iter().map(|set| tag("day", set)).chain(NIGHT.iter().map(|set| tag("night", set)));
    Manifest { labels: Some(labels), tags: tags.collect(), ..manifest("KAIST", sensors, splits) }
}
