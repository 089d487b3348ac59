//! What is kept of the dataset pane.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::store::gallery::Wishes;

/// What its user has chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    /// Which scenes, in which order.
    pub(super) wishes: Wishes,
    /// How large their pictures are.
    pub(super) size: CardSize,
    /// Sensors whose pictures are left out.
    pub(super) hidden: BTreeSet<String>,
    /// Whether labels are left out.
    pub(super) hides_labels: bool,
    /// What stands beside the scenes.
    pub(super) facts: Facts,
    /// Whether nothing does.
    pub(super) hides_facts: bool,
}

/// How large small pictures are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CardSize {
    Small,
    #[default]
    Middle,
    Large,
}

impl CardSize {
    pub(super) const ALL: [Self; 3] = [Self::Small, Self::Middle, Self::Large];

    /// Its name in the menu.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Small => "Small",
            Self::Middle => "Medium",
            Self::Large => "Large",
        }
    }

    /// The width of a picture in points.
    pub(super) fn width(self) -> f32 {
        match self {
            Self::Small => 72.0,
            Self::Middle => 104.0,
            Self::Large => 168.0,
        }
    }
}

/// What stands beside the scenes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Facts {
    #[default]
    Classes,
    Values,
    Tags,
    Problems,
}

impl Facts {
    pub(super) const ALL: [Self; 4] = [Self::Classes, Self::Values, Self::Tags, Self::Problems];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Classes => "Classes",
            Self::Values => "Values",
            Self::Tags => "Tags",
            Self::Problems => "Problems",
        }
    }
}
