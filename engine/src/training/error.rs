//! Why a run could not go on, or could not be kept.

use std::io;
use std::path::{Path, PathBuf};

use crate::failure::{Failing, FailureKind};
use crate::progress::Stopped;

/// A run folder, checkpoint or model file that cannot be written, read or used.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Writing failed.
    #[error("could not write {what}: {reason}: {path}")]
    Unwritable {
        /// What was to be written.
        what: String,
        /// The system's reason, and what to do.
        reason: String,
        /// The file or folder.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("could not read {what}: {reason}: {path}")]
    Unreadable {
        /// What was to be read.
        what: String,
        /// The system's reason.
        reason: String,
        /// The file or folder.
        path: PathBuf,
    },
    /// The folder of a run under way stands no longer where it stood.
    #[error(
        "the run folder is no longer in its place: expected the folder that the run began in, found {found}. Put it back \
         and go on, or stop the run and discard it: {path}"
    )]
    Gone {
        /// What stands there now.
        found: String,
        /// Where it stood.
        path: PathBuf,
    },
    /// Another program writes to it.
    #[error(
        "could not {what}: another program does so now ({holder}), and only one may at a time. Wait for its end, or stop \
         it, and try again: {path}"
    )]
    InUse {
        /// What was to be done.
        what: String,
        /// Which process holds the lock, since when.
        holder: String,
        /// The lock.
        path: PathBuf,
    },
    /// Neither a run folder nor a model file.
    #[error("neither a run folder (no recipe.toml in it) nor a packed model file: {path}")]
    NotARun {
        /// The path as given.
        path: PathBuf,
    },
    /// A run without an intact checkpoint.
    #[error("the run has no intact checkpoint{}: {path}", if warnings.is_empty() { String::new() } else { format!(" ({})", warnings.join("; ")) })]
    NoCheckpoint {
        /// What was found in their place.
        warnings: Vec<String>,
        /// The run folder.
        path: PathBuf,
    },
    /// Half-written, truncated or changed afterwards.
    #[error("damaged {what}: {reason}: {path}")]
    Damaged {
        /// What is damaged.
        what: String,
        /// What was expected and what was found.
        reason: String,
        /// The file or folder.
        path: PathBuf,
    },
    /// Written by a newer program.
    #[error(
        "{what} has version {found}; this program reads up to version {supported}. Update Fusionscope to use it: {path}"
    )]
    NewerVersion {
        /// What was read.
        what: String,
        /// The version found.
        found: u32,
        /// The newest version understood here.
        supported: u32,
        /// The file.
        path: PathBuf,
    },
    /// Made with other structural settings.
    #[error(
        "the checkpoint belongs to another recipe: `{key}` is {found} in it and {expected} in the run's recipe.toml. Put the run's own recipe back to resume it: {path}"
    )]
    OtherRecipe {
        /// The first structural setting that differs.
        key: String,
        /// Its value in the checkpoint.
        found: String,
        /// Its value in the run folder.
        expected: String,
        /// The checkpoint.
        path: PathBuf,
    },
    /// The weights do not fit the network, the data does not fit the run, or the device is missing.
    #[error("{reason}: {path}")]
    Unfit {
        /// What was expected and what was found.
        reason: String,
        /// The run, file or folder.
        path: PathBuf,
    },
    /// Reading was told to end.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl RunError {
    pub(super) fn unwritable(what: &str, error: &io::Error, path: &Path) -> Self {
        let advice = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some space",
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "; choose a folder that you may write to"
            }
            _ => "",
        };
        Self::Unwritable { what: what.to_owned(), reason: format!("{error}{advice}"), path: path.to_owned() }
    }

    pub(super) fn unreadable(what: &str, error: &io::Error, path: &Path) -> Self {
        Self::Unreadable { what: what.to_owned(), reason: error.to_string(), path: path.to_owned() }
    }

    pub(super) fn damaged(what: &str, reason: impl Into<String>, path: &Path) -> Self {
        Self::Damaged { what: what.to_owned(), reason: reason.into(), path: path.to_owned() }
    }
}

/// Why a training could not begin or a step could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A loss term was no number; the parameters are as before the step.
    #[error(
        "step {step}: the loss term `{term}` became {found}, so the step was not taken and the run is held. \
         Lower the learning rate or the term's weight, or switch on `training.clip_norm`{}, and go on",
        if *mixed { ", or set `training.precision` to `fp32`" } else { "" }
    )]
    NotFinite {
        /// The step that was tried.
        step: u64,
        /// The term's name; `gradient` where every term was finite and their gradient was not.
        term: String,
        /// NaN or an infinity, in words.
        found: String,
        /// Whether it was computed in mixed precision, whose numbers end at 65,504.
        mixed: bool,
    },
    /// The data could not be loaded; the parameters are as before the step.
    #[error("{0}")]
    Data(#[from] crate::data::DataError),
    /// A setting was refused.
    #[error("{0}")]
    Recipe(#[from] crate::recipe::RecipeError),
    /// The network could not be built.
    #[error("{0}")]
    Network(#[from] crate::network::NetworkError),
    /// A run or checkpoint could not be used.
    #[error("{0}")]
    Run(#[from] RunError),
    /// A request that this run cannot fulfil.
    #[error("{0}")]
    Unfit(String),
    /// Getting ready was told to end.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl TrainError {
    /// Whether the run stands as before the step, so that it can go on after a change.
    pub fn run_is_intact(&self) -> bool {
        matches!(self, Self::NotFinite { .. } | Self::Data(_))
    }
}

impl Failing for RunError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::Unwritable { .. } | Self::InUse { .. } | Self::Gone { .. } => Some(FailureKind::Broken),
            Self::Unreadable { .. } | Self::NotARun { .. } | Self::NoCheckpoint { .. } | Self::Damaged { .. } => {
                Some(FailureKind::Unreadable)
            }
            Self::NewerVersion { .. } | Self::OtherRecipe { .. } | Self::Unfit { .. } => {
                Some(FailureKind::Incompatible)
            }
            Self::Stopped(_) => None,
        }
    }
}

impl Failing for TrainError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::NotFinite { .. } => Some(FailureKind::Broken),
            Self::Data(source) => source.kind(),
            Self::Recipe(source) => source.kind(),
            Self::Network(source) => source.kind(),
            Self::Run(source) => source.kind(),
            Self::Unfit(_) => Some(FailureKind::Refused),
            Self::Stopped(_) => None,
        }
    }
}
