//! Encoders of blocks with batch norms (nano, EfficientNet, ResNet): all families are one code that follows a plan.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;

use super::block::Block;
use super::plan::Plan;
use crate::network::contract::Mode;
use crate::network::interaction::{Between, Place};
use crate::network::layers::{ConvBank, ConvShape, Init, NormBank};
use crate::network::probes::Probes;
use crate::network::taps::TapSite;
use crate::recipe::catalogue::encoder::Sharing;
use crate::recipe::catalogue::exchange::channel::Site;
use crate::recipe::catalogue::exchange::spatial::Site as Columns;

/// Five stages. Stage 1 is the stem, stages 2 to 5 are runs of blocks.
#[derive(Module, Debug)]
pub struct BlockEncoder {
    stem: ConvBank,
    stem_norm: NormBank,
    stage2: Vec<Block>,
    stage3: Vec<Block>,
    stage4: Vec<Block>,
    stage5: Vec<Block>,
    /// One a level where levels are narrowed.
    narrow: Vec<ConvBank>,
    #[module(skip)]
    plan: Plan,
}

/// Channels of narrowed levels: those of SMMCL's other encoders (§3.2).
const NARROW: [usize; 4] = [64, 128, 320, 512];

impl BlockEncoder {
    /// An encoder for this many sensors.
    pub fn new(plan: &Plan, sharing: Sharing, sensors: usize, init: &Init<'_>) -> Self {
        let copies = sharing.copies(sensors);
        let stage = |index: usize| {
            let init = init.at(format_args!("stage{}", index + 2));
            let blocks = plan.stages[index].iter().enumerate();
            blocks
                .map(|(block, shape)| Block::new(plan, shape, copies, &init.at(format_args!("block{block}"))))
                .collect()
        };
        let stem = ConvShape::square(3, plan.stem, plan.stem_kernel).stride(2).padding(plan.padding);
        Self {
            stem: ConvBank::new(stem, copies.convolutions, &init.at("stem")),
            stem_norm: NormBank::new(plan.stem, copies.norms, plan.norms, &init.at("stem_norm")),
            stage2: stage(0),
            stage3: stage(1),
            stage4: stage(2),
            stage5: stage(3),
            narrow: Vec::new(),
            plan: plan.clone(),
        }
    }

    /// The same with 1×1 convolutions that take the levels to 64, 128, 320 and 512 channels before the sensors meet;
    /// the encoder itself goes on with the wide ones.
    pub fn narrowed(mut self, sharing: Sharing, sensors: usize, init: &Init<'_>) -> Self {
        let [_, wide @ ..] = self.plan.channels();
        let narrow = |(level, (input, output)): (usize, (usize, usize))| {
            let shape = ConvShape::pointwise(input, output).biased();
            let init = init.at(format_args!("narrow.level{}", level + 1));
            ConvBank::new(shape, sharing.copies(sensors).convolutions, &init)
        };
        self.narrow = wide.into_iter().zip(NARROW).enumerate().map(narrow).collect();
        self
    }

    /// Channels of stages 1 to 5.
    pub fn channels(&self) -> [usize; 5] {
        let mut channels = self.plan.channels();
        if !self.narrow.is_empty() {
            channels[1..].copy_from_slice(&NARROW);
        }
        channels
    }

    /// What it was built from.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// One image a branch, `[batch, 3, height, width]`, to `stages[branch][stage]`, after exchange and as narrow as
    /// they are made.
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
        let mut stages: Vec<Vec<Tensor<4>>> = vec![Vec::with_capacity(5); images.len()];
        let mut keep = |maps: &[Tensor<4>]| {
            for (stages, map) in stages.iter_mut().zip(maps) {
                stages.push(map.clone());
            }
        };
        let images = between.exchange().columns(1, Columns::Input, images, probes);
        let stem = self.stem.forward(images, branches);
        let mut maps = self.stem_norm.forward(stem, branches, mode, self.plan.activation);
        for site in Site::ALL {
            maps = between.exchange().channels((site, (1, 0)), maps);
        }
        maps = between.exchange().columns(1, Columns::Output, maps, probes);
        maps = probes.tap(TapSite::Stage(1), branches, maps);
        keep(&maps);
        if self.plan.pools {
            maps = maps.into_iter().map(max_pool).collect();
        }
        for (stage, blocks) in self.block_stages() {
            maps = between.exchange().columns(stage, Columns::Input, maps, probes);
            for (index, block) in blocks.iter().enumerate() {
                maps = block.forward(maps, branches, mode, (stage, index), between.exchange());
                if index == 0 {
                    maps = between.after_embedding(stage - 2, maps, probes);
                }
            }
            let narrow = self.narrow.get(stage - 2);
            between.before_exchange(stage - 2, || match narrow {
                Some(narrow) => narrow.forward(maps.clone(), branches),
                None => maps.clone(),
            });
            maps = between.exchange().columns(stage, Columns::Output, maps, probes);
            maps = probes.tap(TapSite::Stage(stage), branches, maps);
            if let Some(narrow) = narrow {
                keep(&between.after_level(stage - 2, narrow.forward(maps.clone(), branches), probes));
            } else {
                maps = between.after_level(stage - 2, maps, probes);
                keep(&maps);
            }
        }
        stages
    }

    /// Where channels can be exchanged at this kind of site in these stages, and the norms whose scales decide.
    pub fn exchange_places(&self, site: Site, stages: &[usize]) -> Vec<(Place, &NormBank)> {
        let mut places = Vec::new();
        if stages.contains(&1) {
            places.push(((site, (1, 0)), &self.stem_norm));
        }
        for (stage, blocks) in self.block_stages().into_iter().filter(|(stage, _)| stages.contains(stage)) {
            for (index, block) in blocks.iter().enumerate() {
                let here = match site {
                    Site::StageOutput if index + 1 < blocks.len() => continue,
                    // After the last projection of a stage, where the projection's own exchange would be.
                    Site::StageOutput => Site::Projection,
                    other => other,
                };
                places.push(((here, (stage, index)), block.norms(site)));
            }
        }
        places
    }

    fn block_stages(&self) -> [(usize, &Vec<Block>); 4] {
        [(2, &self.stage2), (3, &self.stage3), (4, &self.stage4), (5, &self.stage5)]
    }
}

/// The largest of 3×3 places at every other place: PyTorch's `MaxPool2d(3, stride=2, padding=1)`.
fn max_pool(map: Tensor<4>) -> Tensor<4> {
    let options = MaxPoolOptions { stride: [2; 2], padding: [(1, 1); 2], ..MaxPoolOptions::new([3; 2]) };
    max_pool2d(map, options)
}
