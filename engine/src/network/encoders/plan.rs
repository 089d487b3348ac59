//! What an encoder family looks like, as plain numbers.

use super::{efficientnet, nano};
use crate::network::layers::{Activation, NormFamily, Padding};

/// One block: an optional 1×1 expansion, a k×k convolution, an optional squeeze-and-excitation, and a 1×1 projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPlan {
    /// Channels in.
    pub input: usize,
    /// Channels between; equal to `input` where nothing is expanded.
    pub inner: usize,
    /// Channels out.
    pub output: usize,
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
}

/// A whole encoder.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Channels of the stem, which is stage 1.
    pub stem: usize,
    /// The blocks of stages 2 to 5.
    pub stages: [Vec<BlockPlan>; 4],
    /// The activation inside blocks.
    pub activation: Activation,
    /// Whether the projection's sum is activated too.
    pub activate_output: bool,
    /// How borders are padded.
    pub padding: Padding,
    /// The numbers of its batch norms.
    pub norms: NormFamily,
}

impl Plan {
    /// The plan of a family by the recipe's word, if there is one of that name.
    pub fn of(family: &str) -> Option<Self> {
        match family {
            "nano" => Some(nano::plan()),
            "efficientnet-lite0" => Some(efficientnet::lite0()),
            "efficientnet-b3" => Some(efficientnet::b3()),
            _ => None,
        }
    }

    /// Channels of stages 1 to 5.
    pub fn channels(&self) -> [usize; 5] {
        let last = |stage: usize| self.stages[stage].last().map_or(self.stem, |block| block.output);
        [self.stem, last(0), last(1), last(2), last(3)]
    }
}
