//! All degradations on the sample data.

use std::path::Path;
use std::sync::Arc;

use super::{DEGRADATION_SEED, Degrader};
use crate::data::dataset::Dataset;
use crate::data::loader::Loader;
use crate::data::sample::{Batch, ModalityKind, Sample};
use crate::progress::unwatched;
use crate::protocol::{Degradation, Degraded};
use crate::random::Streams;
use crate::recipe::Recipe;

const SCENES: usize = 3;

/// The sample data, with sensors of every kind: some are taken for what they are not.
fn kinds() -> Vec<(Dataset, Vec<usize>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../datasets-sample");
    let plain = Dataset::open(Path::new(folder), &mut unwatched).unwrap();
    let sensors: Vec<usize> = (0..plain.modalities.len()).collect();
    let mut other = plain.clone();
    for (sensor, kind) in other.modalities.iter_mut().zip([
        ModalityKind::NearInfrared,
        ModalityKind::Polarisation,
        ModalityKind::Disparity,
        ModalityKind::Lidar,
        ModalityKind::Other,
    ]) {
        sensor.kind = kind;
    }
    let all = [plain, other].map(|dataset| (dataset, sensors.clone()));
    let seen = |kind| all.iter().any(|(dataset, _)| dataset.modalities.iter().any(|sensor| sensor.kind == kind));
    assert!(ModalityKind::ALL.into_iter().all(seen));
    all.into()
}

