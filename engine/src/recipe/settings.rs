//! The values of all settings, read by their keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::key::{Key, Readable};
use super::value::Value;

/// A value for every key of the catalogue, of its kind and within its range. [`Recipe`](super::Recipe) makes and
/// changes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings(pub(super) BTreeMap<String, Value>);

impl Settings {
    /// A setting's value.
    pub fn get<T: Readable>(&self, key: Key<T>) -> T::Read<'_> {
        self.0.get(key.id()).and_then(T::read).unwrap_or_else(|| {
            // Recipes begin with every key of the catalogue, only the catalogue makes keys, and `set` looks at the
            // kind.
            unreachable!("the recipe has no value of its kind for `{}`", key.id())
        })
    }
}
