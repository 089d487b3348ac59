//! The kernels as operations of burn's CPU backend, each with its backward pass.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::retro_forward::RetroForward;
use burn::backend::autodiff::checkpoint::state::BackwardStates;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend, Backend, Flex, TensorMetadata as _, backend_extension};
use burn::tensor::TensorData;
use burn_flex::FlexTensor;

use super::activation::Activation;
use super::geometry::Geometry;
use super::norm::{Affine, Statistics};
use super::{dense, depthwise, norm};
use crate::stopwatch::kernel;

/// What the CPU backend can do beyond the stock operations.
#[backend_extension(Flex, Autodiff)]
pub trait Kernels: Backend {
    /// A full convolution.
    fn dense(x: FloatTensor<Self>, weight: FloatTensor<Self>, geometry: Geometry) -> FloatTensor<Self>;
    /// A depth-wise convolution.
    fn depthwise(x: FloatTensor<Self>, weight: FloatTensor<Self>, geometry: Geometry) -> FloatTensor<Self>;
    /// Batch normalisation with the batch's statistics, and an activation: the result, mean and biased variance.
    fn norm_train(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// Normalisation with statistics that are given, for which no gradient is offered.
#[backend_extension(Flex)]
pub trait Inference: Backend {
    /// Batch normalisation with running statistics, and an activation.
    fn norm_infer(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        epsilon: f64,
        activation: Activation,
    ) -> FloatTensor<Self>;
}

/// A tensor whose numbers lie in order.
struct Packed(FlexTensor);

impl Packed {
    fn new(tensor: FlexTensor) -> Self {
        Self(if tensor.as_slice::<f32>().is_some() { tensor } else { tensor.to_contiguous() })
    }

    fn numbers(&self) -> &[f32] {
        self.0.as_slice().unwrap_or_default()
    }
}

fn tensor(numbers: Vec<f32>, shape: impl Into<burn::tensor::Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(numbers, shape))
}

fn output_shape(geometry: &Geometry) -> [usize; 4] {
    let [height, width] = geometry.output_size();
    [geometry.batch, geometry.output, height, width]
}

impl Kernels for Flex {
    fn dense(x: FlexTensor, weight: FlexTensor, geometry: Geometry) -> FlexTensor {
        let (x, weight) = (Packed::new(x), Packed::new(weight));
        let y = kernel("convolution", || dense::forward(&geometry, x.numbers(), weight.numbers()));
        tensor(y, output_shape(&geometry))
    }

    fn depthwise(x: FlexTensor, weight: FlexTensor, geometry: Geometry) -> FlexTensor {
        let (x, weight) = (Packed::new(x), Packed::new(weight));
        let y = kernel("depth-wise convolution", || depthwise::forward(&geometry, x.numbers(), weight.numbers()));
        tensor(y, output_shape(&geometry))
    }

