//! A folder that is told from any other of the same name.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

/// A folder, known by its number and not by its name.
#[derive(Debug)]
pub(super) struct Place {
    /// Held open, so that the system gives its number to no other.
    #[cfg(unix)]
    held: fs::File,
}

impl Place {
    pub(super) fn hold(path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        return Ok(Self { held: fs::File::open(path)? });
        #[cfg(not(unix))]
        return fs::metadata(path).map(|_there| Self {});
    }

    #[cfg(unix)]
    pub(super) fn is(&self, found: &Metadata) -> bool {
        use std::os::unix::fs::MetadataExt as _;

        self.held.metadata().is_ok_and(|held| (held.dev(), held.ino()) == (found.dev(), found.ino()))
    }

    /// A system without numbers of files keeps a folder in place while a file in it is open.
    #[cfg(not(unix))]
    pub(super) fn is(&self, _found: &Metadata) -> bool {
        true
    }
}
