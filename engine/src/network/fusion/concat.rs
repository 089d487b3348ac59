//! Concatenation: what stands in for the gated selection unit when it is removed (OGP-Net, Table 5).

use burn::module::Module;
use burn::tensor::Tensor;

use crate::network::layers::{Conv, ConvShape, Init};

/// One 1×1 convolution from both decoder maps to class scores.
#[derive(Module, Debug)]
pub struct Concat {
    head: Conv,
}

impl Concat {
    /// For two maps of this many channels.
    pub fn new(channels: usize, classes: usize, init: &Init<'_>) -> Self {
        let shape = ConvShape::pointwise(2 * channels, classes).biased();
        Self { head: Conv::with_deviation(shape, (2.0 * channels as f64).recip().sqrt(), &init.at("head")) }
    }

    /// Two maps `[batch, channels, h, w]`, first sensor first, to scores `[batch, classes, h, w]`.
    pub fn forward(&self, maps: [Tensor<4>; 2]) -> Tensor<4> {
        let [first, second] = maps;
        self.head.forward(Tensor::cat(vec![second, first], 1))
    }
}
