//! What something was made of, so that nothing made of other files, or otherwise, is taken for it.

use std::fs::Metadata;
use std::time::UNIX_EPOCH;

use crate::data::{Dataset, SampleEntry};
use crate::files::sum_of;
use crate::progress::disk;

/// Changes where what is made of the same files has changed.
const VERSION: &str = concat!("1 ", env!("CARGO_PKG_VERSION"));

/// What was done, how, and to which files: their paths, lengths and times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(Vec<u8>);

impl Fingerprint {
    /// Of what is done and how.
    pub(super) fn new(what: &str, how: &[u8]) -> Self {
        let mut fingerprint = Self(Vec::new());
        for part in [VERSION.as_bytes(), what.as_bytes(), how] {
            fingerprint.add(part);
        }
        fingerprint
    }

    /// Adds every file of a scene, as it lies on the disk at this moment.
    pub(super) fn with_files(mut self, entry: &SampleEntry) -> Self {
        for path in entry.all_files() {
            let absolute = std::path::absolute(&path);
            self.add(absolute.as_deref().unwrap_or(&path).as_os_str().as_encoded_bytes());
            self.add(&disk::metadata(&path).map_or_else(|_gone| Vec::new(), |meta| state_of(&meta)));
        }
        self
    }

    fn add(&mut self, part: &[u8]) {
        self.0.extend((part.len() as u64).to_le_bytes());
        self.0.extend(part);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A short name of it.
    pub(super) fn sum(&self) -> u64 {
        sum_of(&self.0)
    }
}

/// How the files of a data set become pictures and class ids.
pub(super) fn preparation(dataset: &Dataset) -> Vec<u8> {
    let manifest = dataset.manifest();
    let read = (&manifest.modalities, &manifest.labels, &dataset.classes, &dataset.class_map);
    // None of these can fail to become JSON.
    serde_json::to_vec(&read).unwrap_or_default()
}

/// A file's length and when it, or who may read it, was changed last.
fn state_of(meta: &Metadata) -> Vec<u8> {
    let changed = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let nanos = changed.map_or(0, |time| time.as_nanos());
    let mut state = meta.len().to_le_bytes().to_vec();
    state.extend(nanos.to_le_bytes());
    state.extend(status_changed(meta).to_le_bytes());
    state
}

/// When a file's entry was changed, which no program sets as it likes, in nanoseconds.
#[cfg(unix)]
fn status_changed(meta: &Metadata) -> i128 {
    use std::os::unix::fs::MetadataExt as _;

    i128::from(meta.ctime()) * 1_000_000_000 + i128::from(meta.ctime_nsec())
}

/// Other systems do not tell.
#[cfg(not(unix))]
fn status_changed(_meta: &Metadata) -> i128 {
    0
}
