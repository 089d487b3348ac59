//! The encoder of a recipe, whatever its family.

use burn::module::Module;
use burn::tensor::Tensor;

use super::block::Copies;
use super::blocks::BlockEncoder;
use super::mit::{Mit, MitPlan};
use super::mscan::{Mscan, MscanPlan};
use super::plan::Plan;
use crate::network::contract::Mode;
use crate::network::decoders::Decoder;
use crate::network::error::NetworkError;
use crate::network::interaction::{Between, Place, Position, Site};
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
        let impossible = |key: &str, reason: String| NetworkError::Impossible { key: key.to_owned(), reason };
        let dilated = Plan::of(family).filter(|_| recipe.text("encoder.output_stride") == "16").map(Plan::dilated);
        let encoder = match dilated {
            Some(plan) => Self::Blocks(BlockEncoder::new(&plan, sharing, sensors, init)),
            None => Self::new(family, sharing, sensors, init)
                .ok_or_else(|| impossible("encoder.family", format!("found `{family}`, which no encoder is called")))?,
        };
        if !recipe.switch("encoder.narrow_levels") {
            return Ok(encoder);
        }
        if recipe.switch("sci.enabled") && Position::of(recipe) == Position::Embedding {
            let reason = "SCI stands inside the encoder, where levels are wide; set sci.position=output".to_owned();
            return Err(impossible("encoder.narrow_levels", reason));
        }
        if Decoder::reads(recipe) != [true; 4] {
            // The encoder goes on without them, so a narrow level that no decoder looks at would be there for nothing.
            let reason = "needs a decoder that looks at every level; set decoder.family=mlp or rtfnet".to_owned();
            return Err(impossible("encoder.narrow_levels", reason));
        }
        match encoder {
            Self::Blocks(encoder) => Ok(Self::Blocks(encoder.narrowed(sharing, sensors, init))),
            _ => Err(impossible("encoder.narrow_levels", format!("`{family}` has levels of these widths already"))),
        }
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
