//! The phases of a run.

use serde::{Deserialize, Serialize};

/// A phase of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Step 1: the guiding sensor alone.
    Teacher,
    /// Step 2: all sensors. The only phase of methods without a teacher.
    #[default]
    Student,
    /// Stage 2 of domain adaptation: scenes of the target domain join in, without their labels.
    Adaptation,
}

impl Phase {
    /// The word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Teacher => "teacher",
            Self::Student => "student",
            Self::Adaptation => "adaptation",
        }
    }
}
