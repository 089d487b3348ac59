//! What a what-if comes to on a whole split.

use serde::{Deserialize, Serialize};

use super::effect::OUTCOME;
use super::live_change::LiveChange;
use super::report::SubsetScores;
use super::what_if::WhatIf;

/// What became of a split with a what-if: a kind of report of its own, so that no list of evaluations takes it for one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WhatIfReport {
    /// What was supposed.
    pub what_if: WhatIf,
    /// The data set's name.
    pub dataset: String,
    /// The split's name.
    pub split: String,
    /// The step at which the network stood.
    pub step: u64,
    /// The convention of the means, as in `evaluation.convention`.
    pub convention: String,
    /// How absent sensors were replaced, in the words of `evaluation.missing`; empty where none was absent.
    pub missing: String,
    /// Class names by id.
    pub classes: Vec<String>,
    /// The figures without the what-if and with it, of the same scenes: the whole split first, then each condition tag.
    pub scores: Vec<[SubsetScores; 2]>,
    /// How many pixels have become what, in the order of [`OUTCOME`].
    pub counts: [u64; OUTCOME.len()],
    /// The settings that were no longer what the run's recipe says, beside those of the what-if.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<LiveChange>,
    /// Wall time in seconds.
    pub secs: f64,
    /// Scenes that were left out, one sentence each.
    #[serde(default)]
    pub warnings: Vec<String>,
}

impl WhatIfReport {
    /// The mean IoU of the whole split without the what-if and with it, 0 to 1.
    pub fn miou(&self) -> [Option<f64>; 2] {
        self.scores.first().map_or([None; 2], |both| [both[0].miou, both[1].miou])
    }

    /// Whether it is of the same what-if, split and network as another one, which it then takes the place of.
    pub fn replaces(&self, other: &Self) -> bool {
        self.what_if.is_like(&other.what_if)
            && (&self.dataset, &self.split, self.step) == (&other.dataset, &other.split, other.step)
            && self.changed == other.changed
    }
}
