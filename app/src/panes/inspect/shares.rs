//! How much of a picture every word of its legend has, counted once a picture.

use std::collections::BTreeMap;

use fusionscope_engine::protocol::Content;

/// The counts of the view that came last.
#[derive(Debug, Default)]
pub(super) struct Shares {
    /// Which view they are of.
    serial: u64,
    of: BTreeMap<Content, Vec<f64>>,
    #[cfg(test)]
    counted: usize,
}

impl Shares {
    /// The share of the pixels, 0 to 1, that each of `words` words has in a picture of the view with this serial
    /// number.
    pub(super) fn of(&mut self, serial: u64, content: &Content, ids: &[u8], words: usize) -> &[f64] {
        if self.serial != serial {
            self.serial = serial;
            self.of.clear();
        }
        self.of.entry(content.clone()).or_insert_with(|| {
            #[cfg(test)]
            {
                self.counted += 1;
            }
            let mut counts = [0_u64; 256];
            for &id in ids {
                counts[usize::from(id)] += 1;
            }
            let share = |word: usize| counts.get(word).map_or(0.0, |&count| count as f64 / ids.len().max(1) as f64);
            (0..words).map(share).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_once_a_picture_and_not_once_a_frame() {
        let (gate, winner) = (Content::Probe("gate".to_owned()), Content::Probe("winner".to_owned()));
        let mut shares = Shares::default();
        for _frame in 0..50 {
            assert_eq!(shares.of(7, &gate, &[0, 2, 2, 2], 3), [0.25, 0.0, 0.75]);
            assert_eq!(shares.of(7, &winner, &[1, 1], 2), [0.0, 1.0]);
        }
        assert_eq!(shares.counted, 2);
        assert_eq!(shares.of(8, &gate, &[0, 0, 0, 2], 3), [0.75, 0.0, 0.25], "another picture has its own");
        assert_eq!(shares.counted, 3);
        assert_eq!(shares.of(9, &gate, &[], 2), [0.0, 0.0]);
    }
}
