//! Depth-wise convolutions: every channel by itself, a whole map as one run of numbers.

use rayon::prelude::*;

use super::geometry::Geometry;
use super::lanes;
use super::planes::{Planes, back};
use super::wide::{LANES, Lanes, Work, wide};

/// How many registers' worth of sums are made at a time.
const WIDE: usize = 4;

/// The convolution `[batch, channels, h', w']` of `x` `[batch, channels, h, w]` with `weight` `[channels, 1, k, l]`.
pub(super) fn forward(geometry: &Geometry, x: &[f32], weight: &[f32]) -> Vec<f32> {
    let (channels, taps) = (geometry.input, geometry.taps());
    let (plane, places) = (geometry.plane(), geometry.places());
    let mut y = vec![0.0; geometry.batch * channels * places];
    let planes = Planes::of(geometry);
    y.par_chunks_mut(places.max(1))
        .zip(x.par_chunks(plane.max(1)))
        .enumerate()
        .with_min_len(lanes::planes_a_task(places * taps))
        .for_each_init(
            || Room::new(&planes),
            |Room { split, run, .. }, (index, (y, x))| {
                let weight = &weight[index % channels * taps..][..taps];
                planes.split(x, split);
                let run = &mut run[..planes.run()];
                wide(Weigh { from: split, taps: planes.starts.iter().copied().zip(weight), run });
                planes.take_rows(run, y);
            },
        );
    y
}

/// The gradients of the input, `[batch, channels, h, w]`, and of the weights, `[channels, 1, k, l]`.
pub(super) fn gradients(geometry: &Geometry, x: &[f32], weight: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let (channels, taps) = (geometry.input, geometry.taps());
    let (plane, places) = (geometry.plane(), geometry.places());
    let mut dx = vec![0.0; x.len()];
    let mut partial = vec![0.0; geometry.batch * channels * taps];
    let planes = Planes::of(geometry);
    dx.par_chunks_mut(plane.max(1))
        .zip(partial.par_chunks_mut(taps))
        .zip(x.par_chunks(plane.max(1)))
        .zip(gradient.par_chunks(places.max(1)))
        .enumerate()
        .with_min_len(lanes::planes_a_task(2 * places * taps))
        .for_each_init(
            || Room::new(&planes),
            |Room { split, spaced, run }, (index, (((dx, dw), x), gradient))| {
                let weight = &weight[index % channels * taps..][..taps];
                planes.split(x, split);
                planes.space_out(gradient, spaced);
                let gradient = &spaced[planes.ahead..][..planes.run()];
                wide(Correlate { from: split, gradient, starts: &planes.starts, dw });
                planes.spread(spaced, weight, run, dx);
            },
        );
    let mut dw = vec![0.0; channels * taps];
    for part in partial.chunks_exact(channels * taps) {
        dw.iter_mut().zip(part).for_each(|(sum, part)| *sum += *part);
    }
    (dx, dw)
}

/// What a task works in, used again for every map: the zeros around and between what is written stay.
struct Room {
    /// A map in planes.
    split: Vec<f32>,
    /// A gradient that is spaced out.
    spaced: Vec<f32>,
    /// A run of sums, over all outputs or over a plane.
    run: Vec<f32>,
}

impl Room {
    fn new(planes: &Planes) -> Self {
        Self { split: vec![0.0; planes.map()], spaced: vec![0.0; planes.spaced()], run: vec![0.0; planes.len()] }
    }
}

impl Planes {
    /// The gradient of the input: every place gathers from the outputs that it had a part in.
    fn spread(&self, spaced: &[f32], weight: &[f32], run: &mut [f32], dx: &mut [f32]) {
        let (stride, [_, width]) = (self.geometry.stride, self.geometry.size);
        for (phase, taps) in self.met_by.iter().enumerate() {
            let ((rows, y), (columns, x_first)) = (self.rows(phase / stride, 0), self.rows(phase % stride, 1));
            let begin = self.ahead + rows.start * self.size[1];
            let run = &mut run[..(rows.len() * self.size[1]).next_multiple_of(LANES)];
            let taps = taps.iter().map(|&(tap, shift)| (begin - shift, &weight[tap]));
            wide(Weigh { from: spaced, taps, run: &mut *run });
            for (index, row) in run.chunks(self.size[1].max(1)).take(rows.len()).enumerate() {
                let dx = &mut dx[(y + index * stride) * width..][..width];
                back(stride, &row[columns.clone()], dx.get_mut(x_first..).unwrap_or_default());
            }
        }
    }
}

/// Sums over taps of weight times what the tap meets along a run: `from` beginning at the tap's start.
struct Weigh<'a, T> {
    from: &'a [f32],
    taps: T,
    run: &'a mut [f32],
}

