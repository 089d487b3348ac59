//! The contrast beside PyTorch, and its limits.

use proptest::prelude::*;

use super::*;
use crate::objective::check::{cases, device, differentiates, gradient, scalar, wave_tensor};
use crate::objective::entries::{Entries, EntryKind};
use crate::objective::recorded::{Recorded, agree};
use crate::random::Streams;

const CASES: [&str; 3] = ["case0", "case1", "case2"];

/// What a case's script drew.
fn drawn(recorded: &Recorded, case: &str) -> Drawn {
    let numbers = |name: &str| recorded.numbers(&format!("{case}.{name}"));
    let places = |sensor: &str| numbers(sensor).iter().map(|&place| place as usize).collect();
    Drawn {
        entries: numbers("drawn")[0] as usize,
        each: numbers("drawn")[1] as usize,
        classes: numbers("classes").iter().map(|&class| class as u8).collect(),
        places: vec![places("places.v"), places("places.a")],
    }
}

/// The three terms of two maps, by name.
fn term(name: &str, embedded: &[Tensor<2>], classes: &[u8], temperature: f64) -> Option<Tensor<1>> {
    match name {
        "across" => across(embedded, classes, temperature),
        "visible" => within(&embedded[..1], classes, temperature),
        _ => within(&embedded[1..], classes, temperature),
    }
}

/// `reference/smmcl.py`: every term, its value and its slope along both sensors' maps.
#[test]
fn values_and_gradients_equal_those_of_pytorch() {
    let recorded = Recorded::smmcl();
    for case in CASES {
        let temperature = f64::from(recorded.numbers(&format!("{case}.temperature"))[0]);
        let drawn = drawn(&recorded, case);
        let map = |sensor: &str| recorded.tensor::<4>(&format!("{case}.projected.{sensor}"));
        let maps = [map("v"), map("a")];
        for (name, sensors) in [("across", &[0, 1][..]), ("visible", &[0]), ("auxiliary", &[1])] {
            for &sensor in sensors {
                let what = format!("{case}.{name}.slope.{}", ["v", "a"][sensor]);
                let loss = |own: Tensor<4>| {
                    let mut maps = maps.clone();
                    maps[sensor] = own;
                    term(name, &embeddings(&maps, &drawn), &drawn.classes, temperature).unwrap()
                };
                let (value, slope) = gradient(loss, maps[sensor].clone());
                agree(&[value], recorded.numbers(&format!("{case}.{name}")), &what);
                agree(&slope, recorded.numbers(&what), &what);
            }
        }
    }
}

#[test]
fn every_case_has_ignored_pixels_and_an_absent_class_and_its_entries_are_found() {
    let recorded = Recorded::smmcl();
    for case in CASES {
        let labels = recorded.labels(&format!("{case}.labels"));
        assert!(labels.counted() < labels.ids.len());
        let absent = recorded.numbers(&format!("{case}.absent"))[0] as u8;
        assert!(!labels.ids.contains(&absent));
        let smallest = recorded.numbers(&format!("{case}.smallest"))[0] as usize;
        let entries = Entries { of: EntryKind::Image, smallest, most: 300, anchors: 4800 };
        let found = Drawn::of(&labels, 2, entries, &mut Streams::new(1).stream("m", 0)).unwrap();
        let expected = drawn(&recorded, case);
        assert_eq!((found.entries, found.each), (expected.entries, expected.each));
        assert_eq!(found.classes, expected.classes);
    }
}

/// Random embeddings of as many rows as there are classes.
fn rows(classes: &[u8], phase: f64) -> Tensor<2> {
    let map = wave_tensor([classes.len(), 5, 1, 1], phase).reshape([classes.len(), 5]);
    map.clone() / map.square().sum_dim(1).sqrt()
}

