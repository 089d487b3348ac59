use std::sync::Arc;

use png::{BitDepth, ColorType};

use crate::data::domain::draw;
use crate::data::fixture::{open, png_bytes, small, write};
use crate::data::{Batch, IGNORE, Loader, Mix};
use crate::progress::unwatched;
use crate::random::Streams;
use crate::recipe::Recipe;

fn recipe(batch: &str) -> Recipe {
    let mut recipe = Recipe::defaults("test");
    for (key, value) in
        [("data.batch_size", batch), ("encoder.family", "nano"), ("adaptation", "on"), ("adaptation.source", "")]
    {
        recipe.set_text(key, value).unwrap();
    }
    recipe
}

fn batches(mix: Mix, batch: &str, first: u64, count: usize) -> Vec<Batch> {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 15);
    let dataset = Arc::new(open(root.path()).unwrap());
    let mut loader =
        Loader::of_mix(dataset, "train", &recipe(batch), Streams::new(3), first, mix, &mut unwatched).unwrap();
    (0..count).map(|_| loader.next_batch().unwrap()).collect()
}

#[test]
fn whole_batches_take_the_fake_images_that_there_are() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 8);
    for scene in 0..8 {
        // Grey files of 16 bits, as the sensor's own.
        let values: Vec<u8> = (0..8 * 6).flat_map(|_| 4000_u16.to_be_bytes()).collect();
        let file = png_bytes(8, 6, ColorType::Grayscale, BitDepth::Sixteen, &values);
        write(root.path(), &format!("fake/{scene:04}{}_2N.png", if scene % 2 == 0 { "D" } else { "N" }), &file);
    }
    let dataset = Arc::new(open(root.path()).unwrap());
    let taken = |share: &str, mix| {
        let mut recipe = recipe("2");
        recipe.set_text("data.fake_night", "fake/{id}_2N.png").unwrap();
        recipe.set_text("data.fake_night_share", share).unwrap();
        let mut loader =
            Loader::of_mix(Arc::clone(&dataset), "train", &recipe, Streams::new(3), 0, mix, &mut unwatched).unwrap();
        let flat = |batch: Batch| {
            let scenes: Vec<bool> = batch.images[1]
                .chunks(3 * 8 * 6)
                .map(|scene| scene.iter().all(|&value| (value - 0.8).abs() < 1e-6))
                .collect();
            assert!(scenes.iter().all(|&flat| flat == scenes[0]), "a batch of both kinds");
            scenes[0]
        };
        (0..20).filter(|_| flat(loader.next_batch().unwrap())).count()
    };
    assert_eq!((taken("0", Mix::Labelled), taken("1", Mix::Labelled), taken("1", Mix::Domains)), (0, 20, 0));
    assert!((4..17).contains(&taken("0.5", Mix::Labelled)));
}

fn is_night(batch: &Batch, scene: usize) -> bool {
    batch.tags[scene] == ["night"]
}

#[test]
fn stage_one_sees_the_source_domain_alone() {
    for batch in batches(Mix::Labelled, "2", 0, 9) {
        assert!((0..2).all(|scene| !is_night(&batch, scene)), "{:?}", batch.ids);
        assert!(batch.labels.iter().all(|&id| id != IGNORE));
    }
}

#[test]
fn stage_two_fills_half_of_each_batch_from_either_domain_and_labels_none_of_the_target() {
    for size in ["2", "5"] {
        let all = batches(Mix::Domains, size, 0, 24);
        let mut seen = std::collections::BTreeMap::<String, usize>::new();
        for batch in &all {
            let scenes = batch.ids.len();
            let nights = (0..scenes).filter(|&scene| is_night(batch, scene)).count();
            assert_eq!(nights, scenes / 2);
            let area = batch.height * batch.width;
            for (scene, ids) in batch.labels.chunks(area).enumerate() {
                assert!(ids.iter().all(|&id| (id == IGNORE) == is_night(batch, scene)), "{:?}", batch.ids);
            }
            for id in &batch.ids {
                *seen.entry(id.clone()).or_default() += 1;
            }
        }
        // Every scene takes its turn before one comes round again.
        for domain in ["D", "N"] {
            let turns: Vec<usize> =
                seen.iter().filter(|(id, _)| id.ends_with(domain)).map(|(_, &turns)| turns).collect();
            assert!(turns.iter().max().unwrap() - turns.iter().min().unwrap() <= 1, "{turns:?}");
        }
        // A resumed loader goes on with the same batches.
        assert_eq!(batches(Mix::Domains, size, 7, 5), all[7..12]);
    }
}

#[test]
fn a_recipe_trains_on_one_condition_or_a_share_of_the_scenes() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 20);
    let dataset = Arc::new(open(root.path()).unwrap());
    let drawn = |settings: &[(&str, &str)]| {
        let mut recipe = recipe("1");
        recipe.set_text("adaptation", "off").unwrap();
        for (key, value) in settings {
            recipe.set_text(key, value).unwrap();
        }
        let drawn = draw(Arc::clone(&dataset), "train", &recipe, Mix::Labelled, &mut unwatched);
        drawn.map(|drawn| (drawn.samples.iter().map(|sample| sample.id().to_owned()).collect::<Vec<_>>(), drawn.notes))
    };
    let (all, notes) = drawn(&[]).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    let (nights, notes) = drawn(&[("data.tag", "night")]).unwrap();
    assert!(nights.len() < all.len() && nights.iter().all(|id| id.ends_with('N')), "{nights:?}");
    assert_eq!(notes, [format!("trained on {} of {} labelled scenes tagged `night`", nights.len(), all.len())]);
    let share = |share: &str, seed: &str| drawn(&[("data.fraction", share), ("training.seed", seed)]).unwrap().0;
    let (quarter, half) = (share("0.25", "1"), share("0.5", "1"));
    let rounded = |share: f64| (all.len() as f64 * share).round() as usize;
    assert_eq!((quarter.len(), half.len()), (rounded(0.25), rounded(0.5)));
    assert!(quarter.iter().all(|id| half.contains(id)));
    assert_eq!(half, share("0.5", "1"));
    assert_ne!(half, share("0.5", "2"));
    assert_eq!(share("0.001", "1").len(), 1);
    let by_class = |share: &str| drawn(&[("data.fraction", share), ("data.fraction_by", "classes")]).unwrap().0;
    assert_eq!(by_class("0.25").len(), rounded(0.25));
    assert!(by_class("0.25").iter().all(|id| by_class("0.5").contains(id)));
    let message = drawn(&[("data.tag", "dusk")]).unwrap_err().to_string();
    assert!(message.contains("data.tag") && message.contains("dusk") && message.contains("night"), "{message}");
}
