use std::sync::Arc;

use crate::data::fixture::{open, realdata};
use crate::data::{Dataset, IGNORE, Loader, Manifest, check};
use crate::progress::unwatched;
use crate::protocol::Notes;
use crate::random::Streams;
use crate::recipe::Recipe;

#[test]
fn nyudv2_opens_with_thirteen_classes_and_a_held_out_tenth() {
    let Some(path) = realdata("nyudv2_opens_with_thirteen_classes_and_a_held_out_tenth", "nyudv2") else { return };
    let dataset = open(&path).unwrap();
    let count = |name: &str| dataset.split(name).unwrap().samples.len();
    assert_eq!((count("train"), count("val"), dataset.classes.len()), (715, 80, 13));
    assert!(dataset.split("val").unwrap().held_out);
    let sample = dataset.sample("val", 0, &[0, 1]).unwrap();
    assert_eq!((sample.height, sample.width), (240, 320));
    let depth = &sample.planes[1].values;
    assert!(depth.iter().all(|metres| (0.0..=10.1).contains(metres)));
    assert!(depth.iter().sum::<f32>() / depth.len() as f32 > 0.5);
    assert!(sample.label.unwrap().iter().all(|&id| id < 13 || id == IGNORE));
    assert_eq!(dataset.with_class_map("none").unwrap().classes.len(), 40);
}

#[test]
fn nyudv2_loads_in_batches_at_another_size() {
    let Some(path) = realdata("nyudv2_loads_in_batches_at_another_size", "nyudv2") else { return };
    let mut recipe = Recipe::defaults("test");
    for (key, value) in [("data.batch_size", "4"), ("data.height", "120"), ("data.width", "160")] {
        recipe.set_text(key, value).unwrap();
    }
    let dataset = Arc::new(open(&path).unwrap());
    let mut loader = Loader::new(dataset, "train", &recipe, Streams::new(1), 0).unwrap();
    assert_eq!(loader.batches_per_epoch(), 178);
    let batch = loader.next_batch().unwrap();
    assert_eq!((batch.images.len(), batch.images[0].len()), (2, 4 * 3 * 120 * 160));
    assert!(batch.images.iter().flatten().all(|value| value.is_finite() && value.abs() < 4.0));
    assert_eq!(loader.take_notes(), Notes::default());
}

#[test]
fn msrs_without_labels_can_be_viewed() {
    let Some(path) = realdata("msrs_without_labels_can_be_viewed", "msrs") else { return };
    let dataset = open(&path).unwrap();
    let test = dataset.split("test").unwrap();
    assert_eq!((dataset.name.as_str(), dataset.splits.len(), test.samples.len()), ("MSRS", 1, 73));
    let night = test.samples.iter().position(|sample| sample.tags() == ["night"]).unwrap();
    let sample = dataset.sample("test", night, &[1, 0]).unwrap();
    assert_eq!((sample.height, sample.width, sample.label), (480, 640, None));
    assert_eq!((sample.planes[0].channels, sample.planes[1].channels), (1, 3));
}

/// What a user writes for stereo_pothole_datasets.
const POTHOLE: &str = r#"
version = 1
name = "pothole"

[[modalities]]
name = "colour"
kind = "colour"
pattern = "rgb/{id}.png"

[[modalities]]
name = "disparity"
kind = "disparity"
pattern = "disparity/{id}.png"
bit_depth = 16

[labels]
pattern = "label/{id}.png"
names = ["road", "pothole"]
colours = [[128, 64, 128], [220, 20, 60]]

[[splits]]
name = "train"
list = "train.txt"
"#;

#[test]
fn pothole_works_through_a_manifest_alone() {
    let Some(path) = realdata("pothole_works_through_a_manifest_alone", "pothole") else { return };
    let manifest = Manifest::from_toml(POTHOLE, &path.join("dataset.toml")).unwrap();
    let dataset = Dataset::from_manifest(&path, manifest, &mut unwatched).unwrap();
    assert_eq!(dataset.splits.iter().map(|split| split.samples.len()).collect::<Vec<_>>(), [45, 5]);
    let sample = dataset.sample("train", 0, &[1]).unwrap();
    assert_eq!(sample.width, 432);
    assert!(sample.planes[0].values.iter().all(|value| (0.0..=1.0).contains(value)));
    let label = sample.label.unwrap();
    assert!(label.contains(&0) && label.contains(&1) && label.iter().all(|&id| id < 2));
}

/// A folder of links into one that is not to be written to, with a manifest of its own.
#[cfg(unix)]
fn linked(path: &std::path::Path, names: &[&str], manifest: &str) -> tempfile::TempDir {
    let path = path.canonicalize().unwrap();
    let root = tempfile::tempdir().unwrap();
    for name in names {
        std::os::unix::fs::symlink(path.join(name), root.path().join(name)).unwrap();
    }
    std::fs::write(root.path().join("dataset.toml"), manifest).unwrap();
    root
}

