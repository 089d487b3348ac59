//! Why a study was refused.

use std::path::PathBuf;

use crate::failure::{Failing, FailureKind};
use crate::recipe::RecipeError;

/// A study that cannot be carried out, with what was found and where.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// The file could not be read.
    #[error("could not read the study: {reason}: {path}")]
    Unreadable {
        /// The system's reason.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// The file does not say what a study must, or says what none can.
    #[error("the study: {reason}: {path}")]
    Malformed {
        /// What was found and what is expected.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// A row's recipe is none.
    #[error("row `{row}` of the study: {source}: {path}")]
    Row {
        /// The row's name.
        row: String,
        /// What is wrong with its recipe.
        source: RecipeError,
        /// The study's file.
        path: PathBuf,
    },
}

impl Failing for StudyError {
    /// A study is part of what was asked for: another file helps, or another row.
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::Unreadable { .. } | Self::Malformed { .. } => Some(FailureKind::Refused),
            Self::Row { source, .. } => source.kind(),
        }
    }
}
