//! A file of events for TensorBoard, which is only ever added to.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::files::{append_whole, event_file, is_at, open_in_place, put_copy};

/// TensorBoard finds files with these words in their names, and reads those of a folder in the order of the names.
pub(super) const PREFIX: &str = "events.out.tfevents.";
/// Where more than this waits to be written, since writing fails, what comes is left out.
pub(super) const MAX_UNSAVED_BYTES: usize = 4 << 20;

/// The newest event file, and what could not be written into it yet.
#[derive(Debug)]
pub(super) struct Events {
    pub(super) path: PathBuf,
    /// Made with the first entry.
    file: Option<File>,
    length: u64,
    pub(super) unsaved: Vec<u8>,
}

/// Seconds since 1970.
pub fn wall_secs() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

impl Events {
    /// A new file in a run's folder, of the steps after `step`, which is read after those before it.
    pub(super) fn after(folder: &Path, step: u64) -> Self {
        let now = wall_secs();
        let path = folder.join(name_after_others(folder, now as u64));
        Self { path, file: None, length: 0, unsaved: event_file::beginning(now, step + 1) }
    }

    /// Takes entries to be written.
    pub(super) fn keep(&mut self, entries: &[u8]) {
        // What is whole goes in however large it is, where nothing has failed before.
        if self.unsaved.len() <= MAX_UNSAVED_BYTES {
            self.unsaved.extend(entries);
        }
    }

    pub(super) fn is_at_its_place(&self) -> bool {
        self.file.as_ref().is_some_and(|file| is_at(file, &self.path).unwrap_or(true))
    }

    /// Makes the file, or puts it back where others have removed it.
    pub(super) fn put(&mut self) -> io::Result<()> {
        self.file = Some(match &mut self.file {
            Some(file) => put_copy(file, &self.path)?,
            None => open_in_place(&self.path)?,
        });
        Ok(())
    }

    /// Writes what waits, whole or not at all.
    pub(super) fn write(&mut self) -> io::Result<()> {
        let Self { file: Some(file), length, unsaved, .. } = self else { return Ok(()) };
        *length = append_whole(file, *length, &[unsaved])?;
        unsaved.clear();
        Ok(())
    }
}

/// A name that comes after those of all event files of a folder: `events.out.tfevents.1764000000.fusionscope`.
fn name_after_others(folder: &Path, now: u64) -> String {
    let moment = |name: &str| name.strip_prefix(PREFIX)?.split('.').next()?.parse::<u64>().ok();
    let others = fs::read_dir(folder).into_iter().flatten().flatten();
    let newest = others.filter_map(|entry| moment(&entry.file_name().to_string_lossy())).max();
    let moment = newest.map_or(now, |newest| now.max(newest.saturating_add(1)));
    format!("{PREFIX}{moment:010}.fusionscope")
}
