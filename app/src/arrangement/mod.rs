//! The panes there are and the layouts they stand in, by name: nothing here draws, so that the store, the actions and
//! the panes themselves can speak of them.

mod layout;
mod pane_kind;

pub use self::layout::{Column, Layout, Place, Room};
pub use self::pane_kind::{Homes, PaneKind, Profile};
