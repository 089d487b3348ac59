//! Places in a network by whose maps gradients can be asked for.

use burn::tensor::{Gradients, Tensor};

/// A kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapSite {
    /// What leaves a stage of the encoder, 1 to 5, before the sensors meet behind it: one map a branch.
    Stage(usize),
    /// Each branch's own decoder map, before its classifier.
    Decoded,
    /// The one map of all sensors before its classifier.
    Fused,
}

/// A map that was passed by.
#[derive(Clone, Debug)]
pub struct Tapped {
    /// Where.
    pub site: TapSite,
    /// The sensor whose branch it is of; `None` of all sensors.
    pub branch: Option<usize>,
    /// Its values, `[batch, channels, h, w]`.
    pub map: Tensor<4>,
    /// What was added to it.
    zeros: Tensor<4>,
}

impl Tapped {
    /// The gradient by this map; `None` where it has no say.
    pub fn gradient(&self, gradients: &Gradients) -> Option<Tensor<4>> {
        self.zeros.grad(gradients)
    }
}

/// The places that are watched, and the maps that were met there.
#[derive(Clone, Debug, Default)]
pub struct Taps {
    sites: Vec<TapSite>,
    met: Vec<Tapped>,
}

impl Taps {
    /// Watches these places; the pass must keep track of gradients.
    pub fn at(sites: impl IntoIterator<Item = TapSite>) -> Self {
        Self { sites: sites.into_iter().collect(), met: Vec::new() }
    }

    /// The map as it goes on. Where its place is watched zeros are added, whose gradient is that by the map: it is none of
    /// the graph's leaves, which alone keep theirs.
    pub fn pass(&mut self, site: TapSite, branch: Option<usize>, map: Tensor<4>) -> Tensor<4> {
        if !self.sites.contains(&site) {
            return map;
        }
        let zeros = map.clone().detach().zeros_like().require_grad();
        self.met.push(Tapped { site, branch, map: map.clone().inner(), zeros: zeros.clone() });
        map + zeros
    }

    /// Whether any place is watched.
    pub fn is_on(&self) -> bool {
        !self.sites.is_empty()
    }

    /// The maps that were met.
    pub fn met(&self) -> &[Tapped] {
        &self.met
    }
}
