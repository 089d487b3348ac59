//! The sizes of a convolution, and the patches of an image as columns of a matrix.

use std::ops::Range;

/// A square convolution over maps of these sizes; layouts are `[batch, channels, height, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Images.
    pub batch: usize,
    /// Channels in.
    pub input: usize,
    /// Channels out; depth-wise convolutions have as many as channels in.
    pub output: usize,
    /// Height and width of the input.
    pub size: [usize; 2],
    /// Side of the kernel.
    pub kernel: usize,
    /// Stride in both directions.
    pub stride: usize,
    /// Dilation in both directions.
    pub dilation: usize,
    /// Rows and columns of zeros before and after.
    pub padding: [(usize, usize); 2],
}

impl Geometry {
    /// Height and width of the output.
    pub fn output_size(&self) -> [usize; 2] {
        [0, 1].map(|axis| {
            let (before, after) = self.padding[axis];
            (self.size[axis] + before + after - self.reach() - 1) / self.stride + 1
        })
    }

    /// Places of one output map.
    pub(super) fn places(&self) -> usize {
        self.output_size().into_iter().product()
    }

    /// Places of one input map.
    pub(super) fn plane(&self) -> usize {
        self.size.into_iter().product()
    }

    /// Rows of the matrix of patches.
    pub(super) fn patch(&self) -> usize {
        self.input * self.kernel * self.kernel
    }

    /// How far the kernel reaches beyond its first place.
    fn reach(&self) -> usize {
        self.dilation * (self.kernel - 1)
    }

    /// Whether the patches are the input itself.
    pub(super) fn is_pointwise(&self) -> bool {
        self.kernel == 1 && self.stride == 1 && self.padding == [(0, 0); 2]
    }

    /// The convolution over the output's gradient that gives the input's, where the stride is 1.
    pub(super) fn reversed(&self) -> Self {
        let turned = |(before, after)| (self.reach() - before, self.reach() - after);
        Self {
            input: self.output,
            output: self.input,
            size: self.output_size(),
            padding: self.padding.map(turned),
            ..*self
        }
    }

    /// Whether [`Self::reversed`] exists.
    pub(super) fn is_reversible(&self) -> bool {
        self.stride == 1 && self.padding.iter().all(|&(before, after)| before.max(after) <= self.reach())
    }

    /// The rows of output maps that are worked on at a time, so that their patches stay in a core's cache.
    pub(super) fn tiles(&self, channels: usize) -> Vec<Range<usize>> {
        let [height, width] = self.output_size();
        let row = width * channels * self.kernel * self.kernel;
        let rows = (TILE / row.max(1)).clamp(1, height.max(1));
        (0..height).step_by(rows).map(|first| first..(first + rows).min(height)).collect()
    }

    /// The places along an axis of the output whose source lies inside the input, for one place of the kernel.
    pub(super) fn inside(&self, axis: usize, tap: usize) -> Range<usize> {
        let (before, shift) = (self.padding[axis].0, tap * self.dilation);
        let count = self.output_size()[axis];
        let first = before.saturating_sub(shift).div_ceil(self.stride).min(count);
        let last = (self.size[axis] + before).saturating_sub(shift).div_ceil(self.stride).min(count);
        first..last.max(first)
    }

    /// The source along an axis of a place of the output that is [`Self::inside`].
    pub(super) fn source(&self, axis: usize, tap: usize, place: usize) -> usize {
        place * self.stride + tap * self.dilation - self.padding[axis].0
    }

    /// The patches of some channels of one image for the output rows of a tile: a row for every channel and place of the
    /// kernel, a column for every output place.
    pub(super) fn gather(&self, image: &[f32], channels: Range<usize>, tile: &Range<usize>, into: &mut Vec<f32>) {
        let ([height, width], [_, out_width]) = (self.size, self.output_size());
        let columns = tile.len() * out_width;
        let taps = self.kernel * self.kernel;
        into.clear();
        into.resize(channels.len() * taps * columns, 0.0);
        for (row, into) in into.chunks_exact_mut(columns.max(1)).enumerate() {
            let (channel, tap) = (channels.start + row / taps, row % taps);
            let (down, across) = (tap / self.kernel, tap % self.kernel);
            let map = &image[channel * height * width..][..height * width];
            let (rows, places) = (self.inside(0, down), self.inside(1, across));
            if places.is_empty() {
                continue;
            }
            let first = self.source(1, across, places.start);
            for y in tile.start.max(rows.start)..tile.end.min(rows.end) {
                let source = &map[self.source(0, down, y) * width..][..width];
                let target = &mut into[(y - tile.start) * out_width..][places.clone()];
                if self.stride == 1 {
                    target.copy_from_slice(&source[first..first + places.len()]);
                } else {
                    for (target, source) in target.iter_mut().zip(source[first..].iter().step_by(self.stride)) {
                        *target = *source;
                    }
                }
            }
        }
    }

    /// Adds patches back to the places of an image that they came from.
    pub(super) fn scatter(&self, patches: &[f32], tile: &Range<usize>, image: &mut [f32]) {
        let ([height, width], [_, out_width]) = (self.size, self.output_size());
        let columns = tile.len() * out_width;
        let taps = self.kernel * self.kernel;
        for (row, from) in patches.chunks_exact(columns.max(1)).enumerate() {
            let (channel, tap) = (row / taps, row % taps);
            let (down, across) = (tap / self.kernel, tap % self.kernel);
            let map = &mut image[channel * height * width..][..height * width];
            let (rows, places) = (self.inside(0, down), self.inside(1, across));
            if places.is_empty() {
                continue;
            }
            let first = self.source(1, across, places.start);
            for y in tile.start.max(rows.start)..tile.end.min(rows.end) {
                let target = &mut map[self.source(0, down, y) * width..][first..width];
                let from = &from[(y - tile.start) * out_width..][places.clone()];
                for (target, from) in target.iter_mut().step_by(self.stride).zip(from) {
                    *target += *from;
                }
            }
        }
    }
}

/// Numbers of a matrix of patches that are made at a time: 512 KiB.
const TILE: usize = 1 << 17;
