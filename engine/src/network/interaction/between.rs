//! What the sensors' branches do to each other on their way through the encoder.

use burn::module::Module;
use burn::tensor::Tensor;

use super::Exchange;
use crate::network::layers::Init;
use crate::network::noise::Noise;
use crate::network::probes::Probes;
use crate::recipe::Recipe;

/// The parts with parameters that stand between the branches, each where its recipe asks for it.
///
/// Each has a module a level and maps the pair of both sensors' features to a pair of the same shapes.
#[derive(Module, Debug)]
pub struct Interactions {}

#[allow(clippy::unused_self, reason = "modules join here")]
impl Interactions {
    /// For two sensors whose levels have these widths.
    pub fn new(_widths: [usize; 4], _recipe: &Recipe, _init: &Init<'_>) -> Self {
        Self {}
    }

    fn after_embedding(
        &self,
        _level: usize,
        pair: [Tensor<4>; 2],
        _recipe: &Recipe,
        _probes: &mut Probes,
    ) -> [Tensor<4>; 2] {
        pair
    }

    fn after_level(
        &self,
        _level: usize,
        pair: [Tensor<4>; 2],
        _recipe: &Recipe,
        _probes: &mut Probes,
    ) -> [Tensor<4>; 2] {
        pair
    }
}

/// Everything between the branches in one forward pass. Encoders call it at the same places whatever their family.
pub struct Between<'a> {
    exchange: Exchange,
    /// `None` where fewer than two sensors walk, or the network has none.
    interactions: Option<&'a Interactions>,
    recipe: &'a Recipe,
    noise: Noise,
    raw: Vec<Vec<Tensor<4>>>,
}

impl<'a> Between<'a> {
    /// For one pass of branches that do meet where `interactions` is given.
    pub fn new(exchange: Exchange, interactions: Option<&'a Interactions>, recipe: &'a Recipe, noise: Noise) -> Self {
        Self { exchange, interactions, recipe, noise, raw: Vec::new() }
    }

    /// Channel and column exchange, which encoders of batch norms offer inside their levels.
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// The pass's random numbers.
    pub fn noise(&self) -> Noise {
        self.noise
    }

    /// After a level's embedding (the part of it that strides), before its blocks. `level` runs from 0 to 3; one map a branch.
    pub fn after_embedding(&mut self, level: usize, maps: Vec<Tensor<4>>, probes: &mut Probes) -> Vec<Tensor<4>> {
        match (self.interactions, <[Tensor<4>; 2]>::try_from(maps)) {
            (Some(interactions), Ok(pair)) => interactions.after_embedding(level, pair, self.recipe, probes).into(),
            (None, Ok(pair)) => pair.into(),
            (_, Err(maps)) => maps,
        }
    }

    /// After a level's last block and norm. What comes back goes on to the next level and to the decoder.
    pub fn after_level(&mut self, level: usize, maps: Vec<Tensor<4>>, probes: &mut Probes) -> Vec<Tensor<4>> {
        if level == 0 {
            self.raw = vec![Vec::with_capacity(4); maps.len()];
        }
        for (raw, map) in self.raw.iter_mut().zip(&maps) {
            raw.push(map.clone());
        }
        match (self.interactions, <[Tensor<4>; 2]>::try_from(maps)) {
            (Some(interactions), Ok(pair)) => interactions.after_level(level, pair, self.recipe, probes).into(),
            (None, Ok(pair)) => pair.into(),
            (_, Err(maps)) => maps,
        }
    }

    /// The levels as they were before the branches met there: `raw[branch][level]`.
    pub fn raw(self) -> Vec<Vec<Tensor<4>>> {
        self.raw
    }
}
