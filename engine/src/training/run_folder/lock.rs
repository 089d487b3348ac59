//! Advisory locks on files, which end with the program that holds them.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::files::{is_at, open_in_place, read_regular};
use crate::training::environment::Moment;
use crate::training::error::RunError;

/// Between two tries to get a lock that another holds for a moment.
const PAUSE: Duration = Duration::from_millis(20);

/// Keeps other programs from what it guards, until it is dropped or the program ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    /// Closing it lets go.
    file: File,
}

impl Lock {
    /// Locks the file at `path`, which is made where there is none; another holder is waited for as long as `patience`.
    ///
    /// On a file system without locks there is none, and a sentence says so.
    pub(super) fn take(
        path: &Path,
        what: &str,
        patience: Duration,
    ) -> Result<(Option<Self>, Option<String>), RunError> {
        let begun = Instant::now();
        let unwritable = |error: io::Error| RunError::unwritable("the run's lock", &error, path);
        loop {
            let mut file = opened(path).map_err(unwritable)?;
            match file.try_lock() {
                // Another may have removed the file between the two.
                Ok(()) if !is_at(&file, path).map_err(unwritable)? => {}
                Ok(()) => {
                    // Only for the message that others get.
                    let _unnamed = name_holder(&mut file);
                    return Ok((Some(Self { file }), None));
                }
                Err(TryLockError::WouldBlock) if begun.elapsed() < patience => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let (what, holder) = (what.to_owned(), holder(path));
                    return Err(RunError::InUse { what, holder, path: path.to_owned() });
                }
                Err(TryLockError::Error(error)) => {
                    let warning = format!(
                        "The file system keeps no locks ({error}), so see to it that no other program writes to the \
                         run: {}",
                        path.display()
                    );
                    return Ok((None, Some(warning)));
                }
            }
        }
    }

    /// Whether somebody holds the lock at `path`. To look, it is held for a moment where nobody does.
    pub(super) fn is_held(path: &Path) -> bool {
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Whether the locked file still is the one at `path`. Where it was removed, another program can lock one of its
    /// own there.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        is_at(&self.file, path).unwrap_or(true)
    }
}

fn opened(path: &Path) -> io::Result<File> {
    // A link or a pipe of this name is no lock of ours.
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        fs::remove_file(path)?;
    }
    open_in_place(path)
}

fn name_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() { String::new() } else { format!(" on {}", host.trim()) };
    write!(file, "process {}{host}, since {}", std::process::id(), Moment::now().iso())
}

/// Who holds a lock, as the holder has written it.
pub(super) fn holder(path: &Path) -> String {
    let bytes = read_regular(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let words: String = text.chars().filter(|letter| !letter.is_control()).take(160).collect();
    if words.trim().is_empty() { "its process is not known".to_owned() } else { words }
}
