//! Which entries of a run's folder were made here of late, told from any other of the same name.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::files::is_same;

/// What was made longer than this before the folder was last seen whole is not of late: whoever removes a folder takes
/// along what lies in it by then.
const OF_LATE: Duration = Duration::from_mins(1);

/// The entries that were made, and when.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) entries: BTreeMap<PathBuf, (Metadata, Instant)>,
}

/// An entry that stood in its place before something was done there.
pub(super) struct Seen {
    found: Metadata,
    /// Held open, so that its number is given to no other.
    _held: Option<File>,
}

impl Made {
    /// Notes what stands at `path` now, where it is not what stood there before.
    pub(super) fn note(&mut self, path: PathBuf, before: Option<Seen>) {
        let is_new = |found: &Metadata| before.is_none_or(|before| !is_same(&before.found, found));
        if let Some(found) = fs::symlink_metadata(&path).ok().filter(is_new) {
            self.entries.insert(path, (found, Instant::now()));
        }
    }

    /// Whether what stands at `path` was made here of late.
    pub(super) fn has(&self, path: &Path) -> bool {
        let found = fs::symlink_metadata(path);
        self.entries.get(path).zip(found.ok()).is_some_and(|((made, _), found)| is_same(made, &found))
    }

    /// The folder was seen whole.
    pub(super) fn forget_older(&mut self) {
        self.entries.retain(|_, (_, at)| at.elapsed() < OF_LATE);
    }
}

impl Seen {
    pub(super) fn at(path: &Path) -> Option<Self> {
        let found = fs::symlink_metadata(path).ok()?;
        // Opening a pipe would wait.
        let can_be_held = found.is_file() || found.is_dir();
        let held = can_be_held.then(|| File::open(path).ok()).flatten();
        Some(Self { found, _held: held })
    }
}
