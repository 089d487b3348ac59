//! Convolutions as operations of burn's CPU backend.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata as _, backend_extension};
use burn_flex::FlexTensor;

use super::packed::{Packed, tensor};
use crate::kernels::geometry::Geometry;
use crate::kernels::{dense, depthwise};
use crate::stopwatch::kernel;

/// Convolutions of the CPU backend.
#[backend_extension(Flex, Autodiff)]
pub trait Convolutions: Backend {
    /// A full convolution.
    fn dense(x: FloatTensor<Self>, weight: FloatTensor<Self>, geometry: Geometry) -> FloatTensor<Self>;
    /// A depth-wise convolution.
    fn depthwise(x: FloatTensor<Self>, weight: FloatTensor<Self>, geometry: Geometry) -> FloatTensor<Self>;
}

/// Input and weight of a convolution whose weight takes so many channels of the input.
fn operands([x, weight]: [FlexTensor; 2], geometry: &Geometry, per_group: usize) -> [Packed; 2] {
    geometry.check(x.shape().dims(), weight.shape().dims());
    let weight = Packed::operand("a convolution", "a weight", weight, geometry.weight_shape(per_group));
    [Packed::operand("a convolution", "an input", x, geometry.input_shape()), weight]
}

impl Convolutions for Flex {
    fn dense(x: FlexTensor, weight: FlexTensor, geometry: Geometry) -> FlexTensor {
        let [x, weight] = operands([x, weight], &geometry, geometry.input);
        let y = kernel("convolution", || dense::forward(&geometry, x.numbers(), weight.numbers()));
        tensor(y, geometry.output_shape())
    }

    fn depthwise(x: FlexTensor, weight: FlexTensor, geometry: Geometry) -> FlexTensor {
        let [x, weight] = operands([x, weight], &geometry, 1);
        let y = kernel("depth-wise convolution", || depthwise::forward(&geometry, x.numbers(), weight.numbers()));
        tensor(y, geometry.output_shape())
    }
}

/// The backward pass of [`Convolutions::dense`].
#[derive(Debug)]
struct DenseBackward;

/// The backward pass of [`Convolutions::depthwise`].
#[derive(Debug)]
struct DepthwiseBackward;

/// What the backward pass of a convolution needs: the nodes of input and weights.
type ConvolutionState = (NodeId, NodeId, Geometry);

/// Hands the gradients of input and weights, as far as they are wanted, to the nodes that they belong to. `gradients`
/// makes them from input, weights and the output's gradient.
fn convolution_backward(
    ops: Ops<ConvolutionState, 2>,
    grads: &mut Gradients,
    kept: &mut Checkpointer,
    gradients: impl FnOnce([&[f32]; 3], &Geometry, [bool; 2]) -> [Option<Vec<f32>>; 2],
) {
    let (x, weight, geometry) = ops.state;
    let [x, weight] = [x, weight].map(|node| kept.retrieve_node_output::<FlexTensor>(node));
    let gradient = grads.consume::<Flex>(&ops.node);
    let gradient = Packed::operand("a convolution's gradients", "a gradient", gradient, geometry.output_shape());
    let (shapes, x, weight) = ([x.shape(), weight.shape()], Packed::new(x), Packed::new(weight));
    let wanted = ops.parents.each_ref().map(Option::is_some);
    let found = gradients([x.numbers(), weight.numbers(), gradient.numbers()], &geometry, wanted);
    for ((node, numbers), shape) in ops.parents.into_iter().zip(found).zip(shapes) {
        if let (Some(node), Some(numbers)) = (node, numbers) {
            grads.register::<Flex>(node.id, tensor(numbers, shape));
        }
    }
}

impl Backward<Flex, 2> for DenseBackward {
    type State = ConvolutionState;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, kept: &mut Checkpointer) {
        convolution_backward(ops, grads, kept, |[x, weight, gradient], geometry, [wants_x, wants_weight]| {
            let of_weight = || dense::weight_gradient(geometry, x, gradient);
            let of_x = || dense::input_gradient(geometry, weight, gradient);
            let dw = wants_weight.then(|| kernel("convolution, gradient of weights", of_weight));
            let dx = wants_x.then(|| kernel("convolution, gradient of input", of_x));
            [dx, dw]
        });
    }
}

impl Backward<Flex, 2> for DepthwiseBackward {
    type State = ConvolutionState;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, kept: &mut Checkpointer) {
        convolution_backward(ops, grads, kept, |[x, weight, gradient], geometry, _| {
            let both = || depthwise::gradients(geometry, x, weight, gradient);
            let (dx, dw) = kernel("depth-wise convolution, gradients", both);
            [Some(dx), Some(dw)]
        });
    }
}

/// Records a convolution's result with what its backward pass needs.
fn on_tape<Pass, C>(
    pass: Pass,
    [x, weight]: [&FloatTensor<Autodiff<Flex, C>>; 2],
    geometry: Geometry,
    y: FlexTensor,
) -> FloatTensor<Autodiff<Flex, C>>
where
    Pass: Backward<Flex, 2, State = ConvolutionState>,
    C: CheckpointStrategy,
{
    match pass.prepare::<C>([x.node(), weight.node()]).compute_bound().stateful() {
        OpsKind::Tracked(mut prep) => {
            let state = (prep.checkpoint(x), prep.checkpoint(weight), geometry);
            prep.finish(state, y)
        }
        OpsKind::UnTracked(prep) => prep.finish(y),
    }
}

impl<C: CheckpointStrategy> Convolutions for Autodiff<Flex, C> {
    fn dense(x: FloatTensor<Self>, weight: FloatTensor<Self>, geometry: Geometry) -> FloatTensor<Self> {
        let y = Flex::dense(x.primitive().clone(), weight.primitive().clone(), geometry);
        on_tape::<_, C>(DenseBackward, [&x, &weight], geometry, y)
    }

    fn depthwise(x: FloatTensor<Self>, weight: FloatTensor<Self>, geometry: Geometry) -> FloatTensor<Self> {
        let y = Flex::depthwise(x.primitive().clone(), weight.primitive().clone(), geometry);
        on_tape::<_, C>(DepthwiseBackward, [&x, &weight], geometry, y)
    }
}
