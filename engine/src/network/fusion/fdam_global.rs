//! Global alignment of two sensors' features into one map (AMDANet §3.2.2, Eqs. 10–11).

use burn::module::Module;
use burn::tensor::Tensor;

use crate::network::Probes;
use crate::network::layers::{Attention, AttentionShape, Conv, ConvShape, Init};
use crate::network::noise::Noise;
use crate::recipe::Recipe;

/// One unit a level that anything looks at.
#[derive(Module, Debug)]
pub struct FdamGlobal {
    per_level: Vec<Option<Unit>>,
}

/// Each sensor attends to itself, the visible one to the infrared one, and that one to what came out of it.
#[derive(Module, Debug)]
struct Unit {
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
    /// For two sensors whose levels have these widths, and are read; heads and reduction as [`AttentionShape::of_level`].
    pub fn new(widths: &[usize; 4], read: [bool; 4], init: &Init<'_>) -> Self {
        let unit = |(level, (&width, read)): (usize, (&usize, bool))| {
            let init = init.at(format_args!("level{}", level + 1));
            read.then(|| Unit::new(AttentionShape::of_level(level, width), &init))
        };
        Self { per_level: widths.iter().zip(read).enumerate().map(unit).collect() }
    }

    /// Whether it has a unit for a level.
    pub fn has(&self, level: usize) -> bool {
        self.per_level.get(level).is_some_and(Option::is_some)
    }

    /// Two maps `[batch, channels, h, w]`, visible first, to one of the same shape, their mean where a level has no unit:
    ///
    /// `e = W(Attn(x, x) + x)` of each; `c₁ = W(Attn(e₁, e₂) + e₁)`, `c₂ = W(Attn(e₂, c₁) + e₂)`; `F_m = W c₂`.
    ///
    /// Attention is softmax(QKᵀ / √d) V with d the width of a head, and dropout (`fusion.dropout`) on its weights: Eq. 10
    /// prints the dropout in the softmax's place and calls d the number of heads; AMDANet's code does as here, without dropout.
    ///
    /// Probes: `fdam.attention.levelN`, the weights that the asking place (`Probes::pixel`) of the visible map gives to the
    /// infrared map's patches, mean over the heads.
    pub fn forward(
        &self,
        level: usize,
        maps: [Tensor<4>; 2],
        recipe: &Recipe,
        noise: Noise,
        probes: &mut Probes,
    ) -> Tensor<4> {
        let [first, second] = maps;
        let Some(Some(unit)) = self.per_level.get(level) else { return (first + second) / 2.0 };
        let rate = recipe.number("fusion.dropout");
        let step = |step: &Step, name: &str, asking: &Tensor<4>, asked: &Tensor<4>| {
            let name = format!("fdam.level{}.{name}", level + 1);
            let gathered = step.attention.forward(asking.clone(), asked.clone(), (&name, rate), noise);
            step.projection.forward(gathered + asking.clone())
        };
        let first = step(&unit.salient_first, "salient.first", &first, &first);
        let second = step(&unit.salient_second, "salient.second", &second, &second);
        let across = step(&unit.across, "across", &first, &second);
        let [_, _, height, width] = across.dims();
        let pixel = probes.pixel();
        probes.record(&format!("fdam.attention.level{}", level + 1), || {
            let attention = &unit.across.attention;
            let weights = attention.weights(first.clone(), second.clone());
            row_of(weights, pixel, [height, width], attention.patches_of([height, width]))
        });
        let back = step(&unit.back, "back", &second, &across);
        unit.output.forward(back)
    }
}

impl Unit {
    fn new(shape: AttentionShape, init: &Init<'_>) -> Self {
        let AttentionShape { width, .. } = shape;
        let linear = |init: &Init<'_>| {
            Conv::with_deviation(ConvShape::pointwise(width, width).biased(), (width as f64).recip().sqrt(), init)
        };
        let step = |name: &str| {
            let init = init.at(name);
            Step { attention: Attention::new(shape, &init.at("attention")), projection: linear(&init.at("projection")) }
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

/// The weights `[batch, heads, h · w, patches]` that one place gives, as a map `[batch, 1, h′, w′]`; `pixel` is that place's row
/// and column as shares of the image.
fn row_of(weights: Tensor<4>, pixel: [f32; 2], [height, width]: [usize; 2], [rows, columns]: [usize; 2]) -> Tensor<4> {
    let place = |share: f32, side: usize| ((share.clamp(0.0, 1.0) * side as f32) as usize).min(side - 1);
    let at = place(pixel[0], height) * width + place(pixel[1], width);
    let [batch, ..] = weights.dims();
    weights.narrow(2, at, 1).mean_dim(1).reshape([batch, 1, rows, columns])
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{agrees_with, are_finite, drawn, drawn_maps, recipe, values, waves};
    use crate::random::Streams;

    /// Printed by `reference/amdanet.py`.
    const REFERENCE: &str = include_str!("../reference/amdanet.txt");

    /// A unit of which only one level's parameters are drawn, so that they are those of the script.
    fn only(shape: AttentionShape, device: &Device) -> FdamGlobal {
        FdamGlobal { per_level: vec![Some(drawn(Unit::new(shape, &Init::new(&Streams::new(1), device)), 0.8))] }
    }

    fn fused(unit: &FdamGlobal, maps: &[Tensor<4>], probes: &mut Probes) -> Vec<Tensor<4>> {
        vec![unit.forward(0, [maps[0].clone(), maps[1].clone()], &recipe(&[]), Noise::off(), probes)]
    }

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let cases = [
            ("global.reduced", AttentionShape { width: 4, heads: 2, reduction: 4 }, [5, 9]),
            ("global", AttentionShape { width: 8, heads: 8, reduction: 1 }, [1, 3]),
        ];
        for (name, shape, [height, width]) in cases {
            let unit = only(shape, &device);
            let maps = drawn_maps([[1, shape.width, height, width]; 2], &device);
            agrees_with(&unit, maps, |maps| fused(&unit, &maps, &mut Probes::off()), (REFERENCE, name));
        }
    }

    #[test]
    fn a_pixels_attention_is_a_map_that_sums_to_one() {
        let device = Device::flex();
        let unit = only(AttentionShape { width: 4, heads: 2, reduction: 4 }, &device);
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
        let widths = [24, 32, 48, 64];
        let unit = FdamGlobal::new(&widths, [true, true, false, true], &Init::new(&Streams::new(1), &device));
        for (level, width) in widths.into_iter().enumerate() {
            for size in [[1, 1], [3, 5], [15, 20]] {
                let shape = [1, width, size[0], size[1]];
                let [first, second] = <[Tensor<4>; 2]>::try_from(waves([shape; 2], &device)).unwrap();
                let map = unit.forward(level, [first, second], &recipe(&[]), Noise::off(), &mut Probes::off());
                are_finite(vec![map], &[shape]);
            }
        }
    }
}
