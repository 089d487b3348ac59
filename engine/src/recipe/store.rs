//! One run's settings: every key of the catalogue with a checked value.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::catalogue::{catalogue, component, component_of, setting};
use super::component::{CUSTOM, Component, Remark, Variant};
use super::error::RecipeError;
use super::key::{Key, Readable};
use super::reading::{checked, flatten, nearest, toml_from_value, value_from_text, value_from_toml};
use super::setting::{Change, Setting};
use super::settings::Settings;
use super::value::Value;
use crate::failure::short;
use crate::files::{read_at_most, toml_error};

/// The longest recipe that is read; a whole one takes some ten thousand.
const MAX_BYTES: u64 = 1 << 20;

/// The newest recipe format that this program reads; it writes this one.
const VERSION: i64 = 2;

/// A complete recipe. Every key of the catalogue has a value of its kind, within its range.
///
/// ```
/// use fusionscope_engine::recipe::{Recipe, preset};
///
/// # fn main() -> Result<(), fusionscope_engine::recipe::RecipeError> {
/// let mut recipe = preset("ogp-net-demo")?;
/// recipe.set_text("encoder.family", "efficientnet-lite0")?;
/// recipe.set_text("encoder.pretrained", "")?;
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
#[serde(try_from = "Written")]
pub struct Recipe {
    /// A name for people: the preset's, or the file's stem.
    pub name: String,
    values: Settings,
}

/// A recipe as it comes in, of which nothing is known yet.
#[derive(Deserialize)]
struct Written {
    name: String,
    values: Settings,
}

impl TryFrom<Written> for Recipe {
    type Error = RecipeError;

