//! What kind of failure an error is, for whoever decides what to do about it: the window, scripts, exit codes.

mod panics;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use self::panics::{Told, brief, cut, told};

/// The kinds of failures, told apart by what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// What was asked for does not exist, is out of range, or excludes something else: ask for another thing.
    Refused,
    /// A file or folder cannot be read, or is damaged: mend or replace it.
    Unreadable,
    /// It reads files beyond those that were chosen: allow it, where whoever wrote it is trusted.
    Untrusted,
    /// Both sides are whole and do not belong together: bring others together.
    Incompatible,
    /// There was not enough memory: ask for less at once.
    OutOfMemory,
    /// The graphics device is gone until the program starts again: start it again, or take the CPU.
    DeviceLost,
    /// The graphics device refuses a kernel: take the CPU.
    DeviceRefused,
    /// The work broke: something could not be written, a device failed, a number is none, the program has a fault.
    Broken,
}

/// A failure as it is told to people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Failure {
    /// What helps.
    pub kind: FailureKind,
    /// A sentence that a user can act on.
    pub text: String,
}

/// An error that knows its kind.
pub trait Failing: std::error::Error {
    /// The kind; `None` where the work was told to end, which is no failure.
    fn kind(&self) -> Option<FailureKind>;
}

impl Failure {
    /// A failure in words.
    pub fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// What an error comes to; `None` where the work was told to end.
    pub fn of(error: &impl Failing) -> Option<Self> {
        error.kind().map(|kind| Self::new(kind, sentence(error)))
    }

    /// Something was asked for that cannot be.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::new(FailureKind::Refused, text)
    }

    /// What a panic came to, by its words.
    pub fn from_panic(words: &str) -> Self {
        let brief = brief(words);
        match told(words) {
            Some(Told::DeviceLost) => Self::new(
                FailureKind::DeviceLost,
                format!("The graphics device is gone ({brief}); start the program again, or train on the CPU"),
            ),
            Some(Told::OutOfMemory) => Self::new(
                FailureKind::OutOfMemory,
                format!("There is not enough memory ({brief}); take a smaller batch or smaller images"),
            ),
            Some(Told::DeviceRefused) => Self::new(
                FailureKind::DeviceRefused,
                format!("The graphics device refused its work ({brief}); train on the CPU, or smaller images"),
            ),
            None => Self::new(FailureKind::Broken, format!("A fault in the program: {brief}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Runs something and turns a panic into its words.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panic_words(&*panic))
}

fn panic_words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

/// Letters of a word of the user's that a message repeats.
const REPEATED: usize = 80;

/// A word as messages repeat it: cut where it is long.
pub(crate) fn short(word: &str) -> Cow<'_, str> {
    cut(word, REPEATED)
}

/// An error as a sentence for people: it begins with a capital letter.
pub fn sentence(error: impl fmt::Display) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    match letters.next() {
        // Settings and paths stay as they are written.
        Some(first) if first.is_lowercase() => first.to_uppercase().chain(letters).collect(),
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_of_a_device_say_what_helps_and_others_are_faults() {
        let device = [
            ("can't allocate buffer of size: 8\nNo backtrace available", FailureKind::OutOfMemory, "a smaller batch"),
            (
                "The device is poisoned\nCaused by:\n  Unknown: reset\nBacktrace:\n  0: f",
                FailureKind::DeviceLost,
                "is gone (The device is poisoned: Unknown: reset); start the program again",
            ),
            ("the device refused the pipeline of kernel `k`: Shader too long", FailureKind::DeviceRefused, "the CPU"),
            (
                "index out of bounds: the len is 3 but the index is 7",
                FailureKind::Broken,
                "A fault in the program: index",
            ),
        ];
        for (words, kind, part) in device {
            let found = Failure::from_panic(words);
            assert_eq!(found.kind, kind, "{found}");
            assert!(found.text.contains(part), "{found}");
            assert!(!found.text.contains('\n') && !found.text.contains("acktrace"), "{found}");
        }
    }

    #[test]
    fn sentences_begin_with_a_capital_and_settings_stay() {
        assert_eq!(sentence("could not read"), "Could not read");
        assert_eq!(sentence("`data.width`: no"), "`data.width`: no");
    }
}
