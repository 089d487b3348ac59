//! Ground truth on the host, where masks and samples are drawn from it.

use crate::data::IGNORE;

/// Class ids `[batch, height, width]`, [`IGNORE`] where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// The ids.
    pub ids: Vec<u8>,
    /// Scenes.
    pub batch: usize,
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
}

impl Labels {
    /// Nearest-neighbour resize, sampled as PyTorch's `interpolate(mode = "nearest")` does: source = floor(target · scale).
    pub fn nearest(&self, height: usize, width: usize) -> Self {
        let mut ids = Vec::with_capacity(self.batch * height * width);
        for scene in 0..self.batch {
            for y in 0..height {
                let row = (scene * self.height + y * self.height / height) * self.width;
                ids.extend((0..width).map(|x| self.ids[row + x * self.width / width]));
            }
        }
        Self { ids, batch: self.batch, height, width }
    }

    /// How many pixels have a class.
    pub fn counted(&self) -> usize {
        self.ids.iter().filter(|&&id| id != IGNORE).count()
    }
}
