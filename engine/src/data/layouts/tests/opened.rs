//! What opens from the tiny folders: values, labels, tags, splits and proposals.

use std::path::Path;

use super::sets::{CRM_LIST, SETS};
use crate::data::fixture::{open, write};
use crate::data::{Dataset, IGNORE, Manifest, Normalisation, SampleEntry};
use crate::recipe::{Recipe, preset};

pub(super) fn count(dataset: &Dataset) -> usize {
    dataset.splits.iter().map(|split| split.samples.len()).sum()
}

/// The ids of a split.
fn ids(dataset: &Dataset, split: &str) -> Vec<String> {
    dataset.split(split).unwrap().samples.iter().map(|sample| sample.id().to_owned()).collect()
}

/// The tags of each sample of a split.
fn tags(dataset: &Dataset, split: &str) -> Vec<String> {
    dataset.split(split).unwrap().samples.iter().map(|sample| sample.tags().concat()).collect()
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
fn mfnet_reads_alike_in_all_its_folders() {
    for set in SETS.iter().filter(|set| set.name.starts_with("MFNet")) {
        let (_root, dataset) = written(set.name);
        assert_eq!(dataset.classes.len(), 9, "{}", set.name);
        assert_eq!(ids(&dataset, "train").len() + ids(&dataset, "val").len(), 3, "{}", set.name);
        assert!(dataset.split("val").unwrap().held_out, "{}", set.name);
        assert_eq!(ids(&dataset, "test"), ["00004N", "00005D", "00006N"], "{}", set.name);
        assert_eq!(tags(&dataset, "test"), ["night", "day", "night"], "{}", set.name);
        let sample = dataset.sample("test", 1, &[0, 1]).unwrap();
        assert_eq!((sample.planes[0].channels, sample.planes[1].channels), (3, 1), "{}", set.name);
        close(sample.planes[0].values[0], 15.0 / 255.0);
        close(sample.planes[1].values[0], 25.0 / 255.0);
        assert_eq!(sample.label.unwrap(), [5_u8; 48], "{}", set.name);
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
    for name in ["FMB", "FMB in the folders of MRFS"] {
        let (_root, dataset) = written(name);
        assert_eq!((dataset.classes.len(), dataset.colours[1]), (15, [179, 228, 228]), "{name}");
        assert_eq!(ids(&dataset, "test"), ["00004", "00005", "00006"], "{name}");
        assert_eq!(dataset.sample("test", 0, &[1]).unwrap().label.unwrap()[0], 12, "{name}");
    }
}

#[test]
fn nyudv2_in_the_folders_of_cen_takes_the_first_of_the_tab_separated_columns() {
    let (_root, dataset) = written("NYUDv2 in the folders of CEN");
    assert_eq!(dataset.classes.len(), 40);
    assert_eq!(ids(&dataset, "test"), ["000004", "000005", "000006"]);
    let sample = dataset.sample("test", 2, &[1]).unwrap();
    // CEN's step is a five-thousandth of a metre.
    close(sample.planes[0].values[0], 0.6);
    assert_eq!(sample.label.unwrap()[0], 39);
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
    let (_root, dataset) = written("KAIST");
    assert_eq!(ids(&dataset, "test"), ["set00/V000/I00004", "set03/V000/I00005", "set00/V000/I00006"]);
    assert_eq!(tags(&dataset, "test"), ["day", "night", "day"]);
    let sample = dataset.sample("test", 2, &[0, 1]).unwrap();
    assert_eq!((sample.planes[1].channels, sample.label.unwrap()[0]), (1, IGNORE), "19 is void");
    assert!((sample.planes[1].values[0] - 126.0 / 255.0).abs() < 0.02);
}

#[test]
fn kaist_for_adaptation_trains_without_labels_and_tests_on_the_scenes_of_crm() {
    let (root, dataset) = written("KAIST in the folders of adaptation");
    let is_labelled = |split: &str| dataset.split(split).unwrap().samples.iter().any(SampleEntry::has_label);
    assert_eq!((is_labelled("train"), is_labelled("test")), (false, true));
    assert_eq!(ids(&dataset, "test"), ["set00_V000_I00004", "set03_V000_I00005", "set00_V000_I00006"]);
    assert_eq!(tags(&dataset, "test"), ["day", "night", "day"]);
    assert!(dataset.proposals()[0].settings.iter().any(|setting| setting.starts_with("data.pseudo_labels=pseudo_KP")));
    std::fs::remove_file(root.path().join(CRM_LIST)).unwrap();
    assert_eq!(ids(&open(root.path()).unwrap(), "test").len(), 4);
}

#[test]
fn mfnet_listed_by_the_hour_is_tested_by_day_and_by_night() {
    let (root, _) = written("MFNet in the folders of adaptation");
    std::fs::remove_file(root.path().join("test.txt")).unwrap();
    write(root.path(), "test_day.txt", b"00005D\n");
    write(root.path(), "test_night.txt", b"00004N\n00006N\n");
    let dataset = open(root.path()).unwrap();
    assert_eq!(ids(&dataset, "test_day"), ["00005D"]);
    assert_eq!(ids(&dataset, "test_night"), ["00004N", "00006N"]);
}
