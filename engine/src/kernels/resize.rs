//! Bilinear resizing, corners not aligned, edges clamped: rows along the width first, then pairs of rows blended whole.

use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::lanes::planes_a_task;

/// Where a target place lies between two source places: both, and the share of the second.
type Blend = (usize, usize, f32);

/// The source places of every target place along an axis.
fn blends(from: usize, to: usize) -> Vec<Blend> {
    let scale = from as f64 / to as f64;
    let blend = |target: usize| {
        let source = ((target as f64 + 0.5) * scale - 0.5).max(0.0);
        let low = (source as usize).min(from - 1);
        (low, (low + 1).min(from - 1), (source - low as f64) as f32)
    };
    (0..to).map(blend).collect()
}

/// The plain twin: two products with small matrices, for any device.
pub(super) fn plain(x: Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let [batch, channels, from_height, from_width] = x.dims();
    let device = x.device();
    // Along the width first: all rows of all channels are one tall matrix.
    let rows: Tensor<2> = x.reshape([batch * channels * from_height, from_width]);
    let wide = if from_width == width { rows } else { rows.matmul(matrix(from_width, width, &device).transpose()) };
    let wide: Tensor<3> = wide.reshape([batch * channels, from_height, width]);
    let tall =
        if from_height == height { wide } else { matrix(from_height, height, &device).unsqueeze::<3>().matmul(wide) };
    tall.reshape([batch, channels, height, width])
}

/// The matrix `[to, from]` whose rows weigh the one or two source places of each target place.
fn matrix(from: usize, to: usize, device: &Device) -> Tensor<2> {
    let mut values = vec![0.0_f32; to * from];
    for (row, (low, high, share)) in values.chunks_exact_mut(from).zip(blends(from, to)) {
        row[low] += 1.0 - share;
        row[high] += share;
    }
    Tensor::from_data(TensorData::new(values, [to, from]), device)
}

/// Maps of size `from`, one behind the other, in size `to`.
pub(super) fn forward(x: &[f32], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let ([rows, columns], [height, width]) = (from, to);
    let (down, across) = (blends(rows, height), blends(columns, width));
    let mut y = vec![0.0; x.len() / (rows * columns).max(1) * height * width];
    y.par_chunks_mut((height * width).max(1))
        .zip(x.par_chunks((rows * columns).max(1)))
        .with_min_len(planes_a_task(height * width))
        .for_each_init(
            || vec![0.0; rows * width],
            |wide, (y, x)| {
                for (wide, x) in wide.chunks_exact_mut(width).zip(x.chunks_exact(columns)) {
                    for (wide, &(low, high, share)) in wide.iter_mut().zip(&across) {
                        *wide = x[low] * (1.0 - share) + x[high] * share;
                    }
                }
                for (y, &(low, high, share)) in y.chunks_exact_mut(width).zip(&down) {
                    let (low, high) = (&wide[low * width..][..width], &wide[high * width..][..width]);
                    for ((y, low), high) in y.iter_mut().zip(low).zip(high) {
                        *y = low * (1.0 - share) + high * share;
                    }
                }
            },
        );
    y
}

/// The gradient by the maps of size `from` that were resized to size `to`.
pub(super) fn backward(gradient: &[f32], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let ([rows, columns], [height, width]) = (from, to);
    let (down, across) = (blends(rows, height), gathered(columns, width));
    let mut x = vec![0.0; gradient.len() / (height * width).max(1) * rows * columns];
    x.par_chunks_mut((rows * columns).max(1))
        .zip(gradient.par_chunks((height * width).max(1)))
        .with_min_len(planes_a_task(height * width))
        .for_each_init(
            || vec![0.0; rows * width],
            |wide, (x, gradient)| {
                wide.fill(0.0);
                for (gradient, &(low, high, share)) in gradient.chunks_exact(width).zip(&down) {
                    for (place, share) in [(low, 1.0 - share), (high, share)] {
                        let wide = &mut wide[place * width..][..width];
                        wide.iter_mut().zip(gradient).for_each(|(wide, gradient)| *wide += gradient * share);
                    }
                }
                for (x, wide) in x.chunks_exact_mut(columns).zip(wide.chunks_exact(width)) {
                    for (x, (first, weights)) in x.iter_mut().zip(&across) {
                        *x = weights.iter().zip(&wide[*first..]).map(|(weight, wide)| weight * wide).sum();
                    }
                }
            },
        );
    x
}

/// For every source place along an axis the target places that it has a part in: the first, and the parts from there
/// on.
fn gathered(from: usize, to: usize) -> Vec<(usize, Vec<f32>)> {
    let mut parts: Vec<(usize, Vec<f32>)> = vec![(0, Vec::new()); from];
    for (target, (low, high, share)) in blends(from, to).into_iter().enumerate() {
        for (place, share) in [(low, 1.0 - share), (high, share)] {
            let (first, weights) = &mut parts[place];
            if weights.is_empty() {
                *first = target;
            }
            weights.resize(target - *first + 1, 0.0);
            weights[target - *first] += share;
        }
    }
    parts
}
