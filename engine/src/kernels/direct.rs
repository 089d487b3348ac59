//! Full convolutions without patches: what every tap of the kernel meets is read where it lies in the padded map.
//!
//! A tile of sums stays in registers, of some channels out and some steps of a run, while it takes up channel by channel
//! and tap by tap. Products are fused with sums. Each sum goes its way by itself, so that bits do not depend on how the
//! work is cut. With fewer registers than AVX-512 has, tiles are too small to win: patches it is then.

#![allow(clippy::needless_range_loop, reason = "loops over constants are unrolled, so that arrays become registers")]

use std::ops::Range;

use rayon::prelude::*;

use super::geometry::Geometry;
use super::lanes::sum;
use super::matrix::blocks;
use super::planes::{self, Planes};
use super::wide::{LANES, Lanes, Work, has_most_registers, wide};

/// Channels out whose weights lie side by side.
const ROWS: usize = 8;
/// Numbers of padded maps that are made at a time, where one image has no more: 16 MiB.
const TOGETHER: usize = 1 << 22;
/// Numbers that a band meets: half of a megabyte, which a core keeps near.
const NEAR: usize = 1 << 17;
/// Weights, and numbers of an image's maps, up to which the gradient of the weights is made here.
const FEW_WEIGHTS: usize = 1 << 16;
const FEW_NUMBERS: usize = 1 << 21;

/// Whether a convolution is done here: where three quarters of the sums that are made are asked for.
pub(super) fn suits(geometry: &Geometry) -> bool {
    is_dense(geometry, geometry.output.next_multiple_of(ROWS))
}

/// Whether three quarters of the sums over runs are asked for, where they are made for so many channels out.
fn is_dense(geometry: &Geometry, channels: usize) -> bool {
    let asked = geometry.output * geometry.places();
    let made = || channels * planes::run_of(geometry, geometry.output_size()[0]);
    has_most_registers() && !geometry.is_pointwise() && geometry.plane() > 0 && asked > 0 && 4 * asked >= 3 * made()
}

/// Whether the gradient of its weights is made here: of kernels of 3×3 with few weights, where matrix products are slow.
/// Lanes are added up in the end, so that many steps are to come before. What all channels in meet is read again for
/// every few channels out, and has to be near.
pub(super) fn suits_weight_gradient(geometry: &Geometry) -> bool {
    let steps = geometry.batch * geometry.places() / LANES;
    let is_few = geometry.output * geometry.patch() <= FEW_WEIGHTS && geometry.input * geometry.plane() <= FEW_NUMBERS;
    geometry.taps() == TAPS && is_few && steps >= STEPS && is_dense(geometry, geometry.output)
}

/// The convolution `[batch, output, h', w']` of `x` `[batch, input, h, w]` with `weight` `[output, input, k, l]`.
pub(super) fn forward(geometry: &Geometry, x: &[f32], weight: &[f32]) -> Vec<f32> {
    let Geometry { batch, input, output, .. } = *geometry;
    let (places, plane, [_, width]) = (geometry.places(), geometry.plane(), geometry.output_size());
    let planes = Planes::of(geometry);
    let weights = side_by_side(weight, geometry.patch());
    let bands = bands(&planes);
    let mut y = vec![0.0; batch * output * places];
    let images = together(batch, input * planes.map());
    for (y, x) in y.chunks_mut(images * output * places).zip(x.chunks(images * input * plane)) {
        let maps = padded(&planes, x);
        let cuts = || bands.iter().map(|band| band.start * width..band.end * width);
        let tasks: Vec<_> = y
            .chunks_mut(output * places)
            .zip(maps.chunks(input * planes.map()))
            .flat_map(|(y, maps)| blocks(y, places, cuts()).into_iter().zip(&bands).map(move |task| (maps, task)))
            .collect();
        tasks.into_par_iter().for_each_init(Vec::new, |runs, (maps, (mut block, band))| {
            let run = planes.run_of(band.len());
            runs.resize(ROWS * run, 0.0);
            for (index, weights) in weights.chunks_exact(geometry.patch()).enumerate() {
                let first = band.start * planes.size[1];
                wide(Product { planes: &planes, maps, first, weights, runs: &mut runs[..ROWS * run] });
                for (row, run) in (index * ROWS..output).zip(runs.chunks_exact(run)) {
                    planes.take_rows(run, block.row(row));
                }
            }
        });
    }
    y
}

