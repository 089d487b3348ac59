//! The scenes of a split by how far two networks differ on them, and by how many pixels of one class are taken for
//! another.

use serde::{Deserialize, Serialize};

/// Which scenes are compared, and without which sensors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitRequest {
    /// The split's name.
    pub split: String,
    /// Names of the sensors that both networks must do without.
    #[serde(default)]
    pub dropped: Vec<String>,
}

/// What figures of single scenes were counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountedFrom {
    /// From predictions that were made for it.
    #[default]
    Predictions,
    /// From what evaluations counted, which lies in run folders. It does not tell whether two predictions agree.
    Evaluations,
}

/// How far two networks differ on each scene of a split: the one in view, and the one beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SplitComparison {
    /// What was asked for.
    pub of: SplitRequest,
    /// The steps of both networks that the figures are of.
    pub steps: [u64; 2],
    /// What the figures were counted from.
    pub from: CountedFrom,
    /// The convention of all means, as in `evaluation.convention` of the network in view.
    pub convention: String,
    /// Class names of the network in view, by id.
    pub classes: Vec<String>,
    /// The scenes that could be compared, in the split's order.
    pub scenes: Vec<SceneComparison>,
    /// The share of all their pixels whose class is another one; `None` where predictions were not compared.
    pub share: Option<f64>,
    /// The mean IoU of both networks over all these scenes, 0 to 1.
    pub miou: [Option<f64>; 2],
    /// The IoU of each class of both networks over all these scenes.
    pub iou: Vec<[Option<f64>; 2]>,
    /// Scenes that were left out, and other remarks, one sentence each.
    pub warnings: Vec<String>,
}

/// How far two networks differ on a scene.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SceneComparison {
    /// The scene's index within the split.
    pub index: usize,
    /// The share of its pixels whose class is another one, 0 to 1; `None` where predictions were not compared.
    pub share: Option<f64>,
    /// The mean IoU of this scene of both networks; `None` without a label.
    pub miou: [Option<f64>; 2],
    /// By how much the IoU of each class is higher for the network beside, −1 to 1; `None` where either has none.
    pub changes: Vec<Option<f32>>,
}

impl SceneComparison {
    /// By how much the mean IoU is higher for the network beside, −1 to 1.
    pub fn change(&self) -> Option<f64> {
        Some(self.miou[1]? - self.miou[0]?)
    }
}

/// Pixels of one class that were taken for another, or for itself: a cell of a confusion matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// The split's name.
    pub split: String,
    /// The step of the evaluation whose matrix it is of.
    pub step: u64,
    /// Names of the sensors that the network must do without.
    pub dropped: Vec<String>,
    /// The condition tag that scenes must have; empty for the whole split.
    pub tag: String,
    /// The class that the pixels are of.
    pub truth: u8,
    /// The class that they were taken for.
    pub predicted: u8,
}

/// The scenes that have such pixels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConfusedScenes {
    /// What was asked for.
    pub of: Confusion,
    /// The step of the network that the counts are of.
    pub step: u64,
    /// What they were counted from.
    pub from: CountedFrom,
    /// Scenes that have some, by their index within the split, with how many of their pixels; most pixels first.
    pub scenes: Vec<(usize, u64)>,
    /// How many scenes were looked at.
    pub looked_at: u64,
    /// Scenes that were left out, and other remarks, one sentence each.
    pub warnings: Vec<String>,
}

impl ConfusedScenes {
    /// All these pixels.
    pub fn pixels(&self) -> u64 {
        self.scenes.iter().map(|(_, pixels)| pixels).sum()
    }
}
