use std::sync::Arc;

use crate::data::fixture::{open, small};
use crate::data::{Batch, IGNORE, Loader, Mix};
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
    let mut loader = Loader::of_mix(dataset, "train", &recipe(batch), Streams::new(3), first, mix).unwrap();
    (0..count).map(|_| loader.next_batch().unwrap()).collect()
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
