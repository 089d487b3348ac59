//! What transformers compute, on maps: layer norm over channels, attention between places, GELU, biases.

use burn::backend::Dispatch;
use burn::tensor::{Tensor, activation};

use super::extension::Tokens as _;
use super::mixed;
use super::reach::fits;
use crate::tally;

/// `γ · (x − mean) / √(variance + ε) + β` with mean and biased variance over the channels of every place of
/// `[batch, channels, h, w]`.
pub fn layer_norm(x: Tensor<4>, gamma: Tensor<1>, beta: Tensor<1>, epsilon: f64) -> Tensor<4> {
    if fits(&x) {
        let [x, gamma, beta] = [x.into_dispatch(), gamma.into_dispatch(), beta.into_dispatch()];
        return Tensor::from_dispatch(Dispatch::layer_norm(x, gamma, beta, epsilon));
    }
    plain_layer_norm(x, gamma, beta, epsilon)
}

/// The plain twin of [`layer_norm`].
pub(super) fn plain_layer_norm(x: Tensor<4>, gamma: Tensor<1>, beta: Tensor<1>, epsilon: f64) -> Tensor<4> {
    let [channels] = gamma.dims();
    let line = |values: Tensor<1>| values.reshape([1, channels, 1, 1]);
    let centred = x.clone() - x.mean_dim(1);
    let variance = (centred.clone() * centred.clone()).mean_dim(1);
    centred / (variance + epsilon).sqrt() * line(gamma) + line(beta)
}

/// `softmax(QᵀK / √depth) Vᵀ` for every head: query `[batch, heads, depth, places]`, key and value
/// `[batch, heads, depth, sources]`, to `[batch, heads, depth, places]`.
pub fn attention(query: Tensor<4>, key: Tensor<4>, value: Tensor<4>) -> Tensor<4> {
    let ([batch, heads, depth, places], [_, _, _, sources]) = (query.dims(), key.dims());
    tally::add(2 * batch * heads * depth * places * sources);
    if fits(&query) && !mixed::is_on() {
        let [query, key, value] = [query, key, value].map(Tensor::into_dispatch);
        return Tensor::from_dispatch(Dispatch::attention(query, key, value));
    }
    plain_attention(query, key, value)
}

/// The product of two stacks of matrices, `[…, rows, inner]` and `[…, inner, columns]`, in the precision that a step asks
/// for.
pub fn product<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    tally::add_product(&left, &right);
    mixed::product(left, right)
}

/// The plain twin of [`attention`].
pub(super) fn plain_attention(query: Tensor<4>, key: Tensor<4>, value: Tensor<4>) -> Tensor<4> {
    let [_, _, depth, _] = query.dims();
    let query = query * (depth as f64).recip().sqrt();
    let weights = activation::softmax(mixed::product(query.swap_dims(2, 3), key), 3);
    mixed::product(value, weights.swap_dims(2, 3))
}

/// x · Φ(x), with the error function itself.
pub fn gelu(x: Tensor<4>) -> Tensor<4> {
    if fits(&x) { Tensor::from_dispatch(Dispatch::gelu(x.into_dispatch())) } else { activation::gelu(x) }
}

/// A constant `[channels]` added to every channel of `[batch, channels, h, w]`.
pub fn shift(x: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    if fits(&x) {
        return Tensor::from_dispatch(Dispatch::shift(x.into_dispatch(), bias.into_dispatch()));
    }
    let [channels] = bias.dims();
    x + bias.reshape([1, channels, 1, 1])
}
