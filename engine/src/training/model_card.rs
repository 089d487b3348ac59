//! What stands beside weights so that they can be used without the run they came from.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::RunError;
use crate::data::{Modality, Normalisation};
use crate::protocol::Phase;
use crate::recipe::Recipe;

/// The newest format that this program reads; it writes this one.
const VERSION: u32 = 1;

/// A network's recipe, sensors and classes, kept in the metadata of its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// The format.
    pub version: u32,
    /// The program's version.
    pub program: String,
    /// The recipe's name.
    pub name: String,
    /// The whole recipe.
    pub recipe: String,
    /// The sensors, in the network's order.
    pub sensors: Vec<Modality>,
    /// From the unit range to network input, one a sensor.
    pub normalisations: Vec<Normalisation>,
    /// Class names by id.
    pub classes: Vec<String>,
    /// Class colours by id.
    pub colours: Vec<[u8; 3]>,
    /// The step that the weights are from.
    pub step: u64,
    /// The phase that they were trained in.
    pub phase: Phase,
}

impl ModelCard {
    pub(super) fn new(recipe: &Recipe, sensors: &[Modality], normalisations: &[Normalisation]) -> Self {
        Self {
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            name: recipe.name.clone(),
            recipe: recipe.to_toml(),
            sensors: sensors.to_vec(),
            normalisations: normalisations.to_vec(),
            classes: Vec::new(),
            colours: Vec::new(),
            step: 0,
            phase: Phase::Student,
        }
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the card; `path` is named in errors.
    pub(super) fn from_json(text: &str, path: &Path) -> Result<Self, RunError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let damaged = |reason: String| RunError::damaged("model", reason, path);
        if text.is_empty() {
            return Err(damaged("the weights carry no recipe; they were not written by Fusionscope".to_owned()));
        }
        let Version { version } = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if version > VERSION {
            let what = "the model".to_owned();
            return Err(RunError::NewerVersion { what, found: version, supported: VERSION, path: path.to_owned() });
        }
        let card: Self = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if card.sensors.is_empty() || card.sensors.len() != card.normalisations.len() {
            let (sensors, normalisations) = (card.sensors.len(), card.normalisations.len());
            return Err(damaged(format!("{sensors} sensors and {normalisations} normalisations")));
        }
        if card.classes.is_empty() || card.classes.len() > 255 {
            return Err(damaged(format!("{} classes, expected 1 to 255", card.classes.len())));
        }
        Ok(card)
    }

    /// The recipe, read and checked.
    pub(super) fn recipe(&self, path: &Path) -> Result<Recipe, RunError> {
        Recipe::from_toml(&self.recipe, &self.name).map_err(|error| RunError::damaged("model", error.to_string(), path))
    }
}
