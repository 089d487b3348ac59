//! A learned soft weighting: the plain yardstick of fusion, which weighs sensors place by place.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::way::{Beside, Classifier, Fuse, Needs, Pass, Place};
use crate::network::layers::{Conv, ConvShape, Init};
use crate::network::probes::{Probes, Range};

/// `Σ w_m ⊙ F_m` with `w = softmax over the present sensors m of (V_m F_m)`, each `V_m` a 1×1 convolution with bias to
/// one channel: as Chen et al. weigh scales ("Attention to Scale", CVPR 2016, Eqs. 1 and 2), with a convolution a
/// sensor on that sensor's own map.
#[derive(Module, Debug)]
pub struct Weighted {
    /// One a sensor of the network, present or not.
    scorers: Vec<Conv>,
}

impl Fuse for Weighted {
    const NEEDS: Needs = Needs { name: "weighted", two_sensors: false, learns: true, classifier: Classifier::Own };

    fn new(place: Place, init: &Init<'_>) -> Self {
        let Place { channels, sensors, .. } = place;
        let scorer = |sensor| {
            let shape = ConvShape::pointwise(channels, 1).biased();
            Conv::with_deviation(shape, (channels as f64).recip().sqrt(), &init.at("scorers").copy(sensor))
        };
        Self { scorers: (0..sensors).map(scorer).collect() }
    }

    /// A sensor alone weighs exactly 1.
    ///
    /// Probes: `weighted.weights.SENSOR`, of levels `weighted.weights.levelN.SENSOR`, each sensor's weight at every
    /// place.
    fn fuse(&self, maps: &[Tensor<4>], pass: Pass<'_>, probes: &mut Probes, _: &mut Beside) -> Option<Tensor<4>> {
        if maps.is_empty() {
            return None;
        }
        let score = |(&sensor, map): (&usize, &Tensor<4>)| self.scorers[sensor].forward(map.clone());
        let scores = pass.branches.iter().zip(maps).map(score).collect();
        let weights = activation::softmax(Tensor::cat(scores, 1), 1);
        let weight = |sensor: usize| weights.clone().narrow(1, sensor, 1);
        for (index, sensor) in pass.names().enumerate() {
            let name = format!("weighted.weights{}.{sensor}", pass.suffix());
            probes.record_scalar(&name, Range::plain(0.0, 1.0), || weight(index));
        }
        maps.iter().enumerate().map(|(index, map)| map.clone() * weight(index)).reduce(|sum, map| sum + map)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::fusion::Fusion;
    use crate::network::testing::{
        Reference, agrees, are_finite, assert_close, fused, fusion, inputs, network, recipe, values, waved, waves,
    };
    use crate::network::{FUSED, Mode};
    use crate::recipe::catalogue::fusion::{Kind, Level};

    /// Weighted fusion of four sensors' maps of two channels, with two classes.
    fn weighted(level: Level, device: &Device) -> Fusion {
        waved(fusion(Kind::Weighted, level, 2, device), 1.0)
    }

    /// Constants printed by `reference/weighted.py`.
    #[test]
    fn values_and_gradients_equal_those_of_differences_in_64_bits() {
        let device = Device::flex().autodiff();
        let unit = weighted(Level::Decoder, &device);
        let reference = Reference {
            outputs: &[-1.244_976, -1.278_011, -0.975_920, 0.276_786, -0.086_383, -0.416_045],
            inputs: &[
                -0.080_723, -0.715_169, -0.912_720, 0.354_777, -0.467_810, -0.935_594, -0.031_983, -0.119_861,
                -0.195_906, 0.067_300, -0.086_444, -0.300_425, 0.014_250, -0.177_725, -0.219_657, 0.073_761,
                -0.164_622, -0.244_770,
            ],
            parameters: &[-0.023_653, -0.192_326, -0.152_906, 0.084_177, -0.117_250, 0.108_149, 0.360_986, 1.303_282],
        };
        let scores = |maps: Vec<Tensor<4>>| vec![fused(&unit, &maps, &[0, 2, 3], None, &mut Probes::off())];
        agrees(&unit, waves([[1, 2, 1, 3]; 3], &device), scores, &reference);
    }

    #[test]
    fn weights_sum_to_one_over_the_present_sensors_in_the_proportion_they_have_among_all() {
        let device = Device::flex();
        let unit = weighted(Level::Logits, &device);
        let maps = waves([[1, 2, 2, 3]; 4], &device);
        let weights = |branches: &[usize]| {
            let maps: Vec<_> = branches.iter().map(|&sensor| maps[sensor].clone()).collect();
            let mut probes = Probes::on();
            fused(&unit, &maps, branches, None, &mut probes);
            let of = |&sensor: &usize| {
                let sensor = ["colour", "thermal", "depth", "event"][sensor];
                values(probes.maps()[&format!("weighted.weights.{sensor}")].map.clone())
            };
            branches.iter().map(of).collect::<Vec<_>>()
        };
        let all = weights(&[0, 1, 2, 3]);
        let some = weights(&[1, 3]);
        for place in 0..6 {
            assert!((all.iter().map(|weights| weights[place]).sum::<f32>() - 1.0).abs() < 1e-6);
            let share = all[1][place] / (all[1][place] + all[3][place]);
            assert_close(&[some[0][place], some[1][place]], &[share, 1.0 - share], 1e-5);
        }
        assert_ne!(all[0][0], all[0][1], "each place has weights of its own");
        for (sensor, map) in maps.iter().enumerate() {
            let alone = fused(&unit, std::slice::from_ref(map), &[sensor], None, &mut Probes::off());
            assert_eq!(values(alone), values(map.clone()), "a sensor alone weighs exactly 1");
            assert!(weights(&[sensor])[0].iter().all(|&weight| weight == 1.0));
        }
    }

    #[test]
    fn any_number_of_sensors_is_fused_at_every_site_and_shows_its_weights() {
        let device = Device::flex();
        for (level, count) in ["logits", "decoder", "levels"].into_iter().flat_map(|level| [(level, 2), (level, 4)]) {
            let recipe = recipe(&[("fusion.kind", "weighted"), ("fusion.level", level), ("exchange.spatial", "off")]);
            recipe.check().unwrap();
            let net = network(&recipe, count, &device);
            for present in [vec![true; count], (0..count).map(|sensor| sensor == 1).collect()] {
                let mut probes = Probes::on();
                let output = net.forward(&inputs(&present, [32, 48], &device), &recipe, Mode::Train, &mut probes);
                are_finite(vec![output.head(FUSED).unwrap().clone()], &[[2, 4, 32, 48]]);
                let place = if level == "levels" { ".level4" } else { "" };
                for (sensor, present) in ["colour", "thermal"].into_iter().zip(present) {
                    let name = format!("weighted.weights{place}.{sensor}");
                    assert_eq!(probes.maps().contains_key(&name), present, "{name}");
                    assert!(crate::recipe::component("fusion").unwrap().offers(&name));
                }
            }
        }
    }
}
