//! The sizes of a convolution, and the patches of an image as columns of a matrix.

use std::ops::Range;

/// A convolution over maps of these sizes; layouts are `[batch, channels, height, width]`.
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
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Stride in both directions.
    pub stride: usize,
    /// Dilation in both directions.
    pub dilation: usize,
    /// Rows and columns of zeros before and after.
    pub padding: [(usize, usize); 2],
}

impl Geometry {
    /// Stops with words where input and weight of these shapes do not fit, or the kernel does not fit on the padded
    /// input.
    pub(super) fn check(&self, x: [usize; 4], weight: [usize; 4]) {
        let Self { input, output, kernel, stride, dilation, .. } = *self;
        assert!(
            stride > 0 && dilation > 0 && self.taps() > 0,
            "a convolution: expected stride, dilation and kernel of at least 1, found {stride}, {dilation} and {kernel:?}"
        );
        let expected = self.input_shape();
        assert!(x == expected, "a convolution: expected an input of shape {expected:?}, found {x:?}");
        let per_group = weight[1];
        assert!(
            per_group > 0 && input >= per_group && input.is_multiple_of(per_group),
            "a convolution: expected a weight for a part of {input} channels, found one of shape {weight:?}"
        );
        let (groups, expected) = (input / per_group, self.weight_shape(per_group));
        assert!(weight == expected, "a convolution: expected a weight of shape {expected:?}, found {weight:?}");
        assert!(
            output.is_multiple_of(groups),
            "a convolution: expected as many channels out in each of {groups} groups, found {output} in all"
        );
        for axis in [0, 1] {
            let (before, after) = self.padding[axis];
            let (padded, reached) = (self.size[axis] + before + after, self.reach(axis) + 1);
            assert!(
                reached <= padded,
                "a convolution: expected a kernel within the padded input's {padded} places, found {reached} along axis {axis} \
                 ({kernel:?} dilated by {dilation})"
            );
        }
    }

    /// `[batch, input, height, width]`.
    pub(super) fn input_shape(&self) -> [usize; 4] {
        [self.batch, self.input, self.size[0], self.size[1]]
    }

    /// `[batch, output, height', width']`.
    pub(super) fn output_shape(&self) -> [usize; 4] {
        let [height, width] = self.output_size();
        [self.batch, self.output, height, width]
    }

    /// `[output, per_group, kernel height, kernel width]`.
    pub(super) fn weight_shape(&self, per_group: usize) -> [usize; 4] {
        [self.output, per_group, self.kernel[0], self.kernel[1]]
    }

    /// Height and width of the output.
    pub fn output_size(&self) -> [usize; 2] {
        [0, 1].map(|axis| {
            let (before, after) = self.padding[axis];
            (self.size[axis] + before + after - self.reach(axis) - 1) / self.stride + 1
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

    /// Places of the kernel.
    pub(super) fn taps(&self) -> usize {
        self.kernel.into_iter().product()
    }

    /// Rows of the matrix of patches.
    pub(super) fn patch(&self) -> usize {
        self.input * self.taps()
    }

    /// How far the kernel reaches along an axis beyond its first place.
    pub(super) fn reach(&self, axis: usize) -> usize {
        self.dilation * (self.kernel[axis] - 1)
    }

    /// The same convolution without the outer rows and columns of the kernel that meet nothing but padding, and which
    /// rows and columns stay: wide dilations over small maps often leave only the middle.
    pub(super) fn cropped(&self) -> (Self, [Range<usize>; 2]) {
        let mut cropped = *self;
        let kept = [0, 1].map(|axis| {
            let (all, (before, after)) = (0..self.kernel[axis], self.padding[axis]);
            let meets = |tap: &usize| !self.inside(axis, *tap).is_empty();
            let (Some(first), Some(last)) = (all.clone().find(meets), all.clone().rev().find(meets)) else {
                return all;
            };
            let (ahead, behind) = (first * self.dilation, (all.end - 1 - last) * self.dilation);
            if before < ahead || after < behind {
                return all;
            }
            cropped.padding[axis] = (before - ahead, after - behind);
            cropped.kernel[axis] = last + 1 - first;
            first..last + 1
        });
        (cropped, kept)
    }

    /// Whether the patches are the input itself.
    pub(super) fn is_pointwise(&self) -> bool {
        self.taps() == 1 && self.stride == 1 && self.padding == [(0, 0); 2]
    }

    /// The convolution over the output's gradient that gives the input's, where the stride is 1.
    pub(super) fn reversed(&self) -> Self {
        let turned = |axis: usize| {
            let (before, after) = self.padding[axis];
            (self.reach(axis) - before, self.reach(axis) - after)
        };
        Self { input: self.output, output: self.input, size: self.output_size(), padding: [0, 1].map(turned), ..*self }
    }

    /// Whether [`Self::reversed`] exists.
    pub(super) fn is_reversible(&self) -> bool {
        let reaches = |axis: usize| self.padding[axis].0.max(self.padding[axis].1) <= self.reach(axis);
        self.stride == 1 && reaches(0) && reaches(1)
    }

    /// The rows of output maps that are worked on at a time, so that their patches stay in a core's cache.
    pub(super) fn tiles(&self, channels: usize) -> Vec<Range<usize>> {
        let [height, width] = self.output_size();
        let row = width * channels * self.taps();
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

    /// The patches of some channels of one image for the output rows of a tile: a row for every channel and place of
    /// the kernel, a column for every output place.
    pub(super) fn gather(&self, image: &[f32], channels: Range<usize>, tile: &Range<usize>, into: &mut Vec<f32>) {
        let ([height, width], [_, out_width]) = (self.size, self.output_size());
        let columns = tile.len() * out_width;
        let taps = self.taps();
        into.clear();
        into.resize(channels.len() * taps * columns, 0.0);
        for (row, into) in into.chunks_exact_mut(columns.max(1)).enumerate() {
            let (channel, tap) = (channels.start + row / taps, row % taps);
            let (down, across) = (tap / self.kernel[1], tap % self.kernel[1]);
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
        let taps = self.taps();
        for (row, from) in patches.chunks_exact(columns.max(1)).enumerate() {
            let (channel, tap) = (row / taps, row % taps);
            let (down, across) = (tap / self.kernel[1], tap % self.kernel[1]);
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
