use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::data::fixture::{open, small, write};
use crate::data::{Batch, Dataset, IGNORE, Loader, Normalisation, normalisation_for, sensors_in_use};
use crate::random::Streams;
use crate::recipe::Recipe;

fn recipe(settings: &[(&str, &str)]) -> Recipe {
    let mut recipe = Recipe::defaults("test");
    for (key, value) in [("data.batch_size", "3"), ("encoder.family", "nano")].iter().chain(settings) {
        recipe.set_text(key, value).unwrap();
    }
    recipe
}

const LIVELY: &[(&str, &str)] = &[
    ("data.flip", "0.5"),
    ("data.scale_min", "0.5"),
    ("data.scale_max", "2"),
    ("data.crop", "5"),
    ("data.jitter", "0.5"),
    ("data.blur", "0.5"),
];

fn dataset(root: &Path, count: usize) -> Arc<Dataset> {
    small(root, count);
    Arc::new(open(root).unwrap())
}

fn batches(dataset: &Arc<Dataset>, recipe: &Recipe, seed: u64, first: u64, workers: usize, count: usize) -> Vec<Batch> {
    let streams = Streams::new(seed);
    let mut loader = Loader::with_workers(Arc::clone(dataset), "train", recipe, streams, first, workers).unwrap();
    (0..count).map(|_| loader.next_batch().unwrap()).collect()
}

#[test]
fn batches_depend_on_seed_and_number_alone() {
    let root = tempfile::tempdir().unwrap();
    let dataset = dataset(root.path(), 12);
    let recipe = recipe(LIVELY);
    let all = batches(&dataset, &recipe, 7, 0, 1, 12);
    assert_eq!(all.iter().map(|batch| batch.index).collect::<Vec<_>>(), (0..12).collect::<Vec<u64>>());
    for workers in [2, 3] {
        assert_eq!(batches(&dataset, &recipe, 7, 0, workers, 12), all, "{workers} workers");
    }
    for first in [1, 5, 8] {
        assert_eq!(batches(&dataset, &recipe, 7, first, 2, 4), all[first as usize..][..4], "from {first}");
    }
    assert_ne!(batches(&dataset, &recipe, 8, 0, 1, 12), all);
}

#[test]
fn an_epoch_takes_each_sample_at_most_once_and_orders_differ() {
    let root = tempfile::tempdir().unwrap();
    let dataset = dataset(root.path(), 12);
    let count = dataset.split("train").unwrap().samples.len();
    let recipe = recipe(&[]);
    let loader = Loader::new(Arc::clone(&dataset), "train", &recipe, Streams::new(1), 0).unwrap();
    let length = loader.batches_per_epoch() as usize;
    assert_eq!(length, count / 3);
    let ids: Vec<String> =
        batches(&dataset, &recipe, 1, 0, 2, 2 * length).into_iter().flat_map(|batch| batch.ids).collect();
    let (first, second) = ids.split_at(3 * length);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 3 * length);
    assert_ne!(first, second);
}

#[test]
fn a_batch_larger_than_the_split_repeats_samples() {
    let root = tempfile::tempdir().unwrap();
    let dataset = dataset(root.path(), 3);
    let batch = &batches(&dataset, &recipe(&[("data.batch_size", "5")]), 1, 0, 1, 1)[0];
    assert_eq!((batch.ids.len(), batch.images.len(), batch.labels.len()), (5, 2, 5 * 48));
    assert_eq!(batch.images[1].len(), 5 * 3 * 48);
}

#[test]
fn unreadable_samples_are_replaced_by_the_next_one_with_a_warning() {
    let root = tempfile::tempdir().unwrap();
    let dataset = dataset(root.path(), 12);
    let broken: Vec<String> =
        dataset.split("train").unwrap().samples[..2].iter().map(|sample| sample.id().to_owned()).collect();
    write(root.path(), &format!("rgb/{}.png", broken[0]), b"\x89PNG nonsense");
    std::fs::remove_file(root.path().join(format!("depth/{}.png", broken[1]))).unwrap();
    let recipe = recipe(&[]);
    let mut loader = Loader::new(Arc::clone(&dataset), "train", &recipe, Streams::new(1), 0).unwrap();
    let mut notes = Vec::new();
    for _ in 0..12 {
        let batch = loader.next_batch().unwrap();
        assert!(batch.ids.iter().all(|id| !broken.contains(id)));
        notes.extend(loader.take_notes().warnings);
    }
    assert_eq!(notes.len(), 2, "each is named once: {notes:?}");
    assert!(broken.iter().all(|id| notes.iter().any(|note| note.contains(id.as_str()))), "{notes:?}");
    assert_eq!(batches(&dataset, &recipe, 1, 4, 2, 2)[0].index, 4);
}

