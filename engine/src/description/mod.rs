//! What a recipe comes to: stages with their shapes, parameters, cost, losses, sources; and one step as a trial.

mod network;
mod parts;
mod trial;

use serde::Serialize;

pub use self::network::{Part, Shape};
pub use self::parts::{Loss, Source, losses, sources};
pub use self::trial::Trial;
use crate::network::NetworkError;
use crate::recipe::catalogue::{data, sensors};
use crate::recipe::{Key, Recipe};

/// What a recipe leaves to its data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DataShape {
    /// The sensors, the guiding one first.
    pub sensors: Vec<String>,
    /// How many classes.
    pub classes: usize,
    /// Height and width in pixels that the network sees in training.
    pub size: [usize; 2],
}

impl DataShape {
    /// The recipe's own sensors, crop and size where it names them, else a colour and a thermal image of MFNet's 480 × 640.
    pub fn of(recipe: &Recipe, classes: usize) -> Self {
        let mut sensors = recipe.get(sensors::USE).to_vec();
        if sensors.is_empty() {
            sensors = ["colour", "thermal"].map(str::to_owned).to_vec();
        }
        let side = |side: Key<usize>, otherwise| match recipe.get(side) {
            0 => otherwise,
            side => side,
        };
        let crop = recipe.get(data::CROP);
        // Images whose size the recipe leaves open are taken to hold the crop.
        let open = if crop == 0 { [480, 640] } else { [crop, crop] };
        let whole = [side(data::HEIGHT, open[0]), side(data::WIDTH, open[1])];
        Self { sensors, classes, size: if crop == 0 { whole } else { whole.map(|side| side.min(crop)) } }
    }
}

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
        let network::Measured { shapes, parameters, running_statistics, multiply_adds } =
            network::measure(recipe, data)?;
        Ok(Self {
            recipe: recipe.name.clone(),
            data: data.clone(),
            shapes,
            parameters,
            running_statistics,
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

#[cfg(test)]
mod tests;
