//! Stored values of a label that mean no class, called by their names.

use std::collections::BTreeMap;
use std::path::Path;

use super::table::LabelTable;
use crate::data::error::DataError;

/// Different values that are kept for the message.
const KEPT: usize = 4096;

/// Values that are named in the message.
const NAMED: usize = 5;

/// What one file holds beside ids that mean something.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Refused {
    /// Pixels of whole numbers out of range, by number; the first few.
    ids: BTreeMap<i64, usize>,
    /// Pixels that hold a fraction, and the first of them.
    fractions: Option<(f32, usize)>,
    /// Pixels that hold no number, or an infinite one.
    not_finite: Option<(f32, usize)>,
    /// Pixels in all.
    pub(crate) pixels: usize,
}

impl Refused {
    pub(super) fn add(&mut self, stored: f32) {
        self.pixels += 1;
        if !stored.is_finite() {
            self.not_finite.get_or_insert((stored, 0)).1 += 1;
        } else if stored.fract() != 0.0 {
            self.fractions.get_or_insert((stored, 0)).1 += 1;
        } else if self.ids.len() < KEPT || self.ids.contains_key(&(stored as i64)) {
            *self.ids.entry(stored as i64).or_insert(0) += 1;
        }
    }

    /// Why the file at `path` is no label, in one sentence; `None` where nothing was refused.
    pub(super) fn error(&self, table: &LabelTable, path: &Path) -> Option<DataError> {
        let odd = match (self.not_finite, self.fractions) {
            (Some((value, pixels)), _) => Some((format!("{value}"), pixels)),
            (None, Some((value, pixels))) => Some((format!("fractions such as {value}"), pixels)),
            (None, None) => None,
        };
        if let Some((found, pixels)) = odd {
            return Some(DataError::label(
                format!(
                    "expected class ids, whole numbers ({}), found {found} in {pixels} px; save ids as whole numbers, with \
                     255 for pixels of no class",
                    table.allowed()
                ),
                path,
            ));
        }
        let ids: Vec<String> = self.ids.keys().take(NAMED).map(ToString::to_string).collect();
        let more = self.ids.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let found = match ids.as_slice() {
            [] => return None,
            [id] => format!("id {id} is"),
            ids => format!("ids {}{more} are", ids.join(", ")),
        };
        Some(DataError::LabelRange {
            found,
            example: ids[0].clone(),
            pixels: self.pixels,
            expected: table.allowed().to_owned(),
            path: path.to_owned(),
        })
    }
}