    fn try_from(written: Written) -> Result<Self, RecipeError> {
        let mut recipe = Self::defaults(&written.name);
        for (key, value) in written.values.0 {
            recipe.set(&key, value)?;
        }
        Ok(recipe)
    }
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
        Self { name: name.to_owned(), values: Settings(values) }
    }

    /// Reads a recipe file; keys that it leaves out take their defaults.
    pub fn read(path: &Path) -> Result<Self, RecipeError> {
        let bytes = read_at_most(path, MAX_BYTES)
            .map_err(|error| RecipeError::Unreadable { reason: error.to_string(), path: path.to_owned() })?;
        let in_file = |source| RecipeError::InFile { source: Box::new(source), path: path.to_owned() };
        let text = String::from_utf8(bytes)
            .map_err(|error| in_file(RecipeError::Syntax { reason: format!("not UTF-8 text: {error}") }))?;
        let stem = path.file_stem().map_or_else(|| "recipe".to_owned(), |stem| stem.to_string_lossy().into_owned());
        Self::from_toml(&text, &stem).map_err(in_file)
    }

    /// Reads the text of a recipe file, whose keys may be dotted or in tables. What it leaves out is what its version
    /// meant by that; a file without a version is of the newest.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, RecipeError> {
        let text = text.trim_start_matches('\u{feff}');
        let table: toml::Table =
            text.parse().map_err(|error| RecipeError::Syntax { reason: toml_error::reason(text, &error) })?;
        let version = table.get("version").map_or(Ok(VERSION), version_of)?;
        let mut recipe = Self::defaults_of(version, name)?;
        let mut found = Vec::new();
        flatten("", &table, &mut found);
        for (key, value) in found {
            match key.as_str() {
                "version" => {}
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
                text.push_str(&format!("{} = {}\n", setting.key, toml_from_value(&self.values.0[setting.key])));
            }
        }
        text
    }

    /// Sets one key after checking the value against its kind and range.
    pub fn set(&mut self, key: &str, value: Value) -> Result<(), RecipeError> {
        let value = checked(key, &known(key)?.kind, value)?;
        self.values.0.insert(key.to_owned(), value);
        Ok(())
    }

    /// Sets a key from words typed by a person, as in `--set encoder.family=nano`.
    ///
    /// A component's id stands for its switch: `exchange.channel=off`. A component's id with `.variant` sets all that
    /// one of its variants sets: `exchange.channel.variant=code`.
    pub fn set_text(&mut self, key: &str, text: &str) -> Result<(), RecipeError> {
        if let Some(component) = key.strip_suffix(".variant").and_then(component)
            && !component.variants.is_empty()
        {
            return self.set_variant(component, text.trim());
        }
        let with_switch = format!("{key}.enabled");
        let key = if setting(key).is_none() && setting(&with_switch).is_some() { with_switch.as_str() } else { key };
        self.set(key, value_from_text(key, &known(key)?.kind, text.trim())?)
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

    /// The variant that a component's settings follow, [`CUSTOM`] where they match none; `None` for components without
    /// any.
    pub fn variant(&self, component: &Component) -> Option<&'static str> {
        let found = component.variants.iter().find(|variant| self.follows(variant));
        (!component.variants.is_empty()).then(|| found.map_or(CUSTOM, |variant| variant.id))
    }

    fn follows(&self, variant: &Variant) -> bool {
        variant.values.iter().all(|&(key, text)| {
            setting(key).is_some_and(|known| {
                let wanted = value_from_text(key, &known.kind, text).and_then(|value| checked(key, &known.kind, value));
                wanted.is_ok_and(|wanted| self.values.0.get(key) == Some(&wanted))
            })
        })
    }

    /// Refuses combinations that no run could satisfy.
    pub fn check(&self) -> Result<(), RecipeError> {
        catalogue().iter().try_for_each(|component| (component.check)(&self.values))
    }

    /// What is on and yet does nothing, with the key it belongs to and the reason.
    pub fn remarks(&self) -> Vec<Remark> {
        catalogue().iter().filter_map(|component| (component.remark)(&self.values)).collect()
    }

    /// Whether a component is on, and what it works for is there.
    pub fn uses(&self, component: &Component) -> bool {
        component.is_in_use(&self.values)
    }

    /// A setting's value, as the type of its key: the only way in which the program reads settings.
    ///
    /// ```
    /// use fusionscope_engine::recipe::Recipe;
    /// use fusionscope_engine::recipe::catalogue::{fusion, training};
    ///
    /// let recipe = Recipe::defaults("mine");
    /// assert!(recipe.get(training::LEARNING_RATE) > 0.0);
    /// let place = match recipe.get(fusion::LEVEL) {
    ///     fusion::Level::Decoder => "decoder maps",
    ///     fusion::Level::Logits => "class scores",
    ///     fusion::Level::Levels => "the encoder's levels",
    /// };
    /// assert_eq!(place, "decoder maps");
    /// ```
    ///
    /// A setting that the catalogue does not have cannot be named:
    ///
    /// ```compile_fail,E0425
    /// # use fusionscope_engine::recipe::Recipe;
    /// # use fusionscope_engine::recipe::catalogue::training;
    /// Recipe::defaults("mine").get(training::LERNING_RATE);
    /// ```
    ///
    /// nor an option left out:
    ///
    /// ```compile_fail,E0004
    /// # use fusionscope_engine::recipe::Recipe;
    /// # use fusionscope_engine::recipe::catalogue::fusion;
    /// match Recipe::defaults("mine").get(fusion::LEVEL) {
    ///     fusion::Level::Decoder => {}
    ///     fusion::Level::Logits => {}
    /// }
    /// ```
    pub fn get<T: Readable>(&self, key: Key<T>) -> T::Read<'_> {
        self.values.get(key)
    }

    /// Turns a switch on or off, which always fits.
    pub fn turn(&mut self, switch: Key<bool>, on: bool) {
        self.values.0.insert(switch.id().to_owned(), Value::Switch(on));
    }

    /// Sets one key after checking the value against its range.
    pub fn put<T: Readable>(&mut self, key: Key<T>, value: T) -> Result<(), RecipeError> {
        self.set(key.id(), value.into_value())
    }

    /// A setting's value by its key, whatever its kind; `None` where the catalogue has no such key. For what handles
    /// all settings alike: files, messages, and the recipe pane.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.values.0.get(key)
    }

    /// All settings that differ, in the catalogue's order.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        catalogue()
            .iter()
            .flat_map(|component| component.settings)
            .filter(|setting| self.values.0.get(setting.key) != other.values.0.get(setting.key))
            .map(|setting| Difference {
                key: setting.key,
                ours: self.values.0[setting.key].clone(),
                theirs: other.values.0[setting.key].clone(),
                change: setting.change,
            })
            .collect()
    }
}

/// A setting that must be in the catalogue.
fn known(key: &str) -> Result<&'static Setting, RecipeError> {
    setting(key).ok_or_else(|| RecipeError::UnknownKey { key: short(key).into_owned(), hint: nearest(key) })
}

fn version_of(value: &toml::Value) -> Result<i64, RecipeError> {
    match value.as_integer() {
        Some(found) if (1..=VERSION).contains(&found) => Ok(found),
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
