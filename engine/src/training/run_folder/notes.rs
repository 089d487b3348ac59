//! What people note of a run: `notes.toml`. Whoever trains there never reads it.

use std::io;
use std::path::Path;

use super::{RECIPE, RunFolder};
use crate::files::{read_at_most, remove_entry, toml_error, write_whole};
use crate::protocol::RunNotes;
use crate::training::error::RunError;

pub(super) const NOTES: &str = "notes.toml";
/// The longest that are read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

impl RunFolder {
    /// What is noted of the run in a folder; nothing where there is no such file.
    pub fn notes(run: &Path) -> Result<RunNotes, RunError> {
        let path = run.join(NOTES);
        let bytes = match read_at_most(&path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(RunNotes::default()),
            Err(error) => return Err(RunError::unreadable("the run's notes", &error, &path)),
        };
        let damaged = |reason: String| RunError::damaged("notes", reason, &path);
        let text = String::from_utf8(bytes).map_err(|error| damaged(format!("not UTF-8 text: {error}")))?;
        toml::from_str(&text).map_err(|error| damaged(toml_error::reason(&text, &error)))
    }

    /// Keeps notes in place of those before, whole or not at all. Notes that do not read are not written over.
    pub fn note(run: &Path, notes: &RunNotes) -> Result<(), RunError> {
        if !run.join(RECIPE).is_file() {
            return Err(RunError::NotARun { path: run.to_owned() });
        }
        if Self::notes(run)? == *notes {
            return Ok(());
        }
        let path = run.join(NOTES);
        let unwritable = |error: io::Error| RunError::unwritable("the run's notes", &error, &path);
        if notes.is_empty() {
            return remove_entry(&path).map_err(unwritable);
        }
        let text = toml::to_string(notes).map_err(|error| unwritable(io::Error::other(error)))?;
        write_whole(&path, text.as_bytes()).map_err(unwritable)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::recipe::Recipe;
    use crate::training::environment::Environment;

    #[test]
    fn notes_are_read_as_they_were_written_while_another_program_trains_and_what_is_foreign_stays() {
        let runs = tempfile::tempdir().unwrap();
        let mut run = RunFolder::create(runs.path(), &Recipe::defaults("a"), &Environment::default()).unwrap();
        run.lock().unwrap();
        let path = run.path();
        assert_eq!(RunFolder::notes(path).unwrap(), RunNotes::default());
        let notes =
            RunNotes { tags: vec!["night".to_owned(), "näher".to_owned()], note: "two\nlines \"x\"".to_owned() };
        RunFolder::note(path, &notes).unwrap();
        assert_eq!(RunFolder::notes(path).unwrap(), notes);
        RunFolder::note(path, &RunNotes::default()).unwrap();
        assert!(!path.join(NOTES).exists(), "nothing noted needs no file");

        fs::write(path.join(NOTES), "mine = 1\n").unwrap();
        let refused = RunFolder::note(path, &notes).unwrap_err().to_string();
        assert!(refused.contains("notes.toml") && refused.contains("mine"), "{refused}");
        assert_eq!(fs::read_to_string(path.join(NOTES)).unwrap(), "mine = 1\n");
        assert!(matches!(RunFolder::note(runs.path(), &notes), Err(RunError::NotARun { .. })));
    }
}
