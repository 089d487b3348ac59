//! All that a recipe comes to.

use serde::Serialize;

use super::DataShape;
use super::network::{self, Part, Shape};
use super::parts::{Loss, Source, losses, sources};
use super::trial::Trial;
use crate::network::NetworkError;
use crate::recipe::Recipe;

/// What a recipe comes to on a scene.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    /// The recipe's name.
    pub recipe: String,
    /// What it was resolved for.
    pub data: DataShape,
    /// The maps of one scene on their way through the network.
    pub shapes: Vec<Shape>,
    /// Trained numbers, by part.
    pub parameters: Vec<Part>,
    /// Running statistics, which are kept but not trained.
    pub running_statistics: usize,
    /// Numbers of a last convolution that libraries keep in this encoder and count, although nothing uses it: with them
    /// counts are those that papers print. 0 for encoders without one.
    pub unused_elsewhere: usize,
    /// Multiply-adds of one scene's forward pass in inference, by part; see [`crate::tally`] for what counts.
    pub multiply_adds: Vec<Part>,
    /// What is minimised.
    pub losses: Vec<Loss>,
    /// Where every part is from.
    pub sources: Vec<Source>,
    /// One step, where it was asked for.
    pub trial: Option<Trial>,
}

impl Description {
    /// Builds the network and sends one scene of zeros through it on the CPU.
    pub fn of(recipe: &Recipe, data: &DataShape) -> Result<Self, NetworkError> {
        let network::Measured { shapes, parameters, running_statistics, unused_elsewhere, multiply_adds } =
            network::measure(recipe, data)?;
        Ok(Self {
            recipe: recipe.name.clone(),
            data: data.clone(),
            shapes,
            parameters,
            running_statistics,
            unused_elsewhere,
            multiply_adds,
            losses: losses(recipe),
            sources: sources(recipe),
            trial: None,
        })
    }

    /// All trained numbers.
    pub fn trained(&self) -> usize {
        self.parameters.iter().map(|part| part.count).sum()
    }

    /// All multiply-adds.
    pub fn cost(&self) -> usize {
        self.multiply_adds.iter().map(|part| part.count).sum()
    }
}