/// The gradient of the weights, `[output, input, k, l]`.
pub(super) fn weight_gradient(geometry: &Geometry, x: &[f32], gradient: &[f32]) -> Vec<f32> {
    let Geometry { batch, input, output, .. } = *geometry;
    let (places, plane, patch) = (geometry.places(), geometry.plane(), geometry.patch());
    let planes = Planes::of(geometry);
    let mut weights = vec![0.0; output * patch];
    let images = together(batch, input * planes.map() + output * planes.spaced());
    for (x, gradient) in x.chunks(images * input * plane).zip(gradient.chunks(images * output * places)) {
        let maps = padded(&planes, x);
        let mut spaced = vec![0.0; gradient.len() / places * planes.spaced()];
        let rows = spaced.par_chunks_mut(planes.spaced()).zip(gradient.par_chunks(places));
        rows.for_each(|(into, gradient)| planes.space_out(gradient, into));
        weights.par_chunks_mut(CHANNELS * patch).enumerate().for_each(|(index, sums)| {
            wide(Correlate { planes: &planes, maps: &maps, spaced: &spaced, first: index * CHANNELS, sums });
        });
    }
    weights
}

/// How many images are worked on at a time.
fn together(batch: usize, numbers: usize) -> usize {
    (TOGETHER / numbers.max(1)).clamp(1, batch.max(1))
}

/// The maps of images in planes.
fn padded(planes: &Planes, x: &[f32]) -> Vec<f32> {
    let plane = planes.geometry.plane();
    let mut maps = vec![0.0; x.len() / plane * planes.map()];
    maps.par_chunks_mut(planes.map()).zip(x.par_chunks(plane)).for_each(|(map, x)| planes.split(x, map));
    maps
}

/// Rows of outputs that are worked on at a time: what they meet stays near, and one image is cut into several.
fn bands(planes: &Planes) -> Vec<Range<usize>> {
    let ([height, _], geometry) = (planes.geometry.output_size(), &planes.geometry);
    let row = geometry.input * geometry.stride * planes.size[1] * geometry.stride;
    let near = (NEAR / row.max(1)).saturating_sub(geometry.reach(0) / geometry.stride);
    let most = if geometry.batch > 1 { height } else { height.div_ceil(4) };
    let rows = near.clamp(2.min(most), most);
    (0..height).step_by(rows).map(|first| first..(first + rows).min(height)).collect()
}

/// The weights of every [`ROWS`] channels out, of which the last may be none, side by side.
fn side_by_side(weight: &[f32], patch: usize) -> Vec<[f32; ROWS]> {
    let groups = weight.chunks(ROWS * patch);
    let mut packed = vec![[0.0; ROWS]; groups.len() * patch];
    for (packed, group) in packed.chunks_exact_mut(patch).zip(groups) {
        for (row, weights) in group.chunks_exact(patch).enumerate() {
            packed.iter_mut().zip(weights).for_each(|(packed, weight)| packed[row] = *weight);
        }
    }
    packed
}

/// Sums over channels and taps of weight times what is met, of [`ROWS`] channels out along a run that begins at `first`.
struct Product<'a> {
    planes: &'a Planes,
    maps: &'a [f32],
    first: usize,
    /// Of each channel in and tap.
    weights: &'a [[f32; ROWS]],
    /// A run of each channel out.
    runs: &'a mut [f32],
}

impl Work for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self, lanes: L) {
        let steps = self.runs.len() / ROWS / LANES;
        for step in (0..steps).step_by(3) {
            match steps - step {
                1 => self.tile::<L, 1>(lanes, step),
                2 => self.tile::<L, 2>(lanes, step),
                _ => self.tile::<L, 3>(lanes, step),
            }
        }
    }
}

