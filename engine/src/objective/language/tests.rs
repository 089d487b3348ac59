use super::*;
use crate::data::IGNORE;
use crate::network::layers::resize_bilinear;
use crate::objective::check::{close, device, differentiates, gradient, scalar, wave_tensor};
use crate::objective::recorded::{Recorded, agree};

const PLAIN: Divergence = Divergence { temperature: 1.0, direction: Direction::Teacher };

fn divergences() -> impl Iterator<Item = (String, Divergence)> {
    let words = [("1", 1.0), ("0.1", 0.1)].into_iter();
    words.flat_map(|(word, temperature)| {
        let directions = [("teacher", Direction::Teacher), ("student", Direction::Student)].into_iter();
        directions.map(move |(name, direction)| (format!("{word}.{name}"), Divergence { temperature, direction }))
    })
}

fn doubles(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().map(|&number| f64::from(number)).collect()
}

/// Numbers written by `reference/language.py`.
#[test]
fn values_and_gradients_equal_those_of_pytorch() {
    let recorded = Recorded::read(include_str!("../reference/language.txt"));
    for case in ["case0", "case1", "case2"] {
        let numbers = |what: &str| recorded.numbers(&format!("{case}.{what}"));
        let student = recorded.tensor::<2>(&format!("{case}.student"));
        let teacher: Vec<_> = numbers("teacher").chunks(student.dims()[1]).map(|row| Some(doubles(row))).collect();
        let map = recorded.tensor::<4>(&format!("{case}.features"));
        let labels = recorded.labels(&format!("{case}.labels"));
        let names = doubles(numbers("names"));
        for (word, divergence) in divergences() {
            let what = format!("inter.{word}");
            let (value, slope) = gradient(|at| inter_modal(&at, &teacher, divergence).unwrap(), student.clone());
            agree(&[value], numbers(&what), &what);
            agree(&slope, numbers(&format!("{what}.slope")), &what);
            for (averaging, over) in [(Averaging::Batch, "batch"), (Averaging::Image, "image")] {
                let what = format!("intra.{word}.{over}");
                let loss = |at| intra_modal(&at, &labels, &names, averaging, divergence).unwrap();
                let (value, slope) = gradient(loss, map.clone());
                agree(&[value], numbers(&what), &what);
                agree(&slope, numbers(&format!("{what}.slope")), &what);
            }
        }
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let teacher = [Some(vec![0.3, -0.2, 0.9]), None, Some(vec![0.1, 0.2, -0.5])];
    let sharp = Divergence { temperature: 0.3, direction: Direction::Teacher };
    let student = wave_tensor([3, 3, 1, 1], 0.4).reshape([3, 3]);
    differentiates(|at| inter_modal(&at, &teacher, sharp).unwrap(), student);
    let labels = Labels { ids: vec![0, 1, 2, IGNORE, 0, 0, 2, 1, 1, 2, IGNORE, 0], batch: 1, height: 3, width: 4 };
    let names = [1.0, 0.2, -0.4, 0.2, 1.0, 0.1, -0.4, 0.1, 1.0];
    let loss = |at| intra_modal(&at, &labels, &names, Averaging::Batch, sharp).unwrap();
    differentiates(loss, wave_tensor([1, 3, 2, 2], 0.9));
}

#[test]
fn a_student_that_says_the_same_costs_nothing() {
    let rows = [0.3_f32, -0.2, 0.9, 0.1];
    let student = Tensor::from_data(TensorData::new(rows.to_vec(), [2, 2]), &device());
    let teacher: Vec<_> = rows.chunks(2).map(|row| Some(doubles(row))).collect();
    for (_, divergence) in divergences() {
        let (value, slope) = gradient(|at| inter_modal(&at, &teacher, divergence).unwrap(), student.clone());
        close(value, 0.0, 1e-6);
        assert!(slope.iter().all(|slope| slope.abs() < 1e-6), "{slope:?}");
    }
}

#[test]
fn scenes_without_vectors_have_no_say_and_one_sensor_costs_nothing() {
    let student = wave_tensor([3, 2, 1, 1], 0.4).reshape([3, 2]);
    let row = vec![0.5, -0.5];
    let some = [None, Some(row.clone()), None];
    let (value, slope) = gradient(|at| inter_modal(&at, &some, PLAIN).unwrap(), student.clone());
    let alone = student.clone().narrow(0, 1, 1);
    close(value, scalar(&inter_modal(&alone, &[Some(row)], PLAIN).unwrap()), 1e-6);
    assert_eq!((&slope[..2], &slope[4..]), (&[0.0, 0.0][..], &[0.0, 0.0][..]));
    assert!(slope[2] != 0.0);
    assert!(inter_modal(&student, &[None, None, None], PLAIN).is_none());
    let one = student.narrow(1, 0, 1);
    let rows = [0.1, 0.2, 0.3].map(|cosine| Some(vec![cosine]));
    assert_eq!(scalar(&inter_modal(&one, &rows, PLAIN).unwrap()), 0.0);
}

#[test]
fn a_mean_over_pixels_is_that_of_the_resized_map() {
    let map = wave_tensor([2, 3, 2, 3], 0.7).inner();
    let ids = (0..2 * 7 * 5).map(|pixel| [0, 1, IGNORE, 3, 1][pixel % 5]);
    let labels = Labels { ids: ids.collect(), batch: 2, height: 7, width: 5 };
    let weighed = class_weights(&labels, 4, [2, 3], Averaging::Batch);
    assert_eq!(weighed.present, labels.pixels(4).iter().map(|&pixels| pixels > 0).collect::<Vec<_>>());
    let means: Tensor<2> = class_means(&map, &weighed, 4).sum_dim(0).squeeze_dim(0);
    let means: Vec<f32> = means.into_data().try_to_vec().unwrap();
    let large: Vec<f32> = resize_bilinear(map, [7, 5]).into_data().try_to_vec().unwrap();
    for (place, found) in means.into_iter().enumerate() {
        let (class, channel) = (place / 3, place % 3);
        let of_class = (0..70).filter(|&pixel| usize::from(labels.ids[pixel]) == class);
        let values: Vec<f32> = of_class.map(|pixel| large[(pixel / 35 * 3 + channel) * 35 + pixel % 35]).collect();
        close(found, values.iter().sum::<f32>() / values.len().max(1) as f32, 1e-5);
    }
}

#[test]
fn nothing_to_compare_costs_nothing() {
    let names = [1.0, 0.3, 0.3, 1.0];
    let of = |ids: Vec<u8>, averaging| {
        let labels = Labels { ids, batch: 1, height: 1, width: 4 };
        let map = wave_tensor([1, 3, 1, 2], 0.7);
        let loss = intra_modal(&map, &labels, &names, averaging, PLAIN);
        loss.map(|loss| scalar(&loss))
    };
    for averaging in [Averaging::Batch, Averaging::Image] {
        assert_eq!(of(vec![IGNORE; 4], averaging), None);
        assert_eq!(of(vec![1, IGNORE, 1, 1], averaging), Some(0.0));
        assert_eq!(of(vec![7; 4], averaging), None, "ids beyond the classes");
    }
    // A map without any direction is as unlike everything as can be said of it, and finite.
    let labels = Labels { ids: vec![0, 1, 0, 1], batch: 1, height: 1, width: 4 };
    let dark = Tensor::zeros([1, 3, 1, 2], &device());
    let (value, slope) = gradient(|at| intra_modal(&at, &labels, &names, Averaging::Batch, PLAIN).unwrap(), dark);
    assert!(value.is_finite() && slope.iter().all(|slope| *slope == 0.0));
}

#[test]
fn likeness_leaves_absent_classes_out() {
    let labels = Labels { ids: vec![0, 2, 0, 2], batch: 1, height: 1, width: 4 };
    let (table, present) = class_likeness(&wave_tensor([1, 3, 1, 2], 0.7), &labels, 3);
    assert_eq!(present, [true, false, true]);
    let table: Vec<f32> = table.into_data().try_to_vec().unwrap();
    close(table[0], 1.0, 1e-6);
    assert_eq!(table[1], 0.0);
    assert!((table[2] - table[6]).abs() < 1e-6 && table[2].abs() < 1.0);
}
