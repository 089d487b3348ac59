//! What explanations of a prediction are about.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What the names of explanations begin with, among the maps that can be watched.
pub const EXPLANATION: &str = "explain.";

/// Which answer explanations are about, and where they look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Explained {
    /// The class, by its name; where none is named, of every pixel the one that is predicted there.
    pub class: Option<String>,
    /// The head; where none is named, the one that counts.
    pub head: Option<String>,
    /// Where in the network Grad-CAM looks.
    pub layer: Layer,
    /// What is taken away from one sensor's picture after the other.
    pub region: Option<Region>,
}

/// A place in a network whose maps Grad-CAM weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Layer {
    /// The maps that classifiers read (AMDANet Fig. 10): the decoder's, of each sensor and of all. A sensor that has no
    /// decoder map of its own is looked at in stage 5.
    #[default]
    Classifier,
    /// What leaves a stage of the encoder, 1 to 5, before the sensors meet behind it.
    Stage(u8),
}

impl Layer {
    /// Every layer, from the deepest to the first.
    pub const ALL: [Self; 6] =
        [Self::Classifier, Self::Stage(5), Self::Stage(4), Self::Stage(3), Self::Stage(2), Self::Stage(1)];

    /// `classifier`, or `stage1` to `stage5`.
    pub fn word(self) -> String {
        match self {
            Self::Classifier => "classifier".to_owned(),
            Self::Stage(number) => format!("stage{number}"),
        }
    }

    /// The layer of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.word() == word)
    }
}

/// A rectangle of a scene: the places of its sides, across and down, 0 to 65,535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Region {
    /// The left side.
    pub left: u16,
    /// The upper side.
    pub top: u16,
    /// The right side.
    pub right: u16,
    /// The lower side.
    pub bottom: u16,
}

impl Region {
    /// The rectangle between two of its corners, across and down.
    pub fn between(one: [u16; 2], other: [u16; 2]) -> Self {
        let [left, top] = [0, 1].map(|axis| one[axis].min(other[axis]));
        let [right, bottom] = [0, 1].map(|axis| one[axis].max(other[axis]));
        Self { left, top, right, bottom }
    }

    /// Its rows and columns in a picture of this height and width; at least one of each.
    pub fn pixels(&self, height: usize, width: usize) -> [Range<usize>; 2] {
        let side = |from: u16, to: u16, count: usize| {
            let last = count.saturating_sub(1);
            let at = |share: u16| usize::from(share) * count / usize::from(u16::MAX);
            let begin = at(from).min(last);
            begin..(at(to).max(begin + 1)).min(count)
        };
        [side(self.top, self.bottom, height), side(self.left, self.right, width)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_the_pixels_between_its_corners_and_at_least_one() {
        let whole = Region::between([u16::MAX, 0], [0, u16::MAX]);
        assert_eq!(whole.pixels(12, 16), [0..12, 0..16]);
        let half = Region::between([0, 0], [u16::MAX / 2 + 1, u16::MAX]);
        assert_eq!(half.pixels(12, 16), [0..12, 0..8]);
        for corner in [[0, 0], [u16::MAX, u16::MAX], [30_000, 40_000]] {
            let [rows, columns] = Region::between(corner, corner).pixels(12, 16);
            assert!(rows.len() == 1 && columns.len() == 1 && rows.end <= 12 && columns.end <= 16, "{corner:?}");
        }
    }

    #[test]
    fn layers_have_words_that_lead_back() {
        for layer in Layer::ALL {
            assert_eq!(Layer::from_word(&layer.word()), Some(layer));
        }
        assert_eq!(Layer::from_word("stage6"), None);
        assert_eq!(Layer::default().word(), "classifier");
    }
}
