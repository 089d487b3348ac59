//! What transformers compute, as operations of burn's CPU backend.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata as _, backend_extension};
use burn_flex::FlexTensor;

use super::packed::{Packed, expect, tensor};
use crate::kernels::{attention, gelu, layer_norm, shift};
use crate::stopwatch::kernel;

/// Transformers' operations of the CPU backend, on maps `[batch, channels, h, w]`.
#[backend_extension(Flex, Autodiff)]
pub trait Tokens: Backend {
    /// Layer norm over the channels of every place.
    fn layer_norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
    ) -> FloatTensor<Self>;
    /// Attention of queries `[batch, heads, depth, places]` to keys and values `[batch, heads, depth, sources]`.
    fn attention(query: FloatTensor<Self>, key: FloatTensor<Self>, value: FloatTensor<Self>) -> FloatTensor<Self>;
    /// `x · Φ(x)`.
    fn gelu(x: FloatTensor<Self>) -> FloatTensor<Self>;
    /// A constant `[channels]` added to every channel.
    fn shift(x: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self>;
}

fn norm_sizes(x: &FlexTensor) -> layer_norm::Sizes {
    let shape = x.shape();
    layer_norm::Sizes { channels: shape[1], places: shape[2] * shape[3] }
}

fn attention_sizes(query: &FlexTensor, key: &FlexTensor) -> attention::Sizes {
    let (query, key) = (query.shape(), key.shape());
    attention::Sizes { depth: query[2], places: query[3], sources: key[3] }
}

impl Tokens for Flex {
    fn layer_norm(x: FlexTensor, gamma: FlexTensor, beta: FlexTensor, epsilon: f64) -> FlexTensor {
        let (shape, sizes) = (x.shape(), norm_sizes(&x));
        let x = Packed::operand("a layer norm", "an input", x, shape.clone());
        let line = |name, line| Packed::operand("a layer norm", name, line, [sizes.channels]);
        let (gamma, beta) = (line("γ", gamma), line("β", beta));
        let y =
            kernel("layer norm", || layer_norm::forward(sizes, x.numbers(), gamma.numbers(), beta.numbers(), epsilon));
        tensor(y, shape)
    }

    fn attention(query: FlexTensor, key: FlexTensor, value: FlexTensor) -> FlexTensor {
        let (shape, sizes) = (query.shape(), attention_sizes(&query, &key));
        assert!(sizes.sources > 0, "attention: expected at least one key, found {}", key.shape());
        let met_by = [shape[0], shape[1], sizes.depth, sizes.sources];
        let query = Packed::operand("attention", "queries", query, shape.clone());
        let [key, value] =
            [("keys", key), ("values", value)].map(|(name, one)| Packed::operand("attention", name, one, met_by));
        let met = || attention::forward(sizes, query.numbers(), key.numbers(), value.numbers());
        tensor(kernel("attention", met), shape)
    }

    fn gelu(x: FlexTensor) -> FlexTensor {
        let shape = x.shape();
        let x = Packed::operand("GELU", "an input", x, shape.clone());
        tensor(kernel("GELU", || gelu::forward(x.numbers())), shape)
    }

    fn shift(x: FlexTensor, bias: FlexTensor) -> FlexTensor {
        let sizes = norm_sizes(&x);
        expect("a bias", "an input", &x, x.shape());
        let bias = Packed::operand("a bias", "one number a channel", bias, [sizes.channels]);
        let mut data = x.into_data();
        let numbers = data.as_mut_slice().unwrap_or_else(|error| panic!("a bias: expected numbers, found {error:?}"));
        kernel("bias", || shift::forward(numbers, bias.numbers(), sizes.places));
        FlexTensor::from_data(data)
    }
}

/// The backward pass of [`Tokens::layer_norm`].
#[derive(Debug)]
struct LayerNormBackward;

impl Backward<Flex, 3> for LayerNormBackward {
    type State = ([NodeId; 2], f64);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, kept: &mut Checkpointer) {
        let (nodes, epsilon) = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let [x, gamma] = nodes.map(|node| kept.retrieve_node_output::<FlexTensor>(node));
        let (shapes, sizes) = ([x.shape(), gamma.shape(), gamma.shape()], norm_sizes(&x));
        let gradient = Packed::operand("a layer norm's gradients", "a gradient", gradient, x.shape());
        let [x, gamma] = [x, gamma].map(Packed::new);
        let (dx, dgamma, dbeta) = kernel("layer norm, gradients", || {
            layer_norm::backward(sizes, x.numbers(), gradient.numbers(), gamma.numbers(), epsilon)
        });
        for ((node, numbers), shape) in ops.parents.into_iter().zip([dx, dgamma, dbeta]).zip(shapes) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, tensor(numbers, shape));
            }
        }
    }
}