impl Product<'_> {
    /// `N` steps of the run.
    #[inline(always)]
    fn tile<L: Lanes, const N: usize>(&mut self, lanes: L, step: usize) {
        let mut sums = [[lanes.splat(0.0); N]; ROWS];
        let starts = &self.planes.starts;
        let place = self.first + step * LANES;
        for (map, weights) in self.maps.chunks_exact(self.planes.map()).zip(self.weights.chunks_exact(starts.len())) {
            for (start, weights) in starts.iter().zip(weights) {
                let (met, _) = map[start + place..][..N * LANES].as_chunks::<LANES>();
                let mut from = [lanes.splat(0.0); N];
                for n in 0..N {
                    from[n] = lanes.load(&met[n]);
                }
                for m in 0..ROWS {
                    let weight = lanes.splat(weights[m]);
                    for n in 0..N {
                        sums[m][n] = lanes.fused(weight, from[n], sums[m][n]);
                    }
                }
            }
        }
        let run = self.runs.len() / ROWS;
        for m in 0..ROWS {
            let (into, _) = self.runs[m * run + step * LANES..][..N * LANES].as_chunks_mut::<LANES>();
            for n in 0..N {
                into[n] = lanes.numbers(sums[m][n]);
            }
        }
    }
}

/// Channels out whose weights get their gradient at a time, and the weights of a channel in.
const CHANNELS: usize = 2;
const TAPS: usize = 9;

/// Steps of a run that are taken at a time, of that many channels out and one channel in: they stay in a core's nearest
/// cache.
const STEPS: usize = 128;

/// Adds to the gradient of the weights of some channels out, from `first` on.
struct Correlate<'a> {
    planes: &'a Planes,
    /// Of images, one after the other, the channels in.
    maps: &'a [f32],
    /// Of images, one after the other, the channels out.
    spaced: &'a [f32],
    first: usize,
    /// `[channels, input, k, l]`.
    sums: &'a mut [f32],
}

impl Work for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self, lanes: L) {
        let Geometry { input, .. } = self.planes.geometry;
        let channels = self.sums.len() / (input * TAPS);
        let images = self.maps.len() / (input * self.planes.map());
        let steps = self.planes.run() / LANES;
        let many = (STEPS / steps).max(1);
        for image in (0..images).step_by(many) {
            for step in (0..steps).step_by(STEPS) {
                let part = [image..(image + many).min(images), step..(step + STEPS).min(steps)];
                for channel in 0..input {
                    match channels {
                        CHANNELS => self.tile::<L, CHANNELS>(lanes, &part, channel),
                        _ => self.tile::<L, 1>(lanes, &part, channel),
                    }
                }
            }
        }
    }
}