#[test]
fn where_nothing_can_be_read_it_is_an_error_and_no_endless_search() {
    let root = tempfile::tempdir().unwrap();
    let dataset = dataset(root.path(), 4);
    for sample in &dataset.split("train").unwrap().samples {
        std::fs::write(sample.file(0).unwrap(), b"").unwrap();
    }
    let mut loader = Loader::new(dataset, "train", &recipe(&[]), Streams::new(1), 0).unwrap();
    assert!(loader.next_batch().unwrap_err().to_string().contains("the file is empty"));
}

#[test]
fn dropping_the_loader_ends_its_threads() {
    let root = tempfile::tempdir().unwrap();
    let dataset = dataset(root.path(), 6);
    let mut loader = Loader::with_workers(Arc::clone(&dataset), "train", &recipe(&[]), Streams::new(1), 0, 2).unwrap();
    loader.next_batch().unwrap();
    assert!(Arc::strong_count(&dataset) > 1);
    drop(loader);
    assert_eq!(Arc::strong_count(&dataset), 1);
}

#[test]
fn samples_are_resized_first_and_unequal_ones_cropped_to_the_smallest() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 4);
    let files = ["rgb", "depth", "label"].map(|folder| root.path().join(folder).join("0001N.png"));
    let data = |bytes: usize| vec![1_u8; 16 * 4 * bytes];
    let png = |colour, depth, bytes| crate::data::fixture::png_bytes(16, 4, colour, depth, &data(bytes));
    std::fs::write(&files[0], png(png::ColorType::Rgb, png::BitDepth::Eight, 3)).unwrap();
    std::fs::write(&files[1], png(png::ColorType::Grayscale, png::BitDepth::Sixteen, 2)).unwrap();
    std::fs::write(&files[2], png(png::ColorType::Grayscale, png::BitDepth::Eight, 1)).unwrap();
    let dataset = Arc::new(open(root.path()).unwrap());
    let whole = &[("data.batch_size", "4"), ("data.scale_max", "2")];
    let batch = &batches(&dataset, &recipe(whole), 1, 0, 1, 1)[0];
    let has = dataset.split("train").unwrap().samples.iter().any(|sample| sample.id() == "0001N");
    assert_eq!((batch.height, batch.width), if has { (4, 8) } else { (6, 8) });
    let sized = &[("data.batch_size", "4"), ("data.height", "10"), ("data.width", "20")];
    let batch = &batches(&dataset, &recipe(sized), 1, 0, 1, 1)[0];
    assert_eq!((batch.height, batch.width), (10, 20));
    assert!(batch.labels.iter().all(|&id| id < 3 && id != IGNORE));
}

#[test]
fn sensors_and_normalisations_follow_the_recipe() {
    let root = tempfile::tempdir().unwrap();
    let dataset = dataset(root.path(), 3);
    assert_eq!(sensors_in_use(&recipe(&[]), &dataset).unwrap(), [0, 1]);
    assert_eq!(sensors_in_use(&recipe(&[("sensors.use", "depth")]), &dataset).unwrap(), [1]);
    let message = sensors_in_use(&recipe(&[("sensors.use", "depht")]), &dataset).unwrap_err().to_string();
    assert!(message.contains("depht") && message.contains("colour, depth"), "{message}");
    let of = |family| {
        let recipe = recipe(&[("encoder.family", family)]);
        [0, 1].map(|sensor: usize| normalisation_for(&recipe, &dataset.modalities[sensor]))
    };
    assert_eq!(of("efficientnet-lite0"), [Normalisation::Lite, Normalisation::Lite]);
    assert_eq!(of("efficientnet-b3"), [Normalisation::Imagenet, Normalisation::Imagenet]);
    assert_eq!(of("nano"), [Normalisation::Imagenet, Normalisation::Unit]);
}

