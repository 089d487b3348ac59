//! Global alignment of two sensors' features into one map (AMDANet §3.2.2, Eqs. 10–11).

use burn::module::Module;
use burn::tensor::Tensor;

use super::way::{Beside, Classifier, Fuse, Needs, Pass, Place};
use crate::network::layers::{Attention, AttentionShape, Conv, ConvShape, Init, LINEAR_DEVIATION};
use crate::network::probes::Probes;
use crate::recipe::catalogue::fusion::{self, Carrier, Start};

/// The unit of one level: each sensor attends to itself, the visible one to the infrared one, and that one to what came
/// out of it.
#[derive(Module, Debug)]
pub struct FdamGlobal {
    salient_first: Step,
    salient_second: Step,
    across: Step,
    back: Step,
    output: Conv,
}

/// `W(attention(x, z) + x)`.
#[derive(Module, Debug)]
struct Step {
    attention: Attention,
    projection: Conv,
}

impl FdamGlobal {
    /// For maps of the attention's width.
    fn of_shape(shape: AttentionShape, start: Start, init: &Init<'_>) -> Self {
        let AttentionShape { width, .. } = shape;
        let deviations = deviations(shape, start);
        let linear =
            |init: &Init<'_>| Conv::with_deviation(ConvShape::pointwise(width, width).biased(), deviations[0], init);
        let step = |name: &str| {
            let init = init.at(name);
            Step {
                attention: Attention::new(shape, deviations, &init.at("attention")),
                projection: linear(&init.at("projection")),
            }
        };
        Self {
            salient_first: step("salient_first"),
            salient_second: step("salient_second"),
            across: step("across"),
            back: step("back"),
            output: linear(&init.at("output")),
        }
    }
}

/// Of the weights of linear layers and of the convolution that reduces.
fn deviations(AttentionShape { width, reduction, .. }: AttentionShape, start: Start) -> [f64; 2] {
    // As many channels go in as come out.
    let fan = (width * reduction * reduction) as f64;
    match start {
        Start::Authors => [LINEAR_DEVIATION, (2.0 / fan).sqrt()],
        Start::FanIn => [(width as f64).recip().sqrt(), fan.recip().sqrt()],
    }
}

impl Fuse for FdamGlobal {
    const NEEDS: Needs = Needs { name: "fdam", two_sensors: true, learns: true, classifier: Classifier::Before };

    /// Heads as [`AttentionShape::of_level`], keys and values for as many places as the place says.
    fn new(place: Place, init: &Init<'_>) -> Self {
        let shape = AttentionShape::of_level(place.level.unwrap_or(0), place.channels);
        Self::of_shape(AttentionShape { reduction: place.reduction, ..shape }, place.start, init)
    }

    /// Two maps `[batch, channels, h, w]`, visible first, to one of the same shape:
    ///
    /// `e = W(Attn(x, x) + x)` of each; `c₁ = W(Attn(e₁, e₂) + e₁)`, `c₂ = W(Attn(e₂, c₁) + e₂)`; `F_m = W c₂`. So e₂
    /// is added unasked, place by place; with `fusion.carrier` first, e₁ is, and the two have changed parts.
    ///
    /// Attention is softmax(QKᵀ / √d) V with d the width of a head, and dropout (`fusion.dropout`) on its weights: Eq.
    /// 10 prints the dropout in the softmax's place and calls d the number of heads; AMDANet's code does as here,
    /// without dropout.
    ///
    /// Probes: `fdam.attention.levelN`, the weights that the asking place (`Probes::pixel`) of the map that asks first
    /// gives to the carrier's patches, mean over the heads.
    fn fuse(&self, maps: &[Tensor<4>], pass: Pass<'_>, probes: &mut Probes, _: &mut Beside) -> Option<Tensor<4>> {
        let (first, second) = (maps.first()?, maps.last()?);
        let (rate, place) = (pass.recipe.get(fusion::DROPOUT), pass.suffix());
        let step = |step: &Step, name: &str, asking: &Tensor<4>, asked: &Tensor<4>| {
            let name = format!("fdam{place}.{name}");
            let gathered = step.attention.forward(asking.clone(), asked.clone(), (&name, rate), pass.inputs.noise);
            step.projection.forward(gathered + asking.clone())
        };
        let first = step(&self.salient_first, "salient.first", first, first);
        let second = step(&self.salient_second, "salient.second", second, second);
        let (first, second) = match pass.recipe.get(fusion::CARRIER) {
            Carrier::Second => (first, second),
            Carrier::First => (second, first),
        };
        let across = step(&self.across, "across", &first, &second);
        let [_, _, height, width] = across.dims();
        let pixel = probes.pixel();
        probes.record(&format!("fdam.attention{place}"), || {
            let attention = &self.across.attention;
            let weights = attention.weights(first.clone(), second.clone());
            row_of(weights, pixel, [height, width], attention.patches_of([height, width]))
        });
        let back = step(&self.back, "back", &second, &across);
        Some(self.output.forward(back))
    }
}

/// The weights `[batch, heads, h · w, patches]` that one place gives, as a map `[batch, 1, h′, w′]`; `pixel` is that
/// place's row and column as shares of the image.
fn row_of(weights: Tensor<4>, pixel: [f32; 2], [height, width]: [usize; 2], [rows, columns]: [usize; 2]) -> Tensor<4> {
    let place = |share: f32, side: usize| ((share.clamp(0.0, 1.0) * side as f32) as usize).min(side - 1);
    let at = place(pixel[0], height) * width + place(pixel[1], width);
    let [batch, ..] = weights.dims();
    weights.narrow(2, at, 1).mean_dim(1).reshape([batch, 1, rows, columns])
}

