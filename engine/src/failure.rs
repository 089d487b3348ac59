//! What kind of failure an error is, for whoever decides what to do about it: the window, scripts, exit codes.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

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

/// Words of panics for want of memory: of the standard library, of the compute runtime and of graphics drivers.
const OUT_OF_MEMORY: [&str; 7] = [
    "out of memory",
    "out of device memory",
    "not enough memory",
    "can't allocate buffer",
    "memory allocation",
    "allocation failed",
    "capacity overflow",
];

/// Words of panics for a graphics device that is gone: a driver that crashed or was reset, a card that was taken away.
const DEVICE_LOST: [&str; 4] = ["device is poisoned", "device was lost", "device is lost", "device lost"];
/// Words of panics for kernels that a graphics device does not take.
const DEVICE_REFUSED: [&str; 5] = [
    "the device refused",
    "cube dim exceeds",
    "too many resources",
    "unable to acquire wgpu device",
    "unable to initialize wgpu runtime",
];

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
        let words = without_backtrace(words);
        let lower = words.to_lowercase();
        let tells = |known: &[&str]| known.iter().any(|known| lower.contains(known));
        // Whatever is asked of a device that is gone fails, for want of memory too.
        if tells(&DEVICE_LOST) {
            let text = format!("The graphics device is gone ({words}); start the program again, or train on the CPU");
            return Self::new(FailureKind::DeviceLost, text);
        }
        if tells(&OUT_OF_MEMORY) {
            let text = format!("There is not enough memory ({words}); take a smaller batch or smaller images");
            return Self::new(FailureKind::OutOfMemory, text);
        }
        if tells(&DEVICE_REFUSED) {
            let text = format!("The graphics device refused its work ({words}); train on the CPU, or smaller images");
            return Self::new(FailureKind::DeviceRefused, text);
        }
        Self::new(FailureKind::Broken, format!("A fault in the program: {words}"))
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

/// What a device's error says, in one line and without the places in the code that it came through.
fn without_backtrace(words: &str) -> String {
    let told = words.lines().take_while(|line| !line.trim_start().to_lowercase().starts_with("backtrace"));
    told.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Letters of a word of the user's that a message repeats.
const REPEATED: usize = 80;

/// A word as messages repeat it: cut where it is long.
pub(crate) fn short(word: &str) -> Cow<'_, str> {
    match word.char_indices().nth(REPEATED) {
        Some((end, _)) => Cow::Owned(format!("{}…", &word[..end])),
        None => Cow::Borrowed(word),
    }
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
    fn panics_for_want_of_memory_are_told_from_faults() {
        let no_room: Vec<String> = [
            "Out of Memory",
            "out of device memory allocating 17179869184 bytes",
            "can't allocate buffer of size: 17179869184",
            "Not enough memory left",
            "capacity overflow",
        ]
        .map(str::to_owned)
        .to_vec();
        for words in no_room {
            assert_eq!(Failure::from_panic(&words).kind, FailureKind::OutOfMemory, "{words}");
        }
        let device = [
            ("The device is poisoned\nCaused by:\n  Unknown: reset\nBacktrace:\n  0: f", FailureKind::DeviceLost),
            ("wgpu error: Parent device is lost, out of memory", FailureKind::DeviceLost),
            ("the device refused the pipeline of kernel `k`: Shader too long", FailureKind::DeviceRefused),
        ];
        for (words, kind) in device {
            let found = Failure::from_panic(words);
            assert_eq!(found.kind, kind, "{found}");
            assert!(!found.text.contains('\n') && !found.text.contains("0: f"), "{found}");
        }
        let fault = Failure::from_panic("index out of bounds: the len is 3 but the index is 7");
        assert_eq!(fault.kind, FailureKind::Broken);
        assert!(fault.text.contains("index out of bounds"));
    }

    #[test]
    fn sentences_begin_with_a_capital_and_settings_stay() {
        assert_eq!(sentence("could not read"), "Could not read");
        assert_eq!(sentence("`data.width`: no"), "`data.width`: no");
    }
}
