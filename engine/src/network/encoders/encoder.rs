//! The encoder of a recipe, whatever its family.

use burn::module::Module;
use burn::tensor::Tensor;

use super::blocks::BlockEncoder;
use super::family::FamilyPlan;
use super::mit::Mit;
use super::mscan::Mscan;
use crate::network::contract::Mode;
use crate::network::decoders::Decoder;
use crate::network::error::NetworkError;
use crate::network::interaction::{Between, Place};
use crate::network::layers::{Init, NormBank};
use crate::network::probes::Probes;
use crate::recipe::Recipe;
use crate::recipe::catalogue::encoder::{self, OutputStride, Sharing};
use crate::recipe::catalogue::exchange::channel::Site;
use crate::recipe::catalogue::sci::{self, Position};

/// An encoder for several sensors at once: their branches walk side by side, so that they can meet on the way. One
/// variant a family.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant, reason = "a network holds a handful; tensors are behind pointers anyway")]
pub enum Encoder {
    /// Blocks with batch norms that follow a plan: nano, EfficientNet, ResNet.
    Blocks(BlockEncoder),
    /// SegFormer's Mix Transformers.
    Mit(Mit),
    /// SegNeXt's MSCAN.
    Mscan(Mscan),
}

impl Encoder {
    /// The encoder that a recipe asks for, for this many sensors.
    pub fn of(recipe: &Recipe, sensors: usize, init: &Init<'_>) -> Result<Self, NetworkError> {
        let family = recipe.get(encoder::FAMILY);
        let sharing = recipe.get(encoder::SHARING);
        let plan = match (FamilyPlan::of(family), recipe.get(encoder::OUTPUT_STRIDE)) {
            (FamilyPlan::Blocks(plan), OutputStride::Sixteenth) => FamilyPlan::Blocks(plan.dilated()),
            (plan, OutputStride::Sixteenth | OutputStride::Published) => plan,
        };
        let encoder = Self::new(plan, sharing, sensors, init);
        let impossible = |reason| {
            let key = encoder::NARROW_LEVELS.id().to_owned();
            Err(NetworkError::Impossible { key, reason })
        };
        if !recipe.get(encoder::NARROW_LEVELS) {
            return Ok(encoder);
        }
        if recipe.get(sci::ENABLED) && recipe.get(sci::POSITION) == Position::Embedding {
            let reason = "SCI stands inside the encoder, where levels are wide; set sci.position=output".to_owned();
            return impossible(reason);
        }
        if Decoder::reads(recipe) != [true; 4] {
            // The encoder goes on without them, so a narrow level that no decoder looks at would be there for nothing.
            let reason = "needs a decoder that looks at every level; set decoder.family=mlp or rtfnet".to_owned();
            return impossible(reason);
        }
        match encoder {
            Self::Blocks(encoder) => Ok(Self::Blocks(encoder.narrowed(sharing, sensors, init))),
            Self::Mit(_) | Self::Mscan(_) => {
                impossible(format!("`{}` has levels of these widths already", family.word()))
            }
        }
    }

    /// An encoder that follows this plan, for this many sensors.
    pub fn new(plan: FamilyPlan, sharing: Sharing, sensors: usize, init: &Init<'_>) -> Self {
        match plan {
            FamilyPlan::Blocks(plan) => Self::Blocks(BlockEncoder::new(&plan, sharing, sensors, init)),
            FamilyPlan::Mit(plan) => Self::Mit(Mit::new(plan, sharing, sensors, init)),
            FamilyPlan::Mscan(plan) => Self::Mscan(Mscan::new(plan, sharing, sensors, init)),
        }
    }

    /// Channels of the stages it has: 1 to 5, or 2 to 5 where it has no stem. The last four are those of the levels.
    pub fn channels(&self) -> Vec<usize> {
        match self {
            Self::Blocks(encoder) => encoder.channels().to_vec(),
            Self::Mit(encoder) => encoder.plan().widths.to_vec(),
            Self::Mscan(encoder) => encoder.plan().widths.to_vec(),
        }
    }

    /// Channels of the four levels, which are stages 2 to 5.
    pub fn widths(&self) -> [usize; 4] {
        match self {
            Self::Blocks(encoder) => {
                let [_, levels @ ..] = encoder.channels();
                levels
            }
            Self::Mit(encoder) => encoder.plan().widths,
            Self::Mscan(encoder) => encoder.plan().widths,
        }
    }

    /// The four levels, stages 2 to 5, which decoders and fusion work on.
    pub fn levels<T>(stages: &[T]) -> &[T] {
        &stages[stages.len().saturating_sub(4)..]
    }

    /// The stage of a number from 1 to 5; `None` for stage 1 of an encoder without a stem.
    pub fn stage<T>(stages: &[T], number: usize) -> Option<&T> {
        stages.get((stages.len() + number).checked_sub(6)?)
    }

    /// One image a branch, `[batch, 3, height, width]`, to `stages[branch][stage]`, after all interaction. Stage 1 is
    /// the stem, which not all have; stages 2 to 5 are the four levels.
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
        match self {
            Self::Blocks(encoder) => encoder.forward(images, branches, mode, between, probes),
            Self::Mit(encoder) => encoder.forward(images, branches, between, probes),
            Self::Mscan(encoder) => encoder.forward(images, branches, mode, between, probes),
        }
    }

    /// Where channels can be exchanged at this kind of site in these stages, and the norms whose scales decide.
    pub fn exchange_places(&self, site: Site, stages: &[usize]) -> Vec<(Place, &NormBank)> {
        match self {
            Self::Blocks(encoder) => encoder.exchange_places(site, stages),
            // Layer norms' scales do not say which channels matter.
            Self::Mit(_) => Vec::new(),
            // Batch norms stand before convolutions here, not behind them.
            Self::Mscan(_) => Vec::new(),
        }
    }
}