impl Correlate<'_> {
    /// Some images and steps of their runs, `M` channels out, and one channel in.
    #[inline(always)]
    fn tile<L: Lanes, const M: usize>(&mut self, lanes: L, [images, steps]: &[Range<usize>; 2], channel: usize) {
        let planes = self.planes;
        let Geometry { input, output, .. } = planes.geometry;
        let none: &[[f32; LANES]] = &[];
        let mut sums = [[lanes.splat(0.0); TAPS]; M];
        for image in images.clone() {
            let map = &self.maps[(image * input + channel) * planes.map()..][..planes.map()];
            let mut met = [none; TAPS];
            for n in 0..TAPS {
                met[n] = &map[planes.starts[n]..].as_chunks().0[steps.clone()];
            }
            let mut gradients = [none; M];
            for m in 0..M {
                let begin = (image * output + self.first + m) * planes.spaced() + planes.ahead;
                gradients[m] = &self.spaced[begin..].as_chunks().0[steps.clone()];
            }
            for step in 0..steps.len() {
                let mut near = [lanes.splat(0.0); M];
                for m in 0..M {
                    near[m] = lanes.load(&gradients[m][step]);
                }
                for n in 0..TAPS {
                    let met = lanes.load(&met[n][step]);
                    for m in 0..M {
                        sums[m][n] = lanes.fused(near[m], met, sums[m][n]);
                    }
                }
            }
        }
        // Out of the registers first: a loop that does more is not unrolled, and keeps the sums in memory all along.
        let mut parts = [[[0.0; LANES]; TAPS]; M];
        for m in 0..M {
            for n in 0..TAPS {
                parts[m][n] = lanes.numbers(sums[m][n]);
            }
        }
        for (m, parts) in parts.into_iter().enumerate() {
            let into = &mut self.sums[(m * input + channel) * TAPS..][..TAPS];
            for (into, parts) in into.iter_mut().zip(parts) {
                *into += sum(parts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dense;
    use super::super::wide::on_each;
    use super::*;

    fn numbers(count: usize, from: f32) -> Vec<f32> {
        (0..count).map(|place| (place as f32 * 0.37 + from).sin()).collect()
    }

    /// Strides, dilations, kernels and paddings of every kind, channels that fill no tile, maps of several bands, and
    /// batches that are worked on in parts.
    fn geometries() -> impl Iterator<Item = Geometry> {
        let of = |[batch, input, output]: [usize; 3], size, kernel: [usize; 2], stride, dilation| {
            let padding = kernel.map(|taps| (dilation * (taps - 1) / 2, dilation * (taps - 1) / 2));
            Geometry { batch, input, output, size, kernel, stride, dilation, padding }
        };
        let odd = Geometry { padding: [(0, 2), (2, 1)], ..of([2, 3, 5], [9, 11], [3, 3], 1, 1) };
        [
            of([1, 1, 1], [1, 1], [3, 3], 1, 1),
            of([2, 5, 8], [7, 13], [3, 3], 1, 1),
            of([3, 4, 10], [12, 20], [3, 3], 2, 1),
            of([1, 6, 17], [40, 33], [3, 3], 1, 2),
            of([2, 3, 7], [31, 29], [7, 7], 4, 1),
            of([2, 3, 4], [8, 30], [1, 3], 1, 1),
            of([2, 3, 4], [30, 8], [3, 1], 3, 1),
            of([1, 300, 9], [24, 26], [3, 3], 1, 1),
            of([3, 40, 12], [200, 200], [3, 3], 1, 1),
            odd,
        ]
        .into_iter()
    }

    fn apart(ours: &[f32], other: &[f32]) -> f32 {
        assert_eq!(ours.len(), other.len());
        let most = other.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
        ours.iter().zip(other).map(|(ours, other)| (ours - other).abs()).fold(0.0, f32::max) / most
    }

    #[test]
    fn what_it_gives_is_what_patches_give() {
        for geometry in geometries() {
            let x = numbers(geometry.input_shape().iter().product(), 0.1);
            let weight = numbers(geometry.output * geometry.patch(), 0.5);
            let gradient = numbers(geometry.output_shape().iter().product(), 0.7);
            let of_y = apart(&forward(&geometry, &x, &weight), &dense::by_patches(&geometry, &x, &weight));
            assert!(of_y < 1e-5, "{geometry:?}: {of_y}");
            if geometry.taps() == TAPS {
                let other = dense::weight_gradient_by_patches(&geometry, &x, &gradient);
                let of_weight = apart(&weight_gradient(&geometry, &x, &gradient), &other);
                assert!(of_weight < 1e-5, "{geometry:?}: {of_weight}");
            }
        }
        let cut: Vec<usize> = geometries().map(|geometry| bands(&Planes::of(&geometry)).len()).collect();
        assert!(cut.contains(&1) && cut.iter().any(|&bands| bands > 4), "{cut:?}");
    }

    /// What it gives, and what it wrote.
    struct Both<'a> {
        planes: &'a Planes,
        maps: &'a [f32],
        spaced: &'a [f32],
        weights: &'a [[f32; ROWS]],
    }

    impl Work for Both<'_> {
        type Output = [Vec<f32>; 2];

        fn run<L: Lanes>(self, lanes: L) -> Self::Output {
            let Self { planes, maps, spaced, weights } = self;
            let mut runs = vec![0.0; ROWS * planes.run()];
            Product { planes, maps, first: 0, weights, runs: &mut runs }.run(lanes);
            let mut sums = vec![0.0; planes.geometry.output * planes.geometry.patch()];
            Correlate { planes, maps, spaced, first: 0, sums: &mut sums }.run(lanes);
            [runs, sums]
        }
    }

    #[test]
    fn every_kind_of_register_gives_the_same_bits() {
        for output in [1, CHANNELS] {
            let padding = [(1, 1); 2];
            let size = [11, 17];
            let geometry =
                Geometry { batch: 1, input: 4, output, size, kernel: [3, 3], stride: 1, dilation: 1, padding };
            let planes = Planes::of(&geometry);
            let maps = padded(&planes, &numbers(4 * 11 * 17, 0.1));
            let spaced = numbers(output * planes.spaced(), 0.3);
            let weights = side_by_side(&numbers(output * 36, 0.5), 36);
            let found = on_each(|| Both { planes: &planes, maps: &maps, spaced: &spaced, weights: &weights });
            let (_, plain) = &found[0];
            assert!(plain.iter().all(|numbers| numbers.iter().any(|&number| number != 0.0)));
            for (registers, others) in &found {
                assert!(others == plain, "{registers}");
            }
        }
    }
}
