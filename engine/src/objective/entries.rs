//! Class-balanced sampling of multi-modal contrast: as many pixels of every entry, from every sensor. Index work on the
//! host.

use rand_chacha::ChaCha8Rng;

use super::labels::Labels;
use super::sampling::draw;
use crate::data::IGNORE;
pub use crate::recipe::catalogue::objective::multimodal_contrast::EntryKind;

/// What pixels are drawn of, and how many (SMMCL §3.2 and its code).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entries {
    /// What an entry is.
    pub of: EntryKind,
    /// Entries with fewer pixels are left out.
    pub smallest: usize,
    /// At most this many pixels of an entry.
    pub most: usize,
    /// At most this many pixels a sensor, but always one of each entry.
    pub anchors: usize,
}

/// The places that were drawn, in rows that mean the same entry for every sensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// T, the number of entries.
    pub entries: usize,
    /// n, the pixels of each.
    pub each: usize,
    /// The class of each of the T · n rows.
    pub classes: Vec<u8>,
    /// One list of places a sensor, a place for each row: `image · area + pixel`, no place twice.
    pub places: Vec<Vec<usize>>,
}

impl Drawn {
    /// n is the smallest entry's number of pixels, within the bounds; each sensor's places are drawn by a permutation
    /// of its own, so a row's places differ between sensors. `labels` have the embeddings' size. `None` where there is
    /// no entry.
    pub fn of(labels: &Labels, sensors: usize, settings: Entries, random: &mut ChaCha8Rng) -> Option<Self> {
        let mut entries = entries_of(labels, settings.of);
        entries.retain(|(_, places)| places.len() >= settings.smallest.max(1));
        let fewest = entries.iter().map(|(_, places)| places.len()).min()?;
        let each = fewest.min(settings.most).min(settings.anchors / entries.len()).max(1);
        let classes = entries.iter().flat_map(|&(class, _)| std::iter::repeat_n(class, each)).collect();
        let mut of_sensor = |_| {
            let mut drawn = Vec::with_capacity(entries.len() * each);
            for (_, places) in &entries {
                drawn.extend_from_slice(draw(&mut places.clone(), each, random));
            }
            drawn
        };
        let places = (0..sensors).map(&mut of_sensor).collect();
        Some(Self { entries: entries.len(), each, classes, places })
    }

    /// The rows in the order of their classes, those of one class as they were drawn.
    pub fn sorted_by_class(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.classes.len()).collect();
        rows.sort_by_key(|&row| self.classes[row]);
        rows
    }
}

/// All entries with their places, image by image, classes ascending.
fn entries_of(labels: &Labels, kind: EntryKind) -> Vec<(u8, Vec<usize>)> {
    let area = match kind {
        EntryKind::Image => labels.height * labels.width,
        EntryKind::Batch => labels.ids.len(),
    };
    let mut entries = Vec::new();
    for (block, ids) in labels.ids.chunks(area.max(1)).enumerate() {
        let mut by_class = vec![Vec::new(); usize::from(IGNORE)];
        for (pixel, &id) in ids.iter().enumerate().filter(|&(_, &id)| id != IGNORE) {
            by_class[usize::from(id)].push(block * area + pixel);
        }
        let classes = (0_u8..).zip(by_class);
        entries.extend(classes.filter(|(_, places)| !places.is_empty()));
    }
    entries
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::random::Streams;

    const CODE: Entries = Entries { of: EntryKind::Image, smallest: 5, most: 300, anchors: 4800 };

    fn random() -> ChaCha8Rng {
        Streams::new(7).stream("multimodal_contrast", 0)
    }

    /// Two images of 4 × 5: the first has 8, 6, 4 pixels of classes 0, 1, 2, the second 13 of class 1; the rest is
    /// ignored.
    fn labels() -> Labels {
        let first = [vec![0; 8], vec![1; 6], vec![2; 4], vec![IGNORE; 2]].concat();
        let second = [vec![IGNORE; 7], vec![1; 13]].concat();
        Labels { ids: [first, second].concat(), batch: 2, height: 4, width: 5 }
    }

    #[test]
    fn every_class_of_an_image_with_enough_pixels_gives_as_many_as_the_smallest_of_them() {
        let drawn = Drawn::of(&labels(), 2, CODE, &mut random()).unwrap();
        assert_eq!((drawn.entries, drawn.each), (3, 6));
        assert_eq!(drawn.classes, [[0; 6], [1; 6], [1; 6]].concat());
        for places in &drawn.places {
            assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), 18, "a place stands twice");
            let found: Vec<u8> = places.iter().map(|&place| labels().ids[place]).collect();
            assert_eq!(found, drawn.classes);
            assert!(places[6..12].iter().all(|&place| place < 20) && places[12..].iter().all(|&place| place >= 20));
        }
        assert_ne!(drawn.places[0], drawn.places[1], "each sensor has a permutation of its own");
        assert_eq!(drawn, Drawn::of(&labels(), 2, CODE, &mut random()).unwrap());
    }

    #[test]
    fn the_paper_counts_a_class_over_the_whole_batch() {
        let paper = Entries { of: EntryKind::Batch, smallest: 1, ..CODE };
        let drawn = Drawn::of(&labels(), 1, paper, &mut random()).unwrap();
        assert_eq!((drawn.entries, drawn.each), (3, 4));
        assert_eq!(drawn.classes, [[0; 4], [1; 4], [2; 4]].concat());
    }

    #[test]
    fn both_bounds_hold_and_an_entry_keeps_one_pixel() {
        let each = |settings| Drawn::of(&labels(), 1, settings, &mut random()).unwrap().each;
        assert_eq!(each(Entries { most: 2, ..CODE }), 2);
        assert_eq!(each(Entries { anchors: 17, ..CODE }), 5);
        assert_eq!(each(Entries { anchors: 2, ..CODE }), 1);
    }

    #[test]
    fn without_an_entry_nothing_is_drawn() {
        assert!(Drawn::of(&labels(), 2, Entries { smallest: 14, ..CODE }, &mut random()).is_none());
        let ignored = Labels { ids: vec![IGNORE; 40], ..labels() };
        assert!(Drawn::of(&ignored, 2, Entries { smallest: 1, ..CODE }, &mut random()).is_none());
    }

    #[test]
    fn rows_are_sorted_by_class_and_keep_their_order_within() {
        let drawn = Drawn { entries: 3, each: 1, classes: vec![2, 0, 2], places: Vec::new() };
        assert_eq!(drawn.sorted_by_class(), [1, 0, 2]);
    }
}
