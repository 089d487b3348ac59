//! One run's settings: every key of the catalogue with a checked value.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::catalogue::{CUSTOM, Change, Component, Kind, Variant, catalogue, component, component_of, setting};
use super::error::RecipeError;
use super::presets::preset;
use super::value::Value;

/// The newest recipe format that this program reads; it writes this one.
const VERSION: i64 = 1;

/// A complete recipe. Every key of the catalogue has a value of its kind, within its range.
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
        if self.number("objective.segmentation.cross_entropy") + self.number("objective.segmentation.dice") == 0.0 {
            return impossible(
                "objective.segmentation.cross_entropy",
                "cross-entropy and Dice cannot both weigh 0: no head would learn",
            );
        }
        if self.text("fusion.kind") != "gsu" && self.text("fusion.level") == "logits" {
            return impossible("fusion.level", "only the gated selection unit works on logits; choose `decoder`");
        }
        Ok(())
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

fn flatten<'a>(prefix: &str, table: &'a toml::Table, found: &mut Vec<(String, &'a toml::Value)>) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, found),
            other => found.push((key, other)),
        }
    }
}

fn value_from_toml(key: &str, value: &toml::Value) -> Result<Value, RecipeError> {
    let bad = || RecipeError::BadValue { key: key.to_owned(), found: value.to_string(), expected: expectation(key) };
    match value {
        toml::Value::Boolean(on) => Ok(Value::Switch(*on)),
        toml::Value::Integer(number) => Ok(Value::Integer(*number)),
        toml::Value::Float(number) => Ok(Value::Number(*number)),
        toml::Value::String(text) => Ok(Value::Text(text.clone())),
        toml::Value::Array(items) if items.iter().all(toml::Value::is_integer) => {
            Ok(Value::Integers(items.iter().filter_map(toml::Value::as_integer).collect()))
        }
        toml::Value::Array(items) if items.iter().all(toml::Value::is_str) => {
            Ok(Value::Texts(items.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect()))
        }
        _ => Err(bad()),
    }
}