#[test]
fn the_host_agrees_with_tensor_operations_in_value_and_gradient() {
    let long: Vec<u8> = (0..203).map(|row| (row / 17 % 5) as u8).collect();
    for classes in [&long[..], &[0, 0, 1, 1, 2], &[0, 0, 0]] {
        compare(classes, 0.3);
    }
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn the_host_agrees_with_tensor_operations_whatever_the_classes(
        classes in prop::collection::vec(0..6_u8, 2..70),
        phase in 0.0..2.0_f64,
    ) {
        prop_assume!(counts(&classes).iter().any(|&count| count > 1));
        compare(&classes, phase);
    }
}

fn compare(classes: &[u8], phase: f64) {
    let of_class = counts(classes);
    for temperature in [0.01, 0.1, 2.0] {
        let others = rows(classes, 2.1);
        let (ours, our_slope) =
            gradient(|rows: Tensor<2>| info_nce(&rows, &others, classes, temperature).unwrap(), rows(classes, phase));
        let theirs = |rows: Tensor<2>| on_device(&rows, &others, classes, &of_class, temperature);
        let (value, slope) = gradient(theirs, rows(classes, phase));
        agree(&[ours], &[value], "value");
        agree(&our_slope, &slope, "slope");
    }
}

#[test]
fn gradients_within_a_sensor_are_those_of_differences() {
    let classes = [0, 0, 1, 1, 1, 2];
    differentiates(|rows: Tensor<2>| within(&[rows], &classes, 0.5).unwrap(), rows(&classes, 0.3));
}

#[test]
fn three_sensors_are_contrasted_pair_by_pair() {
    let classes = [0, 0, 1, 1, 2, 2];
    let all = [rows(&classes, 0.3), rows(&classes, 2.1), rows(&classes, 4.0)];
    let pair = |first: usize, second: usize| {
        scalar(&across(&[all[first].clone(), all[second].clone()], &classes, 0.1).unwrap())
    };
    let mean = (pair(0, 1) + pair(0, 2) + pair(1, 2)) / 3.0;
    agree(&[scalar(&across(&all, &classes, 0.1).unwrap())], &[mean], "across");
    assert!(across(&all[..1], &classes, 0.1).is_none(), "one sensor has no pair");
}

#[test]
fn without_positives_there_is_no_term_and_without_negatives_it_costs_nothing() {
    let distinct = [0, 1, 2];
    assert!(within(&[rows(&distinct, 0.3)], &distinct, 0.1).is_none());
    assert!(within(&[], &[], 0.1).is_none());
    let (value, slope) = gradient(|rows: Tensor<2>| within(&[rows], &[4; 3], 0.1).unwrap(), rows(&[4; 3], 0.3));
    assert!(value == 0.0 && slope.iter().all(|slope| *slope == 0.0));
}

#[test]
fn the_coldest_temperature_stays_finite_and_no_number_stays_none() {
    let classes = [0, 0, 1, 1];
    let mut opposed = rows(&classes, 0.3).into_data().try_to_vec::<f32>().unwrap();
    let tensor = |values: &[f32]| Tensor::<2>::from_data(TensorData::new(values.to_vec(), [4, 5]), &device());
    let second: Vec<f32> = opposed.iter().map(|value| -value).collect();
    let loss = |rows: Tensor<2>| across(&[rows, tensor(&second)], &classes, 0.01).unwrap();
    let (value, slope) = gradient(loss, tensor(&opposed));
    assert!(value.is_finite() && slope.iter().all(|slope| slope.is_finite()));
    opposed[0] = f32::NAN;
    assert!(scalar(&loss(tensor(&opposed))).is_nan());
}

#[test]
fn a_pixel_of_zeros_has_an_embedding_of_zeros() {
    let drawn = Drawn { entries: 1, each: 2, classes: vec![0, 0], places: vec![vec![0, 1]] };
    let embedded = embeddings(&[Tensor::zeros([1, 3, 1, 2], &device())], &drawn);
    assert!(embedded[0].clone().into_data().as_slice::<f32>().unwrap().iter().all(|value| *value == 0.0));
}
