//! The fusion of a recipe, whatever its kind.

use burn::module::Module;
use burn::tensor::Tensor;

use super::agnostic::Agnostic;
use super::average::Average;
use super::concat::Concat;
use super::fdam_global::FdamGlobal;
use super::gsu::Gates;
use super::site::{AtSite, Plan, Site, Sited};
use super::way::{Beside, Pass};
use super::weighted::Weighted;
use crate::network::error::NetworkError;
use crate::network::layers::Init;
use crate::network::probes::Probes;
use crate::recipe::catalogue::fusion::Kind;

/// How the sensors of a network are joined: one variant a kind. A new kind is a file with its [`Fuse`](super::Fuse), an
/// option of `fusion.kind` in the catalogue, and its lines here.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant, reason = "a network holds one; tensors are behind pointers anyway")]
pub enum Fusion {
    /// The plain mean.
    Average(Sited<Average>),
    /// The gated spectral unit (OGP-Net).
    Gsu(Sited<Gates>),
    /// Concatenation.
    Concat(Sited<Concat>),
    /// Attention within and across the sensors (AMDANet).
    Fdam(Sited<FdamGlobal>),
    /// Modality-agnostic fusion (Any2Seg).
    Mff(Sited<Agnostic>),
    /// A learned weight for each sensor and place.
    Weighted(Sited<Weighted>),
}

impl Fusion {
    /// The fusion that a plan asks for; `None` where there is one sensor, and nothing to fuse.
    pub fn build(plan: &Plan, init: &Init<'_>) -> Result<Option<Self>, NetworkError> {
        if plan.sensors < 2 {
            return Ok(None);
        }
        Ok(Some(match plan.kind {
            Kind::Average => Self::Average(Sited::new(plan, init)?),
            Kind::Gsu => Self::Gsu(Sited::new(plan, init)?),
            Kind::Concat => Self::Concat(Sited::new(plan, init)?),
            Kind::Fdam => Self::Fdam(Sited::new(plan, init)?),
            Kind::Mff => Self::Mff(Sited::new(plan, init)?),
            Kind::Weighted => Self::Weighted(Sited::new(plan, init)?),
        }))
    }

    fn at_site(&self) -> &dyn AtSite {
        match self {
            Self::Average(fusion) => fusion,
            Self::Gsu(fusion) => fusion,
            Self::Concat(fusion) => fusion,
            Self::Fdam(fusion) => fusion,
            Self::Mff(fusion) => fusion,
            Self::Weighted(fusion) => fusion,
        }
    }

    /// What it fuses.
    pub fn site(&self) -> Site {
        self.at_site().site()
    }

    /// Whether it takes exactly two maps.
    pub fn needs_two(&self) -> bool {
        self.at_site().needs().two_sensors
    }

    /// The maps at its site, one for each branch that ran, each `[batch, channels, h, w]`, to one; `None` without any.
    /// Where a unit for two has one map, that stands for both.
    pub fn fuse(
        &self,
        maps: &[Tensor<4>],
        pass: Pass<'_>,
        probes: &mut Probes,
        beside: &mut Beside,
    ) -> Option<Tensor<4>> {
        self.at_site().fuse(maps, pass, probes, beside)
    }

    /// Class scores from a fused decoder map, by its own classifier; `None` where it has none.
    pub fn scores(&self, map: &Tensor<4>) -> Option<Tensor<4>> {
        self.at_site().head().map(|head| head.forward(map.clone()))
    }
}
