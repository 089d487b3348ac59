//! All degradations on the sample data.

use std::path::Path;
use std::sync::Arc;

use super::apply::{Draws, apply};
use super::image::Image;
use super::{DEGRADATION_SEED, Degrader};
use crate::data::align::Size;
use crate::data::dataset::Dataset;
use crate::data::loader::Loader;
use crate::data::sample::{Batch, Modality, ModalityKind, Normalisation, Plane, Sample};
use crate::progress::unwatched;
use crate::protocol::{Degradation, Degraded};
use crate::random::Streams;
use crate::recipe::Recipe;

const SCENES: usize = 2;

/// A data set with a few scenes of it, as all of its sensors saw them.
pub(super) struct Bench {
    pub(super) dataset: Dataset,
    sensors: Vec<usize>,
    pub(super) plain: Vec<Sample>,
}

impl Bench {
    pub(super) fn degraded(&self, at: usize, kind: Degradation, severity: f32, seed: u64) -> Vec<Sample> {
        let Self { dataset, sensors, plain } = self;
        let what = Degraded { sensor: dataset.modalities[at].name.clone(), kind, severity };
        let degrader = Degrader::new(dataset, sensors, &[what], seed).unwrap();
        let scene =
            |(index, sample): (usize, &Sample)| degrader.degrade(dataset, "val", index, sample.clone()).unwrap();
        plain.iter().enumerate().map(scene).collect()
    }

    pub(super) fn name(&self, at: usize) -> &str {
        &self.dataset.modalities[at].name
    }
}

/// The sample data as it is, and with sensors that are taken for what they are not, so that every kind is there.
pub(super) fn benches(scenes: usize) -> [Bench; 2] {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../datasets-sample");
    let dataset = Dataset::open(Path::new(folder), &mut unwatched).unwrap();
    let sensors: Vec<usize> = (0..dataset.modalities.len()).collect();
    let plain: Vec<Sample> = (0..scenes).map(|index| dataset.sample("val", index, &sensors).unwrap()).collect();
    let mut other = dataset.clone();
    for (sensor, kind) in other.modalities.iter_mut().zip([
        ModalityKind::NearInfrared,
        ModalityKind::Polarisation,
        ModalityKind::Disparity,
        ModalityKind::Lidar,
        ModalityKind::Other,
    ]) {
        sensor.kind = kind;
    }
    let all = [dataset, other];
    let seen = |kind| all.iter().any(|dataset| dataset.modalities.iter().any(|sensor| sensor.kind == kind));
    assert!(ModalityKind::ALL.into_iter().all(seen));
    all.map(|dataset| Bench { dataset, sensors: sensors.clone(), plain: plain.clone() })
}

fn sample_data() -> Bench {
    let [bench, _] = benches(SCENES);
    bench
}

