//! Adding lines to the files of a run that hold one a step or an event.

use std::io;

use serde::Serialize;

use super::RunFolder;
use super::lines::Lines;
use crate::training::error::RunError;

/// Which of the files of lines.
type Which = fn(&mut RunFolder) -> &mut Lines;

impl RunFolder {
    /// Adds a line. What cannot be written is kept and tried again with the next one.
    pub(super) fn add_line(&mut self, which: Which, entry: &impl Serialize) -> Result<(), RunError> {
        let lines = which(self);
        lines.keep(entry).map_err(|error| RunError::unwritable(lines.what, &error, &lines.path))?;
        self.write_lines(which)
    }

    /// Writes what waits. A file that others have removed or replaced is put back.
    pub(super) fn write_lines(&mut self, which: Which) -> Result<(), RunError> {
        self.in_place()?;
        let lines = which(self);
        let (what, path) = (lines.what, lines.path.clone());
        let unwritable = |error: io::Error| RunError::unwritable(what, &error, &path);
        if lines.file.is_none() {
            self.making(&[&path], |run| which(run).open().map_err(unwritable))?;
        }
        which(self).write().map_err(unwritable)?;
        if which(self).is_displaced().map_err(unwritable)? {
            self.outlast_removal()?;
            self.making(&[&path], |run| which(run).put_back().map_err(unwritable))?;
        }
        Ok(())
    }

    /// What other programs did to the files of the run while it was trained, and what is missing from them.
    pub fn take_news(&mut self) -> Vec<String> {
        let mut news = self.metrics.take_news();
        news.extend(self.record.take_news());
        news.append(&mut self.news);
        news
    }
}
