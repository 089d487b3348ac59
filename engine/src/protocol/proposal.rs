//! Settings that go with a data set.

use serde::{Deserialize, Serialize};

/// Settings that a paper takes on a data set in place of its preset's: shown, never applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The preset.
    pub recipe: String,
    /// Why, and by what source.
    pub why: String,
    /// `KEY=VALUE`, as `--set` takes them.
    pub settings: Vec<String>,
}

impl Proposal {
    /// In one line, as a command line would have it.
    pub fn words(&self) -> String {
        let settings: String = self.settings.iter().map(|setting| format!(" --set {setting}")).collect();
        format!("--recipe {}{settings} ({})", self.recipe, self.why)
    }
}
