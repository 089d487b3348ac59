//! Scalars whose gradient is already known, as an operation of burn's CPU backend.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata as _, backend_extension};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::packed::{Packed, expect, tensor};

/// Numbers that one task scales.
const CHUNK: usize = 1 << 16;

/// A gradient in the shape of what it is the gradient by.
#[derive(Clone, Debug)]
pub struct KnownGradient(pub(in crate::kernels) FlexTensor);

/// Scalars that come with their gradient.
#[backend_extension(Flex, Autodiff)]
pub trait Known: Backend {
    /// A scalar `[1]` that reads as `value` and whose gradient by `at` is `gradient`.
    fn known(at: FloatTensor<Self>, gradient: KnownGradient, value: f32) -> FloatTensor<Self>;
}

impl Known for Flex {
    fn known(at: FlexTensor, KnownGradient(gradient): KnownGradient, value: f32) -> FlexTensor {
        expect("a known gradient", "the gradient", &gradient, at.shape());
        tensor(vec![value], [1])
    }
}

/// The backward pass of [`Known::known`].
#[derive(Debug)]
struct KnownBackward;

impl Backward<Flex, 1> for KnownBackward {
    type State = KnownGradient;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _kept: &mut Checkpointer) {
        let outer = Packed::operand("a known gradient", "what is scaled by", grads.consume::<Flex>(&ops.node), [1]);
        let scale = outer.numbers()[0];
        let [parent] = ops.parents;
        if let Some(node) = parent {
            let KnownGradient(mut gradient) = ops.state;
            if scale != 1.0 {
                let numbers = gradient.storage_mut::<f32>();
                numbers.par_chunks_mut(CHUNK).for_each(|chunk| chunk.iter_mut().for_each(|number| *number *= scale));
            }
            grads.register::<Flex>(node.id, gradient);
        }
    }
}

impl<C: CheckpointStrategy> Known for Autodiff<Flex, C> {
    fn known(at: FloatTensor<Self>, gradient: KnownGradient, value: f32) -> FloatTensor<Self> {
        let scalar = Flex::known(at.primitive().clone(), gradient.clone(), value);
        match KnownBackward.prepare::<C>([at.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(gradient, scalar),
            OpsKind::UnTracked(prep) => prep.finish(scalar),
        }
    }
}
