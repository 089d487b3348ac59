//! The lines to a session, wherever that is, and to whoever carries out studies: commands out, events and pictures in.
//! Nothing in here waits.

mod afar;
mod fetching;
mod measuring;
mod open_study;
mod place;
mod process;
mod scripted;
mod scripted_engines;
mod scripted_studies;
mod session;
pub mod ssh;
mod starting;
mod studies;
mod study_log;
mod studying;

use std::sync::Arc;

use fusionscope_engine::protocol::{Command, EmbeddingView, Event, SceneView};
use fusionscope_engine::wire::{Hello, Standing};

pub use self::fetching::{FetchStanding, Fetching};
pub use self::place::{Engines, Place, Seat};
pub use self::scripted::Scripted;
pub use self::scripted_engines::ScriptedEngines;
pub use self::scripted_studies::ScriptedStudies;
pub use self::starting::Starting;
pub use self::studies::{Carrier, NoStudies, Studies, StudyNews, StudyOrder, StudyView};
pub use self::studying::Studying;

/// What the window needs of an engine.
pub trait Engine {
    /// Hands over a command; returns at once, with a sentence when it could not be handed over.
    fn send(&mut self, command: Command) -> Result<(), String>;

    /// Everything that happened since the last call, oldest first.
    fn events(&mut self) -> Vec<Event>;

    /// The newest pictures of a view, if they have not been taken yet.
    fn view(&self, view: u64) -> Option<Arc<SceneView>>;

    /// How the layout of a slot stands; the same `Arc` while nothing has changed.
    fn embedding(&self, slot: u64) -> Option<Arc<EmbeddingView>>;

    /// Whether it is there. One of this process always is.
    fn standing(&self) -> Standing {
        Standing::Ready(Hello::default())
    }

    /// Ends it without waiting for anything, where it is a process of its own.
    fn end_at_once(&mut self) {}
}
