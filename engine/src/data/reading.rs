//! How a recipe has a data set read.

use super::hold_out::HELD_OUT;
use crate::recipe::Recipe;
use crate::recipe::catalogue::data;

/// What a recipe does to a data set wherever it is looked at: in training, evaluation and pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The class map that joins its classes, as [`Dataset::with_class_map`] takes it.
    pub class_map: String,
    /// By how many pixels, at most, the images of every sensor but the first are moved against the labels, across and
    /// down.
    pub misregistration: usize,
    /// The share of `train` that is kept as `val` where the data set has none; 0 for none.
    pub hold_out: f64,
}

impl Default for Reading {
    fn default() -> Self {
        Self { class_map: String::new(), misregistration: 0, hold_out: HELD_OUT }
    }
}

impl Reading {
    /// As this recipe wants it.
    pub fn of(recipe: &Recipe) -> Self {
        Self {
            class_map: recipe.get(data::CLASS_MAP).to_owned(),
            misregistration: recipe.get(data::MISREGISTRATION),
            hold_out: recipe.get(data::HOLD_OUT),
        }
    }
}
