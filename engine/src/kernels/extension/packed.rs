//! Tensors as the bare numbers that kernels walk over, and back.

use burn::backend::{Flex, TensorMetadata as _};
use burn::tensor::{DType, Shape, Tensor, TensorData};
use burn_flex::FlexTensor;

use crate::kernels::reach::fits;

/// A tensor whose numbers lie in order.
pub(in crate::kernels) struct Packed(FlexTensor);

impl Packed {
    /// What an operation works on, which must be as [`expect`] says.
    pub(super) fn operand(operation: &str, name: &str, operand: FlexTensor, shape: impl Into<Shape>) -> Self {
        expect(operation, name, &operand, shape);
        Self::new(operand)
    }

    pub(super) fn new(tensor: FlexTensor) -> Self {
        Self(if tensor.as_slice::<f32>().is_some() { tensor } else { tensor.to_contiguous() })
    }

    /// The numbers of a tensor where they lie; `None` where the kernels do not work.
    pub(in crate::kernels) fn of<const D: usize>(x: &Tensor<D>) -> Option<Self> {
        if !fits(x) {
            return None;
        }
        x.clone().without_autodiff().try_into_primitive::<Flex>().ok().map(Self::new)
    }

    pub(in crate::kernels) fn numbers(&self) -> &[f32] {
        let kind = self.0.dtype();
        self.0
            .as_slice()
            .unwrap_or_else(|| panic!("expected numbers of type {:?} in order, found {kind:?}", DType::F32))
    }
}

/// Stops with words unless an operand has this shape and holds 32-bit floats: kernels walk over bare numbers, and would
/// make something of any others.
pub(super) fn expect(operation: &str, name: &str, operand: &FlexTensor, shape: impl Into<Shape>) {
    let (expected, found, kind) = (shape.into(), operand.shape(), operand.dtype());
    assert!(
        found == expected && kind == DType::F32,
        "{operation}: expected {name} of shape {expected} and type {:?}, found {found} and {kind:?}",
        DType::F32
    );
}

/// A tensor of these numbers, which lie in order.
pub(super) fn tensor(numbers: Vec<f32>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(numbers, shape))
}
