//! The decoder of a recipe, whatever its family.

use burn::module::Module;
use burn::tensor::Tensor;

use super::deeplab::DeepLab;
use super::deeplab_v3::DeepLabV3;
use super::hamburger::Hamburger;
use super::mlp::Mlp;
use super::rtfnet::RtfNet;
use crate::network::layers::{Init, Statistics};
use crate::network::noise::Noise;
use crate::recipe::Recipe;
use crate::recipe::catalogue::decoder::{self, Family};

/// What turns the four levels of an encoder into a decoder map and class scores: one variant a family.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant, reason = "a network holds a handful; tensors are behind pointers anyway")]
pub enum Decoder {
    /// DeepLabV3+.
    DeepLab(DeepLab),
    /// SegFormer's all-MLP head.
    Mlp(Mlp),
    /// DeepLabV3.
    DeepLabV3(DeepLabV3),
    /// The light Hamburger head.
    Hamburger(Hamburger),
    /// RTFNet's decoder.
    RtfNet(RtfNet),
}

impl Decoder {
    /// The family that `decoder.family` names, for levels of these widths.
    pub fn new(widths: [usize; 4], classes: usize, recipe: &Recipe, init: &Init<'_>) -> Self {
        match recipe.get(decoder::FAMILY) {
            Family::DeepLab => Self::DeepLab(DeepLab::new(widths, classes, recipe, init)),
            Family::Mlp => Self::Mlp(Mlp::new(widths, classes, recipe, init)),
            Family::DeepLabV3 => Self::DeepLabV3(DeepLabV3::new(widths, classes, recipe, init)),
            Family::Hamburger => Self::Hamburger(Hamburger::new(widths, classes, recipe, init)),
            Family::RtfNet => Self::RtfNet(RtfNet::new(widths, classes, recipe, init)),
        }
    }

    /// Which of the four levels the recipe's decoder looks at.
    pub fn reads(recipe: &Recipe) -> [bool; 4] {
        match recipe.get(decoder::FAMILY) {
            Family::DeepLab => [true, false, false, true],
            Family::Mlp | Family::RtfNet => [true; 4],
            Family::DeepLabV3 => [false, false, false, true],
            Family::Hamburger => [false, true, true, true],
        }
    }

    /// The four levels of a branch to its decoder map `[batch, width, h, w]`: a quarter of the input's size, of
    /// Hamburger an eighth, of DeepLabV3 the last level's.
    pub fn forward(&self, levels: &[Tensor<4>], statistics: impl Into<Statistics>, noise: Noise) -> Tensor<4> {
        let statistics = statistics.into();
        match self {
            Self::DeepLab(decoder) => decoder.forward(levels, statistics),
            Self::Mlp(decoder) => decoder.forward(levels, statistics, noise),
            Self::DeepLabV3(decoder) => decoder.forward(levels, statistics),
            Self::Hamburger(decoder) => decoder.forward(levels, statistics.mode, noise),
            Self::RtfNet(decoder) => decoder.forward(levels, statistics),
        }
    }

    /// The decoder map to class scores `[batch, classes, h, w]`, at its own size or larger.
    pub fn scores(&self, decoded: &Tensor<4>, statistics: impl Into<Statistics>) -> Tensor<4> {
        match self {
            Self::DeepLab(decoder) => decoder.scores(decoded),
            Self::Mlp(decoder) => decoder.scores(decoded),
            Self::DeepLabV3(decoder) => decoder.scores(decoded),
            Self::Hamburger(decoder) => decoder.scores(decoded),
            Self::RtfNet(decoder) => decoder.scores(decoded, statistics),
        }
    }

    /// Channels of the decoder map.
    pub fn width(&self) -> usize {
        match self {
            Self::DeepLab(decoder) => decoder.width(),
            Self::Mlp(decoder) => decoder.width(),
            Self::DeepLabV3(decoder) => decoder.width(),
            Self::Hamburger(decoder) => decoder.width(),
            Self::RtfNet(decoder) => decoder.width(),
        }
    }
}
