//! A constant for every channel, added where the map lies.

use rayon::prelude::*;

use super::lanes::{Sums, planes_a_task};
use super::wide::widely;

/// Adds to each map of `[batch, channels, plane]` its channel's constant.
pub(super) fn forward(x: &mut [f32], bias: &[f32], plane: usize) {
    x.par_chunks_mut(plane.max(1)).enumerate().with_min_len(planes_a_task(plane)).for_each(|(index, x)| {
        let bias = bias[index % bias.len()];
        widely(
            #[inline(always)]
            || x.iter_mut().for_each(|x| *x += bias),
        );
    });
}

/// The gradient of the constants.
pub(super) fn backward(gradient: &[f32], channels: usize, plane: usize) -> Vec<f32> {
    let sums: Vec<f32> = gradient
        .par_chunks(plane.max(1))
        .with_min_len(planes_a_task(plane))
        .map(|gradient| {
            widely(
                #[inline(always)]
                || {
                    let mut sum = Sums::new();
                    sum.add(gradient, gradient, |gradient, _| gradient);
                    sum.total()
                },
            )
        })
        .collect();
    let mut bias = vec![0.0; channels];
    for sums in sums.chunks_exact(channels.max(1)) {
        bias.iter_mut().zip(sums).for_each(|(bias, sum)| *bias += *sum);
    }
    bias
}
