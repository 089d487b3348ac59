//! Who may write to a run: one program at a time, and into its own folder only.

use std::path::Path;
use std::time::Duration;

use super::{CHECKPOINTS, METRICS, RunFolder, lock};
use crate::files::lock::Lock;
use crate::training::error::RunError;

/// Locked by whoever trains.
const LOCK: &str = ".lock";
/// How long a holder is waited for: whoever only looks holds the lock for a moment, too.
const PATIENCE: Duration = Duration::from_millis(200);

impl RunFolder {
    /// Takes the sole right to train this run, for as long as the folder is open, and opens the files that grow with its
    /// steps. Those who only read need none.
    ///
    /// Returns what is to be known where the file system keeps no locks.
    pub fn lock(&mut self) -> Result<Option<String>, RunError> {
        for name in [CHECKPOINTS, METRICS] {
            self.refuse_link(name)?;
        }
        // One's own would be in the way: the folder may have been put back after it was gone.
        self.lock = None;
        let warning = self.take_lock()?;
        // What cannot be opened is tried again, and told, with the first line for it.
        let _told_later = (self.metrics.open(), self.record.open());
        self.look_at_evaluations();
        self.in_place()?;
        Ok(warning)
    }

    /// Whether another program trains this run now. Looking holds its lock for a moment, which whoever begins waits for.
    pub fn is_being_trained(&self) -> bool {
        lock::is_held(&self.path.join(LOCK))
    }

    /// Who trains the run in a folder now, as that program has written it.
    pub(super) fn trainer_of(run: &Path) -> Option<String> {
        let path = run.join(LOCK);
        lock::is_held(&path).then(|| lock::holder(&path))
    }

    /// Keeps others from training the run in a folder until the answer is dropped.
    pub(super) fn hold_off(run: &Path, what: &str) -> Result<Option<Lock>, RunError> {
        Ok(lock::take(&run.join(LOCK), what, PATIENCE)?.0)
    }

    /// Locks anew where the file that was locked has been removed. Fails where another program was quicker.
    pub(super) fn keep_lock(&mut self) -> Result<(), RunError> {
        let path = self.path.join(LOCK);
        if self.lock.as_ref().is_none_or(|lock| lock.is_at(&path)) {
            return Ok(());
        }
        self.outlast_removal()?;
        match self.making(&[&path], Self::take_lock) {
            Err(RunError::InUse { holder, .. }) => {
                let found = format!("one that another program trains now ({holder})");
                Err(RunError::Gone { found, path: self.path.clone() })
            }
            other => other.map(drop),
        }
    }

    fn take_lock(&mut self) -> Result<Option<String>, RunError> {
        let (lock, warning) = lock::take(&self.path.join(LOCK), "train this run", PATIENCE)?;
        self.lock = lock;
        Ok(warning)
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
