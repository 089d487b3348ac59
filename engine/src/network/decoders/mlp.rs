//! SegFormer's all-MLP head (Xie et al., NeurIPS 2021, §3.2).

use burn::module::Module;
use burn::tensor::Tensor;

use crate::network::layers::{
    Activation, BatchNorm, Conv, ConvShape, Init, Linear, Statistics, drop_channels, pointwise, resize_bilinear,
};
use crate::network::noise::Noise;
use crate::recipe::Recipe;
use crate::recipe::catalogue::decoder;

/// A linear layer a level, all resized to the first level and joined by a 1×1 convolution with norm and ReLU; then
/// dropout and a 1×1 classifier.
#[derive(Module, Debug)]
pub struct Mlp {
    embed1: Linear,
    embed2: Linear,
    embed3: Linear,
    embed4: Linear,
    fuse: Conv,
    fuse_norm: BatchNorm,
    head: Conv,
    dropout: f64,
}

impl Mlp {
    /// For levels of these widths.
    pub fn new(widths: [usize; 4], classes: usize, recipe: &Recipe, init: &Init<'_>) -> Self {
        let channels = recipe.get(decoder::CHANNELS);
        let embed = |level: usize| {
            let deviation = (3.0 * widths[level] as f64).recip().sqrt();
            Linear::with_deviation(widths[level], channels, deviation, &init.at(format_args!("embed{}", level + 1)))
        };
        let head = ConvShape::pointwise(channels, classes).biased();
        Self {
            embed1: embed(0),
            embed2: embed(1),
            embed3: embed(2),
            embed4: embed(3),
            fuse: Conv::new(ConvShape::pointwise(4 * channels, channels), &init.at("fuse")),
            fuse_norm: BatchNorm::of(channels, init),
            head: Conv::with_deviation(head, 0.01, &init.at("head")),
            dropout: recipe.get(decoder::DROPOUT),
        }
    }

    /// The four levels of a branch to its decoder map `[batch, channels, ⌈height / 4⌉, ⌈width / 4⌉]`.
    ///
    /// SegFormer resizes, then joins; here each level goes through its part of the joining convolution before it is
    /// resized. Both are linear, so the sum is the same, at a third of the cost.
    pub fn forward(&self, levels: &[Tensor<4>], statistics: impl Into<Statistics>, noise: Noise) -> Tensor<4> {
        let [_, _, height, width] = levels[0].dims();
        let channels = self.width();
        let weight: Tensor<2> = self.fuse.weight.val().reshape([channels, 4 * channels]);
        let embeds = [&self.embed1, &self.embed2, &self.embed3, &self.embed4];
        let parts = embeds.into_iter().zip(levels).enumerate().map(|(level, (embed, map))| {
            // The deepest level comes first in the joined channels.
            let part = weight.clone().narrow(1, (3 - level) * channels, channels);
            resize_bilinear(pointwise(embed.forward(map.clone()), part), [height, width])
        });
        let joined = parts.reduce(|sum, part| sum + part).unwrap_or_else(|| levels[0].clone());
        let map = self.fuse_norm.forward(joined, statistics, Activation::Relu);
        drop_channels(map, self.dropout, noise, "decoder.dropout")
    }

    /// The decoder map to class scores at its own size.
    pub fn scores(&self, decoded: &Tensor<4>) -> Tensor<4> {
        self.head.forward(decoded.clone())
    }

