//! The bin of systems that have a call for it.

use std::path::{Path, PathBuf};

/// Moves a folder there, or says why not. These systems do not tell where it lies then.
pub(super) fn put_away(folder: &Path) -> Result<Option<PathBuf>, String> {
    trash::delete(folder).map(|()| None).map_err(|error| match error {
        trash::Error::Unknown { description } | trash::Error::Os { description, .. } => description,
        other => other.to_string(),
    })
}
