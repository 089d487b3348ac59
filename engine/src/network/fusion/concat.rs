//! Concatenation: what stands in for the gated selection unit when it is removed (OGP-Net, Table 5).

use burn::module::Module;
use burn::tensor::Tensor;

use crate::network::layers::{Conv, ConvShape, Init};

/// One 1×1 convolution from both decoder maps to class scores.
#[derive(Module, Debug)]
pub struct Concat {
    head: Conv,
}

impl Concat {
    /// For two maps of this many channels.
    pub fn new(channels: usize, classes: usize, init: &Init<'_>) -> Self {
        let shape = ConvShape::pointwise(2 * channels, classes).biased();
        Self { head: Conv::with_deviation(shape, (2.0 * channels as f64).recip().sqrt(), &init.at("head")) }
    }

    /// Two maps `[batch, channels, h, w]`, first sensor first, to scores `[batch, classes, h, w]`.
    pub fn forward(&self, maps: [Tensor<4>; 2]) -> Tensor<4> {
        let [first, second] = maps;
        self.head.forward(Tensor::cat(vec![second, first], 1))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{Reference, agrees, are_finite, waved, waves};
    use crate::random::Streams;

    fn concat(device: &Device) -> Concat {
        waved(Concat::new(2, 2, &Init::new(&Streams::new(1), device)), 1.0)
    }

    fn scores(concat: &Concat, maps: &[Tensor<4>]) -> Vec<Tensor<4>> {
        vec![concat.forward([maps[0].clone(), maps[1].clone()])]
    }

    /// Constants printed by `reference/parts.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let concat = concat(&device);
        let reference = Reference {
            outputs: &[1.56323, 1.30427, 0.901029, 0.176431, 0.464596, 0.914503],
            inputs: &[
                -0.397128, 0.531648, 1.21038, -0.240252, 0.019443, 0.269993, -0.164616, 0.682632, 1.20883, -0.367229,
                0.793811, 1.58151,
            ],
            parameters: &[-0.118930, 1.30328],
        };
        let maps = waves([[1, 2, 1, 3], [1, 2, 1, 3]], &device);
        agrees(&concat, maps, |maps| scores(&concat, &maps), &reference);
    }

    #[test]
    fn one_pixel_has_scores() {
        let device = Device::flex();
        are_finite(scores(&concat(&device), &waves([[1, 2, 1, 1]; 2], &device)), &[[1, 2, 1, 1]]);
    }
}
