//! The loss terms, one a file, and their weighted sum.

mod labels;

pub use self::labels::Labels;
