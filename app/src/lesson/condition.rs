//! When a step of a lesson is done.

use serde::Deserialize;

/// Something that holds or does not, however the user has reached it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The sample data are open.
    Sample,
    /// The shipped network is in view, on the sample data.
    Demo,
    /// A run of the recipe of this name is in hand, and has taken at least so many steps.
    Trained {
        /// The recipe's name.
        recipe: String,
        /// How many, those of a teacher counted.
        steps: u64,
    },
    /// The network in hand was trained with this value of a setting, or has it now: key and value.
    Setting([String; 2]),
    /// These sensors are dropped, no others, and the prediction without them is there.
    Without(Vec<String>),
    /// The scene of this id is in view.
    Scene(String),
    /// These maps are in view.
    Shows(Vec<String>),
    /// The network in hand, at its newest step, has been evaluated on this split.
    Evaluated(String),
    /// A layout of these features is there.
    Embedded(String),
    /// No run is under way.
    AtRest,
}
