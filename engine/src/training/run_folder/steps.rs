//! The steps of a run, as `metrics.jsonl` keeps them.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;

use super::history::{self, History, Reading, Unreadable};
use super::lines::end_of;
use super::{METRICS, RunFolder};
use crate::files::{is_taken, open_in_place, open_regular};
use crate::protocol::StepReport;
use crate::training::error::RunError;

/// Where lines go that do not read.
const UNREADABLE: &str = "metrics.unreadable.jsonl";

impl RunFolder {
    /// Adds a line to `metrics.jsonl`. What cannot be written is kept and tried again with the next line.
    pub fn append_step(&mut self, report: &StepReport) -> Result<(), RunError> {
        self.add_line(|run| &mut run.metrics, report)?;
        self.mend_evaluations()
    }

    /// Waits until all steps are on the disk.
    pub(super) fn sync_steps(&mut self) -> Result<(), RunError> {
        if self.metrics.file.is_none() && self.metrics.unsaved.is_empty() {
            return Ok(());
        }
        self.write_lines(|run| &mut run.metrics)?;
        let synced = self.metrics.file.as_ref().map_or(Ok(()), File::sync_data);
        synced.map_err(|error| RunError::unwritable("the metrics", &error, &self.metrics.path))
    }

    /// The reports in `metrics.jsonl`, and what of them does not read. The cost is bounded, however long the run.
    pub fn history(&self) -> Result<History, RunError> {
        let path = self.path.join(METRICS);
        let Reading { reports, unreadable } = self.read_steps()?;
        let warnings = unreadable_words(&unreadable).map(|words| format!("{words}: {}", path.display()));
        Ok(History { steps: reports, warnings: warnings.into_iter().collect() })
    }

    /// The reports of [`RunFolder::history`].
    pub fn steps(&self) -> Result<Vec<StepReport>, RunError> {
        Ok(self.read_steps()?.reports)
    }

    fn read_steps(&self) -> Result<Reading, RunError> {
        let path = self.path.join(METRICS);
        match open_regular(&path).and_then(|mut file| history::read(&mut file)) {
            Ok(reading) => Ok(reading),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Reading::default()),
            Err(error) => Err(RunError::unreadable("the metrics", &error, &path)),
        }
    }

    /// Drops the reports after `step`, sets aside what does not read, and returns what stays. A kill in between leaves
    /// whole lines only.
    pub fn truncate_steps(&mut self, step: u64) -> Result<History, RunError> {
        let path = self.path.join(METRICS);
        let unwritable = |error: io::Error| RunError::unwritable("the metrics", &error, &path);
        let was_open = self.metrics.file.take().is_some();
        self.metrics.unsaved.clear();
        if !is_taken(&path).map_err(unwritable)? {
            return Ok(History::default());
        }
        let mut file = open_in_place(&path).map_err(unwritable)?;
        let mut warnings = Vec::new();
        if self.cut(&mut file, step).map_err(unwritable)? {
            warnings.push("What stood behind the last step that was kept of the metrics could not be read".to_owned());
        }
        let Reading { reports, unreadable } = history::read(&mut file).map_err(unwritable)?;
        self.blank(&mut file, &unreadable).map_err(unwritable)?;
        if was_open {
            self.metrics.open().map_err(unwritable)?;
        }
        warnings.extend(unreadable_words(&unreadable));
        let aside = self.path.join(UNREADABLE);
        let set_aside = |words: String| format!("{words}; it was set aside: {}", aside.display());
        Ok(History { steps: reports, warnings: warnings.into_iter().map(set_aside).collect() })
    }

    /// Cuts the file behind the reports up to `step`; whether something unreadable stood there and was set aside.
    fn cut(&self, file: &mut File, step: u64) -> io::Result<bool> {
        let length = file.metadata()?.len();
        let cut = history::cut(file, step)?;
        let unread = cut.kept..cut.later;
        let is_set_aside = holds_a_line(file, &unread)?;
        if is_set_aside {
            self.set_aside(file, [&unread])?;
        }
        if cut.kept < length {
            file.set_len(cut.kept)?;
            file.sync_all()?;
        }
        Ok(is_set_aside)
    }

    /// Sets lines aside and leaves blanks in their place, so that nothing else has to move.
    fn blank(&self, file: &mut File, lines: &[Unreadable]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.set_aside(file, lines.iter().map(|line| &line.bytes))?;
        for Unreadable { bytes, .. } in lines {
            file.seek(SeekFrom::Start(bytes.start))?;
            io::copy(&mut io::repeat(b' ').take(bytes.end - bytes.start - 1), file)?;
        }
        file.sync_all()
    }

    /// Adds pieces of the metrics to those that do not read.
    fn set_aside<'a>(&self, file: &mut File, pieces: impl IntoIterator<Item = &'a Range<u64>>) -> io::Result<()> {
        let mut aside = open_in_place(&self.path.join(UNREADABLE))?;
        let (_, line_feed) = end_of(&mut aside)?;
        aside.write_all(&line_feed)?;
        for piece in pieces {
            file.seek(SeekFrom::Start(piece.start))?;
            io::copy(&mut (&*file).take(piece.end - piece.start), &mut aside)?;
        }
        aside.sync_all()
    }
}

/// Whether a whole line stands in a piece of a file. The end of a line that a kill has torn is none.
fn holds_a_line(file: &mut File, piece: &Range<u64>) -> io::Result<bool> {
    file.seek(SeekFrom::Start(piece.start))?;
    let mut is_blank = true;
    for byte in BufReader::new(file).take(piece.end - piece.start).bytes() {
        match byte? {
            b'\n' if !is_blank => return Ok(true),
            byte => is_blank &= byte.is_ascii_whitespace(),
        }
    }
    Ok(false)
}

/// How many lines do not read, and which is the first.
fn unreadable_words(unreadable: &[Unreadable]) -> Option<String> {
    let first = unreadable.first()?;
    let place = match first.line {
        Some(number) => format!("line {number}"),
        None => format!("the one at byte {}", first.bytes.start),
    };
    Some(match unreadable.len() {
        1 => format!("A step of the metrics could not be read ({place})"),
        count => format!("{count} lines of the metrics could not be read (the first is {place})"),
    })
}
