//! What the losses' tests share: one small problem and finite differences.

use std::ops::RangeInclusive;

use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::labels::{Labels, Targets};
use crate::data::IGNORE;

/// A device that records gradients.
pub fn device() -> Device {
    Device::flex().autodiff()
}

/// Reproducible values without a random generator, as in `reference/losses.py`: sin(1.7·i + phase) · 2.
pub fn wave(count: usize, phase: f64) -> Vec<f32> {
    (0..count).map(|index| ((1.7 * index as f64 + phase).sin() * 2.0) as f32).collect()
}

/// `[2, 4, 2, 3]`.
pub fn logits() -> Tensor<4> {
    wave_tensor([2, 4, 2, 3], 0.3)
}

/// A tensor of [`wave`] values.
pub fn wave_tensor(shape: [usize; 4], phase: f64) -> Tensor<4> {
    Tensor::from_data(TensorData::new(wave(shape.iter().product(), phase), shape), &device())
}

/// Labels for [`logits`]: class 3 is absent, two pixels are ignored.
pub fn labels() -> Labels {
    Labels { ids: vec![0, 1, 2, 2, IGNORE, 0, 1, 1, 0, IGNORE, 2, 2], batch: 2, height: 2, width: 3 }
}

/// Labels of so many classes for one or two scenes of any size, of which at least one pixel counts; and how many
/// classes.
pub fn some_labels(classes: RangeInclusive<usize>) -> impl Strategy<Value = (Labels, usize)> {
    (1..=2_usize, 2..=9_usize, prop_oneof![4 => 2..=9_usize, 1 => 100..=130_usize], classes, any::<u64>()).prop_map(
        |(batch, height, width, classes, seed)| {
            let id = |share: f32| [0, 1, 2, 3, 4, IGNORE, 9][(share * 7.0) as usize];
            let mut ids: Vec<u8> = draws(batch * height * width, seed % (1 << 31)).into_iter().map(id).collect();
            ids[0] = 0;
            (Labels { ids, batch, height, width }, classes)
        },
    )
}

/// So many cases, the same ones in every run.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() }
}

/// The labels made ready for the test device.
pub fn targets_of(labels: Labels, classes: usize) -> Targets {
    Targets::new(labels, classes, &device())
}

/// The value of a loss.
pub fn scalar(loss: &Tensor<1>) -> f32 {
    loss.to_data().as_slice::<f32>().unwrap()[0]
}

/// Fails unless the two agree within `tolerance`, relative to values above 1.
#[track_caller]
pub fn close(found: f32, expected: f32, tolerance: f32) {
    let bound = tolerance * expected.abs().max(1.0);
    assert!((found - expected).abs() <= bound, "found {found}, expected {expected} within {bound}");
}

/// A loss's value and its gradient with respect to `at`; zeros where the loss does not depend on it.
pub fn gradient<const D: usize>(loss: impl Fn(Tensor<D>) -> Tensor<1>, at: Tensor<D>) -> (f32, Vec<f32>) {
    let at = at.detach().require_grad();
    let value = loss(at.clone());
    let count = at.shape().num_elements();
    let slope = if value.is_tracked() { at.grad(&value.backward()) } else { None };
    let slope = slope.map_or_else(|| vec![0.0; count], |slope| slope.into_data().as_slice().unwrap().to_vec());
    (scalar(&value), slope)
}

/// Compares a loss's gradient at `at` with central differences.
#[track_caller]
pub fn differentiates<const D: usize>(loss: impl Fn(Tensor<D>) -> Tensor<1>, at: Tensor<D>) {
    let (_, slope) = gradient(&loss, at.clone());
    let values = at.to_data().as_slice::<f32>().unwrap().to_vec();
    let moved = |index: usize, by: f32| {
        let mut values = values.clone();
        values[index] += by;
        scalar(&loss(Tensor::from_data(TensorData::new(values, at.shape()), &device())))
    };
    let largest = slope.iter().fold(0.0_f32, |largest, slope| largest.max(slope.abs()));
    assert!(largest > 0.0, "the gradient is zero everywhere");
    let step = 1e-2;
    for (index, &slope) in slope.iter().enumerate() {
        let difference = (moved(index, step) - moved(index, -step)) / (2.0 * step);
        assert!(
            (slope - difference).abs() <= 2e-4 + 5e-3 * largest,
            "element {index}: gradient {slope}, finite difference {difference}, largest {largest}"
        );
    }
}

/// Numbers of 0 to 1 by a linear congruential generator, as the scripts in `reference/` draw them.
pub fn draws(count: usize, seed: u64) -> Vec<f32> {
    let step = |state: &mut u64| {
        *state = (*state * 1_103_515_245 + 12345) % (1 << 31);
        Some((*state as f64 / f64::from(1_u32 << 31)) as f32)
    };
    std::iter::repeat_n((), count).scan(seed, |state, ()| step(state)).collect()
}

/// A tensor of [`draws`].
pub fn drawn(shape: [usize; 4], seed: u64) -> Tensor<4> {
    Tensor::from_data(TensorData::new(draws(shape.iter().product(), seed), shape), &device())
}

/// Compares a loss's value and gradient with the line of that name in a script's output, to 1e-4 of the largest slope.
#[track_caller]
pub fn equals_reference<const D: usize>(
    output: &str,
    name: &str,
    loss: impl Fn(Tensor<D>) -> Tensor<1>,
    at: Tensor<D>,
) {
    let line = output.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let numbers: Vec<f32> =
        line.expect("a line of that name").split_whitespace().map(|word| word.parse().unwrap()).collect();
    let (expected, slopes) = numbers.split_first().unwrap();
    let (value, found) = gradient(loss, at);
    assert!((value - expected).abs() <= 1e-4 * expected.abs(), "{name}: found {value}, expected {expected}");
    assert_eq!(found.len(), slopes.len(), "{name}");
    let largest = slopes.iter().fold(0.0_f32, |largest, slope| largest.max(slope.abs()));
    for (index, (found, expected)) in found.iter().zip(slopes).enumerate() {
        assert!((found - expected).abs() <= 1e-4 * largest, "{name} at {index}: found {found}, expected {expected}");
    }
}
