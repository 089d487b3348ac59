//! What opens from the tiny folders: values, labels, tags, splits and proposals.

use std::path::Path;

use super::sets::{GREY, RGB, SETS, by_hour, image};
use crate::data::fixture::{flat, open, write};
use crate::data::{Dataset, IGNORE, Manifest, Normalisation};
use crate::recipe::{Recipe, preset};

pub(super) fn count(dataset: &Dataset) -> usize {
    dataset.splits.iter().map(|split| split.samples.len()).sum()
}

/// The ids of a split.
fn ids(dataset: &Dataset, split: &str) -> Vec<String> {
    dataset.split(split).unwrap().samples.iter().map(|sample| sample.id().to_owned()).collect()
}

fn written(set: &str) -> (tempfile::TempDir, Dataset) {
    let root = tempfile::tempdir().unwrap();
    let set = SETS.iter().find(|known| known.name == set).unwrap();
    (set.write)(root.path());
    let dataset = open(root.path()).unwrap();
    assert!(set.name.starts_with(&dataset.name), "{} was taken for {}", set.name, dataset.name);
    (root, dataset)
}

fn close(found: f32, expected: f32) {
    assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
}

#[test]
fn every_set_opens_whole_and_its_proposals_fit_their_presets() {
    for set in &SETS {
        let (_root, dataset) = written(set.name);
        assert!(dataset.skipped().is_empty() && dataset.problems.is_empty(), "{}: {:?}", set.name, dataset.notes);
        assert_eq!(ids(&dataset, "test").len(), 3, "{}", set.name);
        assert!(count(&dataset) >= 6, "{}", set.name);
        for sensors in [vec![0, 1], (0..dataset.modalities.len()).collect()] {
            let sample = dataset.sample("test", 0, &sensors).unwrap();
            assert_eq!(sample.planes.len(), sensors.len(), "{}", set.name);
            assert!(sample.label.is_some(), "{}", set.name);
        }
        let text = dataset.manifest().to_toml().unwrap();
        let read = Manifest::from_toml(&text, Path::new("dataset.toml"));
        assert_eq!(&read.unwrap(), dataset.manifest(), "{}", set.name);
        for proposal in dataset.proposals() {
            let mut recipe: Recipe = preset(&proposal.recipe).unwrap();
            let before = recipe.clone();
            for setting in &proposal.settings {
                let (key, value) = setting.split_once('=').unwrap();
                recipe.set_text(key, value).unwrap();
            }
            recipe.check().unwrap();
            assert_ne!(recipe, before, "{}: {}", set.name, proposal.words());
        }
    }
}

#[test]
fn pst900_has_holes_in_its_thermal_image_and_raw_thermal_by_percentiles() {
    let (_root, dataset) = written("PST900");
    let names: Vec<&str> = dataset.modalities.iter().map(|modality| modality.name.as_str()).collect();
    assert_eq!(names, ["colour", "thermal", "raw thermal", "depth"]);
    assert_eq!((dataset.hole(0), dataset.hole(1), dataset.hole(2)), (None, Some(0.0), Some(0.0)));
    let sample = dataset.sample("test", 0, &[0, 1, 2, 3]).unwrap();
    close(sample.planes[1].values[0], 0.0);
    close(sample.planes[1].values[6], 104.0 / 255.0);
    let raw = &sample.planes[2].values;
    assert_eq!((raw[0], raw[6], raw[47]), (0.0, 1.0 / 255.0, 1.0), "holes stay, the darkest value is no hole");
    // 7006 to 7047: the first and 99th percentile lie 0.41 steps in.
    close(raw[27], ((255.0_f32 * (21.0 - 0.41) / (41.0 - 0.82)).round()) / 255.0);
    close(sample.planes[3].values[0], 4.0);
    assert_eq!((dataset.classes[1].as_str(), sample.label.unwrap()[0]), ("fire extinguisher", 4));
}

