//! The decoder of a recipe, whatever its family.

use burn::module::Module;
use burn::tensor::Tensor;

use super::deeplab::DeepLab;
use super::mlp::Mlp;
use crate::network::contract::Mode;
use crate::network::layers::Init;
use crate::network::noise::Noise;
use crate::recipe::Recipe;

/// What turns the four levels of an encoder into a decoder map and class scores: one variant a family.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant, reason = "a network holds a handful; tensors are behind pointers anyway")]
pub enum Decoder {
    /// DeepLabV3+.
    DeepLab(DeepLab),
    /// SegFormer's all-MLP head.
    Mlp(Mlp),
}

impl Decoder {
    /// The family that `decoder.family` names, for levels of these widths.
    pub fn new(widths: [usize; 4], classes: usize, recipe: &Recipe, init: &Init<'_>) -> Self {
        match recipe.text("decoder.family") {
            "mlp" => Self::Mlp(Mlp::new(widths, classes, recipe, init)),
            _ => Self::DeepLab(DeepLab::new(widths, classes, recipe, init)),
        }
    }

    /// The four levels of a branch to its decoder map `[batch, width, ⌈height / 4⌉, ⌈width / 4⌉]`.
    pub fn forward(&self, levels: &[Tensor<4>], mode: Mode, noise: Noise) -> Tensor<4> {
        match self {
            Self::DeepLab(decoder) => decoder.forward(levels, mode),
            Self::Mlp(decoder) => decoder.forward(levels, mode, noise),
        }
    }

    /// The decoder map to class scores `[batch, classes, h, w]`, at its own size or larger.
    pub fn scores(&self, decoded: &Tensor<4>, _mode: Mode) -> Tensor<4> {
        match self {
            Self::DeepLab(decoder) => decoder.scores(decoded),
            Self::Mlp(decoder) => decoder.scores(decoded),
        }
    }

    /// Channels of the decoder map.
    pub fn width(&self) -> usize {
        match self {
            Self::DeepLab(decoder) => decoder.width(),
            Self::Mlp(decoder) => decoder.width(),
        }
    }
}
