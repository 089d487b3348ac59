//! The projection head of pixel contrast (OGP-Net Eq. 4).

use burn::module::Module;
use burn::tensor::Tensor;

use super::unit::Unit;
use crate::network::contract::Mode;
use crate::network::encoders::Encoder;
use crate::network::layers::{Conv, ConvShape, Init, resize_bilinear};
use crate::recipe::Recipe;
use crate::recipe::catalogue::objective;

/// While this is watched, the head works in inference, too.
pub const PROJECTION: &str = "contrast.projection";

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
    /// For an encoder whose stages have these widths; it has all that are contrasted.
    pub fn new(widths: &[usize], recipe: &Recipe, init: &Init<'_>) -> Self {
        let width = recipe.get(objective::contrast::WIDTH);
        let mut stages = recipe.get(objective::contrast::STAGES);
        stages.sort_unstable();
        let joined = match recipe.get(objective::contrast::PROJECTION) {
            objective::contrast::Projection::Adapters => false,
            objective::contrast::Projection::Concat => true,
        };
        let channels = |stage: usize| Encoder::stage(widths, stage).copied().unwrap_or_default();
        let adapter = |&stage: &usize| {
            let shape = ConvShape::pointwise(channels(stage), width).biased();
            Conv::new(shape, &init.at(format_args!("adapter{stage}")))
        };
        let input = if joined { stages.iter().map(|&stage| channels(stage)).sum() } else { width };
        Self {
            adapters: if joined { Vec::new() } else { stages.iter().map(adapter).collect() },
            hidden: Unit::plain(ConvShape::pointwise(input, width), &init.at("hidden")),
            output: Conv::new(ConvShape::pointwise(width, width).biased(), &init.at("output")),
            stages,
        }
    }

    /// `stages[branch][stage]` to unit-length embeddings `[stage][branch]`; a single "stage" at an eighth of the input
    /// where stages are joined.
    pub fn forward(&self, stages: &[Vec<Tensor<4>>], mode: Mode) -> Vec<Vec<Tensor<4>>> {
        if self.adapters.is_empty() {
            let joined = |maps: &Vec<Tensor<4>>| {
                let [_, _, height, width] = Encoder::levels(maps)[1].dims();
                let contrasted = self.stages.iter().filter_map(|&stage| Encoder::stage(maps, stage));
                Tensor::cat(contrasted.map(|map| resize_bilinear(map.clone(), [height, width])).collect(), 1)
            };
            return vec![self.embed(stages.iter().map(joined).collect(), mode)];
        }
        let embed = |(&stage, adapter): (&usize, &Conv)| {
            let contrasted = stages.iter().filter_map(|maps| Encoder::stage(maps, stage));
            self.embed(contrasted.map(|map| adapter.forward(map.clone())).collect(), mode)
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
    use crate::network::testing::{Reference, agrees, are_finite, recipe, values, wave, waved, waves};
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
            let projection = Projection::new(&widths, &recipe, &Init::new(&streams, &device));
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

    fn waved_projection(device: &Device) -> Projection {
        let changes = [("objective.contrast.stages", "2,5"), ("objective.contrast.width", "8")];
        let recipe = recipe(&[changes[0], changes[1], ("objective.contrast.projection", "adapters")]);
        waved(Projection::new(&[1, 2, 1, 1, 3], &recipe, &Init::new(&Streams::new(1), device)), 1.0)
    }

    /// Stages 2 and 5 of two sensors to all embeddings.
    fn embeddings(projection: &Projection, maps: &[Tensor<4>], mode: Mode) -> Vec<Tensor<4>> {
        let sensor = |maps: &[Tensor<4>]| {
            let [second, fifth] = [&maps[0], &maps[1]];
            [second, second, second, second, fifth].map(Tensor::clone).to_vec()
        };
        projection.forward(&[sensor(&maps[..2]), sensor(&maps[2..])], mode).into_iter().flatten().collect()
    }

    /// Constants printed by `reference/parts.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let projection = waved_projection(&device);
        let reference = Reference {
            outputs: &[
                0.348073, 0.278018, 0.462586, 0.445710, 0.370966, 0.415958, 0.112512, 0.198940, -0.198439, -0.110843,
                -0.423049, -0.375624, -0.459950, -0.475597, -0.291003, -0.363151, -0.517431, 0.250808, -0.353628,
                0.430083, -0.018229, 0.421461, 0.322630, 0.222568, 0.501642, -0.083051, 0.432156, -0.360736, 0.150037,
                -0.483970, -0.204636, -0.392052, 0.130957, -0.513736, 0.352129, -0.333164, 0.430092, 0.012264,
                0.311857, 0.348947, 0.033982, 0.508733, -0.286074, 0.412404, -0.499253, 0.108762, -0.494344, -0.249897,
                0.294159, 0.343693, 0.451731, 0.462115, 0.408531, 0.374619, 0.181532, 0.118648, -0.129593, -0.192579,
                -0.386167, -0.420101, -0.472298, -0.461243, -0.347237, -0.295959,
            ],
            inputs: &[
                -0.065883, 0.008424, 0.054139, -0.003090, 0.071745, -0.054626, -0.576671, 0.437845, -0.953870,
                0.724391, -0.126625, 0.184084, 0.106031, -0.157080, -0.009452, -0.007667, 0.079809, 0.059017, 0.131534,
                0.097945,
            ],
            parameters: &[-0.243261, -0.000009, 1.02666, 0.0, 0.003332, -0.494003, 1.19888, 1.35075, -0.068210],
        };
        let maps = waves([[1, 2, 1, 2], [1, 3, 1, 2], [1, 2, 1, 2], [1, 3, 1, 2]], &device);
        agrees(&projection, maps, |maps| embeddings(&projection, &maps, Mode::Train), &reference);
    }

    #[test]
    fn one_pixel_and_one_of_zeros_have_finite_embeddings() {
        let device = Device::flex();
        let pixels = waves([[1, 2, 1, 1], [1, 3, 1, 1], [1, 2, 1, 1], [1, 3, 1, 1]], &device);
        let zeros: Vec<_> = pixels.iter().map(Tensor::zeros_like).collect();
        for mode in [Mode::Train, Mode::Infer] {
            for pixels in [&pixels, &zeros] {
                are_finite(embeddings(&waved_projection(&device), pixels, mode), &[[1, 8, 1, 1]; 4]);
            }
        }
    }
}
