//! Batch normalisation and the activation after it, a channel at a time: its maps are still in the cache when they are
//! read again.

use rayon::prelude::*;

use super::activation::{Activation, Identity, Pointwise, Relu, Relu6, Swish};
use super::lanes::{Sums, planes_a_task};
use super::wide::widely;

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
    fn inverse_deviation(&self, channel: usize, epsilon: f64) -> f32 {
        inverse_deviation(self.variance[channel], epsilon)
    }
}

fn inverse_deviation(variance: f32, epsilon: f64) -> f32 {
    (1.0 / (f64::from(variance) + epsilon).sqrt()) as f32
}

/// The maps of `[batch, channels, plane]`.
#[derive(Clone, Copy)]
struct Maps<'a> {
    numbers: &'a [f32],
    batch: usize,
    channels: usize,
    plane: usize,
}

impl<'a> Maps<'a> {
    fn new(numbers: &'a [f32], channels: usize, plane: usize) -> Self {
        Self { numbers, batch: numbers.len() / (channels * plane).max(1), channels, plane }
    }

    fn of(self, image: usize, channel: usize) -> &'a [f32] {
        &self.numbers[(image * self.channels + channel) * self.plane..][..self.plane]
    }

    /// Numbers of all maps of one channel.
    fn count(self) -> usize {
        self.batch * self.plane
    }

    /// Mean and biased variance of a channel: per map in two passes, then over the batch by the rule for joining
    /// variances.
    fn statistics(self, channel: usize) -> (f32, f32) {
        let moments = |image: usize| {
            let (mean, spread) = widely(
                #[inline(always)]
                || moments(self.of(image, channel)),
            );
            (f64::from(mean), f64::from(spread))
        };
        let maps: Vec<(f64, f64)> = (0..self.batch).map(moments).collect();
        let middle = maps.iter().map(|(mean, _)| mean).sum::<f64>() / self.batch as f64;
        let of_map = |(mean, spread): &(f64, f64)| spread + self.plane as f64 * (mean - middle).powi(2);
        let spread: f64 = maps.iter().map(of_map).sum();
        (middle as f32, (spread / self.count() as f64) as f32)
    }
}

