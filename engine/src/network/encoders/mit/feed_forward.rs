//! The feed-forward network with a depth-wise convolution inside, which tells places apart (SegFormer's Mix-FFN, Eq.
//! 3).

use burn::module::Module;
use burn::tensor::Tensor;

use crate::kernels;
use crate::network::layers::{Bank, Conv, ConvShape, Init, Linear};

/// By how much the channels grow inside.
const EXPANSION: usize = 4;

/// Linear, 3×3 depth-wise convolution, GELU, linear.
#[derive(Module, Debug)]
pub(super) struct FeedForward {
    expand: Bank<Linear>,
    depthwise: Bank<Conv>,
    project: Bank<Linear>,
}

impl FeedForward {
    pub(super) fn new(width: usize, copies: usize, init: &Init<'_>) -> Self {
        let inner = width * EXPANSION;
        Self {
            expand: Bank::new(copies, &init.at("expand"), |init| Linear::new(width, inner, init)),
            depthwise: Bank::new(copies, &init.at("depthwise"), |init| {
                Conv::new(ConvShape::depthwise(inner, 3).biased(), init)
            }),
            project: Bank::new(copies, &init.at("project"), |init| Linear::new(inner, width, init)),
        }
    }

    /// `[batch, width, h, w]` to the same shape.
    pub(super) fn forward(&self, x: Tensor<4>, sensor: usize) -> Tensor<4> {
        let inner = self.depthwise.of(sensor).forward(self.expand.of(sensor).forward(x));
        self.project.of(sensor).forward(kernels::gelu(inner))
    }
}
