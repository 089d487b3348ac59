//! The value of one setting.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A setting's value as it stands in a recipe file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// A whole number.
    Integer(i64),
    /// A real number, always finite.
    Number(f64),
    /// A word out of a list of choices, a name, or a path.
    Text(String),
    /// Whole numbers, such as encoder stages or dilation rates.
    Integers(Vec<i64>),
    /// Names, such as the sensors in use.
    Texts(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(on) => write!(formatter, "{on}"),
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Text(text) => formatter.write_str(text),
            Self::Integers(numbers) => {
                let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                formatter.write_str(&words.join(","))
            }
            Self::Texts(words) => formatter.write_str(&words.join(",")),
        }
    }
}
