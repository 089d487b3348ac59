//! The projection head of pixel contrast (OGP-Net Eq. 4).

use burn::module::Module;
use burn::tensor::Tensor;

use super::unit::Unit;
use crate::network::contract::Mode;
use crate::network::layers::{Conv, ConvShape, Init, resize_bilinear};
use crate::recipe::Recipe;

/// 1×1 convolution, norm, ReLU, 1×1 convolution, then unit length: shared by all stages and sensors.
#[derive(Module, Debug)]
pub struct Projection {
    adapters: Vec<Conv>,
    hidden: Unit,
    output: Conv,
    #[module(skip)]
    stages: Vec<usize>,
}

impl Projection {
    /// For an encoder with these stage widths.
    pub fn new(widths: [usize; 5], recipe: &Recipe, init: &Init<'_>) -> Self {
        let width = recipe.integer("objective.contrast.width");
        let mut stages = recipe.integers("objective.contrast.stages");
        stages.sort_unstable();
        let joined = recipe.text("objective.contrast.projection") == "concat";
        let adapter = |&stage: &usize| {
            let shape = ConvShape::pointwise(widths[stage - 1], width).biased();
            Conv::new(shape, &init.at(format_args!("adapter{stage}")))
        };
        let input = if joined { stages.iter().map(|stage| widths[stage - 1]).sum() } else { width };
        Self {
            adapters: if joined { Vec::new() } else { stages.iter().map(adapter).collect() },
            hidden: Unit::plain(ConvShape::pointwise(input, width), &init.at("hidden")),
            output: Conv::new(ConvShape::pointwise(width, width).biased(), &init.at("output")),
            stages,
        }
    }

    /// `stages[branch][stage]` to unit-length embeddings `[stage][branch]`; a single "stage" at an eighth of the input where
    /// stages are joined.
    pub fn forward(&self, stages: &[Vec<Tensor<4>>], mode: Mode) -> Vec<Vec<Tensor<4>>> {
        if self.adapters.is_empty() {
            let joined = |maps: &Vec<Tensor<4>>| {
                let [_, _, height, width] = maps[2].dims();
                let resized = |&stage: &usize| resize_bilinear(maps[stage - 1].clone(), [height, width]);
                Tensor::cat(self.stages.iter().map(resized).collect(), 1)
            };
            return vec![self.embed(stages.iter().map(joined).collect(), mode)];
        }
        let embed = |(&stage, adapter): (&usize, &Conv)| {
            self.embed(stages.iter().map(|maps| adapter.forward(maps[stage - 1].clone())).collect(), mode)
        };
        self.stages.iter().zip(&self.adapters).map(embed).collect()
    }

    /// All sensors' maps of a stage go through the head together, so its norm sees them as one pool.
    fn embed(&self, maps: Vec<Tensor<4>>, mode: Mode) -> Vec<Tensor<4>> {
        let [batch, ..] = maps[0].dims();
        let count = maps.len();
        let raw = self.output.forward(self.hidden.forward(Tensor::cat(maps, 0), mode));
        let length = (raw.clone() * raw.clone()).sum_dim(1).clamp_min(1e-12).sqrt();
        let unit = raw / length;
        (0..count).map(|index| unit.clone().narrow(0, index * batch, batch)).collect()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{recipe, values, wave};
    use crate::random::Streams;

    #[test]
    fn embeddings_have_unit_length_and_the_sizes_of_their_stages() {
        let device = Device::flex();
        let widths = [4, 5, 6, 7, 8];
        let sides = [16, 8, 4, 2, 2];
        let maps = |offset| {
            let sizes = widths.iter().zip(sides);
            sizes.map(|(&width, side)| wave([2, width, side, side], offset, &device)).collect::<Vec<Tensor<4>>>()
        };
        let stages = [maps(0.0), maps(1.0)];
        for (kind, expected) in [("adapters", vec![8, 2]), ("concat", vec![4])] {
            let recipe = recipe(&[
                ("objective.contrast.stages", "5,2"),
                ("objective.contrast.width", "12"),
                ("objective.contrast.projection", kind),
            ]);
            let streams = Streams::new(1);
            let projection = Projection::new(widths, &recipe, &Init::new(&streams, &device));
            let embeddings = projection.forward(&stages, Mode::Train);
            assert_eq!(embeddings.len(), expected.len());
            for (of_stage, side) in embeddings.iter().zip(expected) {
                for map in of_stage {
                    assert_eq!(map.dims(), [2, 12, side, side]);
                    let lengths = values((map.clone() * map.clone()).sum_dim(1));
                    assert!(lengths.iter().all(|length| (length - 1.0).abs() < 1e-4), "{lengths:?}");
                }
            }
        }
    }
}
