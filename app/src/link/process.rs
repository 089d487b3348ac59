//! A session in another process.

use std::sync::Arc;

use fusionscope_engine::protocol::{Command, EmbeddingView, Event, SceneView};
use fusionscope_engine::wire::{Client, Standing};

use super::Engine;

/// Events taken in one frame at most, so that a flood of them cannot hold the window.
const AT_ONCE: usize = 512;

impl Engine for Client {
    fn send(&mut self, command: Command) -> Result<(), String> {
        Self::send(self, command).map_err(|error| error.to_string())
    }

    fn events(&mut self) -> Vec<Event> {
        Self::events(self).try_iter().take(AT_ONCE).collect()
    }

    fn view(&self, view: u64) -> Option<Arc<SceneView>> {
        Self::view(self, view)
    }

    fn embedding(&self, slot: u64) -> Option<Arc<EmbeddingView>> {
        Self::embedding(self, slot)
    }

    fn standing(&self) -> Standing {
        Self::standing(self)
    }

    fn end_at_once(&mut self) {
        Self::kill(self);
    }
}
