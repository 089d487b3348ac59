//! Batch normalisation as an operation of burn's CPU backend.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::retro_forward::RetroForward;
use burn::backend::autodiff::checkpoint::state::BackwardStates;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend as _, Backend, Flex, TensorMetadata as _, backend_extension};
use burn_flex::FlexTensor;

use super::packed::{Packed, tensor};
use crate::kernels::activation::Activation;
use crate::kernels::norm::{self, Affine, Statistics};
use crate::stopwatch::kernel;

/// Batch normalisation of the CPU backend.
#[backend_extension(Flex, Autodiff)]
pub trait Norms: Backend {
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

impl Norms for Flex {
    fn norm_train(
        x: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f64,
        activation: Activation,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let (shape, [channels, plane]) = (x.shape(), planes(&x));
        let [gamma, beta] = per_channel(channels, [("γ", gamma), ("β", beta)]);
        let x = Packed::operand("a norm", "an input", x, shape.clone());
        let affine = Affine { gamma: gamma.numbers(), beta: beta.numbers(), epsilon };
        let (y, statistics) = kernel("norm", || norm::train(x.numbers(), plane, affine, activation));
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
        let (shape, [channels, plane]) = (x.shape(), planes(&x));
        let lines = [("γ", gamma), ("β", beta), ("the means", mean), ("the variances", variance)];
        let [gamma, beta, mean, variance] = per_channel(channels, lines);
        let x = Packed::operand("a norm", "an input", x, shape.clone());
        let statistics = Statistics { mean: mean.numbers().to_vec(), variance: variance.numbers().to_vec() };
        let affine = Affine { gamma: gamma.numbers(), beta: beta.numbers(), epsilon };
        tensor(norm::forward(x.numbers(), plane, &statistics, affine, activation), shape)
    }
}

/// What has a number for each channel.
fn per_channel<const N: usize>(channels: usize, lines: [(&str, FlexTensor); N]) -> [Packed; N] {
    lines.map(|(name, line)| Packed::operand("a norm", name, line, [channels]))
}

/// Channels, and places of a map.
fn planes(x: &FlexTensor) -> [usize; 2] {
    let shape = x.shape();
    [shape[1], shape[2] * shape[3]]
}

/// The backward pass of [`Norms::norm_train`].
#[derive(Debug)]
struct NormBackward;

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
        let gradient = grads.consume::<Flex>(&ops.node);
        let [x, gamma, beta] = state.nodes.map(|node| kept.retrieve_node_output::<FlexTensor>(node));
        let (shape, [channels, plane]) = (x.shape(), planes(&x));
        let gradient = Packed::operand("a norm's gradients", "a gradient", gradient, shape.clone());
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

impl<C: CheckpointStrategy> Norms for Autodiff<Flex, C> {
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