    fn norm_train(
        x: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f64,
        activation: Activation,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let (shape, [channels, plane]) = (x.shape(), planes(&x));
        let (x, gamma, beta) = (Packed::new(x), Packed::new(gamma), Packed::new(beta));
        let affine = Affine { gamma: gamma.numbers(), beta: beta.numbers(), epsilon };
        let (y, statistics) = kernel("norm", || {
            let statistics = Statistics::of(x.numbers(), channels, plane);
            (norm::forward(x.numbers(), plane, &statistics, affine, activation), statistics)
        });
        (tensor(y, shape), tensor(statistics.mean, [channels]), tensor(statistics.variance, [channels]))
    }
}

impl Inference for Flex {
    fn norm_infer(
        x: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        mean: FlexTensor,
        variance: FlexTensor,
        epsilon: f64,
        activation: Activation,
    ) -> FlexTensor {
        let (shape, [_, plane]) = (x.shape(), planes(&x));
        let [x, gamma, beta, mean, variance] = [x, gamma, beta, mean, variance].map(Packed::new);
        let statistics = Statistics { mean: mean.numbers().to_vec(), variance: variance.numbers().to_vec() };
        let affine = Affine { gamma: gamma.numbers(), beta: beta.numbers(), epsilon };
        tensor(norm::forward(x.numbers(), plane, &statistics, affine, activation), shape)
    }
}

/// Channels, and places of a map.
fn planes(x: &FlexTensor) -> [usize; 2] {
    let shape = x.shape();
    [shape[1], shape[2] * shape[3]]
}

/// The backward pass of [`Kernels::dense`].
#[derive(Debug)]
struct DenseBackward;

/// The backward pass of [`Kernels::depthwise`].
#[derive(Debug)]
struct DepthwiseBackward;

/// The backward pass of [`Kernels::norm_train`].
#[derive(Debug)]
struct NormBackward;

/// What the backward pass of a convolution needs: the nodes of input and weights.
type ConvolutionState = (NodeId, NodeId, Geometry);

/// Hands the gradients of input and weights, as far as they are wanted, to the nodes that they belong to. `gradients` makes
/// them from input, weights and the output's gradient.
fn convolution_backward(
    ops: Ops<ConvolutionState, 2>,
    grads: &mut Gradients,
    kept: &mut Checkpointer,
    gradients: impl FnOnce([&[f32]; 3], &Geometry, [bool; 2]) -> [Option<Vec<f32>>; 2],
) {
    let (x, weight, geometry) = ops.state;
    let [x, weight] = [x, weight].map(|node| kept.retrieve_node_output::<FlexTensor>(node));
    let gradient = Packed::new(grads.consume::<Flex>(&ops.node));
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

/// What the backward pass of a norm needs: the nodes of input, γ and β, and what the batch was normalised with.
#[derive(Clone, Debug)]
struct NormState {
    nodes: [NodeId; 3],
    mean: FlexTensor,
    variance: FlexTensor,
    epsilon: f64,
    activation: Activation,
}

impl NormState {
    fn statistics(&self) -> Statistics {
        let [mean, variance] =
            [&self.mean, &self.variance].map(|tensor| Packed::new(tensor.clone()).numbers().to_vec());
        Statistics { mean, variance }
    }
}

/// With gradient checkpointing the result of a norm is not kept but made again: what it was made from is kept anyway.
impl RetroForward for NormState {
    fn forward(&self, states: &mut BackwardStates, out_node: NodeId) {
        let [x, gamma, beta] = self.nodes.map(|node| states.get_state::<FlexTensor>(&node));
        let (shape, [_, plane]) = (x.shape(), planes(&x));
        let [x, gamma, beta] = [x, gamma, beta].map(Packed::new);
        let affine = Affine { gamma: gamma.numbers(), beta: beta.numbers(), epsilon: self.epsilon };
        let y = kernel("norm, made again", || {
            norm::forward(x.numbers(), plane, &self.statistics(), affine, self.activation)
        });
        states.save(out_node, tensor(y, shape));
    }
}

impl Backward<Flex, 3> for NormBackward {
    type State = NormState;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, kept: &mut Checkpointer) {
        let ([to_x, to_gamma, to_beta], state) = (ops.parents, ops.state);
        let gradient = Packed::new(grads.consume::<Flex>(&ops.node));
        let [x, gamma, beta] = state.nodes.map(|node| kept.retrieve_node_output::<FlexTensor>(node));
        let (shape, [channels, plane]) = (x.shape(), planes(&x));
        let [x, gamma, beta] = [x, gamma, beta].map(Packed::new);
        let affine = Affine { gamma: gamma.numbers(), beta: beta.numbers(), epsilon: state.epsilon };
        let found = kernel("norm, gradients", || {
            norm::backward(x.numbers(), gradient.numbers(), plane, &state.statistics(), affine, state.activation)
        });
        if let Some(node) = to_x {
            grads.register::<Flex>(node.id, tensor(found.x, shape));
        }
        if let Some(node) = to_gamma {
            grads.register::<Flex>(node.id, tensor(found.gamma, [channels]));
        }
        if let Some(node) = to_beta {
            grads.register::<Flex>(node.id, tensor(found.beta, [channels]));
        }
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

impl<C: CheckpointStrategy> Kernels for Autodiff<Flex, C> {
    fn dense(x: FloatTensor<Self>, weight: FloatTensor<Self>, geometry: Geometry) -> FloatTensor<Self> {
        let y = Flex::dense(x.primitive().clone(), weight.primitive().clone(), geometry);
        on_tape::<_, C>(DenseBackward, [&x, &weight], geometry, y)
    }

    fn depthwise(x: FloatTensor<Self>, weight: FloatTensor<Self>, geometry: Geometry) -> FloatTensor<Self> {
        let y = Flex::depthwise(x.primitive().clone(), weight.primitive().clone(), geometry);
        on_tape::<_, C>(DepthwiseBackward, [&x, &weight], geometry, y)
    }

    fn norm_train(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [plain_x, plain_gamma, plain_beta] = [&x, &gamma, &beta].map(|tensor| tensor.primitive().clone());
        let (y, mean, variance) = Flex::norm_train(plain_x, plain_gamma, plain_beta, epsilon, activation);
        let outer = [&mean, &variance].map(|tensor| Self::from_inner(tensor.clone()));
        let state = NormState { nodes: [x.id(), gamma.id(), beta.id()], mean, variance, epsilon, activation };
        let prepared = NormBackward
            .prepare::<C>([x.node(), gamma.node(), beta.node()])
            .memory_bound()
            .retro_forward(state.clone())
            .parents([&x, &gamma, &beta])
            .stateful();
        let y = match prepared {
            OpsKind::Tracked(mut prep) => {
                for input in [&x, &gamma, &beta] {
                    prep.checkpoint(input);
                }
                prep.finish(state, y)
            }
            OpsKind::UnTracked(prep) => prep.finish(y),
        };
        let [outer_mean, outer_variance] = outer;
        (y, outer_mean, outer_variance)
    }
}
