//! What a run keeps of a pinned scene at one step.

use serde::{Deserialize, Serialize};

use crate::protocol::Tile;

/// A scene as the network saw it at a step: predictions and watched maps. Sensors and label are the data set's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The name of the data set.
    pub dataset: String,
    /// The split's name.
    pub split: String,
    /// The scene's id.
    pub id: String,
    /// The step after which it was predicted.
    pub step: u64,
    /// Steps from one page to the next at that time.
    pub every: u64,
    /// The head that counts.
    pub answer: Option<String>,
    /// How absent sensors would have been replaced.
    pub missing: String,
    /// Names of the maps that were asked for.
    pub watched: Vec<String>,
    /// Plain numbers by name, where they were asked for.
    pub figures: Vec<(String, f32)>,
    /// The pictures.
    pub tiles: Vec<Tile>,
}
