//! Why a recipe was refused.

use std::path::PathBuf;

use crate::failure::{Failing, FailureKind};

/// A recipe that cannot be used, with the key, what was found and what is allowed.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// The key is not in the catalogue.
    #[error("unknown setting `{key}`{}", hint.as_ref().map(|key| format!("; did you mean `{key}`?")).unwrap_or_default())]
    UnknownKey {
        /// The key as found.
        key: String,
        /// The nearest known key.
        hint: Option<String>,
    },
    /// The value does not fit the setting.
    #[error("setting `{key}`: found `{found}`, expected {expected}")]
    BadValue {
        /// The setting's key.
        key: String,
        /// The value as found.
        found: String,
        /// What is allowed, in words.
        expected: String,
    },
    /// Two settings exclude each other.
    #[error("setting `{key}`: {reason}")]
    Impossible {
        /// The setting to change.
        key: String,
        /// Why the combination cannot run, and what to do.
        reason: String,
    },
    /// The file was written by a newer program.
    #[error(
        "the recipe has version {found}; this program reads up to version {supported}. Update Fusionscope to use it"
    )]
    NewerVersion {
        /// The version in the file.
        found: i64,
        /// The newest version understood here.
        supported: i64,
    },
    /// No preset of that name.
    #[error("no preset named `{name}`; there are {known}")]
    UnknownPreset {
        /// The name as given.
        name: String,
        /// All names.
        known: String,
    },
    /// The text is not TOML.
    #[error("not a valid TOML file: {reason}")]
    Syntax {
        /// The parser's words, with line and column.
        reason: String,
    },
    /// The file could not be read.
    #[error("could not read the recipe: {reason}: {path}")]
    Unreadable {
        /// The system's reason.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// Any of the above, in a file.
    #[error("{source}: {path}")]
    InFile {
        /// What is wrong.
        source: Box<RecipeError>,
        /// The file.
        path: PathBuf,
    },
}

impl Failing for RecipeError {
    /// A recipe is part of what was asked for: whatever is wrong with its text or its file, another one helps.
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::UnknownKey { .. }
            | Self::BadValue { .. }
            | Self::Impossible { .. }
            | Self::UnknownPreset { .. }
            | Self::Syntax { .. }
            | Self::Unreadable { .. }
            | Self::NewerVersion { .. } => Some(FailureKind::Refused),
            Self::InFile { source, .. } => source.kind(),
        }
    }
}
