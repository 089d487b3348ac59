//! Depth-wise convolutions: every channel by itself, rows of numbers at a time.

use pulp::Arch;
use rayon::prelude::*;

use super::geometry::Geometry;
use super::lanes;

/// The convolution `[batch, channels, h', w']` of `x` `[batch, channels, h, w]` with `weight` `[channels, 1, k, k]`.
pub(super) fn forward(geometry: &Geometry, x: &[f32], weight: &[f32]) -> Vec<f32> {
    let (channels, taps) = (geometry.input, geometry.kernel * geometry.kernel);
    let (plane, places) = (geometry.plane(), geometry.places());
    let mut y = vec![0.0; geometry.batch * channels * places];
    let arch = Arch::new();
    y.par_chunks_mut(places.max(1))
        .zip(x.par_chunks(plane.max(1)))
        .enumerate()
        .with_min_len(lanes::planes_a_task(places * taps))
        .for_each_init(Vec::new, |strips, (index, (y, x))| {
            let weight = &weight[index % channels * taps..][..taps];
            arch.dispatch(|| {
                split(geometry, x, strips);
                convolve(geometry, strips, weight, y);
            });
        });
    y
}

/// The gradients of the input, `[batch, channels, h, w]`, and of the weights, `[channels, 1, k, k]`.
pub(super) fn gradients(geometry: &Geometry, x: &[f32], weight: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let (channels, taps) = (geometry.input, geometry.kernel * geometry.kernel);
    let (plane, places) = (geometry.plane(), geometry.places());
    let mut dx = vec![0.0; x.len()];
    let mut partial = vec![0.0; geometry.batch * channels * taps];
    let arch = Arch::new();
    dx.par_chunks_mut(plane.max(1))
        .zip(partial.par_chunks_mut(taps))
        .zip(x.par_chunks(plane.max(1)))
        .zip(gradient.par_chunks(places.max(1)))
        .enumerate()
        .with_min_len(lanes::planes_a_task(2 * places * taps))
        .for_each_init(
            || (Vec::new(), Vec::new()),
            |(strips, dstrips), (index, (((dx, dw), x), gradient))| {
                let weight = &weight[index % channels * taps..][..taps];
                arch.dispatch(|| {
                    split(geometry, x, strips);
                    dstrips.clear();
                    dstrips.resize(strips.len(), 0.0);
                    spread(geometry, gradient, weight, dstrips);
                    correlate(geometry, strips, gradient, dw);
                    join(geometry, dstrips, dx);
                });
            },
        );
    let mut dw = vec![0.0; channels * taps];
    for part in partial.chunks_exact(channels * taps) {
        dw.iter_mut().zip(part).for_each(|(sum, part)| *sum += *part);
    }
    (dx, dw)
}

/// A padded map whose rows are split by the place's rest modulo the stride, so that what any tap of the kernel meets along a
/// row lies side by side.
struct Strips {
    /// Numbers of one strip of a row.
    strip: usize,
    /// Rows, padding included.
    rows: usize,
}

impl Strips {
    fn of(geometry: &Geometry) -> Self {
        let Geometry { kernel, stride, dilation, .. } = *geometry;
        let [height, width] = geometry.output_size();
        let reach = dilation * (kernel - 1);
        Self { strip: width + reach / stride, rows: (height - 1) * stride + reach + 1 }
    }

    /// Where the numbers begin that a tap meets along an output row.
    #[inline(always)]
    fn at(&self, geometry: &Geometry, y: usize, down: usize, across: usize) -> usize {
        let row = y * geometry.stride + down * geometry.dilation;
        let shift = across * geometry.dilation;
        (row * geometry.stride + shift % geometry.stride) * self.strip + shift / geometry.stride
    }
}

