//! By which column each table is sorted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::heat_map::Sort;

/// The orders of tables, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sorts(BTreeMap<String, Sort>);

impl Sorts {
    /// That of a table.
    pub(super) fn of(&mut self, table: &str) -> &mut Sort {
        self.0.entry(table.to_owned()).or_default()
    }
}
