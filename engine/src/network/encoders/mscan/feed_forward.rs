//! The feed-forward network of MSCAN: that of Mix Transformers, made of convolutions.

use burn::module::Module;
use burn::tensor::Tensor;

use super::bank::bank;
use crate::kernels;
use crate::network::encoders::copies::Copies;
use crate::network::layers::{Bank, Conv, ConvShape, Init};

/// 1×1 convolution, 3×3 depth-wise convolution, GELU, 1×1 convolution.
#[derive(Module, Debug)]
pub(super) struct FeedForward {
    expand: Bank<Conv>,
    depthwise: Bank<Conv>,
    project: Bank<Conv>,
}

impl FeedForward {
    pub(super) fn new(width: usize, inner: usize, copies: Copies, init: &Init<'_>) -> Self {
        Self {
            expand: bank(ConvShape::pointwise(width, inner), copies, &init.at("expand")),
            depthwise: bank(ConvShape::depthwise(inner, 3), copies, &init.at("depthwise")),
            project: bank(ConvShape::pointwise(inner, width), copies, &init.at("project")),
        }
    }

    /// `[batch, width, h, w]` to the same shape.
    pub(super) fn forward(&self, x: Tensor<4>, sensor: usize) -> Tensor<4> {
        let inner = self.depthwise.of(sensor).forward(self.expand.of(sensor).forward(x));
        self.project.of(sensor).forward(kernels::gelu(inner))
    }
}
