//! The light Hamburger head (Geng et al., ICLR 2021; SegNeXt, NeurIPS 2022), which SMMCL uses.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::factors::Factors;
use crate::network::contract::Mode;
use crate::network::layers::{Conv, ConvShape, GroupNorm, Init, drop_channels, resize_bilinear};
use crate::network::noise::Noise;
use crate::recipe::Recipe;
use crate::recipe::catalogue::decoder;

/// Groups of the norms.
const GROUPS: usize = 32;

/// Levels 2 to 4 at an eighth of the input, joined and squeezed; a matrix factorisation between two 1×1 convolutions,
/// added to its input; an aligning convolution, dropout, a 1×1 classifier.
#[derive(Module, Debug)]
pub struct Hamburger {
    squeeze: Conv,
    squeeze_norm: GroupNorm,
    enter: Conv,
    leave: Conv,
    leave_norm: GroupNorm,
    align: Conv,
    align_norm: GroupNorm,
    head: Conv,
    dropout: f64,
    #[module(skip)]
    factors: Factors,
}

impl Hamburger {
    /// For levels of these widths.
    pub fn new(widths: [usize; 4], classes: usize, recipe: &Recipe, init: &Init<'_>) -> Self {
        let channels = recipe.get(decoder::CHANNELS);
        let conv = |input, name: &str| Conv::new(ConvShape::pointwise(input, channels), &init.at(name));
        let norm = |name: &str| GroupNorm::new(channels, GROUPS, &init.at(name));
        let head = ConvShape::pointwise(channels, classes).biased();
        Self {
            squeeze: conv(widths[1..].iter().sum(), "squeeze"),
            squeeze_norm: norm("squeeze_norm"),
            enter: Conv::new(ConvShape::pointwise(channels, channels).biased(), &init.at("enter")),
            leave: conv(channels, "leave"),
            leave_norm: norm("leave_norm"),
            align: conv(channels, "align"),
            align_norm: norm("align_norm"),
            head: Conv::with_deviation(head, 0.01, &init.at("head")),
            dropout: recipe.get(decoder::DROPOUT),
            factors: Factors {
                rank: recipe.get(decoder::RANK),
                steps: recipe.get(decoder::STEPS),
                test_steps: recipe.get(decoder::TEST_STEPS),
            },
        }
    }

    /// The four levels of a branch to its decoder map `[batch, channels, ⌈height / 8⌉, ⌈width / 8⌉]`.
    pub fn forward(&self, levels: &[Tensor<4>], mode: Mode, noise: Noise) -> Tensor<4> {
        let [_, _, height, width] = levels[1].dims();
        let resized = levels[1..].iter().map(|level| resize_bilinear(level.clone(), [height, width]));
        let joined = Tensor::cat(resized.collect(), 1);
        let x = activation::relu(self.squeeze_norm.forward(self.squeeze.forward(joined)));
        // What is factored must not be negative.
        let entered = activation::relu(self.enter.forward(x.clone()));
        let low = self.factors.reconstruct(entered, mode, noise);
        let x = activation::relu(x + self.leave_norm.forward(self.leave.forward(low)));
        let map = activation::relu(self.align_norm.forward(self.align.forward(x)));
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
    use crate::network::testing::{Reference, are_finite, equals, recipe, trained, values, waved, waves};
    use crate::random::Streams;

    fn decoder(device: &Device) -> Hamburger {
        let recipe = recipe(&[("decoder.channels", "8"), ("decoder.rank", "3"), ("decoder.dropout", "0.5")]);
        waved(Hamburger::new([1, 2, 3, 2], 2, &recipe, &Init::new(&Streams::new(1), device)), 1.0)
    }

    /// Levels 2 to 4 to class scores.
    fn scores(decoder: &Hamburger, maps: &[Tensor<4>], mode: Mode, noise: Noise) -> Tensor<4> {
        let levels = [&maps[0], &maps[0], &maps[1], &maps[2]].map(Tensor::clone);
        decoder.scores(&decoder.forward(&levels, mode, noise))
    }

    const SHAPES: [[usize; 4]; 3] = [[2, 2, 3, 4], [2, 3, 2, 2], [2, 2, 1, 1]];

    /// Constants printed by `reference/decoders.py`; the bases of inference stand in for random ones.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let decoder = decoder(&device);
        let reference = Reference {
            outputs: &[
                3.27067, 4.53263, 3.11085, 1.79985, 1.94165, 2.36261, 1.64333, 1.97182, 2.47117, 4.22453, 2.97351,
                1.02777, 4.65456, 5.71871, 3.30558, 2.73039, 3.09268, 3.16027, 1.61893, 1.91234, 2.57335, 4.94704,
                3.15423, 1.56074, 1.53757, 2.01819, 2.92412, 4.47432, 3.95937, 2.46624, 1.10444, 1.68205, 1.97010,
                3.82406, 2.56103, 3.26951, 1.53252, 1.96807, 3.23749, 5.43709, 4.65899, 2.54032, 1.85645, 2.78204,
                3.11102, 4.31346, 2.76343, 4.59154,
            ],
            inputs: &[
                4.22660, -0.865083, -0.940640, -0.056702, 2.23218, -1.97926, -1.31406, -0.351736, 0.922289, 0.174469,
                -0.484184, -1.56388, 0.595157, 0.283865, -1.16237, -0.898806, -0.574250, 7.12545, -0.977672, -1.11737,
                -0.919364, 0.436462, 0.056574, -2.84767, -0.179061, -0.166080, -0.823907, -0.379637, -0.369931,
                -1.05987, 0.143691, 0.761738, 1.95604, -1.77364, -0.331429, 2.22209, 0.222545, 0.106144, -2.46187,
                0.382183, 0.272539, -1.30645, 0.484306, 1.68316, 0.579991, -3.27237, 0.600619, 2.70920, 0.700547,
                -0.758356, 1.43556, -1.37775, -1.70856, 0.574205, 0.511115, 0.623236, -3.31410, 1.63671, -0.653713,
                2.33110, 0.146414, -0.147029, -3.06424, 3.06486, 0.830392, 0.352890, -2.67008, 1.48680, 1.12382,
                0.686839, -1.02014, -0.790523, -0.000000, -0.000000, -0.000001, 0.000000,
            ],
            parameters: &[
                5.50623, 25.2088, 2.37389, -11.8051, 3.00339, -2.23673, -1.06559, -3.12781, 15.6937, 10.0796, 6.71386,
                12.9348, 2.17073,
            ],
        };
        let forward = |maps: Vec<Tensor<4>>| vec![scores(&decoder, &maps, Mode::Train, Noise::off())];
        equals(&decoder, waves(SHAPES, &device), forward, &reference);
    }

