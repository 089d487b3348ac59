//! Padded maps in which every tap of a kernel meets one run of numbers.
//!
//! A map is padded and split into planes by its places' rests modulo the stride, rows behind rows. What a tap of the
//! kernel meets on its way over all outputs is then one run in one plane, however narrow the map is: loops neither
//! begin anew at every row nor leave registers half empty. The places between two rows hold sums that nobody asks for.

use std::ops::Range;

use super::geometry::Geometry;
use super::wide::LANES;

/// How one padded map lies in planes.
pub(super) struct Planes {
    pub(super) geometry: Geometry,
    /// Rows of a plane, and places of a row.
    pub(super) size: [usize; 2],
    /// Where the run of each tap begins.
    pub(super) starts: Vec<usize>,
    /// The taps that meet a plane, and how far behind its first place each one's run begins.
    pub(super) met_by: Vec<Vec<(usize, usize)>>,
    /// Zeros ahead of a gradient that is spaced out: as many as any tap reaches back.
    pub(super) ahead: usize,
}

impl Planes {
    pub(super) fn of(geometry: &Geometry) -> Self {
        let (geometry, size) = (*geometry, size_of(geometry));
        let stride = geometry.stride;
        let mut planes =
            Self { geometry, size, starts: Vec::new(), met_by: vec![Vec::new(); stride * stride], ahead: 0 };
        for tap in 0..geometry.taps() {
            let [down, across] =
                [tap / geometry.kernel[1], tap % geometry.kernel[1]].map(|place| place * geometry.dilation);
            let shift = down / stride * size[1] + across / stride;
            let plane = down % stride * stride + across % stride;
            planes.starts.push(plane * planes.len() + shift);
            planes.met_by[plane].push((tap, shift));
            planes.ahead = planes.ahead.max(shift);
        }
        planes
    }

    /// Numbers of one plane; behind the last row is room for the last steps of a run.
    pub(super) fn len(&self) -> usize {
        self.size[0] * self.size[1] + LANES
    }

    /// Numbers of all planes of a map.
    pub(super) fn map(&self) -> usize {
        self.geometry.stride * self.geometry.stride * self.len()
    }

    /// Numbers of a gradient that is spaced out.
    pub(super) fn spaced(&self) -> usize {
        self.ahead + self.len()
    }

    /// Numbers of the run over all outputs.
    pub(super) fn run(&self) -> usize {
        self.run_of(self.geometry.output_size()[0])
    }

    /// Numbers of the run over so many rows of outputs.
    pub(super) fn run_of(&self, rows: usize) -> usize {
        run_of(&self.geometry, rows)
    }

    /// The rows of the input in each of its plane's rows: the plane's rows that hold some, and the first row that they
    /// hold.
    pub(super) fn rows(&self, phase: usize, axis: usize) -> (Range<usize>, usize) {
        let (stride, before) = (self.geometry.stride, self.geometry.padding[axis].0);
        let first = before.saturating_sub(phase).div_ceil(stride);
        let last = (self.geometry.size[axis] + before).saturating_sub(phase).div_ceil(stride).min(self.size[axis]);
        (first..last.max(first), (first * stride + phase).saturating_sub(before))
    }

    /// Splits a map into planes, whose padding is zero already.
    pub(super) fn split(&self, x: &[f32], split: &mut [f32]) {
        let (stride, [_, width]) = (self.geometry.stride, self.geometry.size);
        for (phase, plane) in split.chunks_exact_mut(self.len()).enumerate() {
            let ((rows, y), (columns, x_first)) = (self.rows(phase / stride, 0), self.rows(phase % stride, 1));
            for (index, row) in rows.enumerate() {
                let into = &mut plane[row * self.size[1]..][columns.clone()];
                every(stride, x[(y + index * stride) * width..][..width].get(x_first..).unwrap_or_default(), into);
            }
        }
    }

    /// A gradient with its rows as far apart as those of a plane; what lies between and around them is zero already.
    pub(super) fn space_out(&self, gradient: &[f32], spaced: &mut [f32]) {
        let [_, width] = self.geometry.output_size();
        let rows = spaced[self.ahead..].chunks_mut(self.size[1].max(1));
        for (into, row) in rows.zip(gradient.chunks_exact(width.max(1))) {
            into[..width].copy_from_slice(row);
        }
    }

    /// The outputs of a run.
    pub(super) fn take_rows(&self, run: &[f32], y: &mut [f32]) {
        let [_, width] = self.geometry.output_size();
        for (y, row) in y.chunks_exact_mut(width.max(1)).zip(run.chunks(self.size[1].max(1))) {
            y.copy_from_slice(&row[..width]);
        }
    }
}

/// Rows of each plane of a geometry's padded maps, and places of a row.
fn size_of(geometry: &Geometry) -> [usize; 2] {
    [0, 1].map(|axis| geometry.output_size()[axis] + geometry.reach(axis) / geometry.stride)
}

/// Numbers of the run over so many rows of outputs: what it comes to is asked of more convolutions than are done in planes.
pub(super) fn run_of(geometry: &Geometry, rows: usize) -> usize {
    let [width, row] = [geometry.output_size()[1], size_of(geometry)[1]];
    (rows.saturating_sub(1) * row + width).next_multiple_of(LANES)
}

/// Every number at such a distance, beginning with the first.
fn every(stride: usize, from: &[f32], into: &mut [f32]) {
    match stride {
        1 => into.copy_from_slice(&from[..into.len()]),
        2 => {
            let (pairs, rest) = from.as_chunks::<2>();
            into.iter_mut().zip(pairs).for_each(|(into, [first, _])| *into = *first);
            if let (Some(into), [last]) = (into.get_mut(pairs.len()), rest) {
                *into = *last;
            }
        }
        _ => into.iter_mut().zip(from.iter().step_by(stride)).for_each(|(into, from)| *into = *from),
    }
}

/// Numbers back to the places that [`every`] takes them from.
pub(super) fn back(stride: usize, from: &[f32], into: &mut [f32]) {
    match stride {
        1 => into[..from.len()].copy_from_slice(from),
        2 => {
            let (pairs, rest) = into.as_chunks_mut::<2>();
            let behind = from.get(pairs.len());
            pairs.iter_mut().zip(from).for_each(|([first, _], from)| *first = *from);
            if let ([last], Some(from)) = (rest, behind) {
                *last = *from;
            }
        }
        _ => into.iter_mut().step_by(stride).zip(from).for_each(|(into, from)| *into = *from),
    }
}
