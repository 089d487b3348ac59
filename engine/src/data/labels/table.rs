//! Stored label ids to class ids.

use std::path::Path;

use super::decode::Raster;
use super::error::DataError;
use super::manifest::{ClassMap, LabelFiles};
use super::sample::IGNORE;

/// Marks stored ids that mean nothing; no data set has so many classes.
const REFUSED: u8 = 254;

/// What every 16-bit stored id means, after offset, map, ignored ids and class map.
#[derive(Clone)]
pub(crate) struct LabelTable {
    meaning: Vec<u8>,
    allowed: String,
}

/// Class ids of one file.
pub(crate) struct DecodedLabel {
    pub(crate) ids: Vec<u8>,
    /// Stored ids out of range: the id and its pixels, in the order of ids.
    pub(crate) refused: Vec<(u16, usize)>,
}

impl std::fmt::Debug for LabelTable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "LabelTable({})", self.allowed)
    }
}

impl LabelTable {
    pub(crate) fn new(labels: &LabelFiles, class_map: Option<&ClassMap>) -> Self {
        let classes = labels.names.len();
        let own = |stored: u16| -> u8 {
            if let Some([_, id]) = labels.map.iter().find(|[from, _]| *from == stored) {
                return *id as u8;
            }
            if stored == u16::from(IGNORE) || labels.ignore.contains(&stored) {
                return IGNORE;
            }
            let id = i64::from(stored) + i64::from(labels.offset);
            if (0..classes as i64).contains(&id) { id as u8 } else { REFUSED }
        };
        let mapped = |stored: u16| match (own(stored), class_map) {
            (IGNORE, _) => IGNORE,
            (REFUSED, _) => REFUSED,
            (id, Some(map)) => map.map.get(id as usize).copied().unwrap_or(REFUSED),
            (id, None) => id,
        };
        let meaning: Vec<u8> = (0..=u16::MAX).map(mapped).collect();
        let allowed = allowed_ids(&meaning);
        Self { meaning, allowed }
    }

    /// For files that hold class ids as they are, and 255 for none.
    pub(crate) fn plain(classes: usize) -> Self {
        let own = |stored: u16| match u8::try_from(stored) {
            Ok(IGNORE) => IGNORE,
            Ok(id) if usize::from(id) < classes => id,
            _ => REFUSED,
        };
        let meaning: Vec<u8> = (0..=u16::MAX).map(own).collect();
        let allowed = allowed_ids(&meaning);
        Self { meaning, allowed }
    }

    /// Class ids, with what is out of range counted and ignored.
    pub(crate) fn decode(&self, raster: &Raster) -> DecodedLabel {
        let mut refused = std::collections::BTreeMap::new();
        let ids = raster.ids().into_iter().map(|stored| match self.meaning[stored as usize] {
            REFUSED => {
                *refused.entry(stored).or_insert(0) += 1;
                IGNORE
            }
            id => id,
        });
        let ids = ids.collect();
        DecodedLabel { ids, refused: refused.into_iter().collect() }
    }

    /// Class ids, or the error that names an id out of range.
    pub(crate) fn decode_strict(&self, raster: &Raster, path: &Path) -> Result<Vec<u8>, DataError> {
        let label = self.decode(raster);
        match label.refused.first() {
            None => Ok(label.ids),
            Some(&(found, _)) => Err(self.error(found, label.refused.iter().map(|(_, pixels)| pixels).sum(), path)),
        }
    }

    pub(crate) fn error(&self, found: u16, pixels: usize, path: &Path) -> DataError {
        DataError::LabelRange { found: u32::from(found), pixels, expected: self.allowed.clone(), path: path.to_owned() }
    }
}

/// Stored ids that mean something, as ranges in words.
fn allowed_ids(meaning: &[u8]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for (stored, _) in meaning.iter().enumerate().filter(|&(_, &id)| id != REFUSED) {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == stored => *end = stored,
            _ => ranges.push((stored, stored)),
        }
    }
    let words = ranges.iter().map(|&(from, to)| if from == to { from.to_string() } else { format!("{from} to {to}") });
    words.collect::<Vec<_>>().join(", ")
}
