//! What tells, without reading it, whether a file is as it was.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// When a file or folder was changed last, and how long it is; nothing where it is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    /// Of what lies at a path now.
    pub fn of(path: &Path) -> Self {
        Self(fs::metadata(path).ok().and_then(|found| Some((found.modified().ok()?, found.len()))))
    }

    /// Whether something lay there.
    pub fn is_there(self) -> bool {
        self.0.is_some()
    }

    /// Its length in bytes.
    pub fn length(self) -> u64 {
        self.0.map_or(0, |(_, length)| length)
    }

    /// Whether it was changed so short a time ago.
    pub fn is_within(self, time: Duration) -> bool {
        self.0.is_some_and(|(changed, _)| SystemTime::now().duration_since(changed).is_ok_and(|age| age < time))
    }
}
