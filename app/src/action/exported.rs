//! What is written to files.

use crate::arrangement::PaneKind;

/// The subject of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The pane; the one in hand where none is named: that which has the keys, else the one under the pointer.
    pub pane: Option<PaneKind>,
    /// What of it, by the title that it has among all that the pane shows; the first where none is named.
    pub part: Option<String>,
}

impl Exported {
    /// All that a pane shows.
    pub fn pane(pane: PaneKind) -> Self {
        Self { pane: Some(pane), part: None }
    }

    /// A part of what it shows.
    pub fn part(pane: PaneKind, part: impl Into<String>) -> Self {
        Self { pane: Some(pane), part: Some(part.into()) }
    }

    /// What lists know: the pane in hand, and each pane.
    pub(super) fn all() -> Vec<Self> {
        std::iter::once(Self::default()).chain(PaneKind::all().map(Self::pane)).collect()
    }
}
