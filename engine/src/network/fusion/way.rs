//! What a way of fusing is: what it needs, what it is given, what it leaves.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::network::contract::{Carried, Inputs, Mode};
use crate::network::layers::Init;
use crate::network::probes::Probes;
use crate::recipe::Recipe;
use crate::recipe::catalogue::fusion::Start;

/// A way of fusing maps of one size: of class scores, of decoder maps, or of one level.
pub trait Fuse: Module {
    /// What it needs.
    const NEEDS: Needs;

    /// The unit that stands at a place.
    fn new(place: Place, init: &Init<'_>) -> Self;

    /// The maps of the branches that ran, each `[batch, channels, h, w]`, to one of [`Fuse::width`] channels; `None`
    /// without any. A unit for two maps takes a single one for both.
    fn fuse(&self, maps: &[Tensor<4>], pass: Pass<'_>, probes: &mut Probes, beside: &mut Beside) -> Option<Tensor<4>>;

    /// The channels of a fused decoder map, from those of a sensor's.
    fn width(channels: usize) -> usize {
        channels
    }
}

/// What a way of fusing needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The name under which its initial numbers are drawn; those of levels go by the level alone.
    pub name: &'static str,
    /// Exactly two sensors; any number otherwise.
    pub two_sensors: bool,
    /// Whether it has parameters. Those for a level that no decoder reads would never be trained, so it does not stand
    /// there.
    pub learns: bool,
    /// What turns decoder maps into class scores.
    pub classifier: Classifier,
}

/// What turns decoder maps into class scores where they are fused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classifier {
    /// The decoders, before anything is fused: it is their scores that are.
    Before,
    /// A 1×1 convolution of its own, behind the fused map.
    Own,
    /// The decoder, behind the fused map, where all sensors share one; else one of its own.
    Shared,
}

/// Where one unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The channels of each sensor's map.
    pub channels: usize,
    /// How many sensors the network has.
    pub sensors: usize,
    /// The level, 0 to 3, where levels are fused.
    pub level: Option<usize>,
    /// For how many places of a side keys and values stand, if it has such.
    pub reduction: usize,
    /// What its weights begin with, if there is a choice.
    pub start: Start,
}

/// One pass, as a unit sees it.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// The recipe, for settings that are live.
    pub recipe: &'a Recipe,
    /// What the step before left behind.
    pub inputs: &'a Inputs,
    /// Whether something is left for the next step.
    pub mode: Mode,
    /// The names of all of the network's sensors.
    pub sensors: &'a [String],
    /// Which of them each map is of.
    pub branches: &'a [usize],
    /// The level, 0 to 3, where levels are fused.
    pub level: Option<usize>,
}

impl Pass<'_> {
    /// What a probe's name says of the place: nothing, or `.level1` to `.level4`.
    pub fn suffix(&self) -> String {
        self.level.map_or_else(String::new, |level| format!(".level{}", level + 1))
    }

    /// The name of each map's sensor.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.branches.iter().map(|&branch| self.sensors[branch].as_str())
    }
}

/// What fusion leaves beside the fused map. Of several levels the last one's stay, of what is carried all.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The modality-agnostic map `[batch, channels, h, w]`.
    pub agnostic: Option<Tensor<4>>,
    /// Similarity of each sensor's map to the anchor, `[batch, sensors]`.
    pub correlations: Option<Tensor<2>>,
    /// What the next step shall find.
    pub carried: Carried,
}