/// Every degradation of every sensor that it fits.
pub(super) fn each(mut of: impl FnMut(&Bench, usize, Degradation)) {
    let mut count = 0;
    for bench in &benches(SCENES) {
        for (at, sensor) in bench.dataset.modalities.iter().enumerate() {
            for kind in Degradation::of_kind(sensor.kind) {
                of(bench, at, kind);
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn severity_0_changes_no_bit_and_any_other_no_other_sensor() {
    each(|bench, at, kind| {
        assert_eq!(bench.degraded(at, kind, 0.0, DEGRADATION_SEED), bench.plain, "{}", kind.word());
        for (mut now, then) in bench.degraded(at, kind, 1.0, DEGRADATION_SEED).into_iter().zip(&bench.plain) {
            assert!(now.planes[at] != then.planes[at], "{} of {}", kind.word(), bench.name(at));
            now.planes[at] = then.planes[at].clone();
            assert_eq!(now, *then, "{}", kind.word());
        }
    });
}

#[test]
fn the_same_seed_and_scene_give_the_same_image() {
    let mut differ = 0;
    each(|bench, at, kind| {
        let [first, again, other] = [1, 1, 2].map(|seed| bench.degraded(at, kind, 0.5, seed));
        assert_eq!(first, again, "{}", kind.word());
        differ += usize::from(first != other);
    });
    assert!(differ > 60, "{differ} of all follow the seed");
}

#[test]
fn what_does_not_fit_is_refused_with_what_would() {
    let Bench { dataset, sensors, .. } = sample_data();
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
    let bench = sample_data();
    let frozen = bench.degraded(1, Degradation::FrozenFrame, 1.0, DEGRADATION_SEED);
    let dataset = &bench.dataset;
    let count = dataset.split("val").unwrap().samples.len();
    for (index, sample) in frozen.iter().enumerate() {
        let before = dataset.sample("val", (index + count - 1) % count, &[1]).unwrap();
        assert_eq!(sample.planes[1], before.planes[0]);
    }
}

#[test]
fn half_of_the_scenes_freeze_at_a_severity_of_one_half_and_they_are_among_those_of_more() {
    let bench = sample_data();
    let dataset = &bench.dataset;
    let scenes = dataset.split("val").unwrap().samples.len();
    let frozen = |severity: f32| -> Vec<bool> {
        let what = Degraded { sensor: bench.name(1).to_owned(), kind: Degradation::FrozenFrame, severity };
        let degrader = Degrader::new(dataset, &[1], &[what], DEGRADATION_SEED).unwrap();
        let is_frozen = |index: usize| {
            let plain = dataset.sample("val", index, &[1]).unwrap();
            degrader.degrade(dataset, "val", index, plain.clone()).unwrap() != plain
        };
        (0..scenes).map(is_frozen).collect()
    };
    let (half, most) = (frozen(0.5), frozen(0.8));
    let count = |of: &[bool]| of.iter().filter(|&&is_frozen| is_frozen).count();
    // Of 40 scenes, within three deviations.
    assert!((11..=29).contains(&count(&half)) && (25..=39).contains(&count(&most)), "{half:?}, {most:?}");
    assert!(half.iter().zip(&most).all(|(half, most)| !half || *most), "{half:?}, {most:?}");
}

#[test]
fn fog_is_thicker_where_the_depth_sensor_sees_farther_in_use_or_not() {
    let bench = sample_data();
    let both = bench.degraded(0, Degradation::Fog, 0.5, DEGRADATION_SEED);
    let colour_alone = |sample: &Sample| Sample { planes: vec![sample.planes[0].clone()], ..sample.clone() };
    let without = Bench { sensors: vec![0], plain: bench.plain.iter().map(colour_alone).collect(), ..sample_data() };
    let alone = without.degraded(0, Degradation::Fog, 0.5, DEGRADATION_SEED);
    for ((both, alone), clean) in both.iter().zip(&alone).zip(&bench.plain) {
        assert_eq!(both.planes[0], alone.planes[0], "the network need not have the depth sensor");
        let area = clean.height * clean.width;
        // The share of the way to the fog's light, which is the same for all pixels.
        let airlight = {
            let mut values = clean.planes[0].values.clone();
            values.sort_unstable_by(f32::total_cmp);
            values[((values.len() - 1) as f32 * 0.95).round() as usize]
        };
        let passed =
            |pixel: usize| (both.planes[0].values[pixel] - airlight) / (clean.planes[0].values[pixel] - airlight);
        let clear = |pixel: &usize| {
            clean.planes[2].values[*pixel] > 0.0 && (clean.planes[0].values[*pixel] - airlight).abs() > 0.1
        };
        for pixel in (0..area).filter(clear) {
            let depth = clean.planes[2].values[pixel];
            let expected = (-2.5 * depth.min(40.0) / 40.0).exp();
            assert!((passed(pixel) - expected).abs() < 0.01, "{} at {depth} m, expected {expected}", passed(pixel));
        }
    }
}

#[test]
fn training_scenes_are_degraded_by_the_seed_and_their_place_in_the_order() {
    let dataset = Arc::new(sample_data().dataset);
    let loader = |rules: &str, workers: usize, first: u64| {
        let mut recipe = Recipe::defaults("r");
        recipe.set_text("data.batch_size", "4").unwrap();
        recipe.set_text("data.degrade", rules).unwrap();
        Loader::with_workers(Arc::clone(&dataset), "train", &recipe, Streams::new(5), first, workers)
    };
    let batches = |rules: &str, workers: usize| -> Vec<Batch> {
        let mut loader = loader(rules, workers, 0).unwrap();
        (0..6).map(|_| loader.next_batch().unwrap()).collect()
    };
    let plain = batches("", 1);
    let rules = "colour=fog:0.3..0.9@0.5";
    let degraded = batches(rules, 1);
    assert_eq!(degraded, batches(rules, 3), "whoever makes the batch");
    assert_eq!(degraded[4], loader(rules, 2, 4).unwrap().next_batch().unwrap(), "whatever came before");
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
    let refused = loader("thermal=fog:0.5", 1, 0).err().unwrap().to_string();
    assert!(refused.contains("expected a sensor of the kind colour"), "{refused}");
}

#[test]
fn holes_of_a_camera_stay_where_they_are_and_darken_nothing() {
    let size = Size::new(40, 60);
    let is_hole = |place: usize| (10..20).contains(&(place / 60)) && (20..45).contains(&(place % 60));
    let values: Vec<f32> = (0..2400).map(|place| if is_hole(place) { f32::NAN } else { 0.5 }).collect();
    let image = Image { kind: ModalityKind::Thermal, channels: 1, size, values, has_holes: true };
    let draws = Draws { streams: Streams::new(1), sensor: "thermal".to_owned(), scene: 7 };
    for (kind, severity) in [
        (Degradation::MotionBlur, 0.8),
        (Degradation::Defocus, 0.8),
        (Degradation::LowResolution, 0.2),
        (Degradation::Rotation, 0.2),
    ] {
        let mut worse = image.clone();
        apply(&mut worse, kind, severity, &draws, &[]);
        let holes = |image: &Image| image.values.iter().filter(|value| value.is_nan()).count();
        let measured = worse.values.iter().filter(|value| !value.is_nan());
        assert!(measured.clone().all(|&value| (value - 0.5).abs() < 1e-4), "{}", kind.word());
        // Turned, or in large pixels, about as many.
        assert!(holes(&worse).abs_diff(holes(&image)) < 120, "{}: {}", kind.word(), holes(&worse));
    }
    for kind in [Degradation::Noise, Degradation::ThermalDrift, Degradation::ThermalCrossover, Degradation::MotionBlur]
    {
        let mut worse = image.clone();
        apply(&mut worse, kind, 0.8, &draws, &[]);
        assert!((0..2400).all(|place| worse.values[place].is_nan() == is_hole(place)), "{}", kind.word());
    }
}

#[test]
fn what_does_not_change_keeps_its_bits_and_what_is_lost_is_a_hole() {
    let sensor = Modality {
        name: "depth".to_owned(),
        kind: ModalityKind::Depth,
        channels: 1,
        unit: "m".to_owned(),
        low: 0.5,
        high: 10.3,
        normalisation: Normalisation::Unit,
    };
    let stored = [0.0, 0.1, 0.7, 3.3, 99.0, 10.3];
    let mut plane = Plane { channels: 1, values: stored.to_vec() };
    let before = Image::of(&plane, &sensor, Some(0.0), Size::new(2, 3));
    assert!(before.values[0].is_nan() && before.values[1..].iter().all(|value| (0.0..=1.0).contains(value)));
    before.put(&before, &mut plane, &sensor, Some(0.0));
    assert_eq!(plane.values, stored, "beyond the range too");
    let mut after = before.clone();
    (after.values[2], after.values[4]) = (f32::NAN, 0.25);
    after.put(&before, &mut plane, &sensor, Some(0.0));
    assert_eq!(plane.values, [0.0, 0.1, 0.0, 3.3, 0.5 + 0.25 * (10.3 - 0.5), 10.3]);
}
