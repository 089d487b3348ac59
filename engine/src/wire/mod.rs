//! The protocol between two processes: framed messages over any two streams, a session's end of them and a window's.
//!
//! Whoever holds the session speaks first, so that nothing is ever said to a program that is no engine. Events are never
//! dropped; of pictures and layouts only the newest goes out, and the next one not before the last was taken.

mod client;
mod error;
mod frames;
#[cfg(unix)]
mod host;
mod layout;
mod line;
#[cfg(unix)]
mod meeting;
mod message;
mod peer;
mod picture;
mod post;
#[cfg(unix)]
mod retold;
mod server;

#[cfg(unix)]
#[cfg(test)]
mod host_tests;
#[cfg(test)]
mod number_tests;
#[cfg(test)]
mod slow_tests;
#[cfg(test)]
mod tests;

pub use self::client::{Client, Standing};
pub use self::error::WireError;
pub use self::frames::{Frames, HEADER_BYTES, MOST_BYTES, MOST_NOISE, write_frame};
#[cfg(unix)]
pub use self::host::{Host, HostError};
pub use self::layout::PackedLayout;
#[cfg(unix)]
pub use self::meeting::{Meeting, MeetingError};
pub use self::message::{FromEngine, Hello, Lane, PROTOCOL, Slot, ToEngine, decode, encode};
pub use self::peer::{LAST_WORDS, Peer, ended_words};
pub use self::picture::{PackedView, Photographs};
pub use self::server::{Going, Guest, Parting, Server};
