//! What a what-if changes in a scene's predictions.

use serde::{Deserialize, Serialize};

/// The words of the map of what became of each pixel, by their ids: whether its class is the same with the what-if; if
/// not, whether it turned right, turned wrong, or went from one wrong class to another. Without a label it is none of
/// these.
pub const OUTCOME: [&str; 5] = ["same", "turned right", "turned wrong", "other wrong", "no label"];

/// What a what-if changes in one head's prediction: both predictions are of one network at one step. The prediction
/// without it is [`super::Content::Before`], the map of what became of each pixel [`super::Content::Outcome`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The head that answers without the what-if; its tile shows the prediction with it.
    pub head: String,
    /// How many pixels have become what, in the order of [`OUTCOME`].
    pub counts: [u64; OUTCOME.len()],
    /// The mean IoU of this scene without the what-if and with it, 0 to 1, by the convention in `convention`; `None`
    /// without a label.
    pub miou: [Option<f64>; 2],
    /// The IoU of each class, by id, without and with; empty without a label.
    pub classes: Vec<[Option<f64>; 2]>,
    /// The word of `evaluation.convention`.
    pub convention: String,
}

impl Effect {
    /// All pixels of the scene.
    pub fn pixels(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Those whose class is another one.
    pub fn changed(&self) -> u64 {
        self.counts[1..].iter().sum()
    }

    /// The share of the pixels whose class is another one, 0 to 1.
    pub fn share(&self) -> f64 {
        self.changed() as f64 / self.pixels().max(1) as f64
    }
}