impl<'w, T: Iterator<Item = (usize, &'w f32)> + Clone> Work for Weigh<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Self { from, taps, run } = self;
        let (run, _) = run.as_chunks_mut::<LANES>();
        let (wide, narrow) = run.as_chunks_mut::<WIDE>();
        let begin = wide.len() * WIDE * LANES;
        for (index, into) in wide.iter_mut().enumerate() {
            weigh(lanes, from, taps.clone(), index * WIDE * LANES, into);
        }
        for (index, into) in narrow.iter_mut().enumerate() {
            weigh(lanes, from, taps.clone(), begin + index * LANES, std::array::from_mut(into));
        }
    }
}

#[inline(always)]
fn weigh<'w, L: Lanes, const N: usize>(
    lanes: L,
    from: &[f32],
    taps: impl Iterator<Item = (usize, &'w f32)>,
    place: usize,
    into: &mut [[f32; LANES]; N],
) {
    let mut sums = [lanes.splat(0.0); N];
    for (start, &weight) in taps {
        let weight = lanes.splat(weight);
        let (from, _) = from[start + place..][..N * LANES].as_chunks::<LANES>();
        for (sum, from) in sums.iter_mut().zip(from) {
            *sum = lanes.add(*sum, lanes.multiply(weight, lanes.load(from)));
        }
    }
    for (into, sum) in into.iter_mut().zip(sums) {
        *into = lanes.numbers(sum);
    }
}

/// The gradient of the weights: what each tap met times what came of it.
struct Correlate<'a> {
    from: &'a [f32],
    gradient: &'a [f32],
    starts: &'a [usize],
    dw: &'a mut [f32],
}

impl Correlate<'_> {
    /// So many taps side by side, the rest one by one.
    #[inline(always)]
    fn by<L: Lanes, const N: usize>(self, lanes: L) {
        let (starts, rest) = self.starts.as_chunks::<N>();
        let (dw, dw_rest) = self.dw.as_chunks_mut::<N>();
        for (dw, starts) in dw.iter_mut().zip(starts) {
            *dw = products(lanes, self.from, *starts, self.gradient);
        }
        for (dw, start) in dw_rest.iter_mut().zip(rest) {
            [*dw] = products(lanes, self.from, [*start], self.gradient);
        }
    }
}

impl Work for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        // Kernels of 3×3 in one pass over the gradient, of 5×5 in five.
        if self.starts.len().is_multiple_of(9) { self.by::<L, 9>(lanes) } else { self.by::<L, 5>(lanes) }
    }
}

/// The sums of products of a run with what lies from each of these starts on.
#[inline(always)]
fn products<L: Lanes, const N: usize>(lanes: L, from: &[f32], starts: [usize; N], run: &[f32]) -> [f32; N] {
    let mut sums = [lanes.splat(0.0); N];
    let (run, _) = run.as_chunks::<LANES>();
    let from = starts.map(|start| &from[start..].as_chunks::<LANES>().0[..run.len()]);
    for (index, run) in run.iter().enumerate() {
        let run = lanes.load(run);
        for tap in 0..N {
            sums[tap] = lanes.add(sums[tap], lanes.multiply(lanes.load(&from[tap][index]), run));
        }
    }
    sums.map(|sum| lanes::sum(lanes.numbers(sum)))
}

#[cfg(test)]
mod tests {
    use super::super::wide::on_each;
    use super::*;

    fn numbers(count: usize) -> Vec<f32> {
        (0..count).map(|place| (place as f32 * 0.37).sin()).collect()
    }

    /// What it gives, and what it wrote.
    struct Written<F>(F);

    impl<F: FnOnce() -> (Vec<f32>, Vec<f32>, [usize; 9])> Work for Written<F> {
        type Output = (Vec<f32>, Vec<f32>);

        fn run<L: Lanes>(self, lanes: L) -> Self::Output {
            let (from, gradient, starts) = (self.0)();
            let (weight, mut run, mut dw) = (numbers(9), vec![0.0; gradient.len()], vec![0.0; 9]);
            Weigh { from: &from, taps: starts.iter().copied().zip(&weight), run: &mut run }.run(lanes);
            Correlate { from: &from, gradient: &gradient, starts: &starts, dw: &mut dw }.run(lanes);
            (run, dw)
        }
    }

    #[test]
    fn every_kind_of_register_gives_the_same_bits() {
        let starts = [0, 1, 2, 20, 21, 22, 40, 41, 42];
        let found = on_each(|| Written(|| (numbers(42 + 16 * 7), numbers(16 * 7), starts)));
        let (_, plain) = &found[0];
        assert!(plain.0.iter().any(|&sum| sum != 0.0) && plain.1.iter().all(|&sum| sum != 0.0));
        for (registers, others) in &found {
            assert!(others == plain, "{registers}");
        }
    }
}
