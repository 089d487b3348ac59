//! Events of a run for TensorBoard: a new file for each time that it begins or goes on.

use std::io;

use super::RunFolder;
use super::events::Events;
use crate::training::error::RunError;

impl RunFolder {
    /// From now on there are events, of the steps after `step`.
    pub fn begin_events(&mut self, step: u64) {
        self.events = Some(Events::after(&self.path, step));
    }

    /// Adds entries, whole or not at all. What cannot be written is kept and tried again with the next ones. Does nothing
    /// where there are to be no events.
    pub fn add_events(&mut self, entries: &[u8]) -> Result<(), RunError> {
        let Some(events) = &mut self.events else { return Ok(()) };
        events.keep(entries);
        let path = events.path.clone();
        self.in_place()?;
        let unwritable = |error: io::Error| RunError::unwritable("the events for TensorBoard", &error, &path);
        if self.events.as_ref().is_some_and(|events| !events.is_at_its_place()) {
            self.making(&[&path], |run| run.events.as_mut().map_or(Ok(()), Events::put).map_err(unwritable))?;
        }
        self.events.as_mut().map_or(Ok(()), Events::write).map_err(unwritable)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::super::events::{MAX_UNSAVED_BYTES, PREFIX};
    use super::*;
    use crate::recipe::Recipe;
    use crate::training::Environment;

    fn run(folder: &Path) -> RunFolder {
        RunFolder::create(folder, &Recipe::defaults("a run"), &Environment::default()).unwrap()
    }

    fn event_files(run: &RunFolder) -> Vec<PathBuf> {
        let entries = fs::read_dir(run.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut found: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().contains(PREFIX)).collect();
        found.sort();
        found
    }

    #[test]
    fn each_time_that_a_run_goes_on_has_a_file_that_is_read_after_those_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        run.add_events(b"nothing asked for").unwrap();
        assert!(event_files(&run).is_empty());
        run.begin_events(0);
        run.add_events(b"first").unwrap();
        run.begin_events(3);
        run.add_events(b"second").unwrap();
        run.add_events(b" third").unwrap();
        let files = event_files(&run);
        let held: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
        assert_eq!(held.len(), 2);
        assert!(held[0].ends_with(b"first") && held[1].ends_with(b"second third"), "{held:?}");
    }

    #[test]
    fn what_cannot_be_written_waits_and_a_file_that_was_removed_is_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        run.begin_events(0);
        let path = run.events.as_ref().unwrap().path.clone();
        fs::create_dir(&path).unwrap();
        assert!(run.add_events(b"one").unwrap_err().to_string().contains("TensorBoard"));
        fs::remove_dir(&path).unwrap();
        run.add_events(b" two").unwrap();
        assert!(fs::read(&path).unwrap().ends_with(b"one two"));
        fs::remove_file(&path).unwrap();
        run.add_events(b" three").unwrap();
        assert!(fs::read(&path).unwrap().ends_with(b"one two three"));
        // Nothing is made where the folder has gone.
        let moved = folder.path().join("moved");
        fs::rename(run.path(), &moved).unwrap();
        assert!(run.add_events(b" four").is_err() && !run.path().exists());
        fs::rename(&moved, run.path()).unwrap();
        run.add_events(b" five").unwrap();
        assert!(fs::read(&path).unwrap().ends_with(b"three four five"));
    }

    #[test]
    fn events_that_can_never_be_written_take_bounded_memory() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        run.begin_events(0);
        fs::create_dir(&run.events.as_ref().unwrap().path).unwrap();
        let entries = vec![7; 100_000];
        for _ in 0..100 {
            assert!(run.add_events(&entries).is_err());
        }
        let unsaved = |run: &RunFolder| run.events.as_ref().unwrap().unsaved.len();
        assert!(unsaved(&run) <= MAX_UNSAVED_BYTES + entries.len());
        // Pictures of a large scene are more than that, and are written where nothing waits.
        fs::remove_dir(&run.events.as_ref().unwrap().path).unwrap();
        run.add_events(b"").unwrap();
        run.add_events(&vec![7; MAX_UNSAVED_BYTES + 1]).unwrap();
        assert_eq!(unsaved(&run), 0);
        let written = fs::metadata(&run.events.as_ref().unwrap().path).unwrap().len();
        assert!(written > 2 * MAX_UNSAVED_BYTES as u64, "{written}");
    }
}