/// Every degradation of every sensor that it fits.
fn each(mut of: impl FnMut(&Dataset, &[usize], usize, Degradation)) {
    let mut count = 0;
    for (dataset, sensors) in &kinds() {
        for (at, sensor) in dataset.modalities.iter().enumerate() {
            for kind in Degradation::of_kind(sensor.kind) {
                of(dataset, sensors, at, kind);
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
}

fn degraded(
    dataset: &Dataset,
    sensors: &[usize],
    at: usize,
    kind: Degradation,
    severity: f32,
    seed: u64,
) -> Vec<Sample> {
    let what = Degraded { sensor: dataset.modalities[at].name.clone(), kind, severity };
    let degrader = Degrader::new(dataset, sensors, &[what], seed).unwrap();
    let scene =
        |index| degrader.degrade(dataset, "val", index, dataset.sample("val", index, sensors).unwrap()).unwrap();
    (0..SCENES).map(scene).collect()
}

/// The mean difference of a sensor's values in the unit range; a measurement against none counts 1.
fn distance(dataset: &Dataset, at: usize, left: &[Sample], right: &[Sample]) -> f64 {
    let (sensor, hole) = (&dataset.modalities[at], dataset.hole(at));
    let (mut sum, mut count) = (0.0, 0);
    for (left, right) in left.iter().zip(right) {
        for (&left, &right) in left.planes[at].values.iter().zip(&right.planes[at].values) {
            count += 1;
            sum += match (hole == Some(left), hole == Some(right)) {
                (true, true) => 0.0,
                (false, false) => f64::from((left - right).abs() / (sensor.high - sensor.low)),
                _ => 1.0,
            };
        }
    }
    sum / f64::from(count)
}

#[test]
fn severity_0_changes_no_bit_and_any_other_no_other_sensor() {
    each(|dataset, sensors, at, kind| {
        let plain: Vec<Sample> = (0..SCENES).map(|index| dataset.sample("val", index, sensors).unwrap()).collect();
        assert_eq!(degraded(dataset, sensors, at, kind, 0.0, DEGRADATION_SEED), plain, "{}", kind.word());
        for (mut now, then) in degraded(dataset, sensors, at, kind, 1.0, DEGRADATION_SEED).into_iter().zip(plain) {
            assert!(now.planes[at] != then.planes[at], "{} of {}", kind.word(), dataset.modalities[at].name);
            now.planes[at] = then.planes[at].clone();
            assert_eq!(now, then, "{}", kind.word());
        }
    });
}

#[test]
fn the_same_seed_and_scene_give_the_same_image() {
    let mut differ = 0;
    each(|dataset, sensors, at, kind| {
        let [first, again, other] = [1, 1, 2].map(|seed| degraded(dataset, sensors, at, kind, 0.5, seed));
        assert_eq!(first, again, "{}", kind.word());
        differ += usize::from(first != other);
    });
    assert!(differ > 60, "{differ} of all follow the seed");
}

#[test]
fn the_image_goes_away_from_the_original_as_severity_grows_and_stays_in_range() {
    each(|dataset, sensors, at, kind| {
        let plain: Vec<Sample> = (0..SCENES).map(|index| dataset.sample("val", index, sensors).unwrap()).collect();
        let (sensor, hole) = (&dataset.modalities[at], dataset.hole(at));
        let mut found: Vec<f64> = Vec::new();
        for severity in [0.02, 0.2, 0.4, 0.6, 0.8, 1.0] {
            let now = degraded(dataset, sensors, at, kind, severity, DEGRADATION_SEED);
            for (now, plain) in now.iter().zip(&plain).filter(|_| kind != Degradation::FrozenFrame) {
                // What was out of range and is left alone stays so.
                let is_fine = |(now, then): (&f32, &f32)| {
                    now == then || hole == Some(*now) || (sensor.low..=sensor.high).contains(now)
                };
                let mut pairs = now.planes[at].values.iter().zip(&plain.planes[at].values);
                assert!(pairs.all(is_fine), "{} of {} at {severity}", kind.word(), sensor.name);
            }
            found.push(distance(dataset, at, &plain, &now));
        }
        let words = format!("{} of {}: {found:?}", kind.word(), sensor.name);
        assert!(found.windows(2).all(|pair| pair[1] >= 0.85 * pair[0]), "{words}");
        // A scene is frozen or is not.
        let grows = if kind == Degradation::FrozenFrame { 1.0 } else { 1.2 };
        assert!(found[5] > 0.0 && found[5] >= grows * found[0], "{words}");
    });
}

#[test]
fn what_does_not_fit_is_refused_with_what_would() {
    let (dataset, sensors) = kinds().swap_remove(0);
    let refused = |sensors: &[usize], what: &[&str]| {
        let what: Vec<Degraded> = what.iter().map(|text| text.parse().unwrap()).collect();
        Degrader::new(&dataset, sensors, &what, DEGRADATION_SEED).unwrap_err().to_string()
    };
    for (sensors, what, words) in [
        (&sensors[..], vec!["thermal=fog:0.5"], "`thermal=fog`: expected a sensor of the kind colour, near-infrared"),
        (&sensors, vec!["depth=noise:0.5"], "found depth"),
        (&sensors, vec!["colour=beam-loss:0"], "kind lidar"),
        (&sensors, vec!["radar=noise:0.5"], "no sensor named `radar`"),
        (&sensors[..2], vec!["depth=depth-holes:0.5"], "sensors in use, colour, thermal"),
        (&sensors, vec!["colour=fog:0.5", "colour=rain:1", "colour=fog:0.1"], "found it twice"),
    ] {
        let message = refused(sensors, &what);
        assert!(message.contains(words), "{what:?}: {message}");
    }
    let what = Degraded { sensor: "colour".to_owned(), kind: Degradation::Fog, severity: f32::NAN };
    assert!(Degrader::new(&dataset, &sensors, &[what], DEGRADATION_SEED).is_err());
}

#[test]
fn a_frozen_sensor_gives_the_image_of_the_scene_before_and_the_first_that_of_the_last() {
    let (dataset, sensors) = kinds().swap_remove(0);
    let frozen = degraded(&dataset, &sensors, 1, Degradation::FrozenFrame, 1.0, DEGRADATION_SEED);
    let count = dataset.split("val").unwrap().samples.len();
    for (index, sample) in frozen.iter().enumerate() {
        let before = dataset.sample("val", (index + count - 1) % count, &[1]).unwrap();
        assert_eq!(sample.planes[1], before.planes[0]);
    }
}

#[test]
fn fog_is_thicker_where_the_depth_sensor_sees_farther_in_use_or_not() {
    let (dataset, sensors) = kinds().swap_remove(0);
    let both = degraded(&dataset, &sensors, 0, Degradation::Fog, 0.5, DEGRADATION_SEED);
    let alone = degraded(&dataset, &[0], 0, Degradation::Fog, 0.5, DEGRADATION_SEED);
    for (index, (both, alone)) in both.iter().zip(&alone).enumerate() {
        assert_eq!(both.planes[0], alone.planes[0], "the network need not have the depth sensor");
        let clean = dataset.sample("val", index, &[0, 2]).unwrap();
        let area = clean.height * clean.width;
        // The share of the way to the fog's light, which is the same for all pixels.
        let airlight = {
            let mut values = clean.planes[0].values.clone();
            values.sort_unstable_by(f32::total_cmp);
            values[((values.len() - 1) as f32 * 0.95).round() as usize]
        };
        let passed =
            |pixel: usize| (both.planes[0].values[pixel] - airlight) / (clean.planes[0].values[pixel] - airlight);
        let clear = |pixel: &usize| (clean.planes[0].values[*pixel] - airlight).abs() > 0.1;
        for pixel in (0..area).filter(clear) {
            let depth = clean.planes[1].values[pixel];
            let expected = if depth == 0.0 { (-2.5_f32).exp() } else { (-2.5 * depth.min(40.0) / 40.0).exp() };
            assert!((passed(pixel) - expected).abs() < 0.01, "{} at {depth} m, expected {expected}", passed(pixel));
        }
    }
}

#[test]
fn training_scenes_are_degraded_by_the_seed_and_their_place_in_the_order() {
    let dataset = Arc::new(kinds().swap_remove(0).0);
    let loader = |rules: &str, workers: usize| {
        let mut recipe = Recipe::defaults("r");
        recipe.set_text("data.batch_size", "4").unwrap();
        recipe.set_text("data.degrade", rules).unwrap();
        Loader::with_workers(Arc::clone(&dataset), "train", &recipe, Streams::new(5), 0, workers)
    };
    let batches = |rules: &str, workers: usize| -> Vec<Batch> {
        let mut loader = loader(rules, workers).unwrap();
        (0..6).map(|_| loader.next_batch().unwrap()).collect()
    };
    let plain = batches("", 1);
    let rules = "colour=fog:0.3..0.9@0.5";
    let degraded = batches(rules, 1);
    assert_eq!(degraded, batches(rules, 3), "whoever makes the batch");
    let mut count = 0;
    for (now, then) in degraded.iter().zip(&plain) {
        assert_eq!((&now.ids, &now.labels, &now.images[1]), (&then.ids, &then.labels, &then.images[1]));
        let scenes = |batch: &Batch| -> Vec<Vec<f32>> {
            let length = batch.images[0].len() / batch.ids.len();
            batch.images[0].chunks(length).map(<[f32]>::to_vec).collect()
        };
        count += scenes(now).iter().zip(scenes(then)).filter(|(now, then)| *now != then).count();
    }
    assert!((6..=18).contains(&count), "{count} of 24 scenes, each with probability 0.5");
    assert_eq!(batches("colour=fog:0.5@0", 1), plain);
    let refused = loader("thermal=fog:0.5", 1).err().unwrap().to_string();
    assert!(refused.contains("expected a sensor of the kind colour"), "{refused}");
}
