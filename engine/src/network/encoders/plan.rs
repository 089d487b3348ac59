//! What an encoder family looks like, as plain numbers.

use crate::network::layers::{Activation, NormFamily, Padding};

/// What a block adds to its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortcut {
    /// Its input, where stride and channels leave the shape alone; else nothing.
    Identity,
    /// Its input through a strided 1×1 convolution and a norm.
    Projection,
}

/// One block: an optional 1×1 convolution, a k×k convolution, an optional squeeze-and-excitation, and a 1×1 projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPlan {
    /// Channels in.
    pub input: usize,
    /// Channels between.
    pub inner: usize,
    /// Channels out.
    pub output: usize,
    /// Whether a 1×1 convolution from `input` to `inner` channels comes first.
    pub expand: bool,
    /// Side of the k×k kernel.
    pub kernel: usize,
    /// Stride of the k×k convolution.
    pub stride: usize,
    /// Dilation of the k×k convolution.
    pub dilation: usize,
    /// Whether the k×k convolution works on every channel by itself.
    pub depthwise: bool,
    /// Channels in the middle of the squeeze-and-excitation; 0 leaves it out.
    pub squeeze: usize,
    /// What is added to the result.
    pub shortcut: Shortcut,
}

/// A whole encoder.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Channels of the stem, which is stage 1.
    pub stem: usize,
    /// Side of the stem's kernel.
    pub stem_kernel: usize,
    /// Whether the largest of 3×3 places with stride 2 is taken between stages 1 and 2.
    pub pools: bool,
    /// The blocks of stages 2 to 5.
    pub stages: [Vec<BlockPlan>; 4],
    /// The activation inside blocks.
    pub activation: Activation,
    /// Whether the sum of projection and shortcut is activated too.
    pub activate_output: bool,
    /// How borders are padded.
    pub padding: Padding,
    /// The numbers of its batch norms.
    pub norms: NormFamily,
}

impl Plan {
    /// With the last stage dilated by two in place of its stride, so that it stands at a sixteenth of the input.
    ///
    /// As torchvision does it: the block that would have strided keeps the dilation of the stage before. A plan that is
    /// dilated already is left alone.
    #[must_use]
    pub fn dilated(mut self) -> Self {
        if let [first, rest @ ..] = self.stages[3].as_mut_slice()
            && first.stride > 1
        {
            first.stride = 1;
            for block in rest {
                block.dilation = 2;
            }
        }
        self
    }

    /// Channels of stages 1 to 5.
    pub fn channels(&self) -> [usize; 5] {
        let last = |stage: usize| self.stages[stage].last().map_or(self.stem, |block| block.output);
        [self.stem, last(0), last(1), last(2), last(3)]
    }
}
