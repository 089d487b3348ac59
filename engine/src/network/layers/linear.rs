//! A linear layer over the channels of a map.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};

use super::init::Init;
use crate::kernels::{self, Geometry};

/// `W x + b` at every place of a map: what token networks call a linear layer, on maps that keep their height and
/// width.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[output, input]`.
    pub weight: Param<Tensor<2>>,
    /// `[output]`.
    pub bias: Param<Tensor<1>>,
}

impl Linear {
    /// Normal weights of deviation 0.02, zero bias: the rule of vision transformers (SegFormer's own cuts the normal
    /// off at a hundred deviations, which never happens).
    pub fn new(input: usize, output: usize, init: &Init<'_>) -> Self {
        Self::with_deviation(input, output, 0.02, init)
    }

    /// Normal weights of this deviation, zero bias.
    pub fn with_deviation(input: usize, output: usize, deviation: f64, init: &Init<'_>) -> Self {
        let zeros = Tensor::from_data(TensorData::new(vec![0.0_f32; output], [output]), init.device);
        let weight = init.at("weight").normal([output, input], deviation);
        Self { weight: Param::from_tensor(weight), bias: Param::from_tensor(zeros) }
    }

    /// `[batch, input, height, width]` to `[batch, output, height, width]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        kernels::shift(pointwise(x, self.weight.val()), self.bias.val())
    }
}

/// `W x` at every place of a map: `[batch, input, height, width]` and `[output, input]` to
/// `[batch, output, height, width]`.
pub fn pointwise(x: Tensor<4>, weight: Tensor<2>) -> Tensor<4> {
    let ([batch, _, height, width], [output, input]) = (x.dims(), weight.dims());
    let size = [height, width];
    let geometry =
        Geometry { batch, input, output, size, kernel: [1; 2], stride: 1, dilation: 1, padding: [(0, 0); 2] };
    kernels::convolve(x, weight.reshape([output, input, 1, 1]), geometry)
}
