//! Whether a run's folder is still where the run began: it may have been renamed, removed, unmounted or replaced.

use std::fs::{self, File};
use std::io;

use super::made::Made;
use super::{RECIPE, RunFolder};
use crate::files::is_same;
use crate::training::error::RunError;

impl RunFolder {
    /// Fails where the folder no longer stands in its place with its recipe in it. Nothing may be written then: what
    /// stands there is no run, or another one. Three looks at the file system.
    pub fn in_place(&mut self) -> Result<(), RunError> {
        self.stands()?;
        self.keep_lock()
    }

    /// [`RunFolder::in_place`] without a look at the lock.
    pub(super) fn stands(&mut self) -> Result<(), RunError> {
        let gone = |found: String| RunError::Gone { found, path: self.path.clone() };
        let found = match fs::metadata(&self.path) {
            Ok(found) if found.is_dir() => found,
            Ok(_file) => return Err(gone("a file".to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(gone("nothing".to_owned())),
            Err(error) => return Err(gone(error.to_string())),
        };
        // Held open, so that the system gives its number to no other. A system that opens no folders keeps one in place
        // while a file in it is open.
        if self.place.is_none() {
            self.place = File::open(&self.path).ok();
        }
        let is_other = |place: &File| place.metadata().is_ok_and(|held| !is_same(&held, &found));
        if self.place.as_ref().is_some_and(is_other) {
            return Err(gone("another folder".to_owned()));
        }
        if fs::metadata(self.path.join(RECIPE)).is_ok_and(|recipe| recipe.is_file()) {
            self.made.forget_older();
            return Ok(());
        }
        let is_cleared = self.clear_remains();
        Err(gone(if is_cleared { "nothing" } else { "a folder without its recipe.toml" }.to_owned()))
    }

    /// Takes the folder up again after it was put back: itself, or a whole copy of it.
    pub fn take_up(&mut self) -> Result<(), RunError> {
        let Err(gone) = self.in_place() else { return Ok(()) };
        let is_same_run = Self::open(&self.path).is_ok_and(|there| there.recipe == self.recipe);
        if !is_same_run {
            return Err(gone);
        }
        let unwritable = |error: io::Error| RunError::unwritable("the run folder", &error, &self.path);
        if let Some(file) = &self.metrics.file {
            // The file that was written to is still open, wherever it lies.
            let written = file.metadata().map_err(unwritable)?.len();
            if fs::metadata(&self.metrics.path).map_or(0, |there| there.len()) != written {
                let found = "a copy of this run without its newest steps".to_owned();
                return Err(RunError::Gone { found, path: self.path.clone() });
            }
        }
        self.metrics.reopen().and_then(|()| self.record.reopen()).map_err(unwritable)?;
        self.place = None;
        self.made = Made::default();
        if self.lock.take().is_some() {
            // The one held was that of the folder before.
            self.lock()?;
        }
        self.in_place()
    }
}