#[cfg(unix)]
#[test]
fn a_folder_of_links_to_pothole_checks_clean() {
    let Some(path) = realdata("a_folder_of_links_to_pothole_checks_clean", "pothole") else { return };
    let root = linked(&path, &["rgb", "disparity", "label", "train.txt"], POTHOLE);
    let report = check(root.path(), &mut unwatched).unwrap();
    assert!(!report.has_errors(), "{}", report.text());
    let pothole = &report.histogram[1];
    assert!(pothole.pixels > 10_000 && pothole.files == 50, "{}", report.text());
}

/// What a user writes for the samples of GMRPD: depth in millimetres, and the same as a picture of 8 bits.
#[cfg(unix)]
const GMRPD: &str = r#"
version = 1
name = "gmrpd"

[[modalities]]
name = "colour"
kind = "colour"
pattern = "samples/{id}_rgb.png"

[[modalities]]
name = "depth"
kind = "depth"
pattern = "samples/{id}_depth_u16.png"
bit_depth = 16
scale = 0.001
unit = "m"

[[modalities]]
name = "depth picture"
kind = "depth"
pattern = "samples/{id}_depth_u8.png"

[labels]
pattern = "samples/{id}_label.png"
names = ["unknown", "drivable", "anomaly"]

[[splits]]
name = "test"
"#;

#[cfg(unix)]
#[test]
fn gmrpd_has_depth_of_sixteen_bits_in_metres() {
    let Some(path) = realdata("gmrpd_has_depth_of_sixteen_bits_in_metres", "gmrpd") else { return };
    let root = linked(&path, &["samples"], GMRPD);
    let report = check(root.path(), &mut unwatched).unwrap();
    assert!(report.problems.is_empty(), "{}", report.text());
    // Counted by NumPy, as is what follows.
    let pixels: Vec<u64> = report.histogram.iter().map(|class| class.pixels).collect();
    assert_eq!(pixels, [1_171_501, 668_055, 3_644, 0]);
    let dataset = open(root.path()).unwrap();
    assert_eq!((dataset.hole(0), dataset.hole(1), dataset.hole(2)), (None, Some(0.0), Some(0.0)));
    let sample = dataset.sample("test", 0, &[1, 2]).unwrap();
    assert_eq!((sample.id.as_str(), sample.height, sample.width), ("sample1", 720, 1280));
    let depth = &sample.planes[0].values;
    assert!((depth[600 * 1280 + 640] - 1.353).abs() < 1e-5, "{}", depth[600 * 1280 + 640]);
    assert_eq!(depth.iter().filter(|&&metres| metres == 0.0).count(), 290_670);
    let farthest = depth.iter().copied().fold(0.0, f32::max);
    assert!((farthest - 65.535).abs() < 1e-4, "{farthest}");
    assert!(sample.planes[1].values.iter().all(|value| (0.0..=1.0).contains(value)));
}

/// What a user writes for RoadScene, which has no labels.
#[cfg(unix)]
const ROADSCENE: &str = r#"
version = 1
name = "roadscene"

[[modalities]]
name = "colour"
kind = "colour"
pattern = "crop_LR_visible/{id}.*"

[[modalities]]
name = "thermal"
kind = "thermal"
pattern = "cropinfrared/{id}.*"

[[splits]]
name = "test"
"#;

#[cfg(unix)]
#[test]
fn roadscene_is_read_without_labels_and_in_all_its_sizes() {
    let Some(path) = realdata("roadscene_is_read_without_labels_and_in_all_its_sizes", "roadscene") else { return };
    let root = linked(&path, &["crop_LR_visible", "cropinfrared"], ROADSCENE);
    let report = check(root.path(), &mut unwatched).unwrap();
    assert!(report.problems.is_empty(), "{}", report.text());
    let counts: Vec<(u64, u64)> = report.splits.iter().map(|split| (split.samples, split.labelled)).collect();
    assert_eq!(counts, [(221, 0)]);
    for sensor in ["colour", "thermal"] {
        let files = report.sizes.iter().filter(|size| size.what == sensor).map(|size| size.files);
        assert_eq!((files.clone().count(), files.sum::<u64>()), (218, 221), "{sensor}");
    }
    let dataset = open(root.path()).unwrap();
    for place in (0..221).step_by(20) {
        let sample = dataset.sample("test", place, &[0, 1]).unwrap();
        let area = sample.height * sample.width;
        assert_eq!((sample.planes[0].values.len(), sample.planes[1].values.len()), (3 * area, area), "{}", sample.id);
        assert_eq!(sample.label, None);
        let small = crate::data::resized(&sample, &dataset.modalities, 96, 128);
        assert_eq!((small.planes[0].values.len(), small.planes[1].values.len()), (3 * 96 * 128, 96 * 128));
        let mut values = small.planes.iter().flat_map(|plane| &plane.values);
        assert!(values.all(|value| (0.0..=1.001).contains(value)), "{}", sample.id);
    }
}
