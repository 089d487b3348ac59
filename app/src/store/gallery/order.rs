//! What a list of scenes is sorted by.

use serde::{Deserialize, Serialize};

/// What scenes are sorted by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// As their splits list them.
    #[default]
    Listed,
    /// By their ids.
    Id,
    /// The one that the network does worst on first.
    Error,
    /// The one with the largest share of this class first.
    Class(String),
}

impl Order {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Listed => "As listed".to_owned(),
            Self::Id => "By id".to_owned(),
            Self::Error => "By error".to_owned(),
            Self::Class(class) => format!("By share of {class}"),
        }
    }
}
