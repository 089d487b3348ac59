//! A choice of the catalogue as its word.

use serde::{Deserialize as _, Deserializer, Serializer, de};

use crate::recipe::Choice;

pub(super) fn serialize<C: Choice, S: Serializer>(choice: &C, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(choice.word())
}

pub(super) fn deserialize<'de, C: Choice, D: Deserializer<'de>>(deserializer: D) -> Result<C, D::Error> {
    let word = String::deserialize(deserializer)?;
    C::of(&word).ok_or_else(|| {
        let known: Vec<&str> = C::all().iter().map(|choice| choice.word()).collect();
        de::Error::custom(format!("expected {}, found `{word}`", known.join(", ")))
    })
}
