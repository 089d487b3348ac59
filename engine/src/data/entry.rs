//! A data set's samples as files: one scene's, a split's, and those that had to be left out.

use std::path::PathBuf;

/// One scene's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleEntry {
    /// The id, unique in its split.
    pub id: String,
    /// Condition tags such as `night`.
    pub tags: Vec<String>,
    /// One file a modality, in the manifest's order.
    pub files: Vec<PathBuf>,
    /// Further files of sensors that are joined from several, each beside its sensor's place, in the manifest's order.
    pub joined: Vec<(usize, PathBuf)>,
    /// The label's file; `None` for unlabelled scenes.
    pub label: Option<PathBuf>,
    /// A picture of pixels that count nowhere, where the manifest names some.
    pub mask: Option<PathBuf>,
}

/// Samples that belong together: `train`, `val`, `test`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The name.
    pub name: String,
    /// Whether it was cut from another split.
    pub held_out: bool,
    /// The samples, in the order of their list.
    pub samples: Vec<SampleEntry>,
    /// Complete but for a label that the split's other samples have: left out, but for domains that are trained on
    /// without labels.
    pub unlabelled: Vec<SampleEntry>,
}

/// Why a sample was left out of its split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It is listed, and no file of it exists.
    Everything,
    /// A sensor's image is missing.
    Modality(String),
    /// Its label is missing, where others of the split have theirs.
    Label,
}

/// A sample that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The split.
    pub split: String,
    /// The sample's id.
    pub id: String,
    /// What is missing.
    pub lack: Lack,
    /// The file that was looked for.
    pub path: PathBuf,
}
