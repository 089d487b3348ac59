//! Who may write to a run: one program at a time, and into its own folder only.

use std::time::Duration;

use super::lock::Lock;
use super::metrics::METRICS;
use super::{CHECKPOINTS, RunFolder};
use crate::training::error::RunError;

/// Locked by whoever trains.
const LOCK: &str = ".lock";

impl RunFolder {
    /// Takes the sole right to train this run, for as long as the folder is open. Those who only read need none.
    ///
    /// Returns what is to be known where the file system keeps no locks.
    pub fn lock(&mut self) -> Result<Option<String>, RunError> {
        for name in [CHECKPOINTS, METRICS] {
            self.refuse_link(name)?;
        }
        // One's own would be in the way: the folder may have been put back after it was gone.
        self.lock = None;
        let (lock, warning) = Lock::take(&self.path.join(LOCK), "train this run", Duration::ZERO)?;
        self.lock = lock;
        Ok(warning)
    }

    /// Locks anew where the file that was locked has been removed. Fails where another program was quicker.
    pub(super) fn keep_lock(&mut self) -> Result<(), RunError> {
        let path = self.path.join(LOCK);
        if self.lock.as_ref().is_none_or(|lock| lock.is_at(&path)) {
            return Ok(());
        }
        match Lock::take(&path, "train this run", Duration::ZERO) {
            Ok((lock, _)) => self.lock = lock,
            Err(RunError::InUse { holder, .. }) => {
                let found = format!("one that another program trains now ({holder})");
                return Err(RunError::Gone { found, path: self.path.clone() });
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// A link in the run folder leads to what is not the run's: nothing is written or deleted there.
    pub(super) fn refuse_link(&self, name: &str) -> Result<(), RunError> {
        let path = self.path.join(name);
        if !path.is_symlink() {
            return Ok(());
        }
        let reason = "it is a link, and nothing is written or deleted through links; put what it leads to in its place";
        Err(RunError::Unwritable { what: format!("`{name}` of the run"), reason: reason.to_owned(), path })
    }
}
