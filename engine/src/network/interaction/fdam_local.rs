//! Local alignment of two sensors' features (AMDANet §3.2.1).

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use crate::network::layers::{Conv, ConvShape, Init, LINEAR_DEVIATION};
use crate::network::probes::{Probes, Range};
use crate::recipe::Recipe;
use crate::recipe::catalogue::fdam::local::{self, Kind, Start};

/// How much narrower the channel weights' perceptron is in the middle, in the paper's reading.
const REDUCTION: usize = 4;
/// Side of the kernel of the spatial weights in the paper's reading, as in CBAM.
const SPATIAL_KERNEL: usize = 7;
/// Channels in the middle of the spatial weights in AMDANet's code.
const SPATIAL_WIDTH: usize = 16;

/// One unit a level, of the kind that `fdam.local.kind` names.
#[derive(Module, Debug)]
pub struct FdamLocal {
    /// `joint`: one unit for both sensors (AMDANet's code).
    joint: Vec<Joint>,
    /// `separate`: a unit a sensor (Eqs. 6–9).
    separate: Vec<Pair>,
}

#[derive(Module, Debug)]
struct Pair {
    first: Lone,
    second: Lone,
}

impl FdamLocal {
    /// For two sensors whose levels have these widths.
    pub fn new(widths: &[usize; 4], recipe: &Recipe, init: &Init<'_>) -> Self {
        let at = |level: usize| init.at(format_args!("level{}", level + 1));
        let levels = || widths.iter().copied().enumerate();
        let start = recipe.get(local::INIT);
        let joint = |(level, width)| Joint::new(width, start, &at(level));
        let pair = |(level, width)| Pair {
            first: Lone::new(width, start, &at(level).at("first")),
            second: Lone::new(width, start, &at(level).at("second")),
        };
        match recipe.get(local::KIND) {
            Kind::Joint => Self { joint: levels().map(joint).collect(), separate: Vec::new() },
            Kind::Separate => Self { joint: Vec::new(), separate: levels().map(pair).collect() },
        }
    }

    /// Two maps `[batch, channels, h, w]`, visible first, to two of the same shape.
    ///
    /// Probes, all from 0 to 1, sensors by their order: `fdam.channel.levelN.first` (one row, a column a channel),
    /// `fdam.spatial.levelN.first`, and `fdam.gate.levelN` (the joint unit alone).
    pub fn forward(&self, level: usize, maps: [Tensor<4>; 2], probes: &mut Probes) -> [Tensor<4>; 2] {
        if let Some(unit) = self.joint.get(level) {
            return unit.forward(level, maps, probes);
        }
        let [visible, infrared] = maps;
        let Pair { first, second } = &self.separate[level];
        [first.forward((level, "first"), visible, probes), second.forward((level, "second"), infrared, probes)]
    }
}

/// The unit of AMDANet's code: a gate, channel weights and spatial weights from both sensors, applied across.
///
/// `Aᵢ = G ⊙ chᵢ ⊙ spᵢ`, `yᵢ = xᵢ + Aᵢ ⊙ xⱼ`, result `σ(yᵢ ⊙ Aᵢ − yᵢ) ⊙ yᵢ + yᵢ ⊙ Aᵢ`.
#[derive(Module, Debug)]
struct Joint {
    gate: Perceptron,
    channel: Perceptron,
    spatial: Perceptron,
}

impl Joint {
    fn new(width: usize, start: Start, init: &Init<'_>) -> Self {
        let half = (width / 2).max(1);
        let linear = |layers, name: &str| Perceptron::new(layers, Layer::Linear, start, &init.at(name));
        Self {
            gate: linear([2 * width, half, width], "gate"),
            channel: linear([2 * width, half, 2 * width], "channel"),
            spatial: Perceptron::new([4, SPATIAL_WIDTH, 2], Layer::Convolution, start, &init.at("spatial")),
        }
    }

    fn forward(&self, level: usize, [first, second]: [Tensor<4>; 2], probes: &mut Probes) -> [Tensor<4>; 2] {
        let [_, width, ..] = first.dims();
        let joined = Tensor::cat(vec![first.clone(), second.clone()], 1);
        let gate = activation::sigmoid(self.gate.forward(joined.clone()));
        let [mean, max] = pooled(joined);
        let channel = activation::sigmoid(self.channel.forward(mean) + self.channel.forward(max));
        let ([mean1, max1], [mean2, max2]) = (flattened(&first), flattened(&second));
        let spatial = activation::sigmoid(self.spatial.forward(Tensor::cat(vec![mean1, max1, mean2, max2], 1)));
        probes.record_scalar(&format!("fdam.gate.level{}", level + 1), Range::plain(0.0, 1.0), || gate.clone());
        let weight = |sensor: usize, name: &str, probes: &mut Probes| {
            let channel = channel.clone().narrow(1, sensor * width, width);
            let spatial = spatial.clone().narrow(1, sensor, 1);
            record(probes, (level, name), &channel, &spatial);
            gate.clone() * (channel * spatial)
        };
        let weights = [weight(0, "first", probes), weight(1, "second", probes)];
        let crossed = [first.clone() + weights[0].clone() * second.clone(), second + weights[1].clone() * first];
        let [y1, y2] = crossed;
        let [a1, a2] = weights;
        [(y1, a1), (y2, a2)].map(|(y, weight)| {
            let cue = y.clone() * weight;
            activation::sigmoid(cue.clone() - y.clone()) * y + cue
        })
    }
}

