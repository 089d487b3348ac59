//! Small pictures and surveys of a tiny data set, kept, changed and damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Cache, Surveying, thumbnail};
use crate::data::{Dataset, check};
use crate::fixtures::{TinyData, write_tiny_data};
use crate::progress::disk::slow::SlowDisk;
use crate::progress::unwatched;
use crate::protocol::{DatasetSurvey, Pixels, ScenePlace, Severity};

const TINY: TinyData = TinyData { width: 40, height: 30, train: 3, val: 2, test: 0 };

/// A data set, and a cache beside it.
struct Place {
    _folder: tempfile::TempDir,
    data: PathBuf,
    kept: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, kept) = (folder.path().join("data"), folder.path().join("kept"));
        fs::create_dir(&data).unwrap();
        write_tiny_data(&data, &TINY).unwrap();
        Self { _folder: folder, data, kept }
    }

    fn open(&self) -> Arc<Dataset> {
        Arc::new(Dataset::open(&self.data, &mut unwatched).unwrap())
    }

    fn cache(&self) -> Cache {
        Cache::in_folder(Some(self.kept.clone()))
    }

    /// Entries of the cache.
    fn entries(&self) -> Vec<PathBuf> {
        let listed = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        listed(&self.kept).flat_map(|folder| listed(&folder).collect::<Vec<_>>()).collect()
    }
}

const FIRST: ScenePlace = ScenePlace { split: 0, index: 0 };

fn survey(dataset: &Arc<Dataset>, cache: &Cache) -> DatasetSurvey {
    let mut surveying = Surveying::new(Arc::clone(dataset));
    while !surveying.found().is_done() {
        surveying.go_on(cache);
    }
    surveying.found().clone()
}

#[test]
fn small_pictures_are_read_once_and_come_out_of_the_cache_as_they_were() {
    let place = Place::new();
    let (dataset, cache) = (place.open(), place.cache());
    let disk = SlowDisk::at(&place.data, Duration::ZERO);
    let made = thumbnail(&dataset, FIRST, 16, &cache);
    assert!(made.faults.is_empty(), "{:?}", made.faults);
    let reads = disk.accesses().reads;
    assert_eq!(reads, 3, "colour, thermal and label");
    for frame in made.sensors.iter().flatten().chain(&made.label) {
        assert_eq!((frame.width, frame.height), (16, 12));
    }
    assert!(matches!(made.sensors[0].as_ref().unwrap().pixels, Pixels::Rgba(_)));
    assert!(matches!(made.sensors[1].as_ref().unwrap().pixels, Pixels::Scalar { .. }));
    assert_eq!(thumbnail(&dataset, FIRST, 16, &place.cache()), made);
    assert_eq!(disk.accesses().reads, reads, "nothing is read again");
    let larger = thumbnail(&dataset, FIRST, 40, &cache);
    assert_eq!(larger.label.unwrap().width, 40, "another size is another entry");
}

#[test]
fn a_changed_file_is_never_shown_as_it_was() {
    let place = Place::new();
    let (dataset, cache) = (place.open(), place.cache());
    let before = thumbnail(&dataset, FIRST, 32, &cache);
    let entry = &dataset.splits[0].samples[0];
    let thermal = &entry.file(1).unwrap();
    let length = fs::metadata(thermal).unwrap().len();
    let modified = fs::metadata(thermal).unwrap().modified().unwrap();
    // Another picture of the same length at the same time: the system still knows that the file was written.
    let mut bytes = fs::read(thermal).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 0x40;
    std::thread::sleep(Duration::from_millis(20));
    fs::write(thermal, &bytes).unwrap();
    fs::File::options().append(true).open(thermal).unwrap().set_modified(modified).unwrap();
    assert_eq!(fs::metadata(thermal).unwrap().len(), length);
    let after = thumbnail(&dataset, FIRST, 32, &cache);
    if cfg!(unix) {
        assert_ne!((&after.sensors, &after.faults), (&before.sensors, &before.faults));
    }
    fs::remove_file(thermal).unwrap();
    let gone = thumbnail(&dataset, FIRST, 32, &cache);
    assert!(gone.sensors[1].is_none() && gone.faults.len() == 1, "{:?}", gone.faults);
    assert!(gone.sensors[0].is_some() && gone.label.is_some(), "the others are shown");
}

#[test]
fn joined_classes_are_other_pictures_of_the_same_files() {
    let place = Place::new();
    let (manifest, cache) = (place.data.join("dataset.toml"), place.cache());
    let text = fs::read_to_string(&manifest).unwrap();
    let map = "[[class_maps]]\nname = \"two\"\nnames = [\"all\", \"sign\"]\nmap = [0, 0, 1]\n";
    fs::write(&manifest, format!("{text}\n{map}")).unwrap();
    let (own, joined) = (place.open(), Dataset::clone(&place.open()).with_class_map("two").unwrap());
    let label = |dataset: &Dataset| thumbnail(dataset, FIRST, 40, &cache).label.unwrap();
    let (before, after) = (label(&own), label(&joined));
    let (Pixels::Labels { ids: before, .. }, Pixels::Labels { ids: after, .. }) = (before.pixels, after.pixels) else {
        panic!()
    };
    assert_eq!(after, before.iter().map(|&id| u8::from(id == 2)).collect::<Vec<_>>());
    assert_ne!(after, before);
}