/// The backward pass of [`Tokens::attention`].
#[derive(Debug)]
struct AttentionBackward;

impl Backward<Flex, 3> for AttentionBackward {
    type State = [NodeId; 3];

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, kept: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        let inputs = ops.state.map(|node| kept.retrieve_node_output::<FlexTensor>(node));
        let (shapes, sizes) = (inputs.each_ref().map(FlexTensor::shape), attention_sizes(&inputs[0], &inputs[1]));
        let gradient = Packed::operand("attention's gradients", "a gradient", gradient, shapes[0].clone());
        let inputs = inputs.map(Packed::new);
        let found = kernel("attention, gradients", || {
            attention::backward(sizes, inputs.each_ref().map(Packed::numbers), gradient.numbers())
        });
        for ((node, numbers), shape) in ops.parents.into_iter().zip(found).zip(shapes) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, tensor(numbers, shape));
            }
        }
    }
}

/// The backward pass of [`Tokens::gelu`].
#[derive(Debug)]
struct GeluBackward;

impl Backward<Flex, 1> for GeluBackward {
    type State = NodeId;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, kept: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        let x = kept.retrieve_node_output::<FlexTensor>(ops.state);
        let gradient = Packed::operand("GELU's gradient", "one", gradient, x.shape());
        let (shape, x) = (x.shape(), Packed::new(x));
        if let [Some(node)] = ops.parents {
            let dx = kernel("GELU, gradient", || gelu::backward(x.numbers(), gradient.numbers()));
            grads.register::<Flex>(node.id, tensor(dx, shape));
        }
    }
}

/// The backward pass of [`Tokens::shift`].
#[derive(Debug)]
struct ShiftBackward;

impl Backward<Flex, 2> for ShiftBackward {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _kept: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        let [to_x, to_bias] = ops.parents;
        if let Some(node) = to_bias {
            let sizes = norm_sizes(&gradient);
            let gradient = Packed::operand("a bias's gradient", "one", gradient.clone(), gradient.shape());
            let sum = || shift::backward(gradient.numbers(), sizes.channels, sizes.places);
            grads.register::<Flex>(node.id, tensor(kernel("bias, gradient", sum), [sizes.channels]));
        }
        if let Some(node) = to_x {
            grads.register::<Flex>(node.id, gradient);
        }
    }
}

impl<C: CheckpointStrategy> Tokens for Autodiff<Flex, C> {
    fn layer_norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
    ) -> FloatTensor<Self> {
        let [plain_x, plain_gamma, plain_beta] = [&x, &gamma, &beta].map(|tensor| tensor.primitive().clone());
        let y = Flex::layer_norm(plain_x, plain_gamma, plain_beta, epsilon);
        let nodes = [x.node(), gamma.node(), beta.node()];
        match LayerNormBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let nodes = [&x, &gamma].map(|tensor| prep.checkpoint(tensor));
                prep.finish((nodes, epsilon), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn attention(query: FloatTensor<Self>, key: FloatTensor<Self>, value: FloatTensor<Self>) -> FloatTensor<Self> {
        let [plain_query, plain_key, plain_value] = [&query, &key, &value].map(|tensor| tensor.primitive().clone());
        let met = Flex::attention(plain_query, plain_key, plain_value);
        match AttentionBackward.prepare::<C>([query.node(), key.node(), value.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let nodes = [&query, &key, &value].map(|tensor| prep.checkpoint(tensor));
                prep.finish(nodes, met)
            }
            OpsKind::UnTracked(prep) => prep.finish(met),
        }
    }

    fn gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let y = Flex::gelu(x.primitive().clone());
        match GeluBackward.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let node = prep.checkpoint(&x);
                prep.finish(node, y)
            }
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn shift(x: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        let (nodes, bias) = ([x.node(), bias.node()], bias.primitive().clone());
        // Taken over, so that the sum can be made where the numbers lie.
        let y = Flex::shift(x.into_primitive(), bias);
        match ShiftBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
