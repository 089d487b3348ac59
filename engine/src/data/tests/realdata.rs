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

#[cfg(unix)]
#[test]
fn a_folder_of_links_to_pothole_checks_clean() {
    let Some(path) = realdata("a_folder_of_links_to_pothole_checks_clean", "pothole") else { return };
    let path = path.canonicalize().unwrap();
    let root = tempfile::tempdir().unwrap();
    for name in ["rgb", "disparity", "label", "train.txt"] {
        std::os::unix::fs::symlink(path.join(name), root.path().join(name)).unwrap();
    }
    std::fs::write(root.path().join("dataset.toml"), POTHOLE).unwrap();
    let report = check(root.path(), &mut unwatched).unwrap();
    assert!(!report.has_errors(), "{}", report.text());
    let pothole = &report.histogram[1];
    assert!(pothole.pixels > 10_000 && pothole.files == 50, "{}", report.text());
}
