//! Advisory locks on files, which end with the program that holds them.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{is_at, open_in_place};

/// Between two tries to get a lock that another holds for a moment.
const PAUSE: Duration = Duration::from_millis(20);

/// Who may hold a lock at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// One.
    Alone,
    /// Several beside each other, and none that holds it alone.
    Beside,
}

/// Keeps other programs from what it guards, until it is dropped or the program ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    /// Closing it lets go.
    file: File,
}

/// Why there is no lock.
#[derive(Debug)]
pub enum NotLocked {
    /// Another program holds it.
    Held,
    /// The file system keeps no locks.
    Unkept(io::Error),
    /// Its file could not be opened or made.
    Unopened(io::Error),
}

impl Lock {
    /// Locks the file at `path`, which is made where there is none; other holders are waited for as long as `patience`.
    pub fn take(path: &Path, how: Hold, patience: Duration) -> Result<Self, NotLocked> {
        let begun = Instant::now();
        loop {
            let file = opened(path).map_err(NotLocked::Unopened)?;
            let held = match how {
                Hold::Alone => file.try_lock(),
                Hold::Beside => file.try_lock_shared(),
            };
            match held {
                // Another may have removed the file between the two.
                Ok(()) if !is_at(&file, path).map_err(NotLocked::Unopened)? => {}
                Ok(()) => return Ok(Self { file }),
                Err(TryLockError::WouldBlock) if begun.elapsed() < patience => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(NotLocked::Held),
                Err(TryLockError::Error(error)) => return Err(NotLocked::Unkept(error)),
            }
        }
    }

    /// Whether somebody holds the lock at `path` so that it could not be held in this way. To look, it is held for a
    /// moment where it can be.
    pub fn is_held(path: &Path, how: Hold) -> bool {
        // Network file systems lock for reading what is open for reading, and for writing what is open for writing.
        let opened = File::options().read(true).write(how == Hold::Alone).open(path);
        opened.is_ok_and(|file| {
            let held = match how {
                Hold::Alone => file.try_lock(),
                Hold::Beside => file.try_lock_shared(),
            };
            matches!(held, Err(TryLockError::WouldBlock))
        })
    }

    /// Whether the locked file still is the one at `path`. Where it was removed, another program can lock one of its
    /// own there.
    pub fn is_at(&self, path: &Path) -> bool {
        is_at(&self.file, path).unwrap_or(true)
    }

    /// The locked file, to write into it who holds it, and since when.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }
}

fn opened(path: &Path) -> io::Result<File> {
    // A link or a pipe of this name is no lock of ours.
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        fs::remove_file(path)?;
    }
    open_in_place(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_stand_beside_each_other_or_alone_and_are_seen_without_being_disturbed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let take = |how| Lock::take(&path, how, Duration::ZERO);
        let is_held = || [Hold::Alone, Hold::Beside].map(|how| Lock::is_held(&path, how));
        assert_eq!(is_held(), [false, false], "there is no such file");
        let (one, other) = (take(Hold::Beside).unwrap(), take(Hold::Beside).unwrap());
        assert!(matches!(take(Hold::Alone), Err(NotLocked::Held)));
        assert_eq!(is_held(), [true, false]);
        drop((one, other));
        assert_eq!(is_held(), [false, false]);
        let alone = take(Hold::Alone).unwrap();
        assert!(matches!(take(Hold::Beside), Err(NotLocked::Held)));
        assert_eq!(is_held(), [true, true]);
        std::fs::remove_file(&path).unwrap();
        assert!(!alone.is_at(&path));
        assert!(take(Hold::Alone).is_ok(), "another file of this name");
    }
}
