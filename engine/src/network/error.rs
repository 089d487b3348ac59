//! Why a network could not be built, filled or run.

use std::path::PathBuf;

use crate::failure::{Failing, FailureKind};
use crate::progress::Stopped;

/// A network that cannot be built or filled, with what was expected and what was found.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The settings ask for something no network can do.
    #[error("setting `{key}`: {reason}")]
    Impossible {
        /// The setting to change.
        key: String,
        /// Why it cannot be, and what to do.
        reason: String,
    },
    /// A tensor that the network needs is not there.
    #[error("the weights lack `{name}` (shape {expected:?}); they belong to another network")]
    MissingTensor {
        /// The parameter's name.
        name: String,
        /// Its shape in the network.
        expected: Vec<usize>,
    },
    /// A tensor that the network has no place for.
    #[error("the weights hold `{name}`, which this network does not have; they belong to another network")]
    ExtraTensor {
        /// The tensor's name.
        name: String,
    },
    /// A tensor of another shape.
    #[error("the weights hold `{name}` with shape {found:?}; the network needs {expected:?}")]
    WrongShape {
        /// The parameter's name.
        name: String,
        /// Its shape in the network.
        expected: Vec<usize>,
        /// Its shape as found.
        found: Vec<usize>,
    },
    /// A tensor whose elements cannot be read as 32-bit floats.
    #[error("the weights hold `{name}` as {found}; expected 32-bit floats")]
    WrongType {
        /// The parameter's name.
        name: String,
        /// The element type as found.
        found: String,
    },
    /// A tensor with numbers that are none.
    #[error(
        "the weights hold `{name}` with {found} in {count} of its {total} numbers; expected finite numbers, so take another file"
    )]
    NotFinite {
        /// The tensor's name.
        name: String,
        /// The first such number.
        found: f32,
        /// How many there are.
        count: usize,
        /// Numbers in all.
        total: usize,
    },
    /// Several encoders in one file that fit alike.
    #[error(
        "the weights hold {} encoders that fit alike, under `{}`; choose one by adding it to the file's name, as in \
         `{}#{}`",
        prefixes.len(), prefixes.join("`, `"), path.display(), prefixes.first().map_or("", String::as_str)
    )]
    Twins {
        /// What stands before the names of each.
        prefixes: Vec<String>,
        /// The file.
        path: PathBuf,
    },
    /// A file of weights that cannot be read.
    #[error("could not read the weights: {reason}: {path}")]
    Unreadable {
        /// What is wrong with it, and what was expected.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// A file of weights that does not fit the network's encoder.
    #[error("{source}: {path}")]
    InFile {
        /// What does not fit.
        source: Box<NetworkError>,
        /// The file.
        path: PathBuf,
    },
    /// Loading weights was told to end.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl Failing for NetworkError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::Impossible { .. } | Self::Twins { .. } => Some(FailureKind::Refused),
            Self::MissingTensor { .. }
            | Self::ExtraTensor { .. }
            | Self::WrongShape { .. }
            | Self::WrongType { .. } => Some(FailureKind::Incompatible),
            Self::Unreadable { .. } | Self::NotFinite { .. } => Some(FailureKind::Unreadable),
            Self::InFile { source, .. } => source.kind(),
            Self::Stopped(_) => None,
        }
    }
}
