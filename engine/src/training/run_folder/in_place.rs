//! Whether a run's folder is still where the run began: it may have been renamed, removed, unmounted or replaced.

use std::fs;
use std::io;

use super::metrics::{METRICS, Metrics};
use super::place::Place;
use super::{RECIPE, RunFolder};
use crate::training::error::RunError;

impl RunFolder {
    /// Fails where the folder no longer stands in its place with its recipe in it. Nothing may be written then: what
    /// stands there is no run, or another one. Three looks at the file system.
    pub fn in_place(&mut self) -> Result<(), RunError> {
        let gone = |found: String| RunError::Gone { found, path: self.path.clone() };
        let found = match fs::metadata(&self.path) {
            Ok(found) if found.is_dir() => found,
            Ok(_file) => return Err(gone("a file".to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(gone("nothing".to_owned())),
            Err(error) => return Err(gone(error.to_string())),
        };
        let place = match &mut self.place {
            Some(place) => place,
            none => none.insert(Place::hold(&self.path).map_err(|error| gone(error.to_string()))?),
        };
        if !place.is(&found) {
            return Err(gone("another folder".to_owned()));
        }
        if !fs::metadata(self.path.join(RECIPE)).is_ok_and(|recipe| recipe.is_file()) {
            return Err(gone("a folder without its recipe.toml".to_owned()));
        }
        self.keep_lock()
    }

    /// Takes the folder up again after it was put back: itself, or a whole copy of it.
    pub fn take_up(&mut self) -> Result<(), RunError> {
        let Err(gone) = self.in_place() else { return Ok(()) };
        let is_same_run = Self::open(&self.path).is_ok_and(|there| there.recipe == self.recipe);
        if !is_same_run {
            return Err(gone);
        }
        let path = self.path.join(METRICS);
        let unwritable = |error: io::Error| RunError::unwritable("the metrics", &error, &path);
        if let Some(metrics) = &mut self.metrics {
            // The file that was written to is still open, wherever it lies.
            let written = metrics.file.metadata().map_err(unwritable)?.len();
            if fs::metadata(&path).map_or(0, |there| there.len()) != written {
                let found = "a copy of this run without its newest steps".to_owned();
                return Err(RunError::Gone { found, path: self.path.clone() });
            }
            let mut anew = Metrics::open(&path).map_err(unwritable)?;
            anew.unsaved = std::mem::take(&mut metrics.unsaved);
            anew.left_out = metrics.left_out;
            *metrics = anew;
        }
        self.record.reopen();
        self.place = None;
        if self.lock.take().is_some() {
            // The one held was that of the folder before.
            self.lock()?;
        }
        self.in_place()
    }
}