#[cfg(test)]
mod tests {
    use burn::module::{ModuleVisitor, Param};
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{
        agrees_with, are_finite, drawn, drawn_maps, passing, passing_with, recipe, values, waves,
    };
    use crate::random::Streams;

    /// Printed by `reference/amdanet.py`.
    const REFERENCE: &str = include_str!("../reference/amdanet.txt");

    /// A unit whose parameters are drawn as the script's.
    fn unit(shape: AttentionShape, device: &Device) -> FdamGlobal {
        drawn(FdamGlobal::of_shape(shape, Start::FanIn, &Init::new(&Streams::new(1), device)), 0.8)
    }

    fn fused(unit: &FdamGlobal, maps: &[Tensor<4>], probes: &mut Probes) -> Vec<Tensor<4>> {
        passing(&[0, 1], Some(0), |pass| unit.fuse(maps, pass, probes, &mut Beside::default())).into_iter().collect()
    }

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let cases = [
            ("global.reduced", AttentionShape { width: 4, heads: 2, reduction: 4 }, [5, 9]),
            ("global", AttentionShape { width: 8, heads: 8, reduction: 1 }, [1, 3]),
        ];
        for (name, shape, [height, width]) in cases {
            let unit = unit(shape, &device);
            let maps = drawn_maps([[1, shape.width, height, width]; 2], &device);
            agrees_with(&unit, maps, |maps| fused(&unit, &maps, &mut Probes::off()), (REFERENCE, name));
        }
    }

    /// With the attentions' values at 0 every step passes on what asks, and only the carrier's features come out.
    #[test]
    fn the_carrier_s_features_pass_unasked() {
        let device = Device::flex();
        let mut unit = unit(AttentionShape { width: 4, heads: 2, reduction: 2 }, &device);
        for step in [&mut unit.salient_first, &mut unit.salient_second, &mut unit.across, &mut unit.back] {
            step.attention.silence();
        }
        let [first, second, other] = drawn_maps([[1, 4, 4, 6]; 3], &device).try_into().unwrap();
        let fused = |carrier: &str, maps: [&Tensor<4>; 2]| {
            let recipe = recipe(&[("fusion.carrier", carrier)]);
            let passed = passing_with(&recipe, &[0, 1], Some(0), |pass| {
                unit.fuse(&maps.map(Tensor::clone), pass, &mut Probes::off(), &mut Beside::default())
            });
            values(passed.unwrap())
        };
        for (carrier, follows_first) in [("first", true), ("second", false)] {
            let usual = fused(carrier, [&first, &second]);
            assert_eq!(fused(carrier, [&other, &second]) != usual, follows_first, "{carrier}");
            assert_eq!(fused(carrier, [&first, &other]) != usual, !follows_first, "{carrier}");
        }
    }

    /// The weights of every convolution.
    fn all_of(unit: &FdamGlobal) -> Vec<Tensor<4>> {
        struct Found(Vec<Tensor<4>>);
        impl ModuleVisitor for Found {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if D == 4 {
                    self.0.push(param.val().reshape(<[usize; 4]>::try_from(param.dims().to_vec()).unwrap()));
                }
            }
        }
        let mut found = Found(Vec::new());
        unit.visit(&mut found);
        found.0
    }

    #[test]
    fn weights_begin_as_the_authors_or_by_fan_in() {
        let device = Device::flex();
        let shape = AttentionShape { width: 64, heads: 2, reduction: 2 };
        for (start, linear, reduce) in [(Start::Authors, 0.02, (2.0 / 256.0_f64).sqrt()), (Start::FanIn, 0.125, 0.0625)]
        {
            let unit = FdamGlobal::of_shape(shape, start, &Init::new(&Streams::new(1), &device));
            let (linears, reduces) = all_of(&unit).into_iter().partition::<Vec<_>, _>(|weights| weights.dims()[2] == 1);
            assert_eq!([linears.len(), reduces.len()], [4 * 4 + 1, 4]);
            for (weights, expected) in
                linears.into_iter().map(|w| (w, linear)).chain(reduces.into_iter().map(|w| (w, reduce)))
            {
                let weights = values(weights);
                let deviation = (weights.iter().map(|x| f64::from(x * x)).sum::<f64>() / weights.len() as f64).sqrt();
                assert!((deviation / expected - 1.0).abs() < 0.05, "{start:?}: {deviation}, expected {expected}");
            }
        }
    }

    #[test]
    fn a_pixels_attention_is_a_map_that_sums_to_one() {
        let device = Device::flex();
        let unit = unit(AttentionShape { width: 4, heads: 2, reduction: 4 }, &device);
        let maps = drawn_maps([[1, 4, 8, 12]; 2], &device);
        let row = |pixel| {
            let mut probes = Probes::on().at_pixel(pixel);
            fused(&unit, &maps, &mut probes);
            probes.maps()["fdam.attention.level1"].map.clone()
        };
        let centre = row([0.5, 0.5]);
        assert_eq!(centre.dims(), [1, 1, 2, 3]);
        assert!((values(centre.clone()).iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert_ne!(values(centre), values(row([0.0, 1.0])));
    }

    #[test]
    fn every_level_fuses_whatever_its_size() {
        let device = Device::flex();
        for (level, channels) in [24, 32, 48, 64].into_iter().enumerate() {
            let place =
                Place { channels, sensors: 2, level: Some(level), reduction: 8 >> level, start: Start::Authors };
            let unit = FdamGlobal::new(place, &Init::new(&Streams::new(1), &device));
            for size in [[1, 1], [3, 5], [15, 20]] {
                let shape = [1, channels, size[0], size[1]];
                are_finite(fused(&unit, &waves([shape; 2], &device), &mut Probes::off()), &[shape]);
            }
        }
    }
}
