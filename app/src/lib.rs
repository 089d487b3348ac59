//! The window of Fusionscope.
//!
//! The invariant of this crate: it never computes. It draws what a session tells it, and says what the user wants. Of
//! the engine it knows what passes between the two, a session's two ends, the recipe, and where the sample data lies.

pub mod action;
pub mod arrangement;
pub mod canvas;
pub mod exhibit;
pub mod lesson;
pub mod link;
pub mod look;
pub mod palette;
pub mod panes;
pub mod places;
pub mod store;
pub mod system_dialog;
pub mod workbench;
