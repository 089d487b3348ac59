//! The gated spectral unit (OGP-Net, Eqs. 7–11).

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::way::{Beside, Classifier, Fuse, Needs, Pass, Place};
use crate::network::layers::{Conv, ConvShape, Init};
use crate::network::probes::Probes;

/// `Z₁ ⊙ tanh(W₁F_I) + Z₂ ⊙ tanh(W₂F_O) + Z₃ ⊙ tanh(W₃F_S)` with `Z_k = σ(W′_k[F_I, F_O, F_S])`, `F_S = F_I + F_O`, all
/// convolutions 1×1 with bias; `F_O` is the first (optical) sensor's map, `F_I` the second's.
#[derive(Module, Debug)]
#[allow(clippy::struct_field_names, reason = "the paper's own words for the views and the gates")]
pub struct Gates {
    second: Conv,
    first: Conv,
    sum: Conv,
    /// The three `W′_k` as one convolution: outputs are Z₁, Z₂, Z₃ in turn.
    gates: Conv,
}

impl Gates {
    /// Two maps `[batch, channels, h, w]`, first sensor first, to one of the same shape with values in (−3, 3).
    ///
    /// Probes: `gsu.gate.first`, `gsu.gate.second`, `gsu.gate.sum`, channel means `[batch, 1, h, w]`, named by sensor
    /// order: `first` is Z₂.
    pub fn forward(&self, maps: [Tensor<4>; 2], probes: &mut Probes) -> Tensor<4> {
        let [first, second] = maps;
        let sum = first.clone() + second.clone();
        let [_, channels, ..] = sum.dims();
        let joined = Tensor::cat(vec![second.clone(), first.clone(), sum.clone()], 1);
        let gates = activation::sigmoid(self.gates.forward(joined));
        let gate = |index: usize| gates.clone().narrow(1, index * channels, channels);
        for (name, index) in [("gsu.gate.second", 0), ("gsu.gate.first", 1), ("gsu.gate.sum", 2)] {
            probes.record(name, || gate(index).mean_dim(1));
        }
        gate(0) * tanh(self.second.forward(second))
            + gate(1) * tanh(self.first.forward(first))
            + gate(2) * tanh(self.sum.forward(sum))
    }
}

impl Fuse for Gates {
    const NEEDS: Needs = Needs { name: "gsu", two_sensors: true, learns: true, classifier: Classifier::Own };

    fn new(place: Place, init: &Init<'_>) -> Self {
        // Nothing rectifies in here, so a variance of 1 / fan-in keeps the scale (Glorot's rule).
        let conv = |times: usize, name: &str| {
            let width = times * place.channels;
            let shape = ConvShape::pointwise(width, width).biased();
            Conv::with_deviation(shape, (width as f64).recip().sqrt(), &init.at(name))
        };
        Self { second: conv(1, "second"), first: conv(1, "first"), sum: conv(1, "sum"), gates: conv(3, "gates") }
    }

    fn fuse(&self, maps: &[Tensor<4>], _: Pass<'_>, probes: &mut Probes, _: &mut Beside) -> Option<Tensor<4>> {
        Some(self.forward([maps.first()?.clone(), maps.last()?.clone()], probes))
    }
}

/// tanh(x) = 2σ(2x) − 1: on the CPU three times faster than the stock one.
fn tanh(x: Tensor<4>) -> Tensor<4> {
    activation::sigmoid(x * 2.0) * 2.0 - 1.0
}

#[cfg(test)]
mod tests {
    use burn::module::Param;
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{
        are_finite, assert_close, differentiates, fused, fusion, values, wave, waved, waves,
    };
    use crate::random::Streams;
    use crate::recipe::catalogue::fusion::{Kind, Level, Start};

    const PLACE: Place = Place { channels: 2, sensors: 2, level: None, reduction: 8, start: Start::FanIn };

    fn filled(mut conv: Conv, offset: f32, device: &Device) -> Conv {
        let [output, input, ..] = conv.weight.dims();
        conv.weight = Param::from_tensor(wave([output, input, 1, 1], offset, device));
        conv.bias = Some(Param::from_tensor(wave([output], offset + 1.0, device)));
        conv
    }

    /// Constants printed by `reference/parts.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let Gates { second, first, sum, gates } = Gates::new(PLACE, &Init::new(&Streams::new(1), &device));
        let unit = Gates {
            second: filled(second, 1.0, &device),
            first: filled(first, 3.0, &device),
            sum: filled(sum, 5.0, &device),
            gates: filled(gates, 7.0, &device),
        };
        let maps = [wave([1, 2, 1, 3], 0.1, &device), wave([1, 2, 1, 3], 0.9, &device)].map(Tensor::require_grad);
        let fused = unit.forward(maps.clone(), &mut Probes::off());
        let gradients = (fused.clone() * wave([1, 2, 1, 3], 0.3, &device)).sum().backward();
        assert_close(&values(fused), &[-0.103_311, 0.068_059_9, 0.102_138, 0.468_635, 0.275_174, -0.060_859_5], 1e-5);
        let expected = [
            [-0.103_551, -0.060_939, -0.136_135, -0.008_583_4, -0.346_465, -0.661_182],
            [0.153_158, 0.181_653, 0.340_651, 0.025_197_6, 0.167_903, 0.468_739],
        ];
        for (map, expected) in maps.iter().zip(expected) {
            assert_close(&values(map.grad(&gradients).unwrap()), &expected, 1e-5);
        }
    }

    #[test]
    fn a_gate_is_named_after_its_sensor() {
        let device = Device::flex();
        let streams = Streams::new(1);
        let mut unit = Gates::new(PLACE, &Init::new(&streams, &device));
        // Gates that do not depend on the maps: σ(±20) is 1 or 0. Only Z₂, the first sensor's, is open.
        unit.gates.weight = Param::from_tensor(Tensor::zeros([6, 6, 1, 1], &device));
        let biases = Tensor::from_floats([-20.0, -20.0, 20.0, 20.0, -20.0, -20.0], &device);
        unit.gates.bias = Some(Param::from_tensor(biases));
        let maps = [wave([1, 2, 2, 2], 0.1, &device), wave([1, 2, 2, 2], 0.9, &device)];
        let mut probes = Probes::on();
        let fused = unit.forward(maps.clone(), &mut probes);
        let gate = |name: &str| values(probes.maps()[name].map.clone())[0];
        assert_eq!(
            [gate("gsu.gate.first"), gate("gsu.gate.second"), gate("gsu.gate.sum")].map(f32::round),
            [1.0, 0.0, 0.0]
        );
        assert_close(&values(fused), &values(unit.first.forward(maps[0].clone()).tanh()), 1e-5);
    }

    #[test]
    fn gradients_are_those_of_differences_and_one_pixel_is_gated() {
        let device = Device::flex().autodiff();
        let unit = waved(fusion(Kind::Gsu, Level::Decoder, 2, &device), 1.0);
        let scores = |maps: Vec<Tensor<4>>| vec![fused(&unit, &maps, &[0, 1], None, &mut Probes::off())];
        differentiates(waves([[1, 2, 1, 3]; 2], &device), scores);
        are_finite(scores(waves([[1, 2, 1, 1]; 2], &device)), &[[1, 2, 1, 1]]);
    }
}
