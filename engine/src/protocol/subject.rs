//! What a message is about.

use serde::{Deserialize, Serialize};

/// What a failure or a warning is about. It matters until the same thing succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Opening a data set, and what it holds.
    Data,
    /// Opening a run or a model, beginning a run, or its going on.
    Run,
    /// Taking a step.
    Step,
    /// Writing a checkpoint.
    Checkpoint,
    /// Writing what else a run folder holds.
    Record,
    /// Evaluating a split.
    Evaluation,
    /// The pictures of a scene.
    View,
    /// The network beside the one in view: opening it, and comparing the two.
    Beside,
    /// A layout of features.
    Layout,
    /// The recipe.
    Recipe,
    /// Runs that are not in hand: listing them, noting upon them, putting them away.
    Shelf,
    /// A command that did not fit the state.
    Command,
    /// The session itself.
    Session,
}