#[test]
fn pst900_in_the_folders_of_mrfs_has_the_same_classes_and_holes() {
    let (_root, dataset) = written("PST900 in the folders of MRFS");
    let (_official, official) = written("PST900");
    assert_eq!((&dataset.classes, &dataset.colours), (&official.classes, &official.colours));
    assert_eq!((dataset.modalities.len(), dataset.hole(0), dataset.hole(1)), (2, None, Some(0.0)));
    assert_eq!(ids(&dataset, "test"), ["D_frame4", "E_frame5", "F_frame6"]);
    let sample = dataset.sample("test", 1, &[0, 1]).unwrap();
    assert_eq!(sample.planes[1].values[0], 0.0);
    close(sample.planes[1].values[6], 105.0 / 255.0);
    assert_eq!(sample.label.unwrap()[0], 0);
}

#[test]
fn mvss_takes_the_labelled_frames_of_the_videos_that_its_lists_name() {
    let (_root, dataset) = written("MVSS");
    assert_eq!(ids(&dataset, "test"), ["b/4", "b/5", "b/6"]);
    assert_eq!(dataset.split("test").unwrap().samples[0].tags(), ["night"]);
    let sample = dataset.sample("test", 1, &[0, 1]).unwrap();
    close(sample.planes[1].values[0], 25.0 / 255.0);
    assert_eq!(dataset.classes[usize::from(sample.label.unwrap()[0])], "building");
    assert_eq!(dataset.modalities[0].normalisation, Normalisation::Unit);
}

#[test]
fn fmb_has_fifteen_classes_in_its_split_folders_and_in_those_of_mrfs() {
    let (_root, dataset) = written("FMB");
    assert_eq!((dataset.classes.len(), dataset.colours[1]), (15, [179, 228, 228]));
    assert_eq!(dataset.sample("test", 0, &[1]).unwrap().label.unwrap()[0], 12);
    let root = tempfile::tempdir().unwrap();
    for (folder, colour, value) in [("Visible", RGB, 5), ("Infrared", GREY, 6), ("Label", GREY, 14)] {
        flat(root.path(), &format!("{folder}/00007.png"), 800, 600, colour, value);
    }
    write(root.path(), "test.txt", b"00007\n");
    let dataset = open(root.path()).unwrap();
    assert_eq!((dataset.name.as_str(), ids(&dataset, "test")), ("FMB", vec!["00007".to_owned()]));
}

