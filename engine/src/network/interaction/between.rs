//! What the sensors' branches do to each other on their way through the encoder.

use burn::module::Module;
use burn::tensor::Tensor;

use super::coefficients::Coefficients;
use super::{Exchange, FdamLocal, Sci};
use crate::network::late_figures::{Late, LateFigures};
use crate::network::layers::Init;
use crate::network::noise::Noise;
use crate::network::probes::Probes;
use crate::protocol::Quantity;
use crate::recipe::catalogue::objective::feature::{self, Maps};
use crate::recipe::catalogue::sci::{self, Position};
use crate::recipe::catalogue::{coefficients, fdam};
use crate::recipe::{Key, Recipe};
use crate::tally;

/// The parts with parameters that stand between the branches, each where its recipe asks for it.
///
/// Each has a module a level and maps the pair of both sensors' features to a pair of the same shapes.
#[derive(Module, Debug)]
pub struct Interactions {
    sci: Option<Sci>,
    coefficients: Option<Coefficients>,
    fdam_local: Option<FdamLocal>,
}

impl Interactions {
    /// The switches of all of them.
    pub const SWITCHES: [Key<bool>; 3] = [sci::ENABLED, coefficients::ENABLED, fdam::local::ENABLED];

    /// For two sensors whose levels have these widths.
    pub fn new(widths: [usize; 4], recipe: &Recipe, init: &Init<'_>) -> Self {
        let on = |switch: Key<bool>| recipe.get(switch);
        Self {
            sci: on(sci::ENABLED).then(|| Sci::new(&widths, &init.at("sci"))),
            coefficients: on(coefficients::ENABLED).then(|| Coefficients::new(widths, &init.at("coefficients"))),
            fdam_local: on(fdam::local::ENABLED).then(|| FdamLocal::new(&widths, recipe, &init.at("fdam_local"))),
        }
    }

    /// Whether any of them stands between the branches, active or not.
    pub fn exist(&self) -> bool {
        self.sci.is_some() || self.coefficients.is_some() || self.fdam_local.is_some()
    }

    fn after_embedding(
        &self,
        level: usize,
        pair: [Tensor<4>; 2],
        recipe: &Recipe,
        probes: &mut Probes,
        open: &mut Open,
    ) -> [Tensor<4>; 2] {
        self.consistent(Position::Embedding, level, pair, recipe, probes, open)
    }

    fn after_level(
        &self,
        level: usize,
        pair: [Tensor<4>; 2],
        recipe: &Recipe,
        probes: &mut Probes,
        open: &mut Open,
    ) -> [Tensor<4>; 2] {
        let pair = self.consistent(Position::Output, level, pair, recipe, probes, open);
        match &self.coefficients {
            Some(coefficients) => coefficients.forward(level, pair, recipe, probes),
            None => pair,
        }
    }

    /// SCI, where it stands here.
    fn consistent(
        &self,
        here: Position,
        level: usize,
        pair: [Tensor<4>; 2],
        recipe: &Recipe,
        probes: &mut Probes,
        open: &mut Open,
    ) -> [Tensor<4>; 2] {
        match &self.sci {
            Some(sci) if recipe.get(sci::ACTIVE) && recipe.get(sci::POSITION) == here => {
                let blended = sci.forward(level, pair, recipe, probes);
                open.push((level, blended.open));
                blended.maps
            }
            _ => pair,
        }
    }

    /// Local alignment: the last that happens to a level's pair, so that a second pass over changed features can begin
    /// here.
    pub fn align(&self, level: usize, pair: [Tensor<4>; 2], recipe: &Recipe, probes: &mut Probes) -> [Tensor<4>; 2] {
        match &self.fdam_local {
            Some(unit) if recipe.get(fdam::local::ACTIVE) => unit.forward(level, pair, probes),
            _ => pair,
        }
    }
}

/// Levels, and the share of what SCI blended there, `[1]`.
type Open = Vec<(usize, Tensor<1>)>;

/// Everything between the branches in one forward pass. Encoders call it at the same places whatever their family.
pub struct Between<'a> {
    exchange: Exchange,
    /// `None` where fewer than two sensors walk, or the network has none.
    interactions: Option<&'a Interactions>,
    recipe: &'a Recipe,
    noise: Noise,
    met: Met,
}

