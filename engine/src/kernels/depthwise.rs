//! Depth-wise convolutions: every channel by itself, a whole map as one run of numbers.
//!
//! A map is padded and split into planes by its places' rests modulo the stride, rows behind rows. What a tap of the
//! kernel meets on its way over all outputs is then one run in one plane, however narrow the map is: loops neither
//! begin anew at every row nor leave registers half empty. The places between two rows hold sums that nobody asks for.

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::geometry::Geometry;
use super::lanes;

/// Numbers of a register, and how many registers hold sums at a time.
const NARROW: usize = 16;
const WIDE: usize = 4;
/// Taps whose products with the gradient are summed side by side.
const TAPS: usize = 4;

/// The convolution `[batch, channels, h', w']` of `x` `[batch, channels, h, w]` with `weight` `[channels, 1, k, l]`.
pub(super) fn forward(geometry: &Geometry, x: &[f32], weight: &[f32]) -> Vec<f32> {
    let (channels, taps) = (geometry.input, geometry.taps());
    let (plane, places) = (geometry.plane(), geometry.places());
    let mut y = vec![0.0; geometry.batch * channels * places];
    let (arch, planes) = (Arch::new(), Planes::of(geometry));
    y.par_chunks_mut(places.max(1))
        .zip(x.par_chunks(plane.max(1)))
        .enumerate()
        .with_min_len(lanes::planes_a_task(places * taps))
        .for_each_init(Vec::new, |buffers, (index, (y, x))| {
            let weight = &weight[index % channels * taps..][..taps];
            buffers.resize(planes.numbers() + planes.run(), 0.0);
            let (split, run) = buffers.split_at_mut(planes.numbers());
            arch.dispatch(|| {
                planes.split(x, split);
                weigh(split, planes.starts.iter().copied().zip(weight), run);
                planes.take_rows(run, y);
            });
        });
    y
}

/// The gradients of the input, `[batch, channels, h, w]`, and of the weights, `[channels, 1, k, l]`.
pub(super) fn gradients(geometry: &Geometry, x: &[f32], weight: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let (channels, taps) = (geometry.input, geometry.taps());
    let (plane, places) = (geometry.plane(), geometry.places());
    let mut dx = vec![0.0; x.len()];
    let mut partial = vec![0.0; geometry.batch * channels * taps];
    let (arch, planes) = (Arch::new(), Planes::of(geometry));
    dx.par_chunks_mut(plane.max(1))
        .zip(partial.par_chunks_mut(taps))
        .zip(x.par_chunks(plane.max(1)))
        .zip(gradient.par_chunks(places.max(1)))
        .enumerate()
        .with_min_len(lanes::planes_a_task(2 * places * taps))
        .for_each_init(Vec::new, |buffers, (index, (((dx, dw), x), gradient))| {
            let weight = &weight[index % channels * taps..][..taps];
            buffers.resize(planes.numbers() + planes.spaced(), 0.0);
            let (split, spaced) = buffers.split_at_mut(planes.numbers());
            arch.dispatch(|| {
                planes.split(x, split);
                planes.space_out(gradient, spaced);
                planes.correlate(split, spaced, dw);
                planes.spread(spaced, weight, split, dx);
            });
        });
    let mut dw = vec![0.0; channels * taps];
    for part in partial.chunks_exact(channels * taps) {
        dw.iter_mut().zip(part).for_each(|(sum, part)| *sum += *part);
    }
    (dx, dw)
}

/// How one padded map lies in planes.
struct Planes {
    geometry: Geometry,
    /// Rows of a plane, and places of a row.
    size: [usize; 2],
    /// Where the run of each tap begins.
    starts: Vec<usize>,
    /// The taps that meet a plane, and how far behind its first place each one's run begins.
    met_by: Vec<Vec<(usize, usize)>>,
}

