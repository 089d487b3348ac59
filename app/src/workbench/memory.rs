//! What the window remembers of one machine.

use serde::{Deserialize, Serialize};

use super::recent::Recent;
use super::runs_folders::RunsFolders;

/// What was opened lately on a machine, and where runs are looked for there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// Data sets.
    pub(super) data: Recent,
    /// Runs.
    pub(super) runs: Recent,
    /// Folders of runs.
    pub(super) folders: RunsFolders,
}
