//! What is said between a window and an engine that is another process.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::WireError;
use super::layout::PackedLayout;
use super::picture::{PackedView, Photographs};
use crate::files::path_json;
use crate::protocol::{Command, Event, SceneView};

/// The version of these messages: another one where a program of before would take them for something else. A test
/// (`number_tests.rs`) asks whether it must be raised whenever their sources change.
pub const PROTOCOL: u32 = 1;

/// How each end introduces itself. Later programs may add to it, and leave nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hello {
    /// The version of the messages.
    pub protocol: u32,
    /// The version of the program.
    pub program: String,
    /// Its process on its machine.
    pub process: u32,
    /// Where its runs lie; empty of a window.
    #[serde(with = "path_json")]
    pub runs: PathBuf,
    /// Of a window at the other end of a line that may be slow: as what photographs shall come, and that all shall be
    /// compressed and measured. `None` of an engine, and where both are on one machine.
    pub photographs: Option<Photographs>,
}

impl Hello {
    /// How this process introduces itself.
    pub fn ours(runs: PathBuf) -> Self {
        let program = env!("CARGO_PKG_VERSION").to_owned();
        Self { protocol: PROTOCOL, program, process: std::process::id(), runs, photographs: None }
    }

    /// Refuses another version than this program's.
    pub fn check(&self) -> Result<(), WireError> {
        let ours = Self::ours(PathBuf::new());
        let is_same = (self.protocol, &self.program) == (ours.protocol, &ours.program);
        if is_same { Ok(()) } else { Err(WireError::Version { ours: ours.to_string(), theirs: self.to_string() }) }
    }
}

/// `version 0.1.0 (messages 1)`
impl fmt::Display for Hello {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "version {} (messages {})", self.program, self.protocol)
    }
}

/// Something of which only the newest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Slot {
    /// The pictures of a view.
    View(u64),
    /// A layout.
    Layout(u64),
}

/// What a window says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToEngine {
    /// Who it is, once it has heard who the engine is.
    Hello(Hello),
    /// Do this.
    Command(Box<Command>),
    /// The newest of this was looked at; the next may come.
    Took(Slot),
    /// So many bytes of parts have arrived in all.
    Arrived(u64),
}

/// What an engine says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromEngine {
    /// Who it is; comes first.
    Hello(Hello),
    /// Something happened.
    Event(Box<Event>),
    /// The newest pictures of a view.
    View(#[serde(with = "shared")] Arc<SceneView>),
    /// How a layout stands.
    Layout(Box<PackedLayout>),
    /// There is no such layout any more.
    NoLayout(u64),
    /// The same over a line that may be slow.
    PackedView(Box<PackedView>),
    /// A message, compressed.
    Deflated(#[serde(with = "serde_bytes")] Vec<u8>),
    /// A part of a compressed message; those of a lane come in their order.
    Part {
        /// The lane.
        lane: Lane,
        /// The bytes.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        /// Whether the message is whole with it.
        is_last: bool,
    },
    /// The engine speaks with another window from now on.
    TakenOver,
}

/// What waits for room on a slow line, the first first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lane {
    /// Pictures of scenes.
    Pictures,
    /// Layouts, small pictures, news of other runs, files.
    Rest,
}

/// What both ends hold without copying it.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(value: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }
}

/// A message as bytes: CBOR, which keeps every number as it is, those that are none included.
pub fn encode(message: &impl Serialize) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(message, &mut bytes).map_err(|error| WireError::Unwritable { reason: error.to_string() })?;
    Ok(bytes)
}

/// A message out of its bytes.
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, WireError> {
    ciborium::from_reader(bytes)
        .map_err(|error| WireError::Damaged { what: format!("a message did not read: {error}") })
}
