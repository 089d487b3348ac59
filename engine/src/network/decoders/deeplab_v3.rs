//! The DeepLabV3 decoder (Chen et al., 2017): the other network of cross-spectral adaptation (ICRA 2025, Table V).

use burn::module::Module;
use burn::tensor::Tensor;

use super::aspp::Pyramid;
use super::unit::Unit;
use crate::network::layers::{Conv, ConvShape, Init, Statistics};
use crate::recipe::Recipe;
use crate::recipe::catalogue::decoder;

/// A pyramid of full atrous convolutions on the last level, a 3×3 unit, a 1×1 classifier; no level is joined.
///
/// As torchvision builds it, without its dropout.
#[derive(Module, Debug)]
pub struct DeepLabV3 {
    pyramid: Pyramid,
    refine: Unit,
    head: Conv,
}

impl DeepLabV3 {
    /// For levels of these widths.
    pub fn new(widths: [usize; 4], classes: usize, recipe: &Recipe, init: &Init<'_>) -> Self {
        let channels = recipe.get(decoder::CHANNELS);
        let head = ConvShape::pointwise(channels, classes).biased();
        Self {
            pyramid: Pyramid::full(widths[3], channels, &recipe.get(decoder::RATES), &init.at("pyramid")),
            refine: Unit::plain(ConvShape::square(channels, channels, 3), &init.at("refine")),
            head: Conv::with_deviation(head, (channels as f64).recip().sqrt(), &init.at("head")),
        }
    }

    /// The four levels of a branch to its decoder map, of the last level's size.
    pub fn forward(&self, levels: &[Tensor<4>], statistics: impl Into<Statistics>) -> Tensor<4> {
        let statistics = statistics.into();
        self.refine.forward(self.pyramid.forward(levels[3].clone(), statistics), statistics)
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
    use crate::network::testing::{Reference, equals, recipe, trained, waved, waves};
    use crate::random::Streams;

    /// Constants printed by `reference/decoders.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let recipe = recipe(&[("decoder.channels", "8"), ("decoder.rates", "1,2")]);
        let decoder = waved(DeepLabV3::new([1, 1, 1, 3], 2, &recipe, &Init::new(&Streams::new(1), &device)), 1.0);
        let reference = Reference {
            outputs: &[
                2.28871, 2.46263, 1.70517, 0.166309, -0.605979, 0.105648, 2.71047, 2.60979, 1.60368, -0.511281,
                -1.73914, -0.406960, 2.23034, 2.31918, 1.57814, 0.118603, -0.412190, 0.194158, 2.57250, 2.37544,
                1.43137, -0.558305, -1.43547, -0.245882,
            ],
            inputs: &[
                1.15732, -44.6445, -36.9355, -133.996, -16.7547, -96.6723, -27.0283, -72.0207, -63.7079, -160.955,
                -41.8514, -122.679, -53.3973, -97.6770, -88.6836, -186.262, -64.8531, -146.886, 14.1424, 32.8009,
                50.0669, 125.059, 35.4672, 92.4234, 42.7723, 60.3336, 77.0083, 151.683, 60.6214, 118.149, 69.4275,
                86.1254, 102.342, 176.535, 83.8139, 142.045,
            ],
            parameters: &[
                0.205683, 0.028837, 0.025543, 0.399996, -0.545979, -0.201688, -0.027208, 0.697318, -0.009661, 0.790665,
                -0.607807, -0.243784, 0.278246, -1.64476, 0.523934, -2.05196, -5.19642, -4.47607, -3.75190, 2.07938,
            ],
        };
        let scores = |maps: Vec<Tensor<4>>| {
            let level = &maps[0];
            vec![decoder.scores(&decoder.forward(&[level, level, level, level].map(Tensor::clone), Mode::Train))]
        };
        equals(&decoder, waves([[2, 3, 2, 3]], &device), scores, &reference);
    }

    /// torchvision's `deeplabv3_resnet50` has 42 004 074 parameters, 2 365 205 of them in its auxiliary head; the
    /// encoder has 23 508 032.
    #[test]
    fn parameters_are_as_many_as_torchvisions() {
        let (device, recipe) = (Device::flex(), recipe(&[("decoder.channels", "256"), ("decoder.rates", "12,24,36")]));
        let decoder = DeepLabV3::new([256, 512, 1024, 2048], 21, &recipe, &Init::new(&Streams::new(1), &device));
        assert_eq!(trained(&decoder), 42_004_074 - 2_365_205 - 23_508_032);
    }
}