    /// Channels of the decoder map.
    pub fn width(&self) -> usize {
        self.head.shape().input
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::contract::Mode;
    use crate::network::testing::{Reference, agrees, are_finite, recipe, values, waved, waves};
    use crate::random::Streams;

    fn mlp(widths: [usize; 4], classes: usize, settings: &[(&str, &str)], device: &Device) -> Mlp {
        Mlp::new(widths, classes, &recipe(settings), &Init::new(&Streams::new(1), device))
    }

    /// As printed by `reference/mit.py`; Any2Seg's 24.73 M are MiT-B2 and the first of them.
    #[test]
    fn heads_have_the_published_numbers_of_parameters() {
        let count = |channels| {
            let head = mlp([64, 128, 320, 512], 25, &[("decoder.channels", channels)], &Device::flex());
            // Running mean and variance are no parameters.
            head.num_params() - 2 * head.width()
        };
        assert_eq!(["256", "512", "768"].map(count), [532_249, 1_588_761, 3_169_561]);
    }

    /// Constants printed by `reference/mit.py`, which resizes before it joins.
    #[test]
    fn scores_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let head = waved(mlp([2, 1, 2, 1], 2, &[("decoder.channels", "8")], &device), 1.0);
        let reference = Reference {
            outputs: &[
                2.52415, 2.62213, 2.67824, 2.49767, 2.50221, 2.54407, 3.41003, 3.38632, 3.28296, 3.36444, 3.16066,
                3.11567, 2.56701, 2.70286, 3.23211, 2.54962, 2.69991, 3.31619, 3.10339, 3.17998, 3.87222, 2.75973,
                3.10711, 4.09063,
            ],
            inputs: &[
                -0.071106, -0.005151, 0.059667, 0.076396, 0.070105, -0.056586, 0.058593, 0.001780, -0.052405,
                -0.063919, -0.056468, 0.049169, -0.029262, 0.039261, 0.113976, -0.059854, -0.121467, -0.015979,
                0.024343, -0.034616, -0.100591, 0.051634, 0.103754, 0.018726, -0.313582, -0.218869, 0.191066, 0.341385,
                0.248822, 0.183622, -0.248822, -0.183623, 0.393748, -0.393749,
            ],
            parameters: &[
                0.483944, 0.000003, -0.790300, 0.000003, -0.226669, 0.000002, -0.012319, 0.000000, -0.761790, 0.353047,
                3.06431, 3.39845, 2.07938,
            ],
        };
        let forward = |levels: Vec<Tensor<4>>| vec![head.scores(&head.forward(&levels, Mode::Train, Noise::off()))];
        let levels = waves([[2, 2, 2, 3], [2, 1, 1, 2], [2, 2, 1, 1], [2, 1, 1, 1]], &device);
        agrees(&head, levels, forward, &reference);
    }

    #[test]
    fn channels_are_left_out_in_training_only() {
        let device = Device::flex();
        let head = mlp([2, 3, 2, 3], 2, &[("decoder.channels", "32"), ("decoder.dropout", "0.5")], &device);
        let levels = waves([[2, 2, 4, 6], [2, 3, 2, 3], [2, 2, 1, 2], [2, 3, 1, 1]], &device);
        let plain = head.forward(&levels, Mode::Train, Noise::off());
        let noisy = head.forward(&levels, Mode::Train, Noise::of(Streams::new(2), 3));
        let mut dropped = 0;
        for (plain, noisy) in values(plain).chunks(24).zip(values(noisy).chunks(24)) {
            if noisy.iter().all(|&value| value == 0.0) {
                dropped += 1;
            } else {
                assert_eq!(noisy, plain.iter().map(|value| value * 2.0).collect::<Vec<_>>());
            }
        }
        assert!((12..=52).contains(&dropped), "{dropped} of 64");
    }

    #[test]
    fn any_sizes_meet_at_the_first_level() {
        let device = Device::flex();
        let head = mlp([1, 2, 1, 3], 2, &[("decoder.channels", "8")], &device);
        let levels = waves([[1, 1, 5, 3], [1, 2, 3, 2], [1, 1, 2, 1], [1, 3, 1, 1]], &device);
        let map = head.forward(&levels, Mode::Infer, Noise::off());
        are_finite(vec![map.clone(), head.scores(&map)], &[[1, 8, 5, 3], [1, 2, 5, 3]]);
    }
}
