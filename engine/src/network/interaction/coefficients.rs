//! Coefficient modules: where, and through which channels, one sensor's features enter the other's (SMMCL, Eqs. 1–2).

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use crate::kernels;
use crate::network::layers::{Conv, ConvShape, Init};
use crate::network::probes::{Probes, Range};
use crate::recipe::Recipe;
use crate::recipe::catalogue::coefficients;

/// One coefficient module for each of the four levels.
#[derive(Module, Debug)]
pub struct Coefficients {
    per_level: Vec<LevelCoefficients>,
}

impl Coefficients {
    /// For a pair of sensors whose levels have these widths.
    pub fn new(widths: [usize; 4], init: &Init<'_>) -> Self {
        let level = |(level, width)| LevelCoefficients::new(width, &init.at(format_args!("level{}", level + 1)));
        Self { per_level: widths.into_iter().enumerate().map(level).collect() }
    }

    /// The pair of a level, 0 to 3, first sensor first, each `[batch, channels, h, w]`, to a pair of the same shape.
    /// The live settings `coefficients.spatial`, `.channel` and `.factor` hold; without a coefficient the pair comes
    /// back as it is.
    pub fn forward(&self, level: usize, pair: [Tensor<4>; 2], recipe: &Recipe, probes: &mut Probes) -> [Tensor<4>; 2] {
        let used = Used {
            spatial: recipe.get(coefficients::SPATIAL),
            channel: recipe.get(coefficients::CHANNEL),
            factor: recipe.get(coefficients::FACTOR),
        };
        match self.per_level.get(level) {
            Some(module) if used.any() => module.forward(pair, used, level + 1, probes),
            _ => pair,
        }
    }
}

/// What of a module is in use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Used {
    /// The spatial matrix S.
    pub spatial: bool,
    /// The channel vector c.
    pub channel: bool,
    /// What multiplies both: 1 in Eqs. 1–2, 0.5 in SMMCL's code.
    pub factor: f64,
}

impl Used {
    fn any(self) -> bool {
        (self.spatial || self.channel) && self.factor != 0.0
    }
}

/// The module of one level: `x′ = x + s·S ⊙ y + s·c ⊙ y` and the same with x and y exchanged, where S (a number a
/// place) and c (a number a channel) follow from both maps by three 1×1 convolutions with GELU between them and a
/// sigmoid after them (Table 1 of the paper); c sees the maps' averages and maxima.
#[derive(Module, Debug)]
pub struct LevelCoefficients {
    spatial: Vec<Conv>,
    channel: Vec<Conv>,
}

impl LevelCoefficients {
    /// For maps of this many channels.
    pub fn new(channels: usize, init: &Init<'_>) -> Self {
        let (two, four) = (2 * channels, 4 * channels);
        Self {
            spatial: perceptron([two, two, two, 1], &init.at("spatial")),
            channel: perceptron([four, four, four, channels], &init.at("channel")),
        }
    }

    /// Two maps `[batch, channels, h, w]` to two of the same shape. `level`, from 1, names the probes.
    ///
    /// Probes: `coefficients.spatial.level1` is S, `[batch, 1, h, w]`; `coefficients.channel.level1` is c as stripes
    /// `[batch, 1, 1, channels]`, the first channel leftmost, and `coefficients.channel.level1.mean` its mean.
    pub fn forward(&self, pair: [Tensor<4>; 2], used: Used, level: usize, probes: &mut Probes) -> [Tensor<4>; 2] {
        let joined = Tensor::cat(pair.to_vec(), 1);
        let spatial = used.spatial.then(|| through(&self.spatial, joined.clone()));
        let channel = used.channel.then(|| through(&self.channel, pooled(joined)));
        let unit = || Range::plain(0.0, 1.0);
        if let Some(spatial) = &spatial {
            probes.record_scalar(&format!("coefficients.spatial.level{level}"), unit(), || spatial.clone());
        }
        if let Some(channel) = &channel {
            let name = format!("coefficients.channel.level{level}");
            probes.record_scalar(&name, unit(), || channel.clone().swap_dims(1, 3));
            probes.fact(&format!("{name}.mean"), || channel.clone().mean().inner().into_scalar());
        }
        let [first, second] = pair;
        // Both shares of the other sensor's map are one product with S + c.
        let share = match (spatial, channel) {
            (Some(spatial), Some(channel)) => spatial + channel,
            (Some(share), None) | (None, Some(share)) => share,
            (None, None) => return [first, second],
        } * used.factor;
        [first.clone() + share.clone() * second.clone(), second + share * first]
    }
}

/// Averages and maxima over places: `[batch, channels, h, w]` to `[batch, 2 · channels, 1, 1]`.
fn pooled(maps: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = maps.dims();
    let places = maps.reshape([batch, channels, height * width]);
    let both = Tensor::cat(vec![places.clone().mean_dim(2), places.max_dim(2)], 1);
    both.reshape([batch, 2 * channels, 1, 1])
}

fn perceptron(widths: [usize; 4], init: &Init<'_>) -> Vec<Conv> {
    let layer = |(index, ends): (usize, &[usize])| {
        let shape = ConvShape::pointwise(ends[0], ends[1]).biased();
        let init = init.at(format_args!("layer{}", index + 1));
        // GELU follows on the first two, nothing that halves the variance on the last.
        let gain = if index < 2 { 2.0 } else { 1.0 };
        Conv::with_deviation(shape, (gain / ends[0] as f64).sqrt(), &init)
    };
    widths.windows(2).enumerate().map(layer).collect()
}

