//! What transformers compute, on maps: layer norm over channels, attention between places, GELU.

use burn::tensor::{Tensor, activation};

use crate::tally;

/// `γ · (x − mean) / √(variance + ε) + β` with mean and biased variance over the channels of every place of
/// `[batch, channels, h, w]`.
pub fn layer_norm(x: Tensor<4>, gamma: Tensor<1>, beta: Tensor<1>, epsilon: f64) -> Tensor<4> {
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
    let query = query * (depth as f64).recip().sqrt();
    let weights = activation::softmax(query.swap_dims(2, 3).matmul(key), 3);
    value.matmul(weights.swap_dims(2, 3))
}

/// x · Φ(x), with the error function itself.
pub fn gelu(x: Tensor<4>) -> Tensor<4> {
    activation::gelu(x)
}
