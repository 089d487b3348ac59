//! Who may carry out a study at the same time.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use fusionscope_engine::study::LOCK;

use crate::exit::{Exit, Failure};
use crate::output;

/// How long others may hold it, who only look.
const PATIENCE: Duration = Duration::from_millis(300);
const PAUSE: Duration = Duration::from_millis(20);

/// How a study is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// By one program.
    Alone,
    /// By several, each with a run of its own.
    Beside,
}

/// Holds a study's folder until the file is dropped; `None` on a file system without locks, of which it is told.
pub fn hold(folder: &Path, how: Hold) -> Result<Option<File>, Failure> {
    let path = folder.join(LOCK);
    let refused = |reason: String| Failure::new(Exit::Failed, format!("{reason}: {}", path.display()));
    // Network file systems lock for reading what is open for reading, and for writing what is open for writing.
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let file = opened.map_err(|error| refused(format!("could not hold the study: {error}")))?;
    let begun = Instant::now();
    let held = || match how {
        Hold::Alone => file.try_lock(),
        Hold::Beside => file.try_lock_shared(),
    };
    let mut last = held();
    // Whoever looks whether somebody holds it does so for a moment.
    while matches!(last, Err(TryLockError::WouldBlock)) && begun.elapsed() < PATIENCE {
        std::thread::sleep(PAUSE);
        last = held();
    }
    match last {
        Ok(()) => {
            // Tells when: what was told of the study before is by another program.
            let _untold = file.set_modified(SystemTime::now());
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Err(refused(
            "another program carries out this study, or jobs of a cluster do; wait for it, or give --out another folder"
                .to_owned(),
        )),
        Err(TryLockError::Error(error)) => {
            output::complain(&format!(
                "warning: the file system keeps no locks ({error}), so see to it that no other program carries out this \
                 study: {}",
                folder.display()
            ));
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_an_array_stand_beside_each_other_and_not_beside_one_that_does_it_all() {
        let folder = tempfile::tempdir().unwrap();
        let hold = |how| hold(folder.path(), how);
        let (one, other) = (hold(Hold::Beside).unwrap(), hold(Hold::Beside).unwrap());
        let refused = hold(Hold::Alone).unwrap_err().error.to_string();
        assert!(refused.contains("jobs of a cluster"), "{refused}");
        drop((one, other));
        let _alone = hold(Hold::Alone).unwrap();
        assert!(hold(Hold::Beside).is_err() && hold(Hold::Alone).is_err());
    }
}
