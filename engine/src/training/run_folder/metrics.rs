//! The steps of a run: `metrics.jsonl`, one line a step.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::files::{free_name, is_at, is_taken, open_in_place, put_copy};

/// The file's name.
pub(super) const METRICS: &str = "metrics.jsonl";

/// `metrics.jsonl`, open at its end, and the lines that could not be written yet.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) file: File,
    path: PathBuf,
    length: u64,
    pub(super) unsaved: Vec<u8>,
    /// Lines that were left out of `unsaved` because they would have filled the memory.
    pub(super) left_out: u64,
    /// What others did to the file, in words, until it is told.
    pub(super) disturbance: Option<String>,
}

/// Metrics that wait to be written take no more memory than this.
pub(super) const MAX_UNSAVED_BYTES: usize = 1 << 20;

impl Metrics {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = open_in_place(path)?;
        let (length, unsaved) = end_of(&mut file)?;
        Ok(Self { file, path: path.to_owned(), length, unsaved, left_out: 0, disturbance: None })
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

    /// Writes what is unsaved behind the last whole line; a torn line is overwritten by the next attempt. A file that
    /// others have removed or replaced is put back, out of what is still open here.
    pub(super) fn write(&mut self) -> io::Result<()> {
        let found = self.file.metadata()?.len();
        if found < self.length {
            let words = format!("were cut from {} to {found} bytes by another program; the run goes on", self.length);
            self.disturbance = Some(words);
            let (length, line_feed) = end_of(&mut self.file)?;
            self.length = length;
            self.unsaved.splice(0..0, line_feed);
        }
        self.file.seek(SeekFrom::Start(self.length))?;
        if let Err(error) = self.file.write_all(&self.unsaved) {
            let _restored = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += self.unsaved.len() as u64;
        self.unsaved.clear();
        if is_at(&self.file, &self.path)? { Ok(()) } else { self.put_back() }
    }

    fn put_back(&mut self) -> io::Result<()> {
        let mut words = "were removed or replaced by another program and have been put back with all steps".to_owned();
        if is_taken(&self.path)? {
            let aside = free_name(&self.path, "replaced")?;
            fs::rename(&self.path, &aside)?;
            words.push_str(&format!("; what had taken their place is now {}", aside.display()));
        }
        put_copy(&mut self.file, &self.path)?;
        self.file = open_in_place(&self.path)?;
        self.disturbance = Some(words);
        Ok(())
    }
}

/// A file's length, and what its last line lacks to be one: nothing or a line feed.
pub(super) fn end_of(file: &mut File) -> io::Result<(u64, Vec<u8>)> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut last = [b'\n'];
    if length > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok((length, if last == [b'\n'] { Vec::new() } else { vec![b'\n'] }))
}