    #[test]
    fn inference_repeats_itself_and_training_draws_other_bases_and_channels() {
        let device = Device::flex();
        let decoder = decoder(&device);
        let maps = waves(SHAPES, &device);
        let pass = |mode, noise| values(scores(&decoder, &maps, mode, noise));
        assert_eq!(pass(Mode::Infer, Noise::off()), pass(Mode::Infer, Noise::off()));
        let step = |step| pass(Mode::Train, Noise::of(Streams::new(3), step));
        assert_eq!(step(1), step(1));
        assert_ne!(step(1), step(2));
        // Seven steps in inference, six in training.
        assert_ne!(pass(Mode::Infer, Noise::off()), pass(Mode::Train, Noise::off()));
    }

    #[test]
    fn an_image_is_decoded_alone_as_among_others_in_inference() {
        let device = Device::flex();
        let decoder = decoder(&device);
        let maps = waves(SHAPES, &device);
        let first: Vec<_> = maps.iter().map(|map| map.clone().narrow(0, 0, 1)).collect();
        let alone = values(scores(&decoder, &first, Mode::Infer, Noise::off()));
        let among = values(scores(&decoder, &maps, Mode::Infer, Noise::off()).narrow(0, 0, 1));
        crate::network::testing::assert_close(&alone, &among, 1e-5);
    }

    #[test]
    fn a_map_of_zeros_and_one_pixel_stay_finite() {
        let device = Device::flex();
        let decoder = decoder(&device);
        let pixels = waves([[1, 2, 1, 1], [1, 3, 1, 1], [1, 2, 1, 1]], &device);
        let zeros: Vec<_> = pixels.iter().map(Tensor::zeros_like).collect();
        for maps in [&pixels, &zeros] {
            are_finite(vec![scores(&decoder, maps, Mode::Train, Noise::off())], &[[1, 2, 1, 1]]);
        }
    }

    /// SegNeXt-B's head for 150 classes, by hand: (128 + 320 + 512) · 512 + 512 · 513 + 2 · 512 · 512, three norms, 513
    /// · 150.
    #[test]
    fn parameters_are_those_of_segnext_b() {
        let (device, recipe) = (Device::flex(), recipe(&[("decoder.channels", "512")]));
        let decoder = Hamburger::new([64, 128, 320, 512], 150, &recipe, &Init::new(&Streams::new(1), &device));
        assert_eq!(trained(&decoder), 960 * 512 + 512 * 513 + 2 * 512 * 512 + 3 * 2 * 512 + 513 * 150);
    }
}
