//! Why a manifest's value is refused.

use std::path::Path;

use super::error::DataError;
use super::sample::MAX_NAME_LETTERS;
use crate::failure::short;

/// A key whose value makes no sense.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) key: String,
    pub(super) expected: String,
    pub(super) found: String,
}

impl Refused {
    /// The same as an error of this file.
    pub(super) fn in_file(self, path: &Path) -> DataError {
        let Self { key, expected, found } = self;
        DataError::ManifestValue { key, expected, found, path: path.to_owned() }
    }
}

/// Refuses a key's value.
pub(super) fn refuse<T>(
    key: impl Into<String>,
    expected: impl Into<String>,
    found: impl ToString,
) -> Result<T, Refused> {
    Err(Refused { key: key.into(), expected: expected.into(), found: found.to_string() })
}

/// Refuses a name that no table could hold.
pub(super) fn named(key: &str, name: &str) -> Result<(), Refused> {
    let letters = name.chars().count();
    if letters > MAX_NAME_LETTERS {
        return refuse(
            key,
            format!("a name of at most {MAX_NAME_LETTERS} letters"),
            format!("{letters}: `{}`", short(name)),
        );
    }
    Ok(())
}

/// Refuses more than there may be of something.
pub(super) fn at_most(key: &str, what: &str, most: usize, found: usize) -> Result<(), Refused> {
    if found > most { refuse(key, format!("at most {most} {what}"), found) } else { Ok(()) }
}
