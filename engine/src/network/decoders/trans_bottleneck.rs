//! The block that RTFNet's decoder is built from.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::network::layers::{Activation, BatchNorm, Conv, ConvShape, Doubling, Init, Statistics};

/// 1×1 and 3×3 convolutions with norm and ReLU, a third convolution with a norm, the shortcut, ReLU.
#[derive(Module, Debug)]
pub struct TransBottleneck {
    first: Conv,
    first_norm: BatchNorm,
    second: Conv,
    second_norm: BatchNorm,
    /// The third convolution of a block that keeps its input's size.
    third: Option<Conv>,
    /// The third convolution of a block that doubles it.
    rise: Option<Doubling>,
    third_norm: BatchNorm,
    shortcut: Option<Doubling>,
    shortcut_norm: Option<BatchNorm>,
}

impl TransBottleneck {
    /// Keeps the shape of its input.
    pub fn keeping(channels: usize, init: &Init<'_>) -> Self {
        Self::new(channels, channels, false, init)
    }

    /// Doubles the sides and changes the channels.
    pub fn doubling(input: usize, output: usize, init: &Init<'_>) -> Self {
        Self::new(input, output, true, init)
    }

    fn new(input: usize, output: usize, doubles: bool, init: &Init<'_>) -> Self {
        let conv = |input, kernel: usize, name: &str| {
            // Xavier's variance.
            let deviation = (2.0 / (kernel * kernel * (input + output)) as f64).sqrt();
            Conv::with_deviation(ConvShape::square(input, output, kernel), deviation, &init.at(name))
        };
        let norm = || BatchNorm::of(output, init);
        Self {
            first: conv(input, 1, "first"),
            first_norm: norm(),
            second: conv(output, 3, "second"),
            second_norm: norm(),
            third: (!doubles).then(|| conv(output, 3, "third")),
            rise: doubles.then(|| Doubling::new(output, output, &init.at("rise"))),
            third_norm: norm(),
            shortcut: doubles.then(|| Doubling::new(input, output, &init.at("shortcut"))),
            shortcut_norm: doubles.then(norm),
        }
    }

    /// `[batch, input, height, width]` to `[batch, output, height, width]`, or to twice the height and width.
    pub fn forward(&self, x: Tensor<4>, statistics: impl Into<Statistics>) -> Tensor<4> {
        let statistics = statistics.into();
        let beside = match (&self.shortcut, &self.shortcut_norm) {
            (Some(shortcut), Some(norm)) => norm.forward(shortcut.forward(x.clone()), statistics, Activation::None),
            _ => x.clone(),
        };
        let y = self.first_norm.forward(self.first.forward(x), statistics, Activation::Relu);
        let y = self.second_norm.forward(self.second.forward(y), statistics, Activation::Relu);
        let y = match (&self.third, &self.rise) {
            (Some(third), _) => third.forward(y),
            (None, Some(rise)) => rise.forward(y),
            (None, None) => y,
        };
        Activation::Relu.forward(self.third_norm.forward(y, statistics, Activation::None) + beside)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::contract::Mode;
    use crate::network::testing::{Reference, agrees, waved, waves};
    use crate::random::Streams;

    /// Constants printed by `reference/decoders.py`.
    #[test]
    fn a_keeping_block_equals_that_of_pytorch() {
        let device = Device::flex().autodiff();
        let block = waved(TransBottleneck::keeping(3, &Init::new(&Streams::new(1), &device)), 1.0);
        let reference = Reference {
            outputs: &[
                0.567045, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000,
                0.000000, 1.43433, 1.42560, 0.272413, 0.000000, 0.000000, 0.000000, 0.038478, 0.608385, 0.000000,
                0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 1.43586,
                1.40708, 0.233105, 0.000000, 0.000000, 0.000000, 0.069516,
            ],
            inputs: &[
                0.297371, -0.000225, 0.035988, 0.047380, 0.036310, 0.008283, 0.000279, -0.002841, 0.030884, 0.040909,
                0.031497, 0.999014, 0.661545, 0.020654, 0.011255, 0.015198, 0.011871, -0.351743, 0.324541, -0.000543,
                -0.035127, -0.046474, -0.036134, -0.008376, -0.001735, 0.002048, -0.029899, -0.039736, -0.031076,
                0.973922, 0.637701, -0.005176, -0.010609, -0.014310, -0.011403, -0.333532,
            ],
            parameters: &[-0.001678, -0.000070, 0.000243, 0.001629, -0.005014, 0.003795, -0.392593, -3.81194, 2.82730],
        };
        let forward = |maps: Vec<Tensor<4>>| vec![block.forward(maps[0].clone(), Mode::Train)];
        agrees(&block, waves([[2, 3, 2, 3]], &device), forward, &reference);
    }

    /// Constants printed by `reference/decoders.py`.
    #[test]
    fn a_doubling_block_equals_that_of_pytorch() {
        let device = Device::flex().autodiff();
        let block = waved(TransBottleneck::doubling(3, 2, &Init::new(&Streams::new(1), &device)), 1.0);
        let reference = Reference {
            outputs: &[
                0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 2.05034,
                0.000000, 0.000000, 2.66956, 1.49231, 0.000000, 0.000000, 0.398106, 0.011400, 0.793914, 0.430640,
                0.000000, 0.000000, 0.029309, 0.000000, 1.57788, 0.000000, 0.870900, 0.975674, 0.000000, 0.000000,
                0.786053, 0.391220, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000,
                0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.864758, 0.976020,
                0.505560, 0.838612, 0.792724, 0.401078, 0.941732, 0.766421, 0.073068, 0.471272, 0.000000, 0.046766,
                0.812309, 0.935785, 0.465325, 0.829515,
            ],
            inputs: &[
                -1.11254, 1.16510, -1.36450, -0.349525, -1.49689, 1.77409, -0.759945, 0.601048, -1.21081, 1.58519,
                0.185053, 1.28243, 1.48505, -2.59403, 2.76790, -0.914129, 0.693606, -2.08806, 1.88736, -1.25498,
                -0.408296, -0.643974, 0.160150, -1.03164,
            ],
            parameters: &[
                -0.051779, 0.027351, 0.037924, 0.053381, -0.412694, 0.221977, 0.889941, -0.659873, -1.51920, -0.994247,
                -1.17371, -1.51920,
            ],
        };
        let forward = |maps: Vec<Tensor<4>>| vec![block.forward(maps[0].clone(), Mode::Train)];
        agrees(&block, waves([[2, 3, 2, 2]], &device), forward, &reference);
    }
}
