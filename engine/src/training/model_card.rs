//! What stands beside weights so that they can be used without the run they came from.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::RunError;
use crate::data::{MAX_NAME_LETTERS, MAX_SENSORS, Modality, Normalisation};
use crate::failure::short;
use crate::protocol::{LiveChange, Phase};
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
    /// The settings that were changed while it was trained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<LiveChange>,
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
            changed: Vec::new(),
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
        if card.sensors.len() > MAX_SENSORS {
            return Err(damaged(format!("{} sensors, expected at most {MAX_SENSORS}", card.sensors.len())));
        }
        let names = card.classes.iter().chain(card.sensors.iter().map(|sensor| &sensor.name));
        if let Some(name) = names.into_iter().find(|name| name.chars().count() > MAX_NAME_LETTERS) {
            let (letters, name) = (name.chars().count(), short(name));
            return Err(damaged(format!(
                "a name of {letters} letters (`{name}`), expected at most {MAX_NAME_LETTERS}"
            )));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::ModalityKind;
    use crate::fixtures::tiny_recipe;

    fn whole() -> ModelCard {
        let sensors = [crate::data::ModalityFiles::new("colour", ModalityKind::Colour, "{id}.png").modality()];
        let card = ModelCard::new(&tiny_recipe().unwrap(), &sensors, &[Normalisation::Imagenet]);
        ModelCard { classes: vec!["road".to_owned()], colours: vec![[1, 2, 3]], ..card }
    }

    /// Reads a card and what it holds, as opening a model does.
    fn opened(text: &str) -> Result<ModelCard, RunError> {
        let path = Path::new("model.safetensors");
        let card = ModelCard::from_json(text, path)?;
        card.recipe(path)?;
        Ok(card)
    }

    #[test]
    fn a_card_comes_back_and_one_cut_short_is_refused_with_the_file() {
        let card = whole();
        let text = card.to_json();
        assert_eq!(opened(&text).unwrap(), card);
        for length in (0..text.len()).filter(|&length| text.is_char_boundary(length)) {
            let error = opened(&text[..length]).unwrap_err().to_string();
            assert!(error.contains("model.safetensors"), "{error}");
        }
    }

    #[test]
    fn names_without_end_and_sensors_without_number_are_refused() {
        let long = ModelCard { classes: vec!["x".repeat(70_000)], ..whole() };
        let message = opened(&long.to_json()).unwrap_err().to_string();
        assert!(message.contains("a name of 70000 letters") && message.len() < 1000, "{message}");
        let mut many = whole();
        many.sensors = vec![many.sensors[0].clone(); 17];
        many.normalisations = vec![many.normalisations[0].clone(); 17];
        assert!(opened(&many.to_json()).unwrap_err().to_string().contains("17 sensors, expected at most 16"));
    }

    proptest! {
        #[test]
        fn random_text_is_refused(text in any::<String>()) {
            prop_assert!(opened(&text).is_err());
        }

        #[test]
        fn a_damaged_card_opens_or_is_refused_with_the_file(
            damage in proptest::collection::vec((any::<proptest::sample::Index>(), 0x20..0x7f_u8), 1..5),
        ) {
            let mut bytes = whole().to_json().into_bytes();
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Err(error) = opened(&String::from_utf8_lossy(&bytes)) {
                prop_assert!(error.to_string().contains("model.safetensors"), "{}", error);
            }
        }
    }
}
