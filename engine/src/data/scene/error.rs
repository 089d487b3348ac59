//! What can go wrong with the sample data set.

use std::path::PathBuf;

use crate::data::DataError;
use crate::failure::{Failing, FailureKind};

/// Why the sample data set could not be written or described.
#[derive(Debug, thiserror::Error)]
pub enum SceneError {
    /// A file or folder that the system refused.
    #[error("could not {action}: {reason}; check space and permissions: {path}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The system's words.
        reason: String,
        /// The file or folder.
        path: PathBuf,
    },
    /// Sizes for which nothing can be rendered.
    #[error("scenes of {width} × {height} pixels: expected 16 to 4096 each way")]
    Size {
        /// Width asked for.
        width: usize,
        /// Height asked for.
        height: usize,
    },
    /// Fewer scenes than splits need.
    #[error("no scenes asked for: expected at least one to train on, found 0")]
    Empty,
    /// It was told to end.
    #[error("making the scenes was stopped")]
    Stopped,
    /// A data set that could not be read back.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl Failing for SceneError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::File { .. } => Some(FailureKind::Broken),
            Self::Size { .. } | Self::Empty => Some(FailureKind::Refused),
            Self::Stopped => None,
            Self::Data(source) => source.kind(),
        }
    }
}
