//! Multi-head attention between maps, with fewer places asked than asking (spatial reduction, as in SegFormer).

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::conv::{Conv, ConvShape, Padding};
use super::init::Init;
use super::layer_norm::LayerNorm;
use crate::kernels::{self, product};
use crate::network::noise::Noise;

/// Added to the variance of the keys' and values' layer norm, PyTorch's default.
const EPSILON: f64 = 1e-5;

/// The shape of an attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttentionShape {
    /// Channels of both maps.
    pub width: usize,
    /// Heads; they divide the channels.
    pub heads: usize,
    /// Keys and values stand for patches of this side; 1 for every place by itself.
    pub reduction: usize,
}

impl AttentionShape {
    /// Heads and reduction of MiT's four levels: 1, 2, 5, 8 and 8, 4, 2, 1; at other widths the most heads up to these
    /// that divide the channels.
    pub fn of_level(level: usize, width: usize) -> Self {
        let (most, reduction) = [(1, 8), (2, 4), (5, 2), (8, 1)][level.min(3)];
        let heads = (1..=most).rev().find(|heads| width.is_multiple_of(*heads)).unwrap_or(1);
        Self { width, heads, reduction }
    }
}

/// softmax(QKᵀ / √d) V with queries from one map, keys and values from another; 1×1 convolutions without bias make
/// them.
#[derive(Module, Debug)]
pub struct Attention {
    query: Conv,
    key: Conv,
    value: Conv,
    reduce: Option<Conv>,
    reduce_norm: Option<LayerNorm>,
    #[module(skip)]
    shape: AttentionShape,
}

impl Attention {
    /// With normal weights of these deviations: of the linear layers, and of the convolution that reduces.
    pub fn new(shape: AttentionShape, [linear, reduce]: [f64; 2], init: &Init<'_>) -> Self {
        let AttentionShape { width, reduction, .. } = shape;
        let linear = |name: &str| Conv::with_deviation(ConvShape::pointwise(width, width), linear, &init.at(name));
        let patches = ConvShape::square(width, width, reduction).stride(reduction).padding(Padding::Patches).biased();
        let reduces = reduction > 1;
        Self {
            query: linear("query"),
            key: linear("key"),
            value: linear("value"),
            reduce: reduces.then(|| Conv::with_deviation(patches, reduce, &init.at("reduce"))),
            reduce_norm: reduces.then(|| LayerNorm::new(width, EPSILON, init)),
            shape,
        }
    }

    /// What each place of `asking` gathers from all of `asked`: `[batch, channels, h, w]`.
    ///
    /// `dropout` is a name for the random numbers and the share of weights that is set to 0 (the rest is scaled up).
    pub fn forward(&self, asking: Tensor<4>, asked: Tensor<4>, dropout: (&str, f64), noise: Noise) -> Tensor<4> {
        let shape = asking.dims();
        let asked = self.patches(asked);
        let query = self.split(self.query.forward(asking));
        let [key, value] = [&self.key, &self.value].map(|linear| self.split(linear.forward(asked.clone())));
        let (name, rate) = dropout;
        let [batch, heads, _, places] = query.dims();
        let drawn = [batch, heads, places, key.dims()[3]];
        let kept = (rate > 0.0).then(|| noise.keep(name, drawn, 1.0 - rate, &query.device().inner())).flatten();
        let gathered = match kept {
            None => kernels::attention(query, key, value),
            Some(kept) => {
                let weights = weights(query, key) * (kept / (1.0 - rate));
                product(weights, value.swap_dims(2, 3)).swap_dims(2, 3)
            }
        };
        gathered.reshape(shape)
    }

    /// The weights that each place of `asking` gives to the patches of `asked`, `[batch, heads, h · w, patches]`; for
    /// pictures.
    pub fn weights(&self, asking: Tensor<4>, asked: Tensor<4>) -> Tensor<4> {
        let key = self.key.forward(self.patches(asked));
        weights(self.split(self.query.forward(asking)), self.split(key))
    }

    /// With values of 0: nothing is gathered.
    #[cfg(test)]
    pub fn silence(&mut self) {
        self.value.weight = self.value.weight.clone().map(|weight| weight.zeros_like());
    }

    /// A map's channels head by head, its places in a row.
    fn split(&self, map: Tensor<4>) -> Tensor<4> {
        let AttentionShape { width, heads, .. } = self.shape;
        let [batch, _, height, across] = map.dims();
        map.reshape([batch, heads, width / heads, height * across])
    }

