//! Convolution, batch norm and ReLU: the unit that decoders repeat.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::network::layers::{Activation, BatchNorm, Conv, ConvShape, Init, Statistics};

/// An optional depth-wise convolution, a convolution, batch norm, ReLU.
#[derive(Module, Debug)]
pub struct Unit {
    depthwise: Option<Conv>,
    conv: Conv,
    norm: BatchNorm,
}

impl Unit {
    /// Convolution, norm, ReLU.
    pub fn plain(shape: ConvShape, init: &Init<'_>) -> Self {
        Self { depthwise: None, conv: Conv::new(shape, &init.at("conv")), norm: BatchNorm::of(shape.output, init) }
    }

    /// A separable convolution: 3×3 on every channel by itself, then 1×1, norm, ReLU.
    pub fn separable(input: usize, output: usize, dilation: usize, init: &Init<'_>) -> Self {
        let depthwise = ConvShape::depthwise(input, 3).dilation(dilation);
        Self {
            depthwise: Some(Conv::new(depthwise, &init.at("depthwise"))),
            ..Self::plain(ConvShape::pointwise(input, output), init)
        }
    }

    /// `[batch, input, h, w]` to `[batch, output, h, w]`.
    pub fn forward(&self, x: Tensor<4>, statistics: impl Into<Statistics>) -> Tensor<4> {
        let x = match &self.depthwise {
            Some(depthwise) => depthwise.forward(x),
            None => x,
        };
        self.norm.forward(self.conv.forward(x), statistics, Activation::Relu)
    }
}
