//! The worker thread that carries out commands: idle → preparing → training ⇄ paused → finished or failed.
//!
//! The trainer never waits for the app and the app never waits for the trainer: channels are bounded, events are merged
//! while the app is slow, pictures lie in latest-value slots, and between two steps the worker looks for commands.

mod aside;
mod clouds;
mod desk;
mod disk;
mod engine;
mod error;
mod event_log;
mod gallery;
mod halt;
mod handle;
pub mod leaving;
mod machine;
mod options;
mod outbox;
mod run;
mod shelf;
mod slots;
mod times;
mod views;
mod workshop;

pub use self::error::SessionError;
pub use self::handle::Session;
pub use self::options::{Paint, SessionOptions, Wake};
pub use crate::device::DeviceChoice;

#[cfg(test)]
mod album_tests;
#[cfg(test)]
mod beside_tests;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod machine_tests;
#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod stopping_tests;
#[cfg(test)]
mod what_if_tests;
#[cfg(test)]
mod writing_tests;
