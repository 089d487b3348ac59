//! The scenes that are pinned.

use crate::inspection::SceneMemory;
use crate::protocol::AlbumWish;

/// What shall be kept, and the pinned scenes as they were decoded.
#[derive(Default)]
pub(super) struct Pins {
    pub(super) wish: AlbumWish,
    /// One a pin.
    pub(super) memories: Vec<SceneMemory>,
}

impl Pins {
    pub(super) fn new(wish: AlbumWish) -> Self {
        let memories = wish.pins.iter().map(|_| SceneMemory::default()).collect();
        Self { wish, memories }
    }

    /// Forgets the scenes as they were decoded.
    pub(super) fn forget(&mut self) {
        self.memories.iter_mut().for_each(SceneMemory::clear);
    }
}