/// The paper's unit for one sensor: `σ(A ⊙ x − x) ⊙ x + x` with channel weights, and again with spatial ones, added
/// (Eqs. 6–9).
///
/// The sum is printed as {F_vi^ch + F_vi^ch, F_in^sp + F_in^sp}; read here as F^ch + F^sp of each sensor.
#[derive(Module, Debug)]
struct Lone {
    channel: Perceptron,
    spatial: Conv,
}

impl Lone {
    fn new(width: usize, start: Start, init: &Init<'_>) -> Self {
        let spatial = ConvShape::square(2, 1, SPATIAL_KERNEL).biased();
        let places = (SPATIAL_KERNEL * SPATIAL_KERNEL) as f64;
        let deviation = match start {
            // By fan-out, as all of their convolutions; the code has no such unit.
            Start::Authors => (2.0 / places).sqrt(),
            Start::FanIn => (2.0 * places).recip().sqrt(),
        };
        let layers = [width, (width / REDUCTION).max(1), width];
        Self {
            channel: Perceptron::new(layers, Layer::Linear, start, &init.at("channel")),
            spatial: Conv::with_deviation(spatial, deviation, &init.at("spatial")),
        }
    }

    fn forward(&self, at: (usize, &str), x: Tensor<4>, probes: &mut Probes) -> Tensor<4> {
        let [mean, max] = pooled(x.clone());
        let channel = activation::sigmoid(self.channel.forward(mean) + self.channel.forward(max));
        let spatial = activation::sigmoid(self.spatial.forward(Tensor::cat(flattened(&x).into(), 1)));
        record(probes, at, &channel, &spatial);
        let aligned = |weight: Tensor<4>| activation::sigmoid(x.clone() * weight - x.clone()) * x.clone();
        aligned(channel) + aligned(spatial) + x.clone() * 2.0
    }
}

/// A linear layer, ReLU, a linear layer: at every place by itself.
#[derive(Module, Debug)]
struct Perceptron {
    hidden: Conv,
    output: Conv,
}

/// What the two layers are in AMDANet's code, which begins them with different numbers.
#[derive(Clone, Copy)]
enum Layer {
    Linear,
    Convolution,
}

