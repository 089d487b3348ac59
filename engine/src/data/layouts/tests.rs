mod damaged;
mod labelled;
mod mat_file;
mod opened;
mod sets;

use std::path::Path;

use png::{BitDepth, ColorType};

use crate::data::fixture::{flat, open, png_bytes, write};
use crate::data::sample::IGNORE;

const GREY: ColorType = ColorType::Grayscale;
const RGB: ColorType = ColorType::Rgb;

fn ids(root: &Path, split: &str) -> Vec<String> {
    open(root).unwrap().split(split).unwrap().samples.iter().map(|sample| sample.id().to_owned()).collect()
}

#[test]
fn mfnet_official_takes_thermal_from_the_fourth_channel_and_skips_flipped_names() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    for id in ["00001D", "00002N", "00003D"] {
        let pixels = [[200, 100, 50, 7]; 12].concat();
        write(root, &format!("images/{id}.png"), &png_bytes(4, 3, ColorType::Rgba, BitDepth::Eight, &pixels));
        flat(root, &format!("labels/{id}.png"), 4, 3, GREY, 8);
    }
    write(root, "train.txt", b"00001D\r\n00001D_flip\r\n\r\n00002N\r\n");
    write(root, "val.txt", b"00003D\n");
    let dataset = open(root).unwrap();
    assert_eq!(dataset.name, "MFNet");
    let sample = dataset.sample("train", 0, &[0, 1]).unwrap();
    assert!((sample.planes[0].values[0] - 200.0 / 255.0).abs() < 1e-6);
    assert_eq!(sample.planes[1].values, vec![7.0 / 255.0; 12]);
    assert_eq!(sample.label.unwrap(), vec![8; 12]);
    assert_eq!(dataset.split("train").unwrap().samples[1].tags(), ["night"]);
    assert!(!dataset.split("val").unwrap().held_out);
    assert!(
        dataset.notes.iter().any(|note| note.contains("1 samples") && note.contains("00001D_flip")),
        "{:?}",
        dataset.notes
    );
}

#[test]
fn the_folders_of_mrfs_with_other_names_are_not_taken_for_mfnet() {
    let root = tempfile::tempdir().unwrap();
    for folder in ["Visible", "Infrared", "Label"] {
        flat(root.path(), &format!("{folder}/31_bag1a_rect.png"), 4, 3, GREY, 0);
    }
    let message = open(root.path()).unwrap_err().to_string();
    assert!(message.contains("dataset.toml") && message.contains("MSRS"), "{message}");
}

#[test]
fn msrs_reads_its_split_folders_with_and_without_labels() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    for (split, id) in [("train", "00001D"), ("train", "00002N"), ("train", "00003N"), ("test", "00004N")] {
        flat(root, &format!("{split}/vi/{id}.png"), 4, 3, RGB, 10);
        flat(root, &format!("{split}/ir/{id}.png"), 4, 3, GREY, 20);
        if split == "train" {
            flat(root, &format!("{split}/Segmentation_labels/{id}.png"), 4, 3, GREY, 2);
        }
    }
    let dataset = open(root).unwrap();
    assert_eq!(dataset.name, "MSRS");
    assert_eq!(dataset.split("test").unwrap().samples[0].label(), None);
    assert_eq!(dataset.sample("test", 0, &[1]).unwrap().planes[0].values[0], 20.0 / 255.0);
    assert_eq!(dataset.split("train").unwrap().samples.len(), 2);
    assert!(dataset.notes.iter().any(|note| note.contains("`test` has no labels")), "{:?}", dataset.notes);
    assert!(dataset.notes.iter().any(|note| note.contains("held out")), "{:?}", dataset.notes);
}

fn nyudv2(root: &Path, depth: &str) {
    for (id, label) in [("3", 0), ("4", 1), ("5", 40), ("6", 25)] {
        flat(root, &format!("RGB/{id}.png"), 4, 3, RGB, 10);
        flat(root, &format!("{depth}/{id}.png"), 4, 3, if depth == "HHA" { RGB } else { GREY }, 51);
        flat(root, &format!("Label/{id}.png"), 4, 3, GREY, label);
    }
    write(root, "test.txt", b"RGB/3.jpg Label/3.png\nRGB/4.jpg\nRGB/5.jpg\nRGB/6.jpg\n");
}

