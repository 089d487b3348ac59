//! The encoder of a recipe, whatever its family.

use burn::module::Module;
use burn::tensor::Tensor;

use super::block::Copies;
use super::blocks::BlockEncoder;
use super::plan::Plan;
use crate::network::contract::Mode;
use crate::network::interaction::{Between, Place, Site};
use crate::network::layers::{Init, NormBank};
use crate::network::probes::Probes;

/// What the sensors' encoders have in common (OGP-Net, Table 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Nothing.
    Separate,
    /// Convolutions; batch norms are per sensor.
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
pub enum Encoder {
    /// Blocks with batch norms that follow a plan: nano, EfficientNet, ResNet.
    Blocks(BlockEncoder),
}

impl Encoder {
    /// The family of that name for this many sensors; `None` where no encoder is called so.
    pub fn new(family: &str, sharing: Sharing, sensors: usize, init: &Init<'_>) -> Option<Self> {
        Plan::of(family).map(|plan| Self::Blocks(BlockEncoder::new(&plan, sharing, sensors, init)))
    }

    /// Channels of the stages; the last four are those of the levels.
    pub fn channels(&self) -> [usize; 5] {
        match self {
            Self::Blocks(encoder) => encoder.channels(),
        }
    }

    /// The last four stages, which decoders and fusion work on.
    pub fn levels(stages: &[Tensor<4>]) -> &[Tensor<4>] {
        &stages[stages.len().saturating_sub(4)..]
    }

    /// One image a branch, `[batch, 3, height, width]`, to `stages[branch][stage]`, after all interaction. Stage 1 is the stem;
    /// stages 2 to 5 are the four levels.
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
        }
    }

    /// Where channels can be exchanged at this kind of site in these stages, and the norms whose scales decide.
    pub fn exchange_places(&self, site: Site, stages: &[usize]) -> Vec<(Place, &NormBank)> {
        match self {
            Self::Blocks(encoder) => encoder.exchange_places(site, stages),
        }
    }
}
