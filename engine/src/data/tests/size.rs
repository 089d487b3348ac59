//! Data sets of many thousand scenes: how much memory each scene takes, and how often the disk is asked.

use std::time::{Duration, Instant};

use crate::data::fixture::{open, write};
use crate::fixtures::write_many_scenes;
use crate::kernels::kept_bytes;
use crate::progress::disk::slow::SlowDisk;

/// What a scene may take, its entry and all that is kept because of it.
const BYTES_A_SCENE: usize = 200;

#[test]
fn ten_thousand_scenes_are_indexed_in_two_seconds_and_take_little_memory_each() {
    const SCENES: usize = 10_000;
    let root = tempfile::tempdir().unwrap();
    write_many_scenes(root.path(), SCENES).unwrap();
    let disk = SlowDisk::at(root.path(), Duration::ZERO);
    let begun = Instant::now();
    let (dataset, kept) = kept_bytes(|| open(root.path()).unwrap());
    let took = begun.elapsed();
    assert_eq!(dataset.splits.iter().map(|split| split.samples.len()).sum::<usize>(), SCENES);
    assert!(kept < BYTES_A_SCENE * SCENES, "{} bytes a scene", kept / SCENES);
    assert!(took < Duration::from_secs(2), "{took:?}");
    // A sensor's file is looked for and looked at, and so is the label's.
    let asked = disk.accesses().all;
    assert!(asked < 7 * SCENES as u64, "{asked} questions to the disk");
}

#[test]
fn scenes_of_four_sensors_in_folders_of_their_own_take_little_memory_each() {
    const FEW: usize = 100;
    const MANY: usize = 1_100;
    let root = tempfile::tempdir().unwrap();
    let sensors = ["colour", "thermal", "depth", "lidar"];
    let of_sensor = |name: &str| {
        let pattern = format!("drives/{{city}}/{{id}}/{name}.png");
        format!("[[modalities]]\nname = \"{name}\"\nkind = \"{name}\"\npattern = \"{pattern}\"\n")
    };
    let text = format!(
        "version = 1\nname = \"folders\"\n{}[labels]\npattern = \"drives/{{city}}/{{id}}/label.png\"\nnames = [\"a\", \
         \"b\"]\n[[splits]]\nname = \"test\"\n[[tags]]\nname = \"even\"\nsuffix = \"0\"\n",
        sensors.map(of_sensor).concat()
    );
    write(root.path(), "dataset.toml", text.as_bytes());
    let opened = |scenes: std::ops::Range<usize>| {
        for (scene, name) in scenes.flat_map(|scene| sensors.iter().chain(&["label"]).map(move |name| (scene, name))) {
            write(root.path(), &format!("drives/city/{scene:06}/{name}.png"), b"");
        }
        kept_bytes(|| open(root.path()).unwrap())
    };
    let (_, kept_of_few) = opened(0..FEW);
    let (dataset, kept) = opened(FEW..MANY);
    let samples = &dataset.split("test").unwrap().samples;
    assert_eq!(samples.len(), MANY);
    let a_scene = (kept - kept_of_few) / (MANY - FEW);
    assert!(a_scene < BYTES_A_SCENE, "{a_scene} bytes a scene");
    let tenth = &samples[10];
    assert_eq!((tenth.id(), tenth.tags()), ("city/000010", &["even".to_owned()][..]));
    let files: Vec<_> = tenth.files().chain(tenth.label()).collect();
    assert!(files.iter().all(|file| file.is_file()) && files.len() == 5, "{files:?}");
}
