//! Who may carry out a study at the same time.

use std::path::Path;
use std::time::{Duration, SystemTime};

use fusionscope_engine::files::lock::{Hold, Lock, NotLocked};
use fusionscope_engine::study::LOCK;

use crate::exit::{Exit, Failure};
use crate::output;

/// How long others may hold it, who only look.
const PATIENCE: Duration = Duration::from_millis(300);

/// Holds a study's folder, alone or, with a run of its own, beside others, until the lock is dropped; `None` on a file
/// system without locks, of which it is told.
pub fn hold(folder: &Path, how: Hold) -> Result<Option<Lock>, Failure> {
    let path = folder.join(LOCK);
    let refused = |reason: String| Failure::new(Exit::Failed, format!("{reason}: {}", path.display()));
    match Lock::take(&path, how, PATIENCE) {
        Ok(mut lock) => {
            // Tells when: what was told of the study before is by another program.
            let _untold = lock.file().set_modified(SystemTime::now());
            Ok(Some(lock))
        }
        Err(NotLocked::Held) => Err(refused(
            "another program carries out this study, or jobs of a cluster do; wait for it, or give --out another folder"
                .to_owned(),
        )),
        Err(NotLocked::Unkept(error)) => {
            output::complain(&format!(
                "warning: the file system keeps no locks ({error}), so see to it that no other program carries out this \
                 study: {}",
                folder.display()
            ));
            Ok(None)
        }
        Err(NotLocked::Unopened(error)) => Err(refused(format!("could not hold the study: {error}"))),
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
