//! Putting a run away: into the system's bin, from which it can be fetched again.

#[cfg(any(windows, target_os = "macos"))]
mod by_call;
#[cfg(not(any(windows, target_os = "macos")))]
mod by_rule;

use std::path::{Path, PathBuf};

#[cfg(any(windows, target_os = "macos"))]
use self::by_call::put_away;
#[cfg(not(any(windows, target_os = "macos")))]
use self::by_rule::put_away;
use super::{RECIPE, RunFolder};
use crate::training::error::RunError;

impl RunFolder {
    /// Moves the folder of a run into the system's bin; returns where it lies now, where the system tells. Refused
    /// where a program trains the run. Where there is no bin, nothing is moved and nothing is deleted.
    pub fn put_away(run: &Path) -> Result<Option<PathBuf>, RunError> {
        if !run.join(RECIPE).is_file() {
            return Err(RunError::NotARun { path: run.to_owned() });
        }
        // Held until the folder has gone, so that none begins in it meanwhile.
        let _held = Self::hold_off(run, "move the run into the bin")?;
        put_away(run).map_err(|reason| RunError::Unwritable {
            what: "to the system's bin, so that nothing was moved or deleted".to_owned(),
            reason,
            path: run.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;
    use crate::training::environment::Environment;

    #[test]
    fn a_run_that_is_trained_is_not_put_away_and_neither_is_what_is_no_run() {
        let runs = tempfile::tempdir().unwrap();
        let mut run = RunFolder::create(runs.path(), &Recipe::defaults("a"), &Environment::default()).unwrap();
        run.lock().unwrap();
        let refused = RunFolder::put_away(run.path()).unwrap_err().to_string();
        assert!(refused.contains("another program"), "{refused}");
        assert!(run.path().join(RECIPE).is_file());
        assert!(matches!(RunFolder::put_away(runs.path()), Err(RunError::NotARun { .. })));
        assert!(runs.path().is_dir());
    }
}
