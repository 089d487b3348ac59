//! The locks of a run folder: who holds them is written into them, for the message that others get.

use std::fs;
use std::io::{self, Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::files::lock::{Hold, Lock, NotLocked};
use crate::files::read_regular;
use crate::training::environment::Moment;
use crate::training::error::RunError;

/// Takes the lock at `path` alone, for `what`; another holder is waited for as long as `patience`.
///
/// On a file system without locks there is none, and a sentence says so.
pub(super) fn take(path: &Path, what: &str, patience: Duration) -> Result<(Option<Lock>, Option<String>), RunError> {
    match Lock::take(path, Hold::Alone, patience) {
        Ok(mut lock) => {
            // Only for the message that others get.
            let _unnamed = name_holder(&mut lock);
            Ok((Some(lock), None))
        }
        Err(NotLocked::Held) => {
            let (what, holder) = (what.to_owned(), holder(path));
            Err(RunError::InUse { what, holder, path: path.to_owned() })
        }
        Err(NotLocked::Unkept(error)) => {
            let warning = format!(
                "The file system keeps no locks ({error}), so see to it that no other program writes to the run: {}",
                path.display()
            );
            Ok((None, Some(warning)))
        }
        Err(NotLocked::Unopened(error)) => Err(RunError::unwritable("the run's lock", &error, path)),
    }
}

/// Whether somebody holds the lock at `path`. To look, it is held for a moment where nobody does.
pub(super) fn is_held(path: &Path) -> bool {
    Lock::is_held(path, Hold::Beside)
}

fn name_holder(lock: &mut Lock) -> io::Result<()> {
    let file = lock.file();
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
