//! A block of a Mix Transformer: attention and feed-forward network, each on a norm and beside a shortcut.

use burn::module::Module;
use burn::tensor::Tensor;

use super::attention::Attention;
use super::feed_forward::FeedForward;
use super::shape::{EPSILON, Shape};
use crate::network::encoders::copies::Copies;
use crate::network::layers::{Bank, Init, LayerNorm, drop_path};
use crate::network::noise::Noise;

/// Where the noise of a pass comes from, and how likely the last block's residual is left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drop {
    pub(super) noise: Noise,
    pub(super) rate: f64,
}

/// `x + attention(norm1(x))`, then `x + feed_forward(norm2(x))`.
#[derive(Module, Debug)]
pub(super) struct MitBlock {
    norm1: Bank<LayerNorm>,
    attention: Attention,
    norm2: Bank<LayerNorm>,
    feed_forward: FeedForward,
}

impl MitBlock {
    pub(super) fn new(shape: Shape, copies: Copies, init: &Init<'_>) -> Self {
        let norm =
            |name: &str| Bank::new(copies.norms, &init.at(name), |init| LayerNorm::new(shape.width, EPSILON, init));
        Self {
            norm1: norm("norm1"),
            attention: Attention::new(shape, copies, &init.at("attention")),
            norm2: norm("norm2"),
            feed_forward: FeedForward::new(shape.width, copies.convolutions, &init.at("feed_forward")),
        }
    }

    /// `[batch, width, h, w]` to the same shape; `name` is what the draws of this block are called.
    pub(super) fn forward(&self, x: Tensor<4>, sensor: usize, drop: Drop, name: &str) -> Tensor<4> {
        let Drop { noise, rate } = drop;
        let noise = noise.of_sensor(sensor);
        let residual = self.attention.forward(self.norm1.of(sensor).forward(x.clone()), sensor);
        let x = x + drop_path(residual, rate, noise, &format!("{name}.attention"));
        let residual = self.feed_forward.forward(self.norm2.of(sensor).forward(x.clone()), sensor);
        x + drop_path(residual, rate, noise, &format!("{name}.feed_forward"))
    }
}
