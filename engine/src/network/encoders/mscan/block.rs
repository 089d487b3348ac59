//! A block of MSCAN: attention and feed-forward network, each on a batch norm, scaled, beside a shortcut.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::attention::Attention;
use super::feed_forward::FeedForward;
use crate::network::contract::Mode;
use crate::network::encoders::copies::Copies;
use crate::network::layers::{Activation, Bank, Init, NormBank, NormFamily, drop_path};
use crate::network::noise::Noise;

/// What every number of a layer scale is at first.
const SCALE: f64 = 1e-2;

/// How a block's residuals are treated in a pass.
#[derive(Clone, Debug)]
pub(super) struct Drop {
    /// The pass's random numbers.
    pub(super) noise: Noise,
    /// How likely an image's residual is left out.
    pub(super) rate: f64,
    /// What the draws of the block are called.
    pub(super) name: String,
    /// Whether layer scales stay as they are.
    pub(super) freezes: bool,
}

/// A factor a channel (CaiT, ICCV 2021).
#[derive(Module, Debug)]
struct LayerScale {
    gamma: Param<Tensor<1>>,
}

impl LayerScale {
    fn new(channels: usize, init: &Init<'_>) -> Self {
        Self { gamma: Param::from_tensor(Tensor::full([channels], SCALE, init.device)) }
    }

    fn forward(&self, x: Tensor<4>, freezes: bool) -> Tensor<4> {
        let gamma = self.gamma.val();
        let gamma = if freezes { gamma.detach() } else { gamma };
        let [channels] = gamma.dims();
        x * gamma.reshape([1, channels, 1, 1])
    }
}

/// `x + scale1 · attention(norm1(x))`, then `x + scale2 · feed_forward(norm2(x))`.
#[derive(Module, Debug)]
pub(super) struct MscanBlock {
    norm1: NormBank,
    attention: Attention,
    scale1: Bank<LayerScale>,
    norm2: NormBank,
    feed_forward: FeedForward,
    scale2: Bank<LayerScale>,
}

impl MscanBlock {
    pub(super) fn new(width: usize, inner: usize, copies: Copies, init: &Init<'_>) -> Self {
        let norm = |name: &str| NormBank::new(width, copies.norms, NormFamily::TORCH, &init.at(name));
        let scale = |name: &str| Bank::new(copies.convolutions, &init.at(name), |init| LayerScale::new(width, init));
        Self {
            norm1: norm("norm1"),
            attention: Attention::new(width, copies, &init.at("attention")),
            scale1: scale("scale1"),
            norm2: norm("norm2"),
            feed_forward: FeedForward::new(width, inner, copies, &init.at("feed_forward")),
            scale2: scale("scale2"),
        }
    }

    /// One map a branch, `[batch, width, h, w]`, to the same shapes.
    pub(super) fn forward(&self, maps: Vec<Tensor<4>>, branches: &[usize], mode: Mode, drop: &Drop) -> Vec<Tensor<4>> {
        let Drop { noise, rate, name, freezes } = drop;
        let add = |maps: Vec<Tensor<4>>,
                   normed: Vec<Tensor<4>>,
                   part: &str,
                   residual: &dyn Fn(Tensor<4>, usize) -> Tensor<4>| {
            let added = maps.into_iter().zip(normed).zip(branches).map(|((map, normed), &sensor)| {
                let name = format!("{name}.{part}");
                map + drop_path(residual(normed, sensor), *rate, noise.of_sensor(sensor), &name)
            });
            added.collect::<Vec<_>>()
        };
        let normed = self.norm1.forward(maps.clone(), branches, mode, Activation::None);
        let maps = add(maps, normed, "attention", &|x, sensor| {
            self.scale1.of(sensor).forward(self.attention.forward(x, sensor), *freezes)
        });
        let normed = self.norm2.forward(maps.clone(), branches, mode, Activation::None);
        add(maps, normed, "feed_forward", &|x, sensor| {
            self.scale2.of(sensor).forward(self.feed_forward.forward(x, sensor), *freezes)
        })
    }
}
