//! The DeepLabV3+ decoder.

use burn::module::Module;
use burn::tensor::Tensor;

use super::aspp::Pyramid;
use super::unit::Unit;
use crate::network::layers::{Conv, ConvShape, Init, Statistics, resize_bilinear};
use crate::recipe::Recipe;
use crate::recipe::catalogue::decoder;

/// Pyramid on the last level, joined with the first at a quarter of the input, and a 1×1 classifier.
///
/// As segmentation-models-pytorch builds it, with two differences: resizing does not align corners, and the pyramid's
/// projection has no dropout (the paper mentions none).
#[derive(Module, Debug)]
pub struct DeepLab {
    pyramid: Pyramid,
    refine: Unit,
    skip: Unit,
    join: Unit,
    head: Conv,
}

impl DeepLab {
    /// For levels of these widths.
    pub fn new(widths: [usize; 4], classes: usize, recipe: &Recipe, init: &Init<'_>) -> Self {
        let channels = recipe.get(decoder::CHANNELS);
        let skip = recipe.get(decoder::SKIP_CHANNELS);
        let head = ConvShape::pointwise(channels, classes).biased();
        Self {
            pyramid: Pyramid::new(widths[3], channels, &recipe.get(decoder::RATES), &init.at("pyramid")),
            refine: Unit::separable(channels, channels, 1, &init.at("refine")),
            skip: Unit::plain(ConvShape::pointwise(widths[0], skip), &init.at("skip")),
            join: Unit::separable(channels + skip, channels, 1, &init.at("join")),
            head: Conv::with_deviation(head, (channels as f64).recip().sqrt(), &init.at("head")),
        }
    }

    /// The four levels of a branch to its decoder map `[batch, channels, ⌈height / 4⌉, ⌈width / 4⌉]`.
    pub fn forward(&self, levels: &[Tensor<4>], statistics: impl Into<Statistics>) -> Tensor<4> {
        let statistics = statistics.into();
        let deep = self.refine.forward(self.pyramid.forward(levels[3].clone(), statistics), statistics);
        let [_, _, height, width] = levels[0].dims();
        let skip = self.skip.forward(levels[0].clone(), statistics);
        self.join.forward(Tensor::cat(vec![resize_bilinear(deep, [height, width]), skip], 1), statistics)
    }

    /// Channels of the decoder map.
    pub fn width(&self) -> usize {
        self.head.shape().input
    }

    /// The decoder map to class scores at its own size.
    pub fn scores(&self, decoded: &Tensor<4>) -> Tensor<4> {
        self.head.forward(decoded.clone())
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::contract::Mode;
    use crate::network::testing::{Reference, agrees, are_finite, recipe, waved, waves};
    use crate::random::Streams;

    fn decoder(device: &Device) -> DeepLab {
        let recipe = recipe(&[("decoder.channels", "8"), ("decoder.skip_channels", "4"), ("decoder.rates", "1,2")]);
        waved(DeepLab::new([2, 1, 1, 3], 2, &recipe, &Init::new(&Streams::new(1), device)), 1.0)
    }

    /// The first and the last level, which are all that it looks at, to class scores.
    fn scores(decoder: &DeepLab, maps: &[Tensor<4>], mode: Mode) -> Tensor<4> {
        let [skip, deep] = [&maps[0], &maps[1]];
        decoder.scores(&decoder.forward(&[skip, skip, skip, deep].map(Tensor::clone), mode))
    }

    /// Constants printed by `reference/parts.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let decoder = decoder(&device);
        let reference = Reference {
            outputs: &[
                1.08394, 0.969433, 1.36936, 1.42698, 1.65687, 1.27812, 0.505553, 0.456422, 1.19068, 1.13424, 1.66074,
                0.918524, 0.862791, 1.21098, 1.11796, 1.92741, 1.62776, 0.937587, 0.296717, 0.986544, 0.870006,
                1.74112, 1.33139, 0.209737,
            ],
            inputs: &[
                0.225602, 0.464769, 0.388932, 0.155088, -0.066898, 0.061499, 0.270440, 0.300778, 0.088332, 0.284871,
                -0.029842, 0.014035, 0.036726, -0.631670, -0.537116, -0.145227, 0.007556, 0.040739, 0.359209,
                -0.446417, -0.461523, -0.035415, -0.196198, -0.148270, 0.279022, -0.064397, 0.276289, 0.027522,
                0.142421, 0.109283, -0.298593, 0.227840, -0.336178, 0.174705, -0.217558, 0.037804,
            ],
            parameters: &[
                -0.152918, -0.075178, 0.039404, -0.047565, -0.104081, 0.099086, -0.007380, 0.001733, -0.130884,
                -0.024928, 0.077035, -0.000010, 0.245691, -0.076000, -0.835234, -0.507549, -0.177199, -1.01982,
                -0.041335, 0.435578, -1.79586, 2.14807, -2.72123, -3.46209, -0.384886, -0.125597, 0.091862, 1.29888,
                -0.787952, 2.07938,
            ],
        };
        let forward = |maps: Vec<Tensor<4>>| vec![scores(&decoder, &maps, Mode::Train)];
        agrees(&decoder, waves([[2, 2, 2, 3], [2, 3, 1, 2]], &device), forward, &reference);
    }

    #[test]
    fn one_pixel_is_decoded_like_any_map() {
        let device = Device::flex();
        for mode in [Mode::Train, Mode::Infer] {
            let pixels = waves([[1, 2, 1, 1], [1, 3, 1, 1]], &device);
            are_finite(vec![scores(&decoder(&device), &pixels, mode)], &[[1, 2, 1, 1]]);
        }
    }
}
