//! `record.jsonl`, what its lines are, and what of them stands.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::metrics::end_of;
use crate::files::{is_at, is_taken, open_in_place, put_copy};
use crate::protocol::{Happening, LiveChange, Recorded};
use crate::recipe::{Kind, Value, setting};

/// Lines that wait to be written take no more memory than this; the oldest give way.
pub(super) const MAX_UNSAVED_BYTES: usize = 1 << 20;

/// `record.jsonl`, opened by the first line, and the lines that could not be written yet.
#[derive(Debug, Default)]
pub(super) struct Record {
    file: Option<File>,
    pub(super) unsaved: Vec<u8>,
}

impl Record {
    /// The next line goes to the file that stands in place then.
    pub(super) fn reopen(&mut self) {
        self.file = None;
    }

    pub(super) fn keep(&mut self, line: &[u8]) {
        self.unsaved.extend(line);
        if self.unsaved.len() > MAX_UNSAVED_BYTES {
            let older = self.unsaved.len() / 2;
            let end = self.unsaved[older..].iter().position(|&byte| byte == b'\n');
            self.unsaved.drain(..end.map_or(0, |end| older + end + 1));
        }
    }

    /// Writes what waits, whole or not at all. A line that a kill has torn is ended, so that it spoils no other; a
    /// record that others have removed is put back.
    pub(super) fn write(&mut self, path: &Path) -> io::Result<()> {
        if let Some(file) = self.file.take_if(|file| !is_at(file, path).unwrap_or(false)).as_mut()
            && !is_taken(path)?
        {
            put_copy(file, path)?;
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(open_in_place(path)?),
        };
        let (length, line_feed) = end_of(file)?;
        file.seek(SeekFrom::End(0))?;
        if let Err(error) = file.write_all(&line_feed).and_then(|()| file.write_all(&self.unsaved)) {
            let _restored = file.set_len(length);
            return Err(error);
        }
        self.unsaved.clear();
        Ok(())
    }
}

/// A line as it is written: a number that JSON would not give back to its last bit stands as text.
pub(super) fn written(entry: &Recorded) -> Recorded {
    let safe = |value: &Value| match value {
        Value::Number(number) if !json_gives_back(*number) => Value::Text(number.to_string()),
        other => other.clone(),
    };
    with_values(entry.clone(), |_, value| safe(value))
}

fn json_gives_back(number: f64) -> bool {
    let text = serde_json::to_string(&number).unwrap_or_default();
    serde_json::from_str(&text).is_ok_and(|read: f64| read.to_bits() == number.to_bits())
}

/// The reverse of [`written`].
pub(super) fn read(entry: Recorded) -> Recorded {
    with_values(entry, |key, value| match value {
        Value::Text(text) if matches!(setting(key).map(|setting| setting.kind), Some(Kind::Number { .. })) => {
            text.parse().map_or_else(|_none| value.clone(), Value::Number)
        }
        other => other.clone(),
    })
}

fn with_values(entry: Recorded, to: impl Fn(&str, &Value) -> Value) -> Recorded {
    let what = match entry.what {
        Happening::Change { key, old, new } => {
            let (old, new) = (to(&key, &old), to(&key, &new));
            Happening::Change { key, old, new }
        }
        other => other,
    };
    Recorded { what, ..entry }
}

/// What stands of a record, by step: a resume undoes what had happened after its step but for live changes, and a live
/// change undoes those of its key that were to be made again later.
pub(super) fn as_it_stands(entries: Vec<Recorded>) -> Vec<Recorded> {
    let mut stands: Vec<Recorded> = Vec::new();
    for entry in entries {
        match &entry.what {
            Happening::Resume { .. } => stands.retain(|old| old.step <= entry.step || old.change().is_some()),
            Happening::Change { key, .. } => stands.retain(|old| {
                let is_of_key = matches!(&old.what, Happening::Change { key: of, .. } if of == key);
                old.step <= entry.step || !is_of_key
            }),
            _ => {}
        }
        stands.push(entry);
    }
    stands.sort_by_key(|entry| entry.step);
    stands
}

/// The changes in a record, those that were taken back before they acted left out.
pub(crate) fn changes_in(record: &[Recorded]) -> Vec<LiveChange> {
    let mut changes = Vec::new();
    for change in record.iter().filter_map(Recorded::change) {
        change.note(&mut changes);
    }
    changes
}
