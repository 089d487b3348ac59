//! The kernels as operations of burn's CPU backend, each with its backward pass.

mod convolution;
mod known;
mod norm;
mod resize;
mod token;

use burn::backend::Flex;
use burn::tensor::{Tensor, TensorData};
use burn_flex::FlexTensor;

pub use self::convolution::Convolutions;
pub use self::known::{Known, KnownGradient};
pub use self::norm::{Inference, Norms};
pub use self::resize::Resizing;
pub use self::token::Tokens;

/// A tensor whose numbers lie in order.
pub(super) struct Packed(FlexTensor);

impl Packed {
    fn new(tensor: FlexTensor) -> Self {
        Self(if tensor.as_slice::<f32>().is_some() { tensor } else { tensor.to_contiguous() })
    }

    /// The numbers of a tensor where they lie; `None` where the kernels do not work.
    pub(super) fn of<const D: usize>(x: &Tensor<D>) -> Option<Self> {
        if !super::fits(x) {
            return None;
        }
        x.clone().without_autodiff().try_into_primitive::<Flex>().ok().map(Self::new)
    }

    pub(super) fn numbers(&self) -> &[f32] {
        self.0.as_slice().unwrap_or_default()
    }
}

fn tensor(numbers: Vec<f32>, shape: impl Into<burn::tensor::Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(numbers, shape))
}
