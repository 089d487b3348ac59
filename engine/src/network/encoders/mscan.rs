//! SegNeXt's encoder, MSCAN (Guo et al., NeurIPS 2022): MSCAN-B, and a small one for demonstrations.

mod attention;
mod bank;
mod block;
mod feed_forward;

use burn::module::Module;
use burn::tensor::Tensor;

use self::block::{Drop, MscanBlock};
use super::copies::Copies;
use crate::kernels;
use crate::network::contract::Mode;
use crate::network::interaction::Between;
use crate::network::layers::{Activation, Bank, ConvBank, ConvShape, Init, LayerNorm, NormBank, NormFamily};
use crate::network::probes::Probes;
use crate::network::taps::TapSite;
use crate::recipe::catalogue::encoder::{self, Sharing};
use crate::recipe::catalogue::exchange::spatial::Site;

/// An MSCAN as plain numbers, a level each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MscanPlan {
    /// Channels.
    pub widths: [usize; 4],
    /// Blocks.
    pub depths: [usize; 4],
    /// By how much the channels grow inside the feed-forward networks.
    pub expansions: [usize; 4],
}

impl MscanPlan {
    /// Five small blocks, for demonstrations.
    pub const NANO: Self = Self { widths: [16, 32, 64, 96], depths: [1, 1, 2, 1], expansions: [4, 4, 2, 2] };
    /// MSCAN-B.
    pub const B: Self = Self { widths: [64, 128, 320, 512], depths: [3, 3, 12, 3], expansions: [8, 8, 4, 4] };
}

/// Four levels at strides 4, 8, 16 and 32.
#[derive(Module, Debug)]
pub struct Mscan {
    /// The first of the two strided convolutions before level 1.
    stem: ConvBank,
    stem_norm: NormBank,
    level1: Level,
    level2: Level,
    level3: Level,
    level4: Level,
    #[module(skip)]
    plan: MscanPlan,
}

/// A strided convolution, blocks, a norm.
#[derive(Module, Debug)]
struct Level {
    embedding: ConvBank,
    embedding_norm: NormBank,
    blocks: Vec<MscanBlock>,
    norm: Bank<LayerNorm>,
}

impl Mscan {
    /// For this many sensors. Sharing convolutions alone leaves each sensor its batch and layer norms.
    pub fn new(plan: MscanPlan, sharing: Sharing, sensors: usize, init: &Init<'_>) -> Self {
        let copies = sharing.copies(sensors);
        let half = plan.widths[0] / 2;
        let level = |index: usize| {
            let input = if index == 0 { half } else { plan.widths[index - 1] };
            Level::new(input, &plan, index, copies, &init.at(format_args!("level{}", index + 1)))
        };
        Self {
            stem: ConvBank::new(strided(3, half), copies.convolutions, &init.at("stem")),
            stem_norm: NormBank::new(half, copies.norms, NormFamily::TORCH, &init.at("stem_norm")),
            level1: level(0),
            level2: level(1),
            level3: level(2),
            level4: level(3),
            plan,
        }
    }

    /// What it was built from.
    pub fn plan(&self) -> MscanPlan {
        self.plan
    }

    /// One image a branch, `[batch, 3, height, width]`, to `levels[branch][level]`, after all interaction.
    ///
    /// Branch `i` uses the copies for sensor `branches[i]`.
    pub fn forward(
        &self,
        images: Vec<Tensor<4>>,
        branches: &[usize],
        mode: Mode,
        between: &mut Between<'_>,
        probes: &mut Probes,
    ) -> Vec<Vec<Tensor<4>>> {
        let mut levels: Vec<Vec<Tensor<4>>> = vec![Vec::with_capacity(4); images.len()];
        let last = self.plan.depths.iter().sum::<usize>().saturating_sub(1).max(1);
        let (noise, largest) = (between.noise(), between.recipe().get(encoder::DROP_PATH));
        let freezes = between.recipe().get(encoder::FREEZE_LAYER_SCALE);
        let stem = self.stem.forward(images, branches);
        let stem = self.stem_norm.forward(stem, branches, mode, Activation::None);
        let mut maps: Vec<_> = stem.into_iter().map(kernels::gelu).collect();
        let mut number = 0;
        for (index, level) in [&self.level1, &self.level2, &self.level3, &self.level4].into_iter().enumerate() {
            // The levels are stages 2 to 5 of encoders with a stem.
            maps = between.exchange().columns(index + 2, Site::Input, maps, probes);
            maps = level.embed(maps, branches, mode);
            maps = between.after_embedding(index, maps, probes);
            for (block, at) in level.blocks.iter().zip(0..) {
                // Deeper blocks are left out more often, in even steps.
                let rate = largest * number as f64 / last as f64;
                let name = format!("encoder.level{}.block{at}", index + 1);
                maps = block.forward(maps, branches, mode, &Drop { noise, rate, name, freezes });
                number += 1;
            }
            maps = maps.into_iter().zip(branches).map(|(map, &sensor)| level.norm.of(sensor).forward(map)).collect();
            between.before_exchange(index, || maps.clone());
            maps = between.exchange().columns(index + 2, Site::Output, maps, probes);
            maps = probes.tap(TapSite::Stage(index + 2), branches, maps);
            maps = between.after_level(index, maps, probes);
            for (levels, map) in levels.iter_mut().zip(&maps) {
                levels.push(map.clone());
            }
        }
        levels
    }
}

impl Level {
    fn new(input: usize, plan: &MscanPlan, index: usize, copies: Copies, init: &Init<'_>) -> Self {
        let (width, expansion) = (plan.widths[index], plan.expansions[index]);
        let block =
            |block: usize| MscanBlock::new(width, expansion * width, copies, &init.at(format_args!("block{block}")));
        Self {
            embedding: ConvBank::new(strided(input, width), copies.convolutions, &init.at("embedding")),
            embedding_norm: NormBank::new(width, copies.norms, NormFamily::TORCH, &init.at("embedding_norm")),
            blocks: (0..plan.depths[index]).map(block).collect(),
            norm: Bank::new(copies.norms, &init.at("norm"), |init| {
                LayerNorm::new(width, NormFamily::TORCH.epsilon, init)
            }),
        }
    }

    fn embed(&self, maps: Vec<Tensor<4>>, branches: &[usize], mode: Mode) -> Vec<Tensor<4>> {
        self.embedding_norm.forward(self.embedding.forward(maps, branches), branches, mode, Activation::None)
    }
}

/// A 3×3 convolution that halves the sides.
fn strided(input: usize, output: usize) -> ConvShape {
    ConvShape::square(input, output, 3).stride(2).biased()
}

#[cfg(test)]
mod tests;
