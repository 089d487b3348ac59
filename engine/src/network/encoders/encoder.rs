//! The encoder of a recipe, whatever its family.

use burn::module::Module;
use burn::tensor::Tensor;

use super::block::Copies;
use super::blocks::BlockEncoder;
use super::mit::{Mit, MitPlan};
use super::mscan::{Mscan, MscanPlan};
use super::plan::Plan;
use crate::network::contract::Mode;
use crate::network::error::NetworkError;
use crate::network::interaction::{Between, Place, Site};
use crate::network::layers::{Init, NormBank};
use crate::network::probes::Probes;
use crate::recipe::Recipe;

/// What the sensors' encoders have in common (OGP-Net, Table 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Nothing.
    Separate,
    /// Convolutions and linear layers; norms are per sensor.
    Convolutions,
    /// Everything.
    All,
}

impl Sharing {
    /// By the recipe's word.
    pub fn of(word: &str) -> Self {
        match word {
            "separate" => Self::Separate,
            "shared" => Self::All,
            _ => Self::Convolutions,
        }
    }

    pub(super) fn copies(self, sensors: usize) -> Copies {
        match self {
            Self::Separate => Copies { convolutions: sensors, norms: sensors },
            Self::Convolutions => Copies { convolutions: 1, norms: sensors },
            Self::All => Copies { convolutions: 1, norms: 1 },
        }
    }
}

/// An encoder for several sensors at once: their branches walk side by side, so that they can meet on the way. One variant a
/// family.
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
        let family = recipe.text("encoder.family");
        let sharing = Sharing::of(recipe.text("encoder.sharing"));
        if recipe.text("encoder.output_stride") == "16"
            && let Some(plan) = Plan::of(family)
        {
            return Ok(Self::Blocks(BlockEncoder::new(&plan.dilated(), sharing, sensors, init)));
        }
        Self::new(family, sharing, sensors, init).ok_or_else(|| NetworkError::Impossible {
            key: "encoder.family".to_owned(),
            reason: format!("found `{family}`, which no encoder is called"),
        })
    }

    /// The family of that name for this many sensors; `None` where no encoder is called so.
    pub fn new(family: &str, sharing: Sharing, sensors: usize, init: &Init<'_>) -> Option<Self> {
        let blocks = |plan| Self::Blocks(BlockEncoder::new(&plan, sharing, sensors, init));
        let mit = || MitPlan::of(family).map(|plan| Self::Mit(Mit::new(plan, sharing, sensors, init)));
        let mscan = || MscanPlan::of(family).map(|plan| Self::Mscan(Mscan::new(plan, sharing, sensors, init)));
        Plan::of(family).map(blocks).or_else(mit).or_else(mscan)
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

    /// One image a branch, `[batch, 3, height, width]`, to `stages[branch][stage]`, after all interaction. Stage 1 is the stem,
    /// which not all have; stages 2 to 5 are the four levels.
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