impl Planes {
    fn of(geometry: &Geometry) -> Self {
        let (geometry, out) = (*geometry, geometry.output_size());
        let stride = geometry.stride;
        let size = [0, 1].map(|axis| out[axis] + geometry.reach(axis) / stride);
        let mut planes = Self { geometry, size, starts: Vec::new(), met_by: vec![Vec::new(); stride * stride] };
        for tap in 0..geometry.taps() {
            let [down, across] =
                [tap / geometry.kernel[1], tap % geometry.kernel[1]].map(|place| place * geometry.dilation);
            let shift = down / stride * size[1] + across / stride;
            let plane = down % stride * stride + across % stride;
            planes.starts.push(plane * planes.len() + shift);
            planes.met_by[plane].push((tap, shift));
        }
        planes
    }

    /// Numbers of one plane; behind the last row is room for the last steps of a run.
    fn len(&self) -> usize {
        self.size[0] * self.size[1] + NARROW
    }

    /// Numbers of all planes.
    fn numbers(&self) -> usize {
        self.geometry.stride * self.geometry.stride * self.len()
    }

    /// Numbers of the run over all outputs.
    fn run(&self) -> usize {
        let [height, width] = self.geometry.output_size();
        (height.saturating_sub(1) * self.size[1] + width).next_multiple_of(NARROW)
    }

    /// Zeros ahead of a gradient that is spaced out: as many as any tap reaches back.
    fn ahead(&self) -> usize {
        self.met_by.iter().flatten().map(|&(_, shift)| shift).max().unwrap_or(0)
    }

    /// Numbers of a gradient that is spaced out.
    fn spaced(&self) -> usize {
        self.ahead() + self.len()
    }

    /// The rows of the input in each of its plane's rows: the plane's rows that hold some, and the first row that they
    /// hold.
    fn rows(&self, phase: usize, axis: usize) -> (Range<usize>, usize) {
        let (stride, before) = (self.geometry.stride, self.geometry.padding[axis].0);
        let first = before.saturating_sub(phase).div_ceil(stride);
        let last = (self.geometry.size[axis] + before).saturating_sub(phase).div_ceil(stride).min(self.size[axis]);
        (first..last.max(first), (first * stride + phase).saturating_sub(before))
    }

    /// Pads a map and splits it into planes.
    #[inline(always)]
    fn split(&self, x: &[f32], split: &mut [f32]) {
        let (stride, [_, width]) = (self.geometry.stride, self.geometry.size);
        split.fill(0.0);
        for (phase, plane) in split.chunks_exact_mut(self.len()).enumerate() {
            let ((rows, y), (columns, x_first)) = (self.rows(phase / stride, 0), self.rows(phase % stride, 1));
            for (index, row) in rows.enumerate() {
                let into = &mut plane[row * self.size[1]..][columns.clone()];
                let from = &x[(y + index * stride) * width..][..width];
                if stride == 1 {
                    into.copy_from_slice(&from[x_first..x_first + into.len()]);
                } else {
                    into.iter_mut().zip(from.iter().skip(x_first).step_by(stride)).for_each(|(into, x)| *into = *x);
                }
            }
        }
    }

    /// A gradient with its rows as far apart as those of a plane, zeros between and around them.
    #[inline(always)]
    fn space_out(&self, gradient: &[f32], spaced: &mut [f32]) {
        let [_, width] = self.geometry.output_size();
        spaced.fill(0.0);
        let rows = spaced[self.ahead()..].chunks_mut(self.size[1].max(1));
        for (into, row) in rows.zip(gradient.chunks_exact(width.max(1))) {
            into[..width].copy_from_slice(row);
        }
    }

    /// The outputs of a run.
    #[inline(always)]
    fn take_rows(&self, run: &[f32], y: &mut [f32]) {
        let [_, width] = self.geometry.output_size();
        for (y, row) in y.chunks_exact_mut(width.max(1)).zip(run.chunks(self.size[1].max(1))) {
            y.copy_from_slice(&row[..width]);
        }
    }

