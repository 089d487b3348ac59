//! One switch or field as data: what the recipe pane, `--set`, files and messages are made from.

use super::value::Value;

/// When a changed setting takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Between two steps of a running training.
    Live,
    /// With a new run only.
    Structural,
}

/// One word out of a setting's list of choices.
#[derive(Clone, Copy, Debug)]
pub struct Option_ {
    /// As written in a recipe.
    pub id: &'static str,
    /// What choosing it means, in one sentence.
    pub summary: &'static str,
}

/// What values a setting takes, and its default.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// On or off.
    Switch(bool),
    /// A whole number within `min..=max`.
    Integer {
        /// The default.
        default: i64,
        /// The smallest allowed.
        min: i64,
        /// The largest allowed.
        max: i64,
    },
    /// A finite real number within `min..=max`.
    Number {
        /// The default.
        default: f64,
        /// The smallest allowed.
        min: f64,
        /// The largest allowed.
        max: f64,
    },
    /// One of a few words.
    Choice {
        /// The default's id.
        default: &'static str,
        /// All of them.
        options: &'static [Option_],
    },
    /// Free text: a name or a path; empty means none.
    Text(&'static str),
    /// Whole numbers within `min..=max`, none twice.
    Integers {
        /// The default.
        default: &'static [i64],
        /// The smallest allowed.
        min: i64,
        /// The largest allowed.
        max: i64,
    },
    /// Names; empty means "choose for me".
    Texts(&'static [&'static str]),
}

impl Kind {
    /// The default as a value.
    pub fn default_value(&self) -> Value {
        match *self {
            Self::Switch(on) => Value::Switch(on),
            Self::Integer { default, .. } => Value::Integer(default),
            Self::Number { default, .. } => Value::Number(default),
            Self::Choice { default, .. } | Self::Text(default) => Value::Text(default.to_owned()),
            Self::Integers { default, .. } => Value::Integers(default.to_vec()),
            Self::Texts(default) => Value::Texts(default.iter().map(|&word| word.to_owned()).collect()),
        }
    }
}

/// One switch or field.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The key in a recipe, for example `exchange.channel.threshold`.
    pub key: &'static str,
    /// A short label, sentence case.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Its values.
    pub kind: Kind,
    /// When a change takes effect.
    pub change: Change,
}
