//! What panes hand out: plots that are drawn anew for print, pictures at their own size, numbers and texts.
//!
//! A pane puts exhibits together from the store, with the colours of the theme that is asked for; files are made of them on
//! a thread of their own.

mod colours;
mod format;
mod made;

pub use self::colours::{ink, paper};
pub use self::format::Format;
pub use self::made::{Exhibit, Sheet};
