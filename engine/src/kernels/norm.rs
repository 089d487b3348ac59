//! Batch normalisation and the activation after it: every map is read once for the statistics and once for the result.

use pulp::Arch;
use rayon::prelude::*;

use super::activation::{Activation, Identity, Pointwise, Relu, Relu6, Swish};
use super::lanes::{Sums, planes_a_task};

/// Runs a loop with the activation known to the compiler.
macro_rules! with_activation {
    ($activation:expr, $kind:ident => $body:expr) => {
        match $activation {
            Activation::Relu => {
                type $kind = Relu;
                $body
            }
            Activation::Relu6 => {
                type $kind = Relu6;
                $body
            }
            Activation::Swish => {
                type $kind = Swish;
                $body
            }
            Activation::None => {
                type $kind = Identity;
                $body
            }
        }
    };
}

/// Mean and biased variance of every channel.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    pub(super) mean: Vec<f32>,
    pub(super) variance: Vec<f32>,
}

impl Statistics {
    /// Of `[batch, channels, plane]`: per map in two passes, then over the batch by the rule for joining variances.
    pub(super) fn of(x: &[f32], channels: usize, plane: usize) -> Self {
        let arch = Arch::new();
        let maps: Vec<(f32, f32)> = x
            .par_chunks(plane.max(1))
            .with_min_len(planes_a_task(2 * plane))
            .map(|x| arch.dispatch(|| moments(x)))
            .collect();
        let batch = maps.len() / channels;
        let (mut mean, mut variance) = (vec![0.0; channels], vec![0.0; channels]);
        for channel in 0..channels {
            let own = || {
                maps.iter().skip(channel).step_by(channels).map(|&(mean, spread)| (f64::from(mean), f64::from(spread)))
            };
            let middle = own().map(|(mean, _)| mean).sum::<f64>() / batch as f64;
            let spread: f64 = own().map(|(mean, spread)| spread + plane as f64 * (mean - middle).powi(2)).sum();
            mean[channel] = middle as f32;
            variance[channel] = (spread / (batch * plane) as f64) as f32;
        }
        Self { mean, variance }
    }

    fn inverse_deviation(&self, channel: usize, epsilon: f64) -> f32 {
        (1.0 / (f64::from(self.variance[channel]) + epsilon).sqrt()) as f32
    }
}

/// Mean, and sum of squared differences from it.
#[inline(always)]
fn moments(x: &[f32]) -> (f32, f32) {
    let mut sum = Sums::new();
    sum.add(x, x, |x, _| x);
    let mean = sum.total() / x.len() as f32;
    let mut spread = Sums::new();
    spread.add(x, x, |x, _| (x - mean) * (x - mean));
    (mean, spread.total())
}

/// Scale, shift and added constant of a norm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Affine<'a> {
    pub(super) gamma: &'a [f32],
    pub(super) beta: &'a [f32],
    pub(super) epsilon: f64,
}

/// `activation(γ · (x − mean) / √(variance + ε) + β)`, as `[batch, channels, plane]`.
pub(super) fn forward(
    x: &[f32],
    plane: usize,
    statistics: &Statistics,
    affine: Affine<'_>,
    activation: Activation,
) -> Vec<f32> {
    let mut y = vec![0.0; x.len()];
    let (arch, channels) = (Arch::new(), affine.gamma.len());
    with_activation!(activation, Kind => y
    .par_chunks_mut(plane.max(1))
    .zip(x.par_chunks(plane.max(1)))
    .enumerate()
    .with_min_len(planes_a_task(plane))
    .for_each(|(index, (y, x))| {
        let (scale, shift) = line(statistics, affine, index % channels);
        arch.dispatch(|| apply::<Kind>(x, y, scale, shift));
    }));
    y
}

/// A channel's norm as `scale · x + shift`.
fn line(statistics: &Statistics, affine: Affine<'_>, channel: usize) -> (f32, f32) {
    let scale = affine.gamma[channel] * statistics.inverse_deviation(channel, affine.epsilon);
    (scale, affine.beta[channel] - statistics.mean[channel] * scale)
}

#[inline(always)]
fn apply<A: Pointwise>(x: &[f32], y: &mut [f32], scale: f32, shift: f32) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = A::value(x * scale + shift);
    }
}

/// The gradients of the input, of γ and of β.
pub(super) struct Gradients {
    pub(super) x: Vec<f32>,
    pub(super) gamma: Vec<f32>,
    pub(super) beta: Vec<f32>,
}

/// The backward pass of [`forward`] with the batch's own statistics.
pub(super) fn backward(
    x: &[f32],
    gradient: &[f32],
    plane: usize,
    statistics: &Statistics,
    affine: Affine<'_>,
    activation: Activation,
) -> Gradients {
    let (arch, channels) = (Arch::new(), affine.gamma.len());
    let mut dx = vec![0.0; x.len()];
    let sums: Vec<(f32, f32)> = with_activation!(activation, Kind => dx
        .par_chunks_mut(plane.max(1))
        .zip(x.par_chunks(plane.max(1)))
        .zip(gradient.par_chunks(plane.max(1)))
        .enumerate()
        .with_min_len(planes_a_task(2 * plane))
        .map(|(index, ((dx, x), gradient))| {
            let channel = index % channels;
            let (scale, shift) = line(statistics, affine, channel);
            arch.dispatch(|| before_activation::<Kind>(x, gradient, dx, scale, shift, statistics.mean[channel]))
        })
        .collect());
    let (mut gamma, mut beta) = (vec![0.0; channels], vec![0.0; channels]);
    for (index, (sum, product)) in sums.iter().enumerate() {
        let channel = index % channels;
        beta[channel] += sum;
        gamma[channel] += product * statistics.inverse_deviation(channel, affine.epsilon);
    }
    let count = x.len() as f32 / channels as f32;
    dx.par_chunks_mut(plane.max(1))
        .zip(x.par_chunks(plane.max(1)))
        .enumerate()
        .with_min_len(planes_a_task(plane))
        .for_each(|(index, (dx, x))| {
            let channel = index % channels;
            let (inverse, mean) = (statistics.inverse_deviation(channel, affine.epsilon), statistics.mean[channel]);
            let scale = affine.gamma[channel] * inverse;
            let slope = scale * gamma[channel] / count * inverse;
            let level = scale * beta[channel] / count - slope * mean;
            arch.dispatch(|| centre(dx, x, scale, slope, level));
        });
    Gradients { x: dx, gamma, beta }
}

/// The gradient before the activation, its sum, and the sum of its products with `x − mean`.
#[inline(always)]
fn before_activation<A: Pointwise>(
    x: &[f32],
    gradient: &[f32],
    into: &mut [f32],
    scale: f32,
    shift: f32,
    mean: f32,
) -> (f32, f32) {
    for ((into, x), gradient) in into.iter_mut().zip(x).zip(gradient) {
        *into = gradient * A::slope(x * scale + shift);
    }
    let (mut sum, mut product) = (Sums::new(), Sums::new());
    sum.add(into, into, |gradient, _| gradient);
    product.add(into, x, |gradient, x| gradient * (x - mean));
    (sum.total(), product.total())
}

#[inline(always)]
fn centre(dx: &mut [f32], x: &[f32], scale: f32, slope: f32, level: f32) {
    for (dx, x) in dx.iter_mut().zip(x) {
        *dx = *dx * scale - x * slope - level;
    }
}
