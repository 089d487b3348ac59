//! One file a pane. A pane reads the store and says what the user wants; it changes nothing itself.
//!
//! To add one: its file, its variant and profile in [`PaneKind`], and its constructor in `make.rs`.

mod compare;
pub mod controls;
mod curves;
mod dataset;
pub mod embedding;
mod inspect;
mod lesson;
mod log;
mod make;
mod metrics;
mod pane;
mod recipe;
mod robustness;
mod runs;
pub mod saving;
mod study;
mod times;

pub use self::make::make;
pub use self::pane::{Errand, Pane, PaneContext};
pub use crate::arrangement::PaneKind;