#[test]
fn nyudv2_with_hha_has_forty_classes_and_void_is_ignored() {
    let root = tempfile::tempdir().unwrap();
    nyudv2(root.path(), "HHA");
    let dataset = open(root.path()).unwrap();
    assert_eq!((dataset.classes.len(), dataset.modalities[1].channels), (40, 3));
    assert_eq!(dataset.splits.len(), 1, "a folder with a test list alone can be opened");
    let label = |at| dataset.sample("test", at, &[0]).unwrap().label.unwrap()[0];
    assert_eq!([label(0), label(1), label(2)], [IGNORE, 0, 39]);
    let message = dataset.split("train").unwrap_err().to_string();
    assert!(message.contains("`train`") && message.contains("test"), "{message}");
}

#[test]
fn nyudv2_with_raw_depth_has_thirteen_classes_unless_told_otherwise() {
    let root = tempfile::tempdir().unwrap();
    nyudv2(root.path(), "Depth");
    let dataset = open(root.path()).unwrap();
    assert_eq!(dataset.classes.len(), 13);
    let sample = dataset.sample("test", 3, &[1]).unwrap();
    assert!((sample.planes[0].values[0] - 51.5 / 25.5).abs() < 1e-6);
    assert_eq!(dataset.classes[sample.label.unwrap()[0] as usize], "television");
    let dataset = dataset.with_class_map("none").unwrap();
    assert_eq!(dataset.classes.len(), 40);
    assert_eq!(dataset.classes[dataset.sample("test", 3, &[]).unwrap().label.unwrap()[0] as usize], "television");
    let message = dataset.with_class_map("nyu12").unwrap_err().to_string();
    assert!(message.contains("nyu12") && message.contains("nyu13"), "{message}");
}

#[test]
fn an_empty_or_absent_folder_is_refused_in_a_sentence() {
    let root = tempfile::tempdir().unwrap();
    assert!(open(root.path()).unwrap_err().to_string().contains("no data set recognised"));
    let message = open(&root.path().join("nowhere")).unwrap_err().to_string();
    assert!(message.contains("could not read the data set") && message.ends_with("nowhere"), "{message}");
}

#[test]
fn other_data_in_the_folders_of_a_known_one_is_refused_with_the_reason() {
    let refused = |folders: &[(&str, ColorType)], id: &str, label: u8, words: &str| {
        let root = tempfile::tempdir().unwrap();
        for &(folder, colour) in folders {
            let value = if colour == GREY && folder.to_lowercase().starts_with(['l', 'm']) { label } else { 5 };
            flat(root.path(), &format!("{folder}/{id}.png"), 4, 3, colour, value);
        }
        write(root.path(), "test.txt", id.as_bytes());
        let message = open(root.path()).unwrap_err().to_string();
        assert!(message.contains("no data set recognised") && message.contains(words), "{words}: {message}");
    };
    let cmx = [("rgb", RGB), ("ther", GREY), ("labels", GREY)];
    refused(
        &cmx,
        "007",
        3,
        "it has the folders of MFNet (CMX), but its ids such as `007` are not numbers that end in D or N",
    );
    refused(&cmx, "00007N", 14, "its labels hold id 14, which is above 8");
    let nyu = [("RGB", RGB), ("Depth", GREY), ("Label", GREY)];
    refused(&nyu, "img-000007", 3, "the folders of NYUDv2 (CMX), but its ids such as `img-000007` are not numbers");
    refused(&nyu, "7", 41, "its labels hold id 41, which is above 40");
    refused(&[("rgb", RGB), ("depth", GREY), ("masks", GREY)], "7", 40, "NYUDv2 (CEN), but its labels hold id 40");
    let split = [("test/vi", RGB), ("test/ir", GREY)];
    refused(&split, "FLIR_0042", 0, "the folders of MSRS, but its ids such as `FLIR_0042`");
}

#[test]
fn why_a_folder_is_taken_for_a_data_set_is_said() {
    let root = tempfile::tempdir().unwrap();
    for (folder, colour) in [("rgb", RGB), ("ther", GREY), ("labels", GREY)] {
        flat(root.path(), &format!("{folder}/00001D.png"), 4, 3, colour, 8);
    }
    write(root.path(), "test.txt", b"00001D\n");
    let notes = open(root.path()).unwrap().notes.join("\n");
    for words in
        ["taken for MFNet (CMX) because of", "`00001D`", "none above 8", "4 × 3 are not the published 640 × 480"]
    {
        assert!(notes.contains(words), "{words}: {notes}");
    }
}
