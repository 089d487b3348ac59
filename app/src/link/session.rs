//! A session on a thread of this program.

use std::sync::Arc;

use fusionscope_engine::protocol::{Command, EmbeddingView, Event, SceneView};
use fusionscope_engine::session::Session;

use super::Engine;

/// Events taken in one frame at most, so that a flood of them cannot hold the window.
const AT_ONCE: usize = 512;
/// The same of news of other runs, and of small pictures, each of which brings many.
const OTHERS_AT_ONCE: usize = 4;

impl Engine for Session {
    fn send(&mut self, command: Command) -> Result<(), String> {
        Self::send(self, command).map_err(|error| error.to_string())
    }

    fn events(&mut self) -> Vec<Event> {
        let others = self.shelf_events().try_iter().take(OTHERS_AT_ONCE);
        let of_scenes = self.gallery_events().try_iter().take(OTHERS_AT_ONCE);
        let of_disk = self.disk_events().try_iter().take(OTHERS_AT_ONCE);
        Self::events(self).try_iter().take(AT_ONCE).chain(others).chain(of_scenes).chain(of_disk).collect()
    }

    fn view(&self, view: u64) -> Option<Arc<SceneView>> {
        Self::view(self, view)
    }

    fn embedding(&self, slot: u64) -> Option<Arc<EmbeddingView>> {
        Self::embedding(self, slot)
    }
}
