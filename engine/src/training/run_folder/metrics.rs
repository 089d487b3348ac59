//! The steps of a run: `metrics.jsonl`, one line a step.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// The file's name.
pub(super) const METRICS: &str = "metrics.jsonl";

/// `metrics.jsonl`, open at its end, and the lines that could not be written yet.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) file: File,
    length: u64,
    pub(super) unsaved: Vec<u8>,
    /// Lines that were left out of `unsaved` because they would have filled the memory.
    pub(super) left_out: u64,
}

/// Metrics that wait to be written take no more memory than this.
pub(super) const MAX_UNSAVED_BYTES: usize = 1 << 20;

impl Metrics {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, length, unsaved: Vec::new(), left_out: 0 })
    }

    /// Takes a line to be written. Where too many wait, every second one goes: what stays still shows the whole course.
    pub(super) fn keep(&mut self, line: &[u8]) {
        self.unsaved.extend(line);
        if self.unsaved.len() > MAX_UNSAVED_BYTES {
            let lines: Vec<&[u8]> = self.unsaved.split_inclusive(|&byte| byte == b'\n').collect();
            self.left_out += lines.len() as u64 / 2;
            // The newest stays in any case.
            self.unsaved = lines.into_iter().rev().step_by(2).rev().flatten().copied().collect();
        }
    }

    /// Writes what is unsaved behind the last whole line; a torn line is overwritten by the next attempt.
    pub(super) fn write(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.length))?;
        if let Err(error) = self.file.write_all(&self.unsaved) {
            let _restored = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += self.unsaved.len() as u64;
        self.unsaved.clear();
        Ok(())
    }
}
