//! Concatenation: what stands in for the gated spectral unit when it is removed (OGP-Net, Table 5).

use burn::module::Module;
use burn::tensor::Tensor;

use super::way::{Beside, Classifier, Fuse, Needs, Pass, Place};
use crate::network::layers::{Conv, ConvShape, Init};
use crate::network::probes::Probes;

/// Both maps one after the other: of decoder maps, second sensor first, for a 1×1 classifier; of a level, first sensor
/// first, and by a 1×1 convolution to the width of one (SMMCL §3.1).
#[derive(Module, Debug)]
pub struct Concat {
    convolution: Option<Conv>,
}

impl Fuse for Concat {
    const NEEDS: Needs = Needs { name: "concat", two_sensors: true, learns: true, classifier: Classifier::Own };

    fn new(place: Place, init: &Init<'_>) -> Self {
        let Place { channels, level, .. } = place;
        let convolution = level.map(|_| {
            let shape = ConvShape::pointwise(2 * channels, channels).biased();
            Conv::with_deviation(shape, (2.0 * channels as f64).recip().sqrt(), init)
        });
        Self { convolution }
    }

    fn fuse(&self, maps: &[Tensor<4>], _: Pass<'_>, _: &mut Probes, _: &mut Beside) -> Option<Tensor<4>> {
        let (first, second) = (maps.first()?.clone(), maps.last()?.clone());
        Some(match &self.convolution {
            Some(convolution) => convolution.forward(Tensor::cat(vec![first, second], 1)),
            None => Tensor::cat(vec![second, first], 1),
        })
    }

    fn width(channels: usize) -> usize {
        2 * channels
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::fusion::Fusion;
    use crate::network::testing::{Reference, agrees, are_finite, fused, fusion, waved, waves};
    use crate::recipe::catalogue::fusion::{Kind, Level};

    fn concat(device: &Device) -> Fusion {
        waved(fusion(Kind::Concat, Level::Decoder, 2, device), 1.0)
    }

    fn scores(concat: &Fusion, maps: &[Tensor<4>]) -> Vec<Tensor<4>> {
        vec![fused(concat, maps, &[0, 1], None, &mut Probes::off())]
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