#[test]
fn a_damaged_entry_is_made_anew_and_without_a_cache_all_is_as_with_one() {
    let place = Place::new();
    let (dataset, cache) = (place.open(), place.cache());
    let made = thumbnail(&dataset, FIRST, 32, &cache);
    let [entry] = &place.entries()[..] else { panic!("{:?}", place.entries()) };
    let whole = fs::read(entry).unwrap();
    fs::write(entry, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(thumbnail(&dataset, FIRST, 32, &cache), made);
    assert_eq!(fs::read(entry).unwrap(), whole, "it is whole again");
    assert_eq!(thumbnail(&dataset, FIRST, 32, &Cache::in_folder(None)), made);
}

#[test]
fn a_survey_counts_what_labels_and_sensors_hold_and_finds_what_a_check_finds() {
    let place = Place::new();
    let broken = place.open().splits[1].samples[1].file(1).unwrap();
    fs::write(&broken, "no picture").unwrap();
    let dataset = place.open();
    let found = survey(&dataset, &place.cache());
    assert_eq!((found.done, found.total), (5, 5));
    for (at, split) in dataset.splits.iter().enumerate() {
        let mut pixels = vec![0_u64; 3];
        for (index, sample) in split.samples.iter().enumerate() {
            let ids = image::open(sample.label().unwrap()).unwrap().into_luma8().into_raw();
            let scene = found.scene(ScenePlace { split: at as u32, index: index as u32 }).unwrap();
            for (class, sum) in pixels.iter_mut().enumerate() {
                let count = ids.iter().filter(|&&id| usize::from(id) == class).count() as u64;
                assert_eq!(scene.has_class(class), count > 0);
                *sum += count;
            }
            let is_broken = sample.file(1).as_ref() == Some(&broken);
            assert_eq!(scene.worst, is_broken.then_some(Severity::Error));
        }
        assert_eq!(found.splits[at].pixels, pixels);
        assert!((found.splits[at].shares().iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
    let report = check(&place.data, &mut unwatched).unwrap();
    let mut texts: Vec<&str> = found.problems.iter().map(|found| found.problem.text.as_str()).collect();
    let mut checked: Vec<&str> = report.problems.iter().map(|problem| problem.text.as_str()).collect();
    texts.sort_unstable();
    checked.sort_unstable();
    assert_eq!(texts, checked);
    let of_file = found.problems.iter().find(|found| found.problem.file == broken).unwrap();
    assert_eq!(of_file.scene, Some(ScenePlace { split: 1, index: 1 }));
    let colour = &found.sensors[0];
    assert_eq!((colour.name.as_str(), colour.bins.len()), ("colour", 64));
    assert_eq!(colour.bins.iter().sum::<u64>(), 5 * 40 * 30 * 3, "three channels of five scenes");
    assert!((colour.mean - report.values[0].mean).abs() < 1e-6);
}

#[test]
fn a_second_survey_reads_the_blocks_that_have_changed_alone() {
    let place = Place::new();
    // Files of their own: where one of several names is changed, the system says so of all of them.
    write_tiny_data(&place.data, &TinyData { width: 8, height: 8, train: 150, val: 0, test: 0 }).unwrap();
    let dataset = place.open();
    let disk = SlowDisk::at(&place.data, Duration::ZERO);
    let first = survey(&dataset, &place.cache());
    assert_eq!((first.total, disk.accesses().reads), (150, 3 * 150));
    assert_eq!(survey(&dataset, &place.cache()), first);
    assert_eq!(disk.accesses().reads, 3 * 150, "all of it is known");
    // A file of the second of its three blocks becomes another.
    let changed = &dataset.split("train").unwrap().samples[70].file(0).unwrap();
    std::thread::sleep(Duration::from_millis(20));
    fs::write(changed, fs::read(changed).unwrap()).unwrap();
    let again = survey(&dataset, &place.cache());
    assert_eq!(disk.accesses().reads - 3 * 150, 3 * 64);
    assert_eq!(again, first);
}

#[test]
fn the_shares_of_a_scene_come_to_one_and_those_of_classes_that_it_has_are_not_zero() {
    let place = Place::new();
    for dataset in [place.open(), place.open()] {
        let found = survey(&dataset, &place.cache());
        assert_eq!((&found.path, &found.classes), (&dataset.root, &dataset.classes));
        for index in 0..3 {
            let scene = found.scene(ScenePlace { split: 0, index }).unwrap();
            let shares: Vec<f32> = (0..dataset.classes.len()).map(|class| scene.share(class)).collect();
            assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-3, "{shares:?}");
            assert!(shares.iter().enumerate().all(|(class, share)| (*share > 0.0) == scene.has_class(class)));
        }
    }
}
