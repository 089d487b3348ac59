//! The protocol between two processes: framed messages over any two streams, a session's end of them and a window's.
//!
//! Whoever holds the session speaks first, so that nothing is ever said to a program that is no engine. Events are never
//! dropped; of pictures and layouts only the newest goes out, and the next one not before the last was taken.

mod client;
mod error;
mod frames;
mod layout;
mod message;
mod peer;
mod server;

#[cfg(test)]
mod tests;

pub use self::client::{Client, Standing};
pub use self::error::WireError;
pub use self::frames::{Frames, HEADER_BYTES, MOST_BYTES, MOST_NOISE, write_frame};
pub use self::layout::PackedLayout;
pub use self::message::{FromEngine, Hello, PROTOCOL, Slot, ToEngine, decode, encode};
pub use self::peer::{LAST_WORDS, Peer, ended_words};
pub use self::server::{Parting, Server};
