//! Why the engine stopped short.

use crate::failure::{Failing, Failure};

/// Why the engine did not do what it was asked for. Either way everything is as it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// It was told to end.
    Stopped,
    /// It could not.
    Failed(Failure),
}

impl Halt {
    pub(super) fn refused(text: &str) -> Self {
        Self::Failed(Failure::refused(text))
    }
}

impl<E: Failing> From<E> for Halt {
    fn from(error: E) -> Self {
        Failure::of(&error).map_or(Self::Stopped, Self::Failed)
    }
}
