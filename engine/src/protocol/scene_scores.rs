//! How a network does on single scenes.

use serde::{Deserialize, Serialize};

/// How the network in hand does on each scene of a split, by what its newest evaluation counted with all sensors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SceneScores {
    /// The split's name.
    pub split: String,
    /// The network's step.
    pub step: u64,
    /// What a scene's mean is taken over, as in `evaluation.convention`.
    pub convention: String,
    /// The mean IoU of each scene, 0 to 1, by its place in the split; `None` of one that was not counted.
    pub miou: Vec<Option<f32>>,
}
