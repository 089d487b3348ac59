//! Studies: several recipes, several seeds each, and one table with what differs and how surely.
//!
//! A study is a file ([`Study`]). Its runs are ordinary run folders below one folder, a place a row and seed, where
//! [`Study::look`] finds what has been done and what has become stale. [`Table`] holds the figures of what is done,
//! each row beside the one it is compared with, seed by seed.
//!
//! Nothing here trains: whoever carries a study out starts a run wherever [`Standing`] asks for one.

mod beside;
mod bootstrap;
mod budget;
mod carrying;
mod cost;
mod definition;
mod draft;
mod draws;
mod error;
mod estimate;
mod figure;
mod fits;
mod grid;
mod latex;
mod matrix;
mod metric;
mod of_protocol;
mod over;
mod picture;
mod probability;
mod product;
pub mod published;
mod rows;
#[cfg(test)]
mod sample_table;
mod settings;
mod shipped;
mod standing;
mod statistics;
mod supposed;
mod table;
mod text;
mod ticks;
mod watch;
mod written;

pub use self::bootstrap::OverScenes;
pub use self::budget::Budget;
pub use self::carrying::{LOCK, StudyLine, ask_to_stop, forget_stop, is_asked_to_stop, is_carried_out};
pub use self::cost::Cost;
pub use self::definition::Study;
pub use self::draft::{Draft, DraftRow};
pub use self::error::StudyError;
pub use self::estimate::{StepSecs, steps_of};
pub use self::figure::Figure;
pub use self::fits::Unfit;
pub use self::latex::latex;
pub use self::matrix::{MOST_PARTS, Matrix, Part, Planned};
pub use self::metric::Metric;
pub use self::of_protocol::OfProtocol;
pub use self::over::Over;
pub use self::picture::{picture, picture_file};
pub use self::product::{Need, Product};
pub use self::rows::Row;
pub use self::shipped::{ShippedStudy, shipped_studies};
pub use self::standing::{Job, Scored, Standing};
pub use self::statistics::{Paired, Summary, paired, seeds_needed, summary};
pub use self::supposed::row_of;
pub use self::table::{Cell, Table, TableRow};
pub use self::text::{csv_text, interval_words, markdown, signed, spread, terminal, words};
pub use self::watch::Watch;
