//! The activations of the encoder families.

use burn::tensor::{Tensor, activation};

/// An activation without parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(0, x).
    Relu,
    /// min(max(0, x), 6), as EfficientNet-Lite uses it.
    Relu6,
    /// x · σ(x), as EfficientNet-B3 uses it.
    Swish,
    /// Nothing.
    None,
}

impl Activation {
    /// Applies it element by element.
    pub fn forward<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu => activation::relu(x),
            // Two rectifiers: on the CPU several times faster than a clamp, whose backward pass masks twice.
            Self::Relu6 => activation::relu(x.clone()) - activation::relu(x - 6.0),
            Self::Swish => activation::silu(x),
            Self::None => x,
        }
    }
}
