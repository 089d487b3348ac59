//! What is wrong with the files of a data set.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::files::path_json;

/// Whether a problem forbids working with the data set as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It must be mended: results would be wrong, or samples would be lost.
    Error,
    /// It is worth knowing.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// The file or folder.
    #[serde(with = "path_json")]
    pub file: PathBuf,
    /// A sentence that says what was expected and found, and names the file.
    pub text: String,
}
