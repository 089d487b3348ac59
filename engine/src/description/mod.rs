//! What a recipe comes to: stages with their shapes, parameters, cost, losses, sources; and one step as a trial.

mod network;
mod parts;
mod trial;
mod whole;

use serde::Serialize;

pub use self::network::{Part, Shape};
pub use self::parts::{Loss, Source, losses, sources};
pub use self::trial::Trial;
pub use self::whole::Description;
use crate::recipe::catalogue::{data, sensors, teacher};
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
    /// What the student sees: the recipe's own sensors, crop and size where it names them, else a colour and a thermal
    /// image of MFNet's 480 × 640.
    pub fn of(recipe: &Recipe, classes: usize) -> Self {
        let mut sensors = recipe.get(sensors::USE).to_vec();
        if sensors.is_empty() {
            sensors = ["colour", "thermal"].map(str::to_owned).to_vec();
        }
        sensors.drain(..recipe.get(teacher::STUDENT).unseen().min(sensors.len() - 1));
        let side = |side: Key<usize>, otherwise| match recipe.get(side) {
            0 => otherwise,
            side => side,
        };
        let width = recipe.get(data::CROP);
        let height = side(data::CROP_HEIGHT, width);
        // Images whose size the recipe leaves open are taken to hold the crop.
        let open = if width == 0 { [480, 640] } else { [height, width] };
        let whole = [side(data::HEIGHT, open[0]), side(data::WIDTH, open[1])];
        let size = if width == 0 { whole } else { [whole[0].min(height), whole[1].min(width)] };
        Self { sensors, classes, size }
    }
}

#[cfg(test)]
mod tests;
