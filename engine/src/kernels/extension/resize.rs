//! Bilinear resizing as an operation of burn's CPU backend.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata as _, backend_extension};
use burn_flex::FlexTensor;

use super::packed::{Packed, tensor};
use crate::kernels::resize;
use crate::stopwatch::kernel;

/// Resizing of the CPU backend.
#[backend_extension(Flex, Autodiff)]
pub trait Resizing: Backend {
    /// Bilinear resize of `[batch, channels, h, w]` to this height and width.
    fn resize(x: FloatTensor<Self>, size: [usize; 2]) -> FloatTensor<Self>;
}

impl Resizing for Flex {
    fn resize(x: FlexTensor, to: [usize; 2]) -> FlexTensor {
        let (shape, from) = (x.shape(), size_of(&x));
        let x = Packed::operand("resizing", "an input", x, shape.clone());
        let y = kernel("resize", || resize::forward(x.numbers(), from, to));
        tensor(y, [shape[0], shape[1], to[0], to[1]])
    }
}

fn size_of(x: &FlexTensor) -> [usize; 2] {
    let shape = x.shape();
    [shape[2], shape[3]]
}

/// The backward pass of [`Resizing::resize`]; its state is the shape of the input.
#[derive(Debug)]
struct ResizeBackward;

impl Backward<Flex, 1> for ResizeBackward {
    type State = [usize; 4];

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _kept: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        let [parent] = ops.parents;
        if let Some(node) = parent {
            let (shape, to) = (ops.state, size_of(&gradient));
            let gradient = Packed::operand("resizing's gradient", "one", gradient, [shape[0], shape[1], to[0], to[1]]);
            let back = || resize::backward(gradient.numbers(), [shape[2], shape[3]], to);
            grads.register::<Flex>(node.id, tensor(kernel("resize, gradient", back), shape));
        }
    }
}

impl<C: CheckpointStrategy> Resizing for Autodiff<Flex, C> {
    fn resize(x: FloatTensor<Self>, size: [usize; 2]) -> FloatTensor<Self> {
        let y = Flex::resize(x.primitive().clone(), size);
        match ResizeBackward.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let shape = x.primitive().shape();
                prep.finish([shape[0], shape[1], shape[2], shape[3]], y)
            }
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