#[test]
fn llrgbd_trains_void_and_proposes_to_leave_it_out_of_the_mean() {
    let (_root, dataset) = written("LLRGBD");
    assert_eq!((dataset.classes[0].as_str(), dataset.classes.len()), ("void", 14));
    let first = dataset.splits.iter().flat_map(|split| &split.samples).position(|sample| sample.id() == "1");
    assert!(first.is_some());
    assert_eq!(dataset.modalities[1].normalisation, Normalisation::Imagenet);
    let [proposal] = dataset.proposals() else { panic!("{:?}", dataset.proposals()) };
    let words = proposal.words();
    for part in ["--recipe smmcl", "cross_weight=0.2", "evaluation.convention=no-background"] {
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn deliver_tells_weathers_and_failures_by_paths_and_stretches_events() {
    let (_root, dataset) = written("DELIVER");
    let tags = |id: &str| {
        let mut all = dataset.splits.iter().flat_map(|split| &split.samples);
        all.find(|sample| sample.id().ends_with(id)).unwrap().tags().to_vec()
    };
    assert_eq!(
        (tags("/002"), tags("/003")),
        (vec!["night".to_owned()], vec!["fog".to_owned(), "motionblur".to_owned()])
    );
    let names: Vec<&str> = dataset.modalities.iter().map(|modality| modality.name.as_str()).collect();
    assert_eq!(names, ["colour", "depth", "event", "lidar"]);
    let sample = dataset.sample("test", 0, &[0, 1, 2, 3]).unwrap();
    assert_eq!((sample.height, sample.width, sample.id.as_str()), (6, 8, "fog/MAP_1_point2/005"));
    close(sample.planes[2].values[0], 95.0 / 255.0);
    assert!(sample.planes.iter().all(|plane| plane.values.len() == 3 * 48));
    // Stored 20 in red is class 19; stored 24 is class 23, and 0 and 255 are void.
    assert_eq!(sample.label.unwrap()[0], 19);
    let table = dataset.stored_ids().unwrap();
    assert_eq!((table[0], table[24]), (Some(1), Some(25)));
}

#[test]
fn mcubes_is_cut_joined_and_masked() {
    let (_root, dataset) = written("MCubeS");
    let names: Vec<&str> = dataset.modalities.iter().map(|modality| modality.name.as_str()).collect();
    assert_eq!(names, ["colour", "aolp", "dolp", "nir"]);
    let sample = dataset.sample("test", 0, &[0, 1, 2, 3]).unwrap();
    assert_eq!((sample.height, sample.width), (4, 4));
    close(sample.planes[0].values[0], 1.0);
    close(sample.planes[0].values[2 * 16], 32767.0 / 65535.0);
    let aolp = &sample.planes[1];
    assert_eq!(aolp.channels, 3);
    for (channel, expected) in [-0.6, 0.8, -0.6].into_iter().enumerate() {
        assert!(aolp.values[channel * 16..][..16].iter().all(|&value| (value - expected).abs() < 1e-6), "{channel}");
    }
    close(sample.planes[2].values[5], 0.25);
    close(sample.planes[3].values[5], 0.2);
    assert_eq!(sample.label.unwrap()[..4], [4, 4, 4, IGNORE], "the mask's column counts nowhere");
}

#[test]
fn kaist_is_told_day_from_night_by_its_sets() {
    let (root, dataset) = written("KAIST");
    assert_eq!(ids(&dataset, "test"), ["set00/V000/I00004", "set03/V000/I00005", "set00/V000/I00006"]);
    let tags: Vec<_> = dataset.split("test").unwrap().samples.iter().map(|sample| sample.tags().concat()).collect();
    assert_eq!(tags, ["day", "night", "day"]);
    let sample = dataset.sample("test", 2, &[0, 1]).unwrap();
    assert_eq!((sample.planes[1].channels, sample.label.unwrap()[0]), (1, IGNORE), "19 is void");
    assert!((sample.planes[1].values[0] - 126.0 / 255.0).abs() < 0.02);
    drop(root);
    let root = tempfile::tempdir().unwrap();
    for (split, frame) in [("all", 1), ("all", 2), ("val_all", 3)] {
        let id = format!("set0{frame}_V000_I0000{frame}");
        image(root.path(), &format!("pseudo_KP/{split}/{id}_rgb.png"), RGB, 5);
        image(root.path(), &format!("pseudo_KP/{split}/{id}_th.png"), GREY, 6);
        let label =
            if split == "all" { format!("pseudo_KP/all/{id}_pseudo.png") } else { format!("labels/val_all/{id}.png") };
        image(root.path(), &label, GREY, 13);
    }
    let dataset = open(root.path()).unwrap();
    assert_eq!((dataset.name.as_str(), ids(&dataset, "test")), ("KAIST", vec!["set03_V000_I00003".to_owned()]));
    assert_eq!(dataset.split("test").unwrap().samples[0].tags(), ["night"]);
    assert!(dataset.proposals()[0].settings.iter().any(|setting| setting.starts_with("data.pseudo_labels=pseudo_KP")));
}

#[test]
fn mfnet_cut_apart_for_adaptation_and_listed_by_the_hour_opens() {
    let root = tempfile::tempdir().unwrap();
    for scene in 1..5 {
        let id = by_hour(scene);
        image(root.path(), &format!("seperated_images/{id}_rgb.png"), RGB, 5);
        image(root.path(), &format!("seperated_images/{id}_th.png"), GREY, 6);
        image(root.path(), &format!("labels/{id}.png"), GREY, 1);
    }
    write(root.path(), "train.txt", b"00001D\n00002N\n");
    write(root.path(), "test_day.txt", b"00003D\n");
    write(root.path(), "test_night.txt", b"00004N\n");
    let dataset = open(root.path()).unwrap();
    assert_eq!((dataset.name.as_str(), ids(&dataset, "test_night")), ("MFNet", vec!["00004N".to_owned()]));
}