fn toml_from_value(value: &Value) -> String {
    match value {
        Value::Switch(on) => toml::Value::Boolean(*on).to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => toml::Value::Float(*number).to_string(),
        Value::Text(text) => toml::Value::String(text.clone()).to_string(),
        Value::Integers(numbers) => {
            format!("[{}]", numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        Value::Texts(words) => {
            let words: Vec<String> = words.iter().map(|word| toml::Value::String(word.clone()).to_string()).collect();
            format!("[{}]", words.join(", "))
        }
    }
}

fn value_from_text(key: &str, kind: &Kind, text: &str) -> Result<Value, RecipeError> {
    let bad = || RecipeError::BadValue { key: key.to_owned(), found: text.to_owned(), expected: expectation(key) };
    let words = || {
        text.trim_matches(['[', ']'])
            .split(',')
            .map(|word| word.trim().trim_matches('"'))
            .filter(|word| !word.is_empty())
    };
    match kind {
        Kind::Switch(_) => match text {
            "true" | "on" | "yes" | "1" => Ok(Value::Switch(true)),
            "false" | "off" | "no" | "0" => Ok(Value::Switch(false)),
            _ => Err(bad()),
        },
        Kind::Integer { .. } => text.parse().map(Value::Integer).map_err(|_ignored| bad()),
        Kind::Number { .. } => text.parse().map(Value::Number).map_err(|_ignored| bad()),
        Kind::Choice { .. } | Kind::Text(_) => Ok(Value::Text(text.to_owned())),
        Kind::Integers { .. } => {
            words().map(|word| word.parse().map_err(|_ignored| bad())).collect::<Result<_, _>>().map(Value::Integers)
        }
        Kind::Texts(_) => Ok(Value::Texts(words().map(str::to_owned).collect())),
    }
}

/// What a setting allows, in words.
fn expectation(key: &str) -> String {
    match setting(key).map(|setting| setting.kind) {
        None => "a setting of the catalogue".to_owned(),
        Some(Kind::Switch(_)) => "true or false".to_owned(),
        Some(Kind::Integer { min, max, .. }) => format!("a whole number from {min} to {max}"),
        Some(Kind::Number { min, max, .. }) => format!("a number from {min} to {max}"),
        Some(Kind::Choice { options, .. }) => {
            format!("one of {}", options.iter().map(|option| option.id).collect::<Vec<_>>().join(", "))
        }
        Some(Kind::Text(_)) => "text".to_owned(),
        Some(Kind::Integers { min, max, .. }) => format!("a list of different whole numbers from {min} to {max}"),
        Some(Kind::Texts(_)) => "a list of different names".to_owned(),
    }
}

fn checked(key: &str, kind: &Kind, value: Value) -> Result<Value, RecipeError> {
    let fits = match (kind, &value) {
        (Kind::Switch(_), Value::Switch(_)) | (Kind::Text(_), Value::Text(_)) => true,
        (Kind::Integer { min, max, .. }, Value::Integer(number)) => (min..=max).contains(&number),
        (Kind::Number { min, max, .. }, Value::Number(number)) => (min..=max).contains(&number),
        (Kind::Number { min, max, .. }, Value::Integer(number)) => (*min..=*max).contains(&(*number as f64)),
        (Kind::Choice { options, .. }, Value::Text(text)) => options.iter().any(|option| option.id == text),
        (Kind::Integers { min, max, .. }, Value::Integers(numbers)) => {
            all_different(numbers) && numbers.iter().all(|number| (min..=max).contains(&number))
        }
        (Kind::Texts(_), Value::Texts(words)) => all_different(words) && words.iter().all(|word| !word.is_empty()),
        (Kind::Texts(_), Value::Integers(numbers)) => numbers.is_empty(),
        _ => false,
    };
    if !fits {
        return Err(RecipeError::BadValue {
            key: key.to_owned(),
            found: value.to_string(),
            expected: expectation(key),
        });
    }
    Ok(match (kind, value) {
        (Kind::Number { .. }, Value::Integer(number)) => Value::Number(number as f64),
        (Kind::Texts(_), Value::Integers(_)) => Value::Texts(Vec::new()),
        (_, value) => value,
    })
}

fn all_different<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().all(|(index, item)| !items[..index].contains(item))
}

/// The known key with the fewest edits to `key`, if any is near.
fn nearest(key: &str) -> Option<String> {
    catalogue()
        .iter()
        .flat_map(|component| component.settings)
        .map(|setting| (edit_distance(key, setting.key), setting.key))
        .min()
        .filter(|&(distance, _)| distance <= key.len().max(4) / 3)
        .map(|(_, key)| key.to_owned())
}

fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, &to) in right.iter().enumerate() {
            let change = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

impl Difference {
    /// The title of the component that the setting belongs to.
    pub fn component(&self) -> &'static str {
        component_of(self.key).map_or("", |component| component.title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_recipe_reads_back_the_same() {
        let mut recipe = Recipe::defaults("x \"y\"");
        recipe.set_text("sensors.use", "colour, thermal").unwrap();
        recipe.set_text("exchange.channel", "off").unwrap();
        recipe.set_text("decoder.rates", "3,6").unwrap();
        assert_eq!(Recipe::from_toml(&recipe.to_toml(), "other").unwrap(), recipe);
    }

    #[test]
    fn a_variant_sets_its_settings_and_is_read_back_from_them() {
        for component in catalogue().iter().filter(|component| !component.variants.is_empty()) {
            for variant in component.variants {
                let mut recipe = Recipe::defaults("r");
                recipe.set_text(&format!("{}.variant", component.id), variant.id).unwrap();
                assert_eq!(recipe.variant(component), Some(variant.id), "{}", component.id);
                let known: Vec<&str> = variant.values.iter().map(|&(key, _)| key).collect();
                let changed = recipe.differences(&Recipe::defaults("r"));
                assert!(changed.iter().all(|change| known.contains(&change.key)), "{}", component.id);
                assert_eq!(Recipe::from_toml(&recipe.to_toml(), "r").unwrap(), recipe);
            }
        }
    }

    #[test]
    fn settings_that_match_no_variant_are_custom() {
        let exchange = component("exchange.channel").unwrap();
        let mut recipe = Recipe::defaults("r");
        assert_eq!(recipe.variant(exchange), Some("paper"));
        recipe.set_text("exchange.channel", "off").unwrap();
        assert_eq!(recipe.variant(exchange), Some("paper"), "a switch is no part of a variant");
        recipe.set_text("exchange.channel.threshold", "0.1").unwrap();
        assert_eq!(recipe.variant(exchange), Some(CUSTOM));
        assert!(recipe.to_toml().contains("# Channel exchange, variant: custom\n"));
        recipe.set_text("exchange.channel.variant", "code").unwrap();
        assert!((recipe.number("exchange.channel.sparsity") - 2e-4).abs() < 1e-12);
        assert_eq!(recipe.variant(component("encoder").unwrap()), None);
    }

    #[test]
    fn unknown_variants_are_refused_and_a_file_holds_settings_alone() {
        let mut recipe = Recipe::defaults("r");
        let before = recipe.clone();
        let message = recipe.set_text("exchange.channel.variant", "custom").unwrap_err().to_string();
        assert!(message.contains("exchange.channel.variant") && message.contains("paper, code"), "{message}");
        assert!(matches!(recipe.set_text("encoder.variant", "paper"), Err(RecipeError::UnknownKey { .. })));
        assert_eq!(recipe, before);
        let in_a_file = Recipe::from_toml("exchange.channel.variant = \"code\"", "r");
        assert!(matches!(in_a_file, Err(RecipeError::UnknownKey { .. })));
    }

    #[test]
    fn the_shipped_recipe_of_the_paper_says_which_reading_it_takes() {
        let recipe = preset("ogp-net").unwrap();
        let variants: Vec<_> = catalogue()
            .iter()
            .filter_map(|component| recipe.variant(component).map(|variant| (component.id, variant)))
            .collect();
        assert_eq!(
            variants,
            [
                ("data", "paper"),
                ("exchange.channel", "paper"),
                ("exchange.spatial", "paper"),
                ("fusion", "paper"),
                ("inference", "code"),
                ("objective.relation", "code"),
                ("objective.feature", "code"),
                ("objective.contrast", "paper"),
            ]
        );
    }

    #[test]
    fn unknown_keys_are_refused_with_the_nearest_one() {
        let message = Recipe::from_toml("encoder.famly = \"nano\"", "r").unwrap_err().to_string();
        assert!(message.contains("encoder.famly") && message.contains("encoder.family"), "{message}");
    }

    #[test]
    fn values_out_of_range_nan_and_of_the_wrong_kind_are_refused() {
        for (key, value) in [
            ("data.batch_size", "-1"),
            ("training.learning_rate", "nan"),
            ("training.learning_rate", "inf"),
            ("encoder.family", "resnet"),
            ("decoder.rates", "0"),
            ("exchange.channel.stages", "1,1"),
            ("exchange.channel.enabled", "maybe"),
        ] {
            let message = Recipe::defaults("r").set_text(key, value).unwrap_err().to_string();
            let found = message.to_lowercase();
            assert!(found.contains(key) && found.contains(value) && found.contains("expected"), "{message}");
        }
    }

    #[test]
    fn a_newer_version_and_impossible_combinations_are_refused() {
        assert!(matches!(Recipe::from_toml("version = 99", "r"), Err(RecipeError::NewerVersion { found: 99, .. })));
        let text = "encoder.sharing = \"shared\"\nexchange.channel.enabled = true";
        assert!(matches!(Recipe::from_toml(text, "r"), Err(RecipeError::Impossible { .. })));
    }

    #[test]
    fn a_byte_order_mark_and_crlf_do_no_harm() {
        let recipe = Recipe::from_toml("\u{feff}version = 1\r\nencoder.family = \"nano\"\r\n", "r").unwrap();
        assert_eq!(recipe.text("encoder.family"), "nano");
    }
}
