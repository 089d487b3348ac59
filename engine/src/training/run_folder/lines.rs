//! A file of lines that is only added to, and what others do to it meanwhile.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use serde::Serialize;

use crate::files::{append_whole, free_name, is_at, is_taken, open_in_place, put_copy};

/// Lines that wait to be written take no more memory than this.
pub(super) const MAX_UNSAVED_BYTES: usize = 1 << 20;

/// `metrics.jsonl` or `record.jsonl`, and the lines that could not be written yet.
#[derive(Debug)]
pub(super) struct Lines {
    /// What they are, in words.
    pub(super) what: &'static str,
    pub(super) path: PathBuf,
    /// Open from the run's begin on. What it holds is there for as long, whatever becomes of its name.
    pub(super) file: Option<File>,
    length: u64,
    pub(super) unsaved: Vec<u8>,
    /// Lines that were left out of `unsaved` because they would have filled the memory.
    left_out: u64,
    /// What others did to the file, and what is missing, in words, until it is told.
    news: Vec<String>,
}

impl Lines {
    pub(super) fn at(path: PathBuf, what: &'static str) -> Self {
        Self { what, path, file: None, length: 0, unsaved: Vec::new(), left_out: 0, news: Vec::new() }
    }

    /// Opens the file, which is made where there is none.
    pub(super) fn open(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            let mut file = open_in_place(&self.path)?;
            self.length = file.seek(SeekFrom::End(0))?;
            self.file = Some(file);
        }
        Ok(())
    }

    /// Goes on with the file of the same name in a copy of the folder. Where that holds less, it gets all again.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let there = fs::metadata(&self.path).map_or(0, |found| found.len());
        let anew = if there < self.length { put_copy(file, &self.path)? } else { open_in_place(&self.path)? };
        *file = anew;
        Ok(())
    }

    /// Takes a line to be written. Where too many wait, every second one goes: what stays still shows the whole course.
    pub(super) fn keep(&mut self, entry: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.unsaved, entry)?;
        self.unsaved.push(b'\n');
        if self.unsaved.len() > MAX_UNSAVED_BYTES {
            let lines: Vec<&[u8]> = self.unsaved.split_inclusive(|&byte| byte == b'\n').collect();
            self.left_out += lines.len() as u64 / 2;
            // The newest stays in any case.
            self.unsaved = lines.into_iter().rev().step_by(2).rev().flatten().copied().collect();
        }
        Ok(())
    }

    /// Writes what waits, whole or not at all. A line that a kill has torn is ended, so that it spoils no other.
    pub(super) fn write(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let (length, line_feed) = end_of(file)?;
        if length < self.length {
            let words = format!("were cut from {} to {length} bytes by another program; the run goes on", self.length);
            self.news.push(format!("Lines of {} {words}: {}", self.what, self.path.display()));
        }
        self.length = length;
        self.length = append_whole(file, length, &[&line_feed, &self.unsaved])?;
        self.unsaved.clear();
        if self.left_out > 0 {
            let count = std::mem::take(&mut self.left_out);
            let words = format!("can be written again; {count} lines in between were left out");
            self.news.push(format!("What is to be kept of {} {words}: {}", self.what, self.path.display()));
        }
        Ok(())
    }

    /// Whether the file that is written to no longer stands in its place: others have removed or replaced it.
    pub(super) fn is_displaced(&self) -> io::Result<bool> {
        Ok(match &self.file {
            Some(file) => !is_at(file, &self.path)?,
            None => false,
        })
    }

    /// Puts the file back, out of what is still open here.
    pub(super) fn put_back(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut words = "was removed or replaced by another program and has been put back with all lines".to_owned();
        if is_taken(&self.path)? {
            let aside = free_name(&self.path, "replaced")?;
            fs::rename(&self.path, &aside)?;
            words.push_str(&format!("; what had taken its place is now {}", aside.display()));
        }
        // Until that has been done what is open here is all there is.
        let copy = put_copy(file, &self.path)?;
        *file = copy;
        self.news.push(format!("The file of {} {words}: {}", self.what, self.path.display()));
        Ok(())
    }

    pub(super) fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }
}

/// A file's length, and what its last line lacks to be one: nothing or a line feed. What is written next goes there.
pub(super) fn end_of(file: &mut File) -> io::Result<(u64, Vec<u8>)> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut last = [b'\n'];
    if length > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok((length, if last == [b'\n'] { Vec::new() } else { vec![b'\n'] }))
}