/// The maps of each channel, one an image, to be written.
fn by_channel(numbers: &mut [f32], channels: usize, plane: usize) -> Vec<Vec<&mut [f32]>> {
    let mut maps: Vec<Vec<&mut [f32]>> = (0..channels).map(|_| Vec::new()).collect();
    for (index, map) in numbers.chunks_exact_mut(plane.max(1)).enumerate() {
        maps[index % channels].push(map);
    }
    maps
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

/// `activation(γ · (x − mean) / √(variance + ε) + β)`, as `[batch, channels, plane]`, and the batch's statistics.
pub(super) fn train(x: &[f32], plane: usize, affine: Affine<'_>, activation: Activation) -> (Vec<f32>, Statistics) {
    let channels = affine.gamma.len();
    let x = Maps::new(x, channels, plane);
    let mut y = vec![0.0; x.numbers.len()];
    let found: Vec<(f32, f32)> = with_activation!(activation, Kind => by_channel(&mut y, channels, plane)
        .into_par_iter()
        .enumerate()
        .with_min_len(planes_a_task(3 * x.count()))
        .map(|(channel, maps)| {
            let (mean, variance) = x.statistics(channel);
            let (scale, shift) = affine.line(channel, mean, variance);
            for (image, y) in maps.into_iter().enumerate() {
                widely(#[inline(always)] || apply::<Kind>(x.of(image, channel), y, scale, shift));
            }
            (mean, variance)
        })
        .collect());
    let (mean, variance) = found.into_iter().unzip();
    (y, Statistics { mean, variance })
}

/// The same with statistics that are given.
pub(super) fn forward(
    x: &[f32],
    plane: usize,
    statistics: &Statistics,
    affine: Affine<'_>,
    activation: Activation,
) -> Vec<f32> {
    let mut y = vec![0.0; x.len()];
    let channels = affine.gamma.len();
    with_activation!(activation, Kind => y
    .par_chunks_mut(plane.max(1))
    .zip(x.par_chunks(plane.max(1)))
    .enumerate()
    .with_min_len(planes_a_task(plane))
    .for_each(|(index, (y, x))| {
        let channel = index % channels;
        let (scale, shift) = affine.line(channel, statistics.mean[channel], statistics.variance[channel]);
        widely(#[inline(always)] || apply::<Kind>(x, y, scale, shift));
    }));
    y
}

impl Affine<'_> {
    /// A channel's norm as `scale · x + shift`.
    fn line(&self, channel: usize, mean: f32, variance: f32) -> (f32, f32) {
        let scale = self.gamma[channel] * inverse_deviation(variance, self.epsilon);
        (scale, self.beta[channel] - mean * scale)
    }
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

/// The backward pass of [`train`].
pub(super) fn backward(
    x: &[f32],
    gradient: &[f32],
    plane: usize,
    statistics: &Statistics,
    affine: Affine<'_>,
    activation: Activation,
) -> Gradients {
    let channels = affine.gamma.len();
    let (x, gradient) = (Maps::new(x, channels, plane), Maps::new(gradient, channels, plane));
    let mut dx = vec![0.0; x.numbers.len()];
    let found: Vec<(f32, f32)> = with_activation!(activation, Kind => by_channel(&mut dx, channels, plane)
        .into_par_iter()
        .enumerate()
        .with_min_len(planes_a_task(3 * x.count()))
        .map(|(channel, maps)| {
            let (mean, variance) = (statistics.mean[channel], statistics.variance[channel]);
            let (scale, shift) = affine.line(channel, mean, variance);
            let inverse = statistics.inverse_deviation(channel, affine.epsilon);
            let (mut gamma, mut beta) = (0.0, 0.0);
            for image in 0..x.batch {
                let (x, gradient) = (x.of(image, channel), gradient.of(image, channel));
                let (sum, product) =
                    widely(#[inline(always)] || sums_before_activation::<Kind>(x, gradient, scale, shift, mean));
                beta += sum;
                gamma += product * inverse;
            }
            let count = x.numbers.len() as f32 / channels as f32;
            let slope = scale * gamma / count * inverse;
            let level = scale * beta / count - slope * mean;
            for (image, dx) in maps.into_iter().enumerate() {
                let (x, gradient) = (x.of(image, channel), gradient.of(image, channel));
                widely(#[inline(always)] || {
                    for ((dx, x), gradient) in dx.iter_mut().zip(x).zip(gradient) {
                        *dx = gradient * Kind::slope(x * scale + shift) * scale - x * slope - level;
                    }
                });
            }
            (gamma, beta)
        })
        .collect());
    let (gamma, beta) = found.into_iter().unzip();
    Gradients { x: dx, gamma, beta }
}

/// Places whose gradients before the activation are made at a time.
const TILE: usize = 512;

/// The sum of the gradient before the activation, and of its products with `x − mean`.
#[inline(always)]
fn sums_before_activation<A: Pointwise>(x: &[f32], gradient: &[f32], scale: f32, shift: f32, mean: f32) -> (f32, f32) {
    let (mut sum, mut product) = (Sums::new(), Sums::new());
    let mut tile = [0.0; TILE];
    for (x, gradient) in x.chunks(TILE).zip(gradient.chunks(TILE)) {
        let before = &mut tile[..x.len()];
        for ((before, x), gradient) in before.iter_mut().zip(x).zip(gradient) {
            *before = gradient * A::slope(x * scale + shift);
        }
        sum.add(before, before, |gradient, _| gradient);
        product.add(before, x, |gradient, x| gradient * (x - mean));
    }
    (sum.total(), product.total())
}
