//! SegFormer's encoders, Mix Transformers (Xie et al., NeurIPS 2021): MiT-B0, B2 and B4, and a small one for
//! demonstrations.
//!
//! Everything stays a map `[batch, channels, height, width]`: a token is a place of it. So linear layers are pointwise
//! convolutions, and nothing is ever transposed.

mod attention;
mod block;
mod feed_forward;
mod shape;

use burn::module::Module;
use burn::tensor::Tensor;

use self::block::{Drop, MitBlock};
use self::shape::{EPSILON, Shape, TORCH_EPSILON};
use super::copies::Copies;
use crate::network::interaction::Between;
use crate::network::layers::{Bank, Conv, ConvShape, Init, LayerNorm, Padding};
use crate::network::probes::Probes;
use crate::network::taps::TapSite;
use crate::recipe::catalogue::encoder::{self, Sharing};
use crate::recipe::catalogue::exchange::spatial::Site;

/// A Mix Transformer as plain numbers, a level each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MitPlan {
    /// Channels.
    pub widths: [usize; 4],
    /// Blocks.
    pub depths: [usize; 4],
    /// Heads of the attention.
    pub heads: [usize; 4],
    /// By how much keys and values are thinned out along each side.
    pub reductions: [usize; 4],
}

impl MitPlan {
    /// One small block a level, for demonstrations.
    pub const NANO: Self = Self { heads: [1, 2, 4, 8], ..Self::published([16, 32, 64, 128], [1, 1, 1, 1]) };
    /// MiT-B0.
    pub const B0: Self = Self::published([32, 64, 160, 256], [2, 2, 2, 2]);
    /// MiT-B2.
    pub const B2: Self = Self::published([64, 128, 320, 512], [3, 4, 6, 3]);
    /// MiT-B4.
    pub const B4: Self = Self::published([64, 128, 320, 512], [3, 8, 27, 3]);

    const fn published(widths: [usize; 4], depths: [usize; 4]) -> Self {
        Self { widths, depths, heads: [1, 2, 5, 8], reductions: [8, 4, 2, 1] }
    }
}

/// Four levels at strides 4, 8, 16 and 32.
#[derive(Module, Debug)]
pub struct Mit {
    level1: Level,
    level2: Level,
    level3: Level,
    level4: Level,
    #[module(skip)]
    plan: MitPlan,
}

/// Overlapping patches, blocks, a norm.
#[derive(Module, Debug)]
struct Level {
    embedding: Bank<Conv>,
    embedding_norm: Bank<LayerNorm>,
    blocks: Vec<MitBlock>,
    norm: Bank<LayerNorm>,
}

impl Mit {
    /// For this many sensors. Sharing convolutions alone shares the linear layers too; layer norms are then one a
    /// sensor.
    pub fn new(plan: MitPlan, sharing: Sharing, sensors: usize, init: &Init<'_>) -> Self {
        let copies = sharing.copies(sensors);
        let level = |index: usize| Level::new(&plan, index, copies, &init.at(format_args!("level{}", index + 1)));
        Self { level1: level(0), level2: level(1), level3: level(2), level4: level(3), plan }
    }

    /// What it was built from.
    pub fn plan(&self) -> MitPlan {
        self.plan
    }

    /// One image a branch, `[batch, 3, height, width]`, to `levels[branch][level]`, after all interaction.
    ///
    /// Branch `i` uses the copies for sensor `branches[i]`.
    pub fn forward(
        &self,
        images: Vec<Tensor<4>>,
        branches: &[usize],
        between: &mut Between<'_>,
        probes: &mut Probes,
    ) -> Vec<Vec<Tensor<4>>> {
        let mut levels: Vec<Vec<Tensor<4>>> = vec![Vec::with_capacity(4); images.len()];
        let blocks: usize = self.plan.depths.iter().sum();
        let (noise, largest) = (between.noise(), between.recipe().get(encoder::DROP_PATH));
        let mut maps = images;
        let mut first = 0;
        for (index, level) in [&self.level1, &self.level2, &self.level3, &self.level4].into_iter().enumerate() {
            // The levels are stages 2 to 5 of encoders with a stem.
            maps = between.exchange().columns(index + 2, Site::Input, maps, probes);
            maps = each(maps, branches, |map, sensor| level.embed(map, sensor));
            maps = between.after_embedding(index, maps, probes);
            for (number, block) in level.blocks.iter().enumerate() {
                // Deeper blocks are left out more often, in even steps.
                let rate = largest * (first + number) as f64 / blocks.saturating_sub(1).max(1) as f64;
                let drop = Drop { noise, rate };
                let name = format!("encoder.level{}.block{number}", index + 1);
                maps = each(maps, branches, |map, sensor| block.forward(map, sensor, drop, &name));
            }
            first += level.blocks.len();
            maps = each(maps, branches, |map, sensor| level.norm.of(sensor).forward(map));
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
    fn new(plan: &MitPlan, index: usize, copies: Copies, init: &Init<'_>) -> Self {
        let width = plan.widths[index];
        let patches = match index {
            0 => ConvShape::square(3, width, 7).stride(4),
            _ => ConvShape::square(plan.widths[index - 1], width, 3).stride(2),
        };
        let shape = Shape { width, heads: plan.heads[index], reduction: plan.reductions[index] };
        let norm =
            |name: &str, epsilon| Bank::new(copies.norms, &init.at(name), |init| LayerNorm::new(width, epsilon, init));
        Self {
            embedding: Bank::new(copies.convolutions, &init.at("embedding"), |init| {
                Conv::new(patches.padding(Padding::Half).biased(), init)
            }),
            embedding_norm: norm("embedding_norm", TORCH_EPSILON),
            blocks: (0..plan.depths[index])
                .map(|block| MitBlock::new(shape, copies, &init.at(format_args!("block{block}"))))
                .collect(),
            norm: norm("norm", EPSILON),
        }
    }

    fn embed(&self, map: Tensor<4>, sensor: usize) -> Tensor<4> {
        self.embedding_norm.of(sensor).forward(self.embedding.of(sensor).forward(map))
    }
}

/// Every branch's map through the copies of its sensor.
fn each(maps: Vec<Tensor<4>>, branches: &[usize], change: impl Fn(Tensor<4>, usize) -> Tensor<4>) -> Vec<Tensor<4>> {
    maps.into_iter().zip(branches).map(|(map, &sensor)| change(map, sensor)).collect()
}

#[cfg(test)]
mod tests;
