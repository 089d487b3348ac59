//! Projectors of multi-modal contrast: a sensor's deepest features to embeddings that all sensors share (SMMCL §3.2,
//! §4.1).

use burn::module::Module;
use burn::tensor::Tensor;

use crate::kernels;
use crate::network::contract::Mode;
use crate::network::layers::{Activation, BatchNorm, Conv, ConvShape, Init, NormFamily};

/// The map of similarities between a scene's embeddings; while it is watched, projectors work in inference, too.
pub const SIMILARITY: &str = "multimodal_contrast.similarity";

/// Twice a 1×1 convolution of the features' own width with GELU and batch norm, in this order as in SMMCL's code, then
/// a 1×1 convolution to the embedding's width.
#[derive(Module, Debug)]
pub struct Projector {
    convs: Vec<Conv>,
    norms: Vec<BatchNorm>,
    output: Conv,
}

impl Projector {
    /// From features of `channels` to embeddings of `width`.
    pub fn new(channels: usize, width: usize, init: &Init<'_>) -> Self {
        let square = ConvShape::pointwise(channels, channels).biased();
        let conv = |index| Conv::new(square, &init.at(format_args!("conv{index}")));
        let narrow = ConvShape::pointwise(channels, width).biased();
        Self {
            convs: (1..=2).map(conv).collect(),
            norms: (1..=2).map(|_| BatchNorm::new(channels, NormFamily::TORCH, init.device)).collect(),
            output: Conv::with_deviation(narrow, (channels as f64).recip().sqrt(), &init.at("output")),
        }
    }

    /// `[batch, channels, h, w]` to `[batch, width, h, w]`, of any length: the loss normalises what it samples.
    pub fn forward(&self, features: Tensor<4>, mode: Mode) -> Tensor<4> {
        let layer =
            |x, (conv, norm): (&Conv, &BatchNorm)| norm.forward(kernels::gelu(conv.forward(x)), mode, Activation::None);
        self.output.forward(self.convs.iter().zip(&self.norms).fold(features, layer))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{Reference, agrees, are_finite, waved, waves};
    use crate::random::Streams;

    fn projector(device: &Device) -> Projector {
        waved(Projector::new(3, 2, &Init::new(&Streams::new(1), device)), 1.0)
    }

    /// Constants printed by `reference/smmcl.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let projector = projector(&device);
        let reference = Reference {
            outputs: &[
                -0.119081, -0.381788, -0.146211, 0.653087, -1.46089, -0.071089, 0.294355, -1.20223, 0.676351, 1.62373,
                1.87944, 1.21262, -1.25806, -3.44033, -4.41412, -4.25869,
            ],
            inputs: &[
                1.86732, -0.980037, -3.29632, -4.17305, 2.08900, -1.60342, -2.48655, -1.94948, 1.32820, -1.47270,
                -0.507311, 1.19096, 9.41979, 3.17262, -2.09730, -3.25301, 4.03871, 1.73427, -0.024500, -1.65293,
                -3.24183, -0.519727, 2.05982, 0.724556,
            ],
            parameters: &[
                1.86658, -0.453421, -5.77377, 0.984404, -2.32306, 1.58307, -0.279528, -11.4596, -9.30345, -0.640507,
            ],
        };
        let forward = |maps: Vec<Tensor<4>>| vec![projector.forward(maps[0].clone(), Mode::Train)];
        agrees(&projector, waves([[2, 3, 2, 2]], &device), forward, &reference);
    }

    #[test]
    fn one_pixel_and_one_of_zeros_have_finite_embeddings() {
        let device = Device::flex();
        let pixel = waves([[1, 3, 1, 1]], &device).remove(0);
        for mode in [Mode::Train, Mode::Infer] {
            for pixel in [pixel.clone(), pixel.zeros_like()] {
                are_finite(vec![projector(&device).forward(pixel, mode)], &[[1, 2, 1, 1]]);
            }
        }
    }
}
