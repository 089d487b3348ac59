//! One run's settings: every key of the catalogue with a checked value.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::adaptation;
use super::catalogue::{CUSTOM, Change, Component, Variant, catalogue, component, component_of, setting};
use super::error::RecipeError;
use super::presets::preset;
use super::reading::{checked, flatten, nearest, toml_from_value, value_from_text, value_from_toml};
use super::value::Value;

/// The newest recipe format that this program reads; it writes this one.
const VERSION: i64 = 1;

/// A complete recipe. Every key of the catalogue has a value of its kind, within its range.
///
/// ```
/// use fusionscope_engine::recipe::{Recipe, preset};
///
/// # fn main() -> Result<(), fusionscope_engine::recipe::RecipeError> {
/// let mut recipe = preset("ogp-net-demo")?;
/// recipe.set_text("encoder.family", "efficientnet-lite0")?;
/// recipe.set_text("exchange.channel", "off")?;
/// recipe.check()?;
/// // What it writes reads back the same, and a misspelt key is refused with the one that was meant.
/// assert_eq!(Recipe::from_toml(&recipe.to_toml(), &recipe.name)?, recipe);
/// let refused = recipe.set_text("encoder.famly", "nano").unwrap_err();
/// assert!(refused.to_string().contains("encoder.family"), "{refused}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// A name for people: the preset's, or the file's stem.
    pub name: String,
    values: BTreeMap<String, Value>,
}

/// One setting that differs between two recipes.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The setting's key.
    pub key: &'static str,
    /// Its value in the first recipe.
    pub ours: Value,
    /// Its value in the second.
    pub theirs: Value,
    /// When changing it takes effect.
    pub change: Change,
}

impl Recipe {
    /// The catalogue's defaults.
    pub fn defaults(name: &str) -> Self {
        let values = catalogue()
            .iter()
            .flat_map(|component| component.settings)
            .map(|setting| (setting.key.to_owned(), setting.kind.default_value()))
            .collect();
        Self { name: name.to_owned(), values }
    }

    /// A preset by name, else the file at that path.
    pub fn named_or_file(name: &str) -> Result<Self, RecipeError> {
        match preset(name) {
            Ok(recipe) => Ok(recipe),
            Err(unknown) => {
                let path = Path::new(name);
                if path.extension().is_some() || path.exists() { Self::read(path) } else { Err(unknown) }
            }
        }
    }

    /// Reads a recipe file; keys that it leaves out take their defaults.
    pub fn read(path: &Path) -> Result<Self, RecipeError> {
        let bytes = std::fs::read(path)
            .map_err(|error| RecipeError::Unreadable { reason: error.to_string(), path: path.to_owned() })?;
        let in_file = |source| RecipeError::InFile { source: Box::new(source), path: path.to_owned() };
        let text = String::from_utf8(bytes)
            .map_err(|error| in_file(RecipeError::Syntax { reason: format!("not UTF-8 text: {error}") }))?;
        let stem = path.file_stem().map_or_else(|| "recipe".to_owned(), |stem| stem.to_string_lossy().into_owned());
        Self::from_toml(&text, &stem).map_err(in_file)
    }