#[inline(always)]
fn split(geometry: &Geometry, x: &[f32], strips: &mut Vec<f32>) {
    let (shape, stride, [_, width]) = (Strips::of(geometry), geometry.stride, geometry.size);
    let (top, left) = (geometry.padding[0].0, geometry.padding[1].0);
    strips.clear();
    strips.resize(shape.rows * stride * shape.strip, 0.0);
    for (row, x) in x.chunks_exact(width).enumerate().take(shape.rows.saturating_sub(top)) {
        let strips = &mut strips[(row + top) * stride * shape.strip..][..stride * shape.strip];
        if stride == 1 {
            let count = width.min(shape.strip - left.min(shape.strip));
            strips[left..left + count].copy_from_slice(&x[..count]);
            continue;
        }
        for phase in 0..stride {
            let first = (phase + stride - left % stride) % stride;
            let into = &mut strips[phase * shape.strip..][..shape.strip];
            let into = &mut into[(first + left) / stride..];
            for (into, x) in into.iter_mut().zip(x.iter().skip(first).step_by(stride)) {
                *into = *x;
            }
        }
    }
}

#[inline(always)]
fn join(geometry: &Geometry, strips: &[f32], x: &mut [f32]) {
    let (shape, stride, [_, width]) = (Strips::of(geometry), geometry.stride, geometry.size);
    let (top, left) = (geometry.padding[0].0, geometry.padding[1].0);
    for (row, x) in x.chunks_exact_mut(width).enumerate().take(shape.rows.saturating_sub(top)) {
        let strips = &strips[(row + top) * stride * shape.strip..][..stride * shape.strip];
        if stride == 1 {
            let count = width.min(shape.strip - left.min(shape.strip));
            x[..count].copy_from_slice(&strips[left..left + count]);
            continue;
        }
        for phase in 0..stride {
            let first = (phase + stride - left % stride) % stride;
            let from = &strips[phase * shape.strip..][..shape.strip];
            let from = &from[(first + left) / stride..];
            for (x, from) in x.iter_mut().skip(first).step_by(stride).zip(from) {
                *x = *from;
            }
        }
    }
}

#[inline(always)]
fn convolve(geometry: &Geometry, strips: &[f32], weight: &[f32], y: &mut [f32]) {
    let (shape, kernel, [_, width]) = (Strips::of(geometry), geometry.kernel, geometry.output_size());
    for (row, y) in y.chunks_exact_mut(width).enumerate() {
        for down in 0..kernel {
            let weight = &weight[down * kernel..][..kernel];
            let mut taps = 0;
            if kernel >= 3 {
                let [a, b, c] = [0, 1, 2].map(|tap| &strips[shape.at(geometry, row, down, tap)..][..width]);
                for (((y, a), b), c) in y.iter_mut().zip(a).zip(b).zip(c) {
                    *y += weight[0] * a + weight[1] * b + weight[2] * c;
                }
                taps = 3;
            }
            for (across, &weight) in weight.iter().enumerate().skip(taps) {
                let x = &strips[shape.at(geometry, row, down, across)..][..width];
                y.iter_mut().zip(x).for_each(|(y, x)| *y += weight * x);
            }
        }
    }
}

/// The transpose of [`convolve`]: adds every output's gradient to the places that it came from.
#[inline(always)]
fn spread(geometry: &Geometry, gradient: &[f32], weight: &[f32], strips: &mut [f32]) {
    let (shape, kernel, [_, width]) = (Strips::of(geometry), geometry.kernel, geometry.output_size());
    for (row, gradient) in gradient.chunks_exact(width).enumerate() {
        for (tap, &weight) in weight.iter().enumerate() {
            let x = &mut strips[shape.at(geometry, row, tap / kernel, tap % kernel)..][..width];
            x.iter_mut().zip(gradient).for_each(|(x, gradient)| *x += weight * gradient);
        }
    }
}

#[inline(always)]
fn correlate(geometry: &Geometry, strips: &[f32], gradient: &[f32], weight: &mut [f32]) {
    let (shape, kernel, [_, width]) = (Strips::of(geometry), geometry.kernel, geometry.output_size());
    for (tap, weight) in weight.iter_mut().enumerate() {
        let mut sums = lanes::Sums::new();
        for (row, gradient) in gradient.chunks_exact(width).enumerate() {
            let x = &strips[shape.at(geometry, row, tap / kernel, tap % kernel)..][..width];
            sums.add_products(x, gradient);
        }
        *weight = sums.total();
    }
}