    /// Height and width of the patches that keys and values stand for.
    pub fn patches_of(&self, size: [usize; 2]) -> [usize; 2] {
        size.map(|side| (side / self.shape.reduction).max(1))
    }

    fn patches(&self, map: Tensor<4>) -> Tensor<4> {
        match (&self.reduce, &self.reduce_norm) {
            (Some(reduce), Some(norm)) => norm.forward(reduce.forward(map)),
            _ => map,
        }
    }
}

/// softmax(QᵀK / √d) of `[batch, heads, d, places]` and `[batch, heads, d, patches]`.
fn weights(query: Tensor<4>, key: Tensor<4>) -> Tensor<4> {
    let [_, _, depth, _] = query.dims();
    activation::softmax(product((query * (depth as f64).recip().sqrt()).swap_dims(2, 3), key), 3)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{agrees_with, assert_close, drawn, drawn_maps, values};
    use crate::random::Streams;

    /// Printed by `reference/amdanet.py`.
    const REFERENCE: &str = include_str!("../reference/amdanet.txt");

    fn attention(heads: usize, reduction: usize, device: &Device) -> Attention {
        let shape = AttentionShape { width: 4, heads, reduction };
        drawn(Attention::new(shape, [1.0; 2], &Init::new(&Streams::new(1), device)), 1.0)
    }

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let attention = attention(2, 1, &device);
        let forward = |maps: Vec<Tensor<4>>| {
            let [asking, asked] = [maps[0].clone(), maps[1].clone()];
            vec![
                attention.forward(asking.clone(), asked.clone(), ("a", 0.0), Noise::off()),
                attention.weights(asking, asked),
            ]
        };
        agrees_with(&attention, drawn_maps([[1, 4, 1, 2], [1, 4, 1, 3]], &device), forward, (REFERENCE, "attention"));
    }

    #[test]
    fn weights_sum_to_one_and_maps_smaller_than_a_patch_have_one() {
        let device = Device::flex();
        for (size, patches) in [([9, 5], [2, 1]), ([1, 1], [1, 1]), ([3, 8], [1, 2])] {
            let attention = attention(1, 4, &device);
            let [map, other] = <[Tensor<4>; 2]>::try_from(drawn_maps([[2, 4, size[0], size[1]]; 2], &device)).unwrap();
            let weights = attention.weights(map.clone(), other.clone());
            let gathered = attention.forward(map, other, ("a", 0.0), Noise::off());
            assert_eq!(gathered.dims(), [2, 4, size[0], size[1]]);
            assert_eq!(attention.patches_of(size), patches);
            assert_eq!(weights.dims(), [2, 1, size[0] * size[1], patches[0] * patches[1]]);
            let sums = values(weights.sum_dim(3));
            assert_close(&sums, &vec![1.0; sums.len()], 1e-5);
        }
    }

    #[test]
    fn dropout_follows_the_noise_and_rests_in_inference() {
        let device = Device::flex();
        let attention = attention(2, 1, &device);
        let maps = drawn_maps([[1, 4, 3, 4], [1, 4, 2, 4]], &device);
        let gather = |rate, noise| values(attention.forward(maps[0].clone(), maps[1].clone(), ("a", rate), noise));
        let noise = |step| Noise::of(Streams::new(1), step);
        assert_eq!(gather(0.5, Noise::off()), gather(0.0, noise(1)));
        assert_eq!(gather(0.5, noise(1)), gather(0.5, noise(1)));
        assert_ne!(gather(0.5, noise(1)), gather(0.5, noise(2)));
    }

    #[test]
    fn heads_and_reductions_are_those_of_mit_and_divide_other_widths() {
        let shapes = |widths: [usize; 4]| {
            [0, 1, 2, 3].map(|level| {
                let AttentionShape { heads, reduction, .. } = AttentionShape::of_level(level, widths[level]);
                (heads, reduction)
            })
        };
        assert_eq!(shapes([64, 128, 320, 512]), [(1, 8), (2, 4), (5, 2), (8, 1)]);
        assert_eq!(shapes([24, 32, 48, 64]), [(1, 8), (2, 4), (4, 2), (8, 1)]);
        assert_eq!(shapes([7, 7, 7, 7]), [(1, 8), (1, 4), (1, 2), (7, 1)]);
    }
}
