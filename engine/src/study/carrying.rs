//! Who carries a study out, how that is asked to stop, and what it tells on its way.
//!
//! All of it lies in the folder of the study's runs, so that it holds between programs that know nothing of each other:
//! a terminal, a window, and the next day's window.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::lock::{Hold, Lock};

/// Held while a study is carried out, in the folder of its runs.
pub const LOCK: &str = ".study.lock";
/// Asks whoever carries a study out to stop, by being there.
const STOP: &str = ".study.stop";

/// A line of `study run --json`, one whenever something becomes of a run. The table comes last and is no such line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum StudyLine {
    /// A run is worked on from now on.
    Began {
        /// The row's name.
        row: String,
        /// The seed.
        seed: u32,
    },
    /// It is trained and scored.
    Done {
        /// The row's name.
        row: String,
        /// The seed.
        seed: u32,
    },
    /// It could not be done.
    Failed {
        /// The row's name.
        row: String,
        /// The seed.
        seed: u32,
        /// Why.
        reason: String,
    },
}

/// Whether a program carries out the study whose runs lie here. Not for when one may be about to begin: looking holds
/// its lock for a moment.
pub fn is_carried_out(out: &Path) -> bool {
    // Jobs of a cluster hold it beside each other.
    Lock::is_held(&out.join(LOCK), Hold::Alone)
}

/// Asks the program that carries the study out to stop, with a checkpoint of every run.
pub fn ask_to_stop(out: &Path) -> io::Result<()> {
    File::create(out.join(STOP)).map(drop)
}

/// Whether that was asked.
pub fn is_asked_to_stop(out: &Path) -> bool {
    out.join(STOP).exists()
}

/// Takes the request back: it was heard, or is an old one.
pub fn forget_stop(out: &Path) -> io::Result<()> {
    match fs::remove_file(out.join(STOP)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_that_is_carried_out_is_seen_by_its_lock_and_asked_to_stop_by_a_file() {
        let out = tempfile::tempdir().unwrap();
        assert!(!is_carried_out(out.path()));
        let file = File::create(out.path().join(LOCK)).unwrap();
        assert!(!is_carried_out(out.path()), "a lock that nobody holds");
        file.lock().unwrap();
        assert!(is_carried_out(out.path()));
        file.unlock().unwrap();
        file.lock_shared().unwrap();
        assert!(is_carried_out(out.path()), "by a job of a cluster");
        drop(file);
        assert!(!is_carried_out(out.path()));
        assert!(!is_asked_to_stop(out.path()));
        ask_to_stop(out.path()).unwrap();
        assert!(is_asked_to_stop(out.path()));
        forget_stop(out.path()).unwrap();
        forget_stop(out.path()).unwrap();
        assert!(!is_asked_to_stop(out.path()));
    }

    #[test]
    fn lines_read_back_and_a_table_is_none() {
        let line = StudyLine::Failed { row: "a, \"b\"".to_owned(), seed: 3, reason: "no memory".to_owned() };
        let text = serde_json::to_string(&line).unwrap();
        assert!(text.contains(r#""event":"failed""#), "{text}");
        assert_eq!(serde_json::from_str::<StudyLine>(&text).unwrap(), line);
        assert!(serde_json::from_str::<StudyLine>(r#"{"title": "t", "rows": []}"#).is_err());
    }
}