    /// The gradient of the weights: what each tap met times what came of it.
    #[inline(always)]
    fn correlate(&self, split: &[f32], spaced: &[f32], dw: &mut [f32]) {
        let gradient = &spaced[self.ahead()..][..self.run()];
        let (taps, rest) = self.starts.as_chunks::<TAPS>();
        let (dw, dw_rest) = dw.as_chunks_mut::<TAPS>();
        for (dw, starts) in dw.iter_mut().zip(taps) {
            *dw = products(split, *starts, gradient);
        }
        for (dw, start) in dw_rest.iter_mut().zip(rest) {
            [*dw] = products(split, [*start], gradient);
        }
    }

    /// The gradient of the input: every place gathers from the outputs that it had a part in. `into` is overwritten.
    #[inline(always)]
    fn spread(&self, spaced: &[f32], weight: &[f32], into: &mut [f32], dx: &mut [f32]) {
        let (stride, [_, width]) = (self.geometry.stride, self.geometry.size);
        let ahead = self.ahead();
        for (phase, taps) in self.met_by.iter().enumerate() {
            let ((rows, y), (columns, x_first)) = (self.rows(phase / stride, 0), self.rows(phase % stride, 1));
            let begin = rows.start * self.size[1];
            let run = &mut into[..(rows.len() * self.size[1]).next_multiple_of(NARROW)];
            weigh(spaced, taps.iter().map(|&(tap, shift)| (ahead + begin - shift, &weight[tap])), run);
            for (index, row) in run.chunks(self.size[1].max(1)).take(rows.len()).enumerate() {
                let from = &row[columns.clone()];
                let dx = &mut dx[(y + index * stride) * width..][..width];
                if stride == 1 {
                    dx[x_first..x_first + from.len()].copy_from_slice(from);
                } else {
                    dx.iter_mut().skip(x_first).step_by(stride).zip(from).for_each(|(dx, from)| *dx = *from);
                }
            }
        }
    }
}

/// Sums over taps of weight times what the tap meets along a run: `from` beginning at the tap's start.
#[inline(always)]
fn weigh<'a>(from: &[f32], taps: impl Iterator<Item = (usize, &'a f32)> + Clone, run: &mut [f32]) {
    let (run, _) = run.as_chunks_mut::<NARROW>();
    let (wide, narrow) = run.as_chunks_mut::<WIDE>();
    let begin = wide.len() * WIDE * NARROW;
    for (index, into) in wide.iter_mut().enumerate() {
        *into = weighed(from, taps.clone(), index * WIDE * NARROW);
    }
    for (index, into) in narrow.iter_mut().enumerate() {
        [*into] = weighed(from, taps.clone(), begin + index * NARROW);
    }
}

#[inline(always)]
fn weighed<'a, const N: usize>(
    from: &[f32],
    taps: impl Iterator<Item = (usize, &'a f32)>,
    place: usize,
) -> [[f32; NARROW]; N] {
    let mut sums = [[0.0; NARROW]; N];
    for (start, &weight) in taps {
        let (from, _) = from[start + place..][..N * NARROW].as_chunks::<NARROW>();
        for (sums, from) in sums.iter_mut().zip(from) {
            for lane in 0..NARROW {
                sums[lane] += weight * from[lane];
            }
        }
    }
    sums
}

/// The sums of products of a run with what lies from each of these starts on.
#[inline(always)]
fn products<const N: usize>(from: &[f32], starts: [usize; N], run: &[f32]) -> [f32; N] {
    let mut sums = [[0.0_f32; NARROW]; N];
    let from = starts.map(|start| &from[start..][..run.len()]);
    for (index, run) in run.as_chunks::<NARROW>().0.iter().enumerate() {
        for tap in 0..N {
            let from = &from[tap][index * NARROW..][..NARROW];
            for lane in 0..NARROW {
                sums[tap][lane] += from[lane] * run[lane];
            }
        }
    }
    sums.map(lanes::sum)
}
