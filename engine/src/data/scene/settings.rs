//! How large the sample data set is.

/// What to generate. The default is what the repository ships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SceneSettings {
    /// Decides every byte.
    pub seed: u64,
    /// Scenes to train on.
    pub train: usize,
    /// Scenes to choose by.
    pub val: usize,
    /// Scenes to test on.
    pub test: usize,
    /// Image width in pixels.
    pub width: usize,
    /// Image height in pixels.
    pub height: usize,
}

impl Default for SceneSettings {
    fn default() -> Self {
        Self { seed: 2025, train: 200, val: 40, test: 40, width: 160, height: 120 }
    }
}

impl SceneSettings {
    /// The splits and their sizes.
    pub fn splits(&self) -> [(&'static str, usize); 3] {
        [("train", self.train), ("val", self.val), ("test", self.test)]
    }
}

/// The id of a scene: every second one is a night.
pub fn scene_id(index: usize) -> String {
    format!("{index:04}-{}", if is_night(index) { "night" } else { "day" })
}

/// Whether a scene is a night.
pub fn is_night(index: usize) -> bool {
    index % 2 == 1
}
