//! What papers print in their tables, from `assets/published`.
//!
//! Every figure stands as it is printed, with paper, table, page, data set and convention, and with what is known to be
//! wrong about it.

mod error;
mod paper;
mod printed;
mod shipped;
mod text;

pub use self::error::PublishedError;
pub use self::paper::{Column, Measure, Measured, PublishedPaper, PublishedRow, PublishedTable};
pub use self::printed::Printed;
pub use self::shipped::{published_paper, published_papers, published_table};
pub use self::text::published_text;
