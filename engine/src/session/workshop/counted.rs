//! What was counted to find scenes by.

use crate::protocol::SceneCounts;

/// Counts of single scenes, and of what they are.
pub(super) struct Counted {
    pub(super) split: String,
    pub(super) dropped: Vec<String>,
    /// The network's step.
    pub(super) step: u64,
    pub(super) counts: SceneCounts,
    /// What was left out.
    pub(super) warnings: Vec<String>,
}
