//! Nothing of a run's folder outlives it. Whoever removes a folder with all that is in it does not see what is made there
//! meanwhile, and then leaves that: it is noticed, and goes too.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::made::Seen;
use super::{ALBUM, CHECKPOINTS, ENVIRONMENT, EVALUATION, METRICS, RECIPE, RECORD, RunFolder, SCENES};
use crate::files::{partial_name, remove_entry};
use crate::training::error::RunError;

/// The folders in a run's own.
const FOLDERS: [&str; 3] = [CHECKPOINTS, SCENES, ALBUM];
/// A folder in which nothing has come or gone for so long is no longer being removed …
const QUIET: Duration = Duration::from_millis(300);
/// … and no longer than this is waited for it.
const LONGEST: Duration = Duration::from_secs(5);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Waits for as long as entries come and go in a folder.
struct Watch {
    begun: Instant,
    quiet_since: Instant,
    listing: Vec<PathBuf>,
}

impl RunFolder {
    /// Does what may make entries at `paths`, or beside them under temporary names, and looks again afterwards whether
    /// the folder is still in its place; that it is not says more than why something in it could not be done.
    pub(super) fn making<T>(
        &mut self,
        paths: &[&Path],
        work: impl FnOnce(&mut Self) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        let paths: Vec<PathBuf> = paths.iter().flat_map(|path| [path.to_path_buf(), partial_name(path)]).collect();
        let before: Vec<_> = paths.iter().map(|path| Seen::at(path)).collect();
        let done = work(self);
        for (path, before) in paths.into_iter().zip(before) {
            self.made.note(path, before);
        }
        self.stands()?;
        done
    }

    /// A file that was removed may be the first of all: whoever removes the folder gets the time for it, in which
    /// nothing is made.
    pub(super) fn outlast_removal(&mut self) -> Result<(), RunError> {
        let mut watch = Watch::begin(&self.path);
        loop {
            self.stands()?;
            if !watch.sees_changes(&self.path) {
                return Ok(());
            }
        }
    }

    /// Removes what is left of a folder that has lost its recipe, where nothing of the run is left but what was made here
    /// shortly before. Returns whether the folder has gone with it.
    pub(super) fn clear_remains(&self) -> bool {
        let mut watch = Watch::begin(&self.path);
        loop {
            for path in self.remains().into_iter().flatten() {
                // One that cannot be removed is left, as by whoever removed the others.
                let _left = remove_entry(&path);
            }
            if self.remains().is_some_and(|remains| remains.is_empty()) {
                // Only where nothing else is in them.
                for folder in FOLDERS {
                    let _kept = fs::remove_dir(self.path.join(folder));
                }
                let _kept = fs::remove_dir(&self.path);
            }
            // Whoever removes the folder may still be at it.
            if !watch.sees_changes(&self.path) {
                return !self.path.exists();
            }
        }
    }

    /// The entries that were made here; `None` where a file of the run is there that was not, so that it was not the
    /// folder that was removed. Files that are not the run's say nothing, and stay.
    fn remains(&self) -> Option<Vec<PathBuf>> {
        let folders = FOLDERS.map(|name| self.path.join(name));
        let own = [RECIPE, ENVIRONMENT, METRICS, RECORD, EVALUATION].map(|name| self.path.join(name));
        let in_folders = folders.iter().filter(|folder| is_folder(folder)).flat_map(|folder| entries(folder));
        let mut remains = Vec::new();
        for path in in_folders.chain(entries(&self.path)) {
            let is_of_a_folder = path.parent().is_some_and(|parent| folders.iter().any(|folder| folder == parent));
            if self.made.has(&path) {
                remains.push(path);
            } else if own.contains(&path) || is_of_a_folder {
                return None;
            }
        }
        Some(remains)
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        // The last chance to notice, for one that was written to.
        if self.place.is_some() {
            let _told = self.stands();
        }
    }
}

impl Watch {
    fn begin(folder: &Path) -> Self {
        let now = Instant::now();
        Self { begun: now, quiet_since: now, listing: listing(folder) }
    }

    /// Looks again after a moment; whether it is worth another look after that, which it is not where the folder has gone.
    fn sees_changes(&mut self, folder: &Path) -> bool {
        if !folder.exists() {
            return false;
        }
        std::thread::sleep(PAUSE);
        let listing = listing(folder);
        if listing != self.listing {
            self.listing = listing;
            self.quiet_since = Instant::now();
        }
        self.quiet_since.elapsed() < QUIET && self.begun.elapsed() < LONGEST
    }
}

/// All that lies in a folder, and in folders in it.
pub(super) fn listing(folder: &Path) -> Vec<PathBuf> {
    let mut found = entries(folder);
    let mut next = 0;
    while let Some(path) = found.get(next) {
        if is_folder(path) {
            let within = entries(path);
            found.extend(within);
        }
        next += 1;
    }
    found.sort();
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// Whether it is a folder itself, not a link to one.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}
