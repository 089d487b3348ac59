//! Which scenes are left by what is wrong with their files.

use fusionscope_engine::protocol::Severity;
use serde::{Deserialize, Serialize};

/// Which scenes are left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemFilter {
    /// All of them.
    #[default]
    Any,
    /// Those with an error or a warning.
    Some,
    /// Those with an error.
    Errors,
    /// Those whose files were looked at and have none.
    Nothing,
}

impl ProblemFilter {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Any, Self::Some, Self::Errors, Self::Nothing];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Any => "Problems: all scenes",
            Self::Some => "Scenes with problems",
            Self::Errors => "Scenes with errors",
            Self::Nothing => "Scenes without problems",
        }
    }

    /// Whether a scene is left; `worst` is what is wrong with it, `None` where its files were not looked at.
    pub fn fits(self, worst: Option<Option<Severity>>) -> bool {
        match self {
            Self::Any => true,
            Self::Some => matches!(worst, Some(Some(_))),
            Self::Errors => worst == Some(Some(Severity::Error)),
            Self::Nothing => worst == Some(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_looked_at_is_neither_sound_nor_wrong() {
        let left = |worst| ProblemFilter::ALL.map(|filter| filter.fits(worst));
        assert_eq!(left(None), [true, false, false, false]);
        assert_eq!(left(Some(None)), [true, false, false, true]);
        assert_eq!(left(Some(Some(Severity::Warning))), [true, true, false, false]);
        assert_eq!(left(Some(Some(Severity::Error))), [true, true, true, false]);
    }
}
