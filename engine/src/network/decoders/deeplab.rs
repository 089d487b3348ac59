//! The DeepLabV3+ decoder.

use burn::module::Module;
use burn::tensor::Tensor;

use super::aspp::Pyramid;
use super::unit::Unit;
use crate::network::contract::Mode;
use crate::network::layers::{Conv, ConvShape, Init, resize_bilinear};
use crate::recipe::Recipe;

/// Pyramid on stage 5, joined with stage 2 at a quarter of the input, and a 1×1 classifier.
///
/// As segmentation-models-pytorch builds it, with two differences: resizing does not align corners, and the pyramid's
/// projection has no dropout (the paper mentions none).
#[derive(Module, Debug)]
pub struct Decoder {
    pyramid: Pyramid,
    refine: Unit,
    skip: Unit,
    join: Unit,
    head: Conv,
}

impl Decoder {
    /// For an encoder with these stage widths.
    pub fn new(stages: [usize; 5], classes: usize, recipe: &Recipe, init: &Init<'_>) -> Self {
        let channels = recipe.integer("decoder.channels");
        let skip = recipe.integer("decoder.skip_channels");
        let head = ConvShape::pointwise(channels, classes).biased();
        Self {
            pyramid: Pyramid::new(stages[4], channels, &recipe.integers("decoder.rates"), &init.at("pyramid")),
            refine: Unit::separable(channels, channels, 1, &init.at("refine")),
            skip: Unit::plain(ConvShape::pointwise(stages[1], skip), &init.at("skip")),
            join: Unit::separable(channels + skip, channels, 1, &init.at("join")),
            head: Conv::with_deviation(head, (channels as f64).recip().sqrt(), &init.at("head")),
        }
    }

    /// The five stages of a branch to its decoder map `[batch, channels, ⌈height / 4⌉, ⌈width / 4⌉]`.
    pub fn forward(&self, stages: &[Tensor<4>], mode: Mode) -> Tensor<4> {
        let deep = self.refine.forward(self.pyramid.forward(stages[4].clone(), mode), mode);
        let [_, _, height, width] = stages[1].dims();
        let skip = self.skip.forward(stages[1].clone(), mode);
        self.join.forward(Tensor::cat(vec![resize_bilinear(deep, [height, width]), skip], 1), mode)
    }

    /// The decoder map to class scores at its own size.
    pub fn scores(&self, decoded: &Tensor<4>) -> Tensor<4> {
        self.head.forward(decoded.clone())
    }
}