#[test]
fn a_chosen_normalisation_holds_for_every_encoder() {
    let root = tempfile::tempdir().unwrap();
    let dataset = dataset(root.path(), 3);
    let radar = Normalisation::MeanStd { mean: [0.5; 3], std: [0.125; 3] };
    for (word, expected) in [
        ("imagenet", [Normalisation::Imagenet, Normalisation::Imagenet]),
        ("unit", [Normalisation::Unit, Normalisation::Unit]),
        ("disoptnet", [Normalisation::Imagenet, radar]),
        ("manifest", [Normalisation::Imagenet, Normalisation::Unit]),
    ] {
        for family in ["nano", "efficientnet-lite0", "efficientnet-b3"] {
            let recipe = recipe(&[("data.normalisation", word), ("encoder.family", family)]);
            let found = [0, 1].map(|sensor: usize| normalisation_for(&recipe, &dataset.modalities[sensor]));
            assert_eq!(found, expected, "{word} with {family}");
        }
    }
}

#[test]
fn a_crop_is_cut_down_to_images_that_are_smaller() {
    let root = tempfile::tempdir().unwrap();
    let dataset = dataset(root.path(), 6);
    let sized = |settings: &[(&'static str, &'static str)]| {
        let fixed = [("data.batch_size", "2"), ("data.height", "10"), ("data.width", "20")];
        let batch = &batches(&dataset, &recipe(&[&fixed[..], settings].concat()), 1, 0, 1, 1)[0];
        assert_eq!(batch.labels.len(), 2 * batch.height * batch.width);
        (batch.height, batch.width, batch.labels.contains(&IGNORE))
    };
    assert_eq!(sized(&[("data.crop", "480")]), (10, 20, false));
    assert_eq!(sized(&[("data.crop", "12")]), (10, 12, false));
    assert_eq!(sized(&[("data.crop", "12"), ("data.crop_height", "6")]), (6, 12, false));
    assert_eq!(sized(&[("data.crop", "12"), ("data.crop_height", "480")]), (10, 12, false));
    assert_eq!(sized(&[("data.crop", "480"), ("data.scale_min", "2"), ("data.scale_max", "2")]), (20, 40, false));
    assert_eq!(sized(&[("data.crop", "16"), ("data.scale_min", "0.5"), ("data.scale_max", "0.5")]), (5, 10, false));
}

#[test]
fn a_split_without_labels_cannot_be_loaded() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 3);
    std::fs::remove_dir_all(root.path().join("label")).unwrap();
    let dataset = Arc::new(open(root.path()).unwrap());
    let error = Loader::new(dataset, "train", &recipe(&[]), Streams::new(1), 0).err().unwrap();
    assert!(error.to_string().contains("`train` has no labels"), "{error}");
}

#[test]
fn opening_ten_thousand_scenes_reads_a_dozen_and_looks_for_each_file_a_few_times() {
    use crate::progress::disk::slow::SlowDisk;
    let root = tempfile::tempdir().unwrap();
    let count = 10_000;
    crate::fixtures::write_many_scenes(root.path(), count).unwrap();
    let watched = SlowDisk::at(root.path(), std::time::Duration::ZERO);
    let dataset = open(root.path()).unwrap();
    assert_eq!(dataset.splits.iter().map(|split| split.samples.len()).sum::<usize>(), count);
    let opened = watched.accesses();
    // The manifest alone is read; each of three files of a scene is looked for once or twice.
    assert_eq!(opened.reads, 1);
    assert!(opened.all <= 8 * count as u64, "{} accesses", opened.all);
    let _seen = dataset.look(&mut crate::progress::unwatched).unwrap();
    let looked = watched.accesses();
    assert!(looked.reads - opened.reads <= 3 * 12, "{} files read", looked.reads - opened.reads);
    assert!(looked.all - opened.all <= 3 * 12, "{} accesses", looked.all - opened.all);
}