/// The levels at places on their way, `[branch][level]`.
#[derive(Clone, Debug, Default)]
pub struct Met {
    /// Before columns changed places behind them; kept where feature distillation asks for them so.
    pub own: Vec<Vec<Tensor<4>>>,
    /// Before the branches met there.
    pub raw: Vec<Vec<Tensor<4>>>,
    /// After all that they do to each other there but the alignment ([`Interactions::align`]).
    pub unaligned: Vec<Vec<Tensor<4>>>,
    /// Levels, from 0, and the share of samples (or places) that SCI blended there, `[1]`.
    open: Open,
}

impl Met {
    /// Of branches that do not look at each other: their own levels, raw and unaligned ones.
    pub fn of_apart([own, raw, unaligned]: [Vec<Vec<Tensor<4>>>; 3]) -> Self {
        Self { own, raw, unaligned, open: Vec::new() }
    }

    /// The share that SCI blended at each level that has it, as `sci.open.levelN`; `None` where none has.
    pub fn shares(&self) -> Option<LateFigures> {
        if self.open.is_empty() {
            return None;
        }
        let figure = |(place, (level, _)): (usize, &(usize, Tensor<1>))| {
            (format!("sci.open.level{}", level + 1), Late::Mean(vec![place]))
        };
        Some(LateFigures {
            quantity: Quantity::Share,
            numbers: Tensor::cat(self.open.iter().map(|(_, share)| share.clone()).collect(), 0),
            figures: self.open.iter().enumerate().map(figure).collect(),
        })
    }
}

/// Adds one map a branch.
fn keep(kept: &mut Vec<Vec<Tensor<4>>>, level: usize, maps: &[Tensor<4>]) {
    if level == 0 {
        *kept = vec![Vec::with_capacity(4); maps.len()];
    }
    for (kept, map) in kept.iter_mut().zip(maps) {
        kept.push(map.clone());
    }
}

impl<'a> Between<'a> {
    /// For one pass of branches that do meet where `interactions` is given.
    pub fn new(exchange: Exchange, interactions: Option<&'a Interactions>, recipe: &'a Recipe, noise: Noise) -> Self {
        Self { exchange, interactions, recipe, noise, met: Met::default() }
    }

    /// Keeps a level's maps, one a branch, as they are before their columns change places, where a loss asks for them.
    pub fn before_exchange(&mut self, level: usize, maps: impl FnOnce() -> Vec<Tensor<4>>) {
        if self.recipe.get(feature::ENABLED) && self.recipe.get(feature::MAPS) == Maps::Own {
            keep(&mut self.met.own, level, &maps());
        }
    }

    /// Channel and column exchange, which encoders of batch norms offer inside their levels.
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// The pass's random numbers.
    pub fn noise(&self) -> Noise {
        self.noise
    }

    /// The recipe, for live settings.
    pub fn recipe(&self) -> &'a Recipe {
        self.recipe
    }

    /// After a level's embedding (the part of it that strides), before its blocks. `level` runs from 0 to 3; one map a
    /// branch.
    pub fn after_embedding(&mut self, level: usize, maps: Vec<Tensor<4>>, probes: &mut Probes) -> Vec<Tensor<4>> {
        match (self.interactions, <[Tensor<4>; 2]>::try_from(maps)) {
            (Some(interactions), Ok(pair)) => {
                let open = &mut self.met.open;
                let met = || interactions.after_embedding(level, pair, self.recipe, probes, open);
                tally::part("interactions", met).into()
            }
            (None, Ok(pair)) => pair.into(),
            (_, Err(maps)) => maps,
        }
    }

    /// After a level's last block and norm. What comes back goes on to the next level and to the decoder.
    pub fn after_level(&mut self, level: usize, maps: Vec<Tensor<4>>, probes: &mut Probes) -> Vec<Tensor<4>> {
        keep(&mut self.met.raw, level, &maps);
        match (self.interactions, <[Tensor<4>; 2]>::try_from(maps)) {
            (Some(interactions), Ok(pair)) => {
                let open = &mut self.met.open;
                let met = || interactions.after_level(level, pair, self.recipe, probes, open);
                let pair = tally::part("interactions", met);
                keep(&mut self.met.unaligned, level, &pair);
                tally::part("interactions", || interactions.align(level, pair, self.recipe, probes)).into()
            }
            (None, Ok(pair)) => {
                keep(&mut self.met.unaligned, level, &pair);
                pair.into()
            }
            (_, Err(maps)) => {
                keep(&mut self.met.unaligned, level, &maps);
                maps
            }
        }
    }

    /// What was kept of the levels on their way.
    pub fn take_met(&mut self) -> Met {
        std::mem::take(&mut self.met)
    }
}
