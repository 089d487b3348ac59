//! Stored label ids to class ids.

use std::collections::{HashMap, HashSet};

use crate::data::manifest::{ClassMap, LabelFiles};
use crate::data::sample::IGNORE;
use crate::data::source::Crop;

/// Marks stored ids that mean nothing; no data set has so many classes.
pub(super) const REFUSED: u8 = 254;

/// The stored ids that may mean something: those of 16-bit numbers with and without a sign.
const LOWEST: i32 = i16::MIN as i32;
const HIGHEST: i32 = u16::MAX as i32;

/// What every stored id, and every colour that the manifest names, means after offset, map, ignored ids and class map.
#[derive(Clone)]
pub(crate) struct LabelTable {
    /// From [`LOWEST`] on.
    meaning: Vec<u8>,
    allowed: String,
    /// Class ids by colour; empty where the manifest names none.
    pub(super) colours: HashMap<[u8; 3], u8>,
    /// The channel that holds the ids, where the manifest says so.
    pub(super) channel: Option<usize>,
    /// Whether the manifest says that the files hold colours.
    pub(super) by_colour: bool,
    /// How many classes there are before a class map.
    pub(super) classes: usize,
    /// What is cut off the files.
    pub(super) crop: Crop,
}

impl std::fmt::Debug for LabelTable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "LabelTable({})", self.allowed)
    }
}

impl LabelTable {
    pub(crate) fn new(labels: &LabelFiles, class_map: Option<&ClassMap>) -> Self {
        let classes = labels.names.len();
        // Looked up for each id there may be; of two pairs for one id the first counts.
        let map: HashMap<i32, u8> = labels.map.iter().rev().map(|&[from, id]| (from, id as u8)).collect();
        let ignored: HashSet<i32> = labels.ignore.iter().copied().collect();
        let own = |stored: i32| -> u8 {
            if let Some(&id) = map.get(&stored) {
                return id;
            }
            if stored == i32::from(IGNORE) || ignored.contains(&stored) {
                return IGNORE;
            }
            let id = i64::from(stored) + i64::from(labels.offset);
            if (0..classes as i64).contains(&id) { id as u8 } else { REFUSED }
        };
        let joined = |id: u8| match class_map {
            Some(map) if id != IGNORE && id != REFUSED => map.map.get(id as usize).copied().unwrap_or(REFUSED),
            _ => id,
        };
        let named = labels.colours.iter().enumerate().map(|(id, &colour)| (colour, joined(id as u8)));
        // Classes that share a colour: the first keeps it.
        let colours = labels.ignore_colours.iter().map(|&colour| (colour, IGNORE)).chain(named.rev());
        Self {
            colours: colours.collect(),
            channel: labels.channel,
            by_colour: labels.by_colour,
            crop: labels.crop,
            ..Self::of_meaning(classes, |stored| joined(own(stored)))
        }
    }

    /// For files that hold class ids as they are, and 255 for none.
    pub(crate) fn plain(classes: usize) -> Self {
        Self::of_meaning(classes, |stored| match u8::try_from(stored) {
            Ok(IGNORE) => IGNORE,
            Ok(id) if usize::from(id) < classes => id,
            _ => REFUSED,
        })
    }

    fn of_meaning(classes: usize, meaning: impl Fn(i32) -> u8) -> Self {
        let meaning: Vec<u8> = (LOWEST..=HIGHEST).map(meaning).collect();
        let allowed = allowed_ids(&meaning);
        Self {
            meaning,
            allowed,
            colours: HashMap::new(),
            channel: None,
            by_colour: false,
            classes,
            crop: Crop::default(),
        }
    }

    /// What a stored value means; [`REFUSED`] for ids that mean nothing and for what is no whole number.
    pub(super) fn meaning_of(&self, stored: f32) -> u8 {
        let id = stored as i32;
        if id as f32 != stored {
            return REFUSED;
        }
        let place = usize::try_from(i64::from(id) - i64::from(LOWEST));
        place.ok().and_then(|place| self.meaning.get(place)).copied().unwrap_or(REFUSED)
    }

    /// The stored ids that mean something, in words.
    pub(super) fn allowed(&self) -> &str {
        &self.allowed
    }

    /// The smallest stored id that means each class; `None` for a class that no id means.
    pub(crate) fn stored_ids(&self, classes: usize) -> Vec<Option<i32>> {
        let stored = |class: usize| {
            let means = |stored: &i32| self.meaning[(stored - LOWEST) as usize] as usize == class;
            (0..=HIGHEST).find(means).or_else(|| (LOWEST..0).rev().find(means))
        };
        (0..classes).map(stored).collect()
    }
}

/// Stored ids that mean something, as ranges in words.
fn allowed_ids(meaning: &[u8]) -> String {
    let mut ranges: Vec<(i32, i32)> = Vec::new();
    for (stored, _) in (LOWEST..).zip(meaning).filter(|&(_, &id)| id != REFUSED) {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == stored => *end = stored,
            _ => ranges.push((stored, stored)),
        }
    }
    let words = ranges.iter().map(|&(from, to)| if from == to { from.to_string() } else { format!("{from} to {to}") });
    words.collect::<Vec<_>>().join(", ")
}
