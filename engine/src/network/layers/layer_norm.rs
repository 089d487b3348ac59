//! Layer normalisation over the channels of a map.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::init::Init;
use crate::kernels;

/// Normalises the channels of every place by their own mean and biased variance: PyTorch's `LayerNorm` over tokens.
#[derive(Module, Debug)]
pub struct LayerNorm {
    /// The scale γ, `[channels]`.
    pub gamma: Param<Tensor<1>>,
    /// The shift β, `[channels]`.
    pub beta: Param<Tensor<1>>,
    epsilon: f64,
}

impl LayerNorm {
    /// Scale 1, shift 0; `epsilon` is added to the variance.
    pub fn new(channels: usize, epsilon: f64, init: &Init<'_>) -> Self {
        Self {
            gamma: Param::from_tensor(Tensor::ones([channels], init.device)),
            beta: Param::from_tensor(Tensor::zeros([channels], init.device)),
            epsilon,
        }
    }

    /// `[batch, channels, height, width]` to the same shape.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        kernels::layer_norm(x, self.gamma.val(), self.beta.val(), self.epsilon)
    }
}