    /// Reads the text of a recipe file, whose keys may be dotted or in tables.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, RecipeError> {
        let text = text.trim_start_matches('\u{feff}');
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| RecipeError::Syntax { reason: error.to_string().trim().to_owned() })?;
        let mut recipe = Self::defaults(name);
        let mut found = Vec::new();
        flatten("", &table, &mut found);
        for (key, value) in found {
            match key.as_str() {
                "version" => check_version(value)?,
                "name" => value.as_str().unwrap_or(name).clone_into(&mut recipe.name),
                _ => recipe.set(&key, value_from_toml(&key, value)?)?,
            }
        }
        recipe.check()?;
        Ok(recipe)
    }

    /// The whole recipe as a flat TOML file, every key written out.
    pub fn to_toml(&self) -> String {
        let mut text = format!("version = {VERSION}\nname = {}\n", toml_from_value(&Value::Text(self.name.clone())));
        for component in catalogue() {
            let variant = self.variant(component).map_or_else(String::new, |variant| format!(", variant: {variant}"));
            text.push_str(&format!("\n# {}{variant}\n", component.title));
            for setting in component.settings {
                text.push_str(&format!("{} = {}\n", setting.key, toml_from_value(&self.values[setting.key])));
            }
        }
        text
    }

    /// Sets one key after checking the value against its kind and range.
    pub fn set(&mut self, key: &str, value: Value) -> Result<(), RecipeError> {
        let known = setting(key).ok_or_else(|| RecipeError::UnknownKey { key: key.to_owned(), hint: nearest(key) })?;
        let value = checked(key, &known.kind, value)?;
        self.values.insert(key.to_owned(), value);
        Ok(())
    }

    /// Sets a key from words typed by a person, as in `--set encoder.family=nano`.
    ///
    /// A component's id stands for its switch: `exchange.channel=off`. A component's id with `.variant` sets all that one of
    /// its variants sets: `exchange.channel.variant=code`.
    pub fn set_text(&mut self, key: &str, text: &str) -> Result<(), RecipeError> {
        if let Some(component) = key.strip_suffix(".variant").and_then(component)
            && !component.variants.is_empty()
        {
            return self.set_variant(component, text.trim());
        }
        let with_switch = format!("{key}.enabled");
        let key = if setting(key).is_none() && setting(&with_switch).is_some() { with_switch.as_str() } else { key };
        let known = setting(key).ok_or_else(|| RecipeError::UnknownKey { key: key.to_owned(), hint: nearest(key) })?;
        self.set(key, value_from_text(key, &known.kind, text.trim())?)
    }

    /// Gives a component's settings the values of one of its variants; its other settings keep theirs.
    pub fn set_variant(&mut self, component: &Component, id: &str) -> Result<(), RecipeError> {
        let found =
            component.variants.iter().find(|variant| variant.id == id).ok_or_else(|| RecipeError::BadValue {
                key: format!("{}.variant", component.id),
                found: id.to_owned(),
                expected: format!(
                    "one of {}",
                    component.variants.iter().map(|known| known.id).collect::<Vec<_>>().join(", ")
                ),
            })?;
        let mut changed = self.clone();
        for (key, text) in found.values {
            changed.set_text(key, text)?;
        }
        *self = changed;
        Ok(())
    }

    /// The variant that a component's settings follow, [`CUSTOM`] where they match none; `None` for components without any.
    pub fn variant(&self, component: &Component) -> Option<&'static str> {
        let found = component.variants.iter().find(|variant| self.follows(variant));
        (!component.variants.is_empty()).then(|| found.map_or(CUSTOM, |variant| variant.id))
    }

    fn follows(&self, variant: &Variant) -> bool {
        variant.values.iter().all(|&(key, text)| {
            setting(key).is_some_and(|known| {
                let wanted = value_from_text(key, &known.kind, text).and_then(|value| checked(key, &known.kind, value));
                wanted.is_ok_and(|wanted| self.values.get(key) == Some(&wanted))
            })
        })
    }

    /// Refuses combinations that no run could satisfy.
    pub fn check(&self) -> Result<(), RecipeError> {
        let impossible =
            |key: &str, reason: &str| Err(RecipeError::Impossible { key: key.to_owned(), reason: reason.to_owned() });
        if self.number("data.scale_min") > self.number("data.scale_max") {
            return impossible("data.scale_min", "is larger than `data.scale_max`; lower it or raise the other");
        }
        if (self.integer("data.height") == 0) != (self.integer("data.width") == 0) {
            return impossible("data.height", "height and width are both given or both 0");
        }
        if self.text("encoder.sharing") == "shared" && self.switch("exchange.channel.enabled") {
            return impossible(
                "exchange.channel.enabled",
                "channel exchange needs batch norms per sensor; switch it off or choose another `encoder.sharing`",
            );
        }
        let family = self.text("encoder.family");
        if (family.starts_with("mit-") || family.starts_with("mscan-")) && self.text("encoder.output_stride") == "16" {
            return impossible(
                "encoder.output_stride",
                "only encoders of convolutional blocks can be dilated; choose `family` or another `encoder.family`",
            );
        }
        if (family.starts_with("mit-") || family.starts_with("mscan-")) && self.switch("exchange.channel.enabled") {
            return impossible(
                "exchange.channel.enabled",
                "channel exchange goes by the scales of batch norms behind convolutions, and neither Mix Transformers nor MSCANs \
                 have such; switch it off or choose another `encoder.family`",
            );
        }
        if self.number("objective.segmentation.cross_entropy") + self.number("objective.segmentation.dice") == 0.0 {
            return impossible(
                "objective.segmentation.cross_entropy",
                "cross-entropy and Dice cannot both weigh 0: no head would learn",
            );
        }
        if self.text("fusion.kind") == "fdam" && self.text("fusion.level") != "levels" {
            return impossible("fusion.level", "`fdam` aligns the encoder's levels; choose `levels`");
        }
        if matches!(self.text("fusion.kind"), "concat" | "average") && self.text("fusion.level") == "logits" {
            return impossible(
                "fusion.level",
                "`concat` and `average` do not work on logits; choose `decoder` or another `fusion.kind`",
            );
        }
        adaptation::check(self)
    }

    /// What is on and yet does nothing, with the key it belongs to and the reason.
    pub fn remarks(&self) -> Vec<(&'static str, String)> {
        let mut remarks = Vec::new();
        if self.switch("objective.inter_modal.enabled") && self.text("objective.language.vectors").is_empty() {
            let words = "Inter-modal distillation is off: it needs embeddings of every image, and `objective.language.vectors` \
                         names no file. Make one with assets/tools/export_teacher_vectors.py";
            remarks.push(("objective.inter_modal.enabled", words.to_owned()));
        }
        remarks
    }

    /// A setting's value, whatever its kind; `None` where the catalogue has no such key.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// A switch; `false` where the key is no switch.
    pub fn switch(&self, key: &str) -> bool {
        matches!(self.values.get(key), Some(Value::Switch(true)))
    }

    /// A real number; whole numbers count, other kinds read as 0.
    pub fn number(&self, key: &str) -> f64 {
        match self.values.get(key) {
            Some(Value::Number(number)) => *number,
            Some(Value::Integer(number)) => *number as f64,
            _ => 0.0,
        }
    }

    /// A whole number that is not negative; other kinds read as 0.
    pub fn integer(&self, key: &str) -> usize {
        match self.values.get(key) {
            Some(Value::Integer(number)) => usize::try_from(*number).unwrap_or(0),
            _ => 0,
        }
    }

    /// A choice, name or path; other kinds read as empty.
    pub fn text(&self, key: &str) -> &str {
        match self.values.get(key) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// A list of whole numbers; other kinds read as empty.
    pub fn integers(&self, key: &str) -> Vec<usize> {
        match self.values.get(key) {
            Some(Value::Integers(numbers)) => {
                numbers.iter().filter_map(|&number| usize::try_from(number).ok()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A list of names; other kinds read as empty.
    pub fn texts(&self, key: &str) -> Vec<String> {
        match self.values.get(key) {
            Some(Value::Texts(words)) => words.clone(),
            _ => Vec::new(),
        }
    }

    /// All settings that differ, in the catalogue's order.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        catalogue()
            .iter()
            .flat_map(|component| component.settings)
            .filter(|setting| self.values.get(setting.key) != other.values.get(setting.key))
            .map(|setting| Difference {
                key: setting.key,
                ours: self.values[setting.key].clone(),
                theirs: other.values[setting.key].clone(),
                change: setting.change,
            })
            .collect()
    }
}

fn check_version(value: &toml::Value) -> Result<(), RecipeError> {
    match value.as_integer() {
        Some(found) if (1..=VERSION).contains(&found) => Ok(()),
        Some(found) if found > VERSION => Err(RecipeError::NewerVersion { found, supported: VERSION }),
        _ => Err(RecipeError::BadValue {
            key: "version".to_owned(),
            found: value.to_string(),
            expected: format!("a whole number from 1 to {VERSION}"),
        }),
    }
}

impl Difference {
    /// The title of the component that the setting belongs to.
    pub fn component(&self) -> &'static str {
        component_of(self.key).map_or("", |component| component.title)
    }
}

#[cfg(test)]
mod tests;
