//! Why printed figures were not found.

use crate::failure::{Failing, FailureKind};

/// A file of printed figures that is none, or a name that none has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishedError {
    /// The file does not say what it must, or contradicts itself.
    #[error("the printed figures of `{paper}`: {reason}")]
    Malformed {
        /// The file's name.
        paper: String,
        /// What was found and what is expected.
        reason: String,
    },
    /// Not the name of a table.
    #[error("expected a paper and its table, such as ogp-net/table-5, found `{found}`")]
    NoAddress {
        /// What stands there.
        found: String,
    },
    /// No file is of that paper.
    #[error("no paper is called `{name}`; there are {known}")]
    UnknownPaper {
        /// What was asked for.
        name: String,
        /// All of them.
        known: String,
    },
    /// The paper has no such table.
    #[error("{paper} has no table `{name}`; there are {known}")]
    UnknownTable {
        /// The paper.
        paper: String,
        /// What was asked for.
        name: String,
        /// All of its tables.
        known: String,
    },
    /// The table has no such row or column.
    #[error("{table} has no {kind} `{name}`; there are {known}")]
    UnknownPlace {
        /// The paper and the table.
        table: String,
        /// `row` or `column`.
        kind: &'static str,
        /// What was asked for.
        name: String,
        /// All of them.
        known: String,
    },
}

impl Failing for PublishedError {
    /// Another name helps; a file that comes with the program is never malformed.
    fn kind(&self) -> Option<FailureKind> {
        Some(FailureKind::Refused)
    }
}