impl Perceptron {
    fn new([input, middle, output]: [usize; 3], layer: Layer, start: Start, init: &Init<'_>) -> Self {
        let (first, last) =
            (ConvShape::pointwise(input, middle).biased(), ConvShape::pointwise(middle, output).biased());
        let fan_out = |width: usize| (2.0 / width as f64).sqrt();
        let [hidden, output] = match (start, layer) {
            (Start::Authors, Layer::Linear) => [LINEAR_DEVIATION; 2],
            (Start::Authors, Layer::Convolution) => [fan_out(middle), fan_out(output)],
            // He et al.'s rule by fan-in.
            (Start::FanIn, _) => [(2.0 / input as f64).sqrt(), (middle as f64).recip().sqrt()],
        };
        Self {
            hidden: Conv::with_deviation(first, hidden, &init.at("hidden")),
            output: Conv::with_deviation(last, output, &init.at("output")),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.output.forward(activation::relu(self.hidden.forward(x)))
    }
}

/// Every channel's mean and maximum over its places, `[batch, channels, 1, 1]`.
fn pooled(x: Tensor<4>) -> [Tensor<4>; 2] {
    let [batch, channels, height, width] = x.dims();
    let rows = x.reshape([batch, channels, 1, height * width]);
    [rows.clone().mean_dim(3), rows.max_dim(3)]
}

/// Every place's mean and maximum over its channels, `[batch, 1, h, w]`.
fn flattened(x: &Tensor<4>) -> [Tensor<4>; 2] {
    [x.clone().mean_dim(1), x.clone().max_dim(1)]
}

fn record(probes: &mut Probes, (level, sensor): (usize, &str), channel: &Tensor<4>, spatial: &Tensor<4>) {
    let name = |what: &str| format!("fdam.{what}.level{}.{sensor}", level + 1);
    let share = || Range::plain(0.0, 1.0);
    probes.record_scalar(&name("channel"), share(), || channel.clone().swap_dims(1, 3));
    probes.record_scalar(&name("spatial"), share(), || spatial.clone());
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{agrees_with, are_finite, drawn, drawn_maps, recipe, waves};
    use crate::random::Streams;

    /// Printed by `reference/amdanet.py`.
    const REFERENCE: &str = include_str!("../reference/amdanet.txt");

    fn unit(kind: &str, width: usize, device: &Device) -> FdamLocal {
        let recipe = recipe(&[("fdam.local.kind", kind)]);
        drawn(FdamLocal::new(&[width, 1, 1, 1], &recipe, &Init::new(&Streams::new(1), device)), 1.0)
    }

    fn both(unit: &FdamLocal, maps: &[Tensor<4>]) -> Vec<Tensor<4>> {
        unit.forward(0, [maps[0].clone(), maps[1].clone()], &mut Probes::off()).into()
    }

    #[test]
    fn the_joint_unit_equals_that_of_pytorch() {
        let device = Device::flex().autodiff();
        let unit = unit("joint", 4, &device);
        let maps = drawn_maps([[2, 4, 2, 3]; 2], &device);
        agrees_with(&unit, maps, |maps| both(&unit, &maps), (REFERENCE, "joint"));
    }

    #[test]
    fn the_units_of_each_sensor_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let unit = unit("separate", 8, &device);
        let maps = drawn_maps([[1, 8, 2, 3]; 2], &device);
        agrees_with(&unit, maps, |maps| both(&unit, &maps), (REFERENCE, "separate"));
    }

    #[test]
    fn in_the_papers_reading_no_sensor_sees_the_other() {
        let device = Device::flex();
        let maps = drawn_maps([[1, 8, 2, 3]; 3], &device);
        let second = |kind: &str, first: usize| {
            both(&unit(kind, 8, &device), &[maps[first].clone(), maps[1].clone()])[1].to_data()
        };
        assert_eq!(second("separate", 0), second("separate", 2));
        assert_ne!(second("joint", 0), second("joint", 2));
    }

    /// On maps such as a ReLU gives: many zeros, a few large values.
    #[test]
    fn the_authors_channel_weights_begin_open_and_by_fan_in_many_begin_shut() {
        let device = Device::flex();
        let rectified = |seed: u64| {
            let streams = Streams::new(seed);
            activation::relu(Init::new(&streams, &device).at("maps").normal([2, 32, 20, 30], 1.0))
        };
        let beyond = |start: &str, kind: &str| {
            let recipe = recipe(&[("fdam.local.init", start), ("fdam.local.kind", kind)]);
            let streams = Streams::new(5);
            let unit = FdamLocal::new(&[32, 1, 1, 1], &recipe, &Init::new(&streams, &device));
            let mut probes = Probes::on();
            unit.forward(0, [rectified(1), rectified(2)], &mut probes);
            let weights = ["first", "second"].map(|sensor| format!("fdam.channel.level1.{sensor}"));
            let weights: Vec<f32> = weights
                .iter()
                .flat_map(|name| crate::network::testing::values(probes.maps()[name].map.clone()))
                .collect();
            weights.iter().filter(|&&weight| !(0.05..=0.95).contains(&weight)).count() as f32 / weights.len() as f32
        };
        for kind in ["joint", "separate"] {
            assert_eq!(beyond("authors", kind), 0.0, "{kind}");
            assert!(beyond("fan-in", kind) > 0.1, "{kind}: {}", beyond("fan-in", kind));
        }
    }

    #[test]
    fn single_places_and_channels_are_finite_and_weights_are_shown() {
        let device = Device::flex();
        for kind in ["joint", "separate"] {
            for width in [1, 4] {
                let unit = unit(kind, width, &device);
                are_finite(both(&unit, &waves([[1, width, 1, 1]; 2], &device)), &[[1, width, 1, 1]; 2]);
            }
            let mut probes = Probes::on();
            let [first, second] = [0.2, 1.5].map(|offset| crate::network::testing::wave([1, 4, 2, 3], offset, &device));
            unit(kind, 4, &device).forward(0, [first, second], &mut probes);
            assert_eq!(probes.maps()["fdam.channel.level1.second"].map.dims(), [1, 1, 1, 4]);
            assert_eq!(probes.maps()["fdam.spatial.level1.first"].map.dims(), [1, 1, 2, 3]);
            assert_eq!(probes.maps().contains_key("fdam.gate.level1"), kind == "joint");
        }
    }
}
