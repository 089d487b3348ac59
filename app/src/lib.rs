//! The window of Fusionscope, and its command line.
//!
//! The invariant of this crate: it never computes. It draws what a session tells it, and says what the user wants.

pub mod action;
pub mod arrangement;
pub mod canvas;
pub mod command_line;
pub mod link;
pub mod look;
pub mod palette;
pub mod panes;
pub mod places;
pub mod store;
pub mod workbench;