fn through(layers: &[Conv], x: Tensor<4>) -> Tensor<4> {
    let last = layers.len().saturating_sub(1);
    let layer = |x, (index, layer): (usize, &Conv)| {
        let x = layer.forward(x);
        if index < last { kernels::gelu(x) } else { activation::sigmoid(x) }
    };
    layers.iter().enumerate().fold(x, layer)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{Reference, agrees, are_finite, recipe, values, waved, waves};
    use crate::random::Streams;

    const ALL: Used = Used { spatial: true, channel: true, factor: 0.5 };

    fn module(device: &Device) -> LevelCoefficients {
        waved(LevelCoefficients::new(2, &Init::new(&Streams::new(1), device)), 1.0)
    }

    fn updated(module: &LevelCoefficients, maps: &[Tensor<4>], used: Used) -> Vec<Tensor<4>> {
        module.forward([maps[0].clone(), maps[1].clone()], used, 1, &mut Probes::off()).into()
    }

    /// Constants printed by `reference/smmcl.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let module = module(&device);
        let reference = Reference {
            outputs: &[
                0.713291, 1.18430, 1.11265, 0.536944, -0.311468, -1.02330, -1.32302, -0.849533, -0.004477, 0.844511,
                1.31473, 1.14898, 0.589297, -0.189010, -0.887395, -1.15107, -0.871376, -0.180966, 0.859433, 1.31687,
                1.13660, 0.404663, -0.515819, -1.19769, 1.09999, 1.19698, 0.711695, -0.090730, -0.846452, -1.23158,
                -1.19251, -0.489395, 0.435712, 1.13414, 1.31640, 0.895329, -0.224633, -0.880499, -1.14983, -0.883226,
                -0.197650, 0.577199, 1.14478, 1.31145, 0.876290, 0.014503, -0.856806, -1.32504,
            ],
            inputs: &[
                0.663471, 1.13939, 1.98181, 0.478905, -0.509415, -1.25791, -1.41409, -0.944284, 0.068703, 1.00741,
                1.43973, 1.24266, 0.931549, -0.364515, -1.07517, -1.27274, -0.933477, -0.183526, 0.971604, 1.39042,
                1.22164, 0.496999, -0.518687, -1.26701, 0.345707, 1.46980, 1.09699, 0.270338, -0.650087, -1.12543,
                -1.11460, -0.435840, 0.572302, -0.014179, 1.68241, 1.32791, 0.027045, -0.789621, -1.14964, -0.946321,
                -0.293429, 0.145755, 0.657214, 1.55079, 1.18046, 0.266526, -0.732401, -1.30743,
            ],
            parameters: &[
                -0.086704, -1.94273, -0.244093, -0.834299, 1.64804, 0.653396, 0.667249, -1.94275, -2.73725, 0.691261,
                -2.44808, 0.277043,
            ],
        };
        agrees(&module, waves([[2, 2, 2, 3]; 2], &device), |maps| updated(&module, &maps, ALL), &reference);
    }

    #[test]
    fn each_switch_and_the_factor_hold_from_call_to_call_and_off_is_the_baseline() {
        let device = Device::flex();
        let all = Coefficients::new([2, 2, 2, 2], &Init::new(&Streams::new(1), &device));
        let pair = waves([[1, 2, 2, 3]; 2], &device);
        let change = |settings: &[(&str, &str)]| {
            let after = all.forward(3, [pair[0].clone(), pair[1].clone()], &recipe(settings), &mut Probes::off());
            values(after[0].clone() - pair[0].clone())
        };
        let both = change(&[]);
        let [spatial, channel] = ["spatial", "channel"].map(|off| change(&[(&format!("coefficients.{off}"), "off")]));
        assert!(both != spatial && both != channel && spatial != channel);
        for ((both, spatial), channel) in both.iter().zip(&spatial).zip(&channel) {
            assert!((both - spatial - channel).abs() < 1e-5, "the shares add up");
        }
        let twice = change(&[("coefficients.factor", "1")]);
        assert!(both.iter().zip(&twice).all(|(once, twice)| (2.0 * once - twice).abs() < 1e-5));
        let off: [&[(&str, &str)]; 2] =
            [&[("coefficients.spatial", "off"), ("coefficients.channel", "off")], &[("coefficients.factor", "0")]];
        assert!(off.into_iter().all(|off| change(off).iter().all(|change| *change == 0.0)));
    }

    #[test]
    fn probes_hold_a_number_a_place_and_a_stripe_a_channel() {
        let device = Device::flex();
        let maps = waves([[2, 2, 2, 3]; 2], &device);
        let mut probes = Probes::on();
        module(&device).forward([maps[0].clone(), maps[1].clone()], ALL, 3, &mut probes);
        let size = |name: &str| probes.maps()[name].map.dims();
        assert_eq!(size("coefficients.spatial.level3"), [2, 1, 2, 3]);
        assert_eq!(size("coefficients.channel.level3"), [2, 1, 1, 2]);
        let all = probes.maps().values().flat_map(|recorded| values(recorded.map.clone()));
        assert!(all.into_iter().all(|value| (0.0..=1.0).contains(&value)));
        assert!((0.0..=1.0).contains(&probes.facts()["coefficients.channel.level3.mean"]));
    }

    #[test]
    fn one_pixel_is_updated() {
        let device = Device::flex();
        are_finite(updated(&module(&device), &waves([[1, 2, 1, 1]; 2], &device), ALL), &[[1, 2, 1, 1]; 2]);
    }
}
