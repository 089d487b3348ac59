//! Whether the window may close over a study that is at work.

/// Whether the window is being closed while a study is at work.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Closing {
    /// It is not.
    #[default]
    No,
    /// It is asked what shall become of the study.
    Asked,
    /// That is decided.
    Decided,
}

impl Closing {
    /// Whether it is asked.
    pub(super) fn is_open(&self) -> bool {
        *self == Self::Asked
    }
}
