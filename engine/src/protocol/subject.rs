//! What a message is about, and which events end it.

use serde::{Deserialize, Serialize};

use super::event::{Event, Level};

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
    /// A layout of features.
    Layout,
    /// The recipe.
    Recipe,
    /// A command that did not fit the state.
    Command,
    /// The session itself.
    Session,
}

impl Subject {
    /// Whether this event says that all is well there now. Pictures and layouts come through slots, so no event does
    /// for them.
    pub fn is_settled_by(self, event: &Event) -> bool {
        match (self, event) {
            (_, Event::Notice { about, level: Level::Info, .. }) => *about == self,
            (Self::Data, Event::Dataset(_))
            | (Self::Run, Event::Run { .. } | Event::Model { .. })
            | (Self::Step, Event::Steps(_) | Event::Run { .. } | Event::Model { .. })
            | (
                Self::Checkpoint,
                Event::Checkpoint { .. } | Event::Unsaved(None) | Event::Run { .. } | Event::Model { .. },
            )
            | (Self::Record | Self::Evaluation, Event::Run { .. } | Event::Model { .. })
            | (Self::Evaluation, Event::Evaluation(_))
            | (Self::Recipe, Event::Recipe(_))
            | (Self::View | Self::Layout, Event::Dataset(_) | Event::Network(_))
            | (Self::Command, Event::State(_)) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;
    use crate::protocol::{EvaluationReport, SessionState};

    #[test]
    fn a_message_ends_with_a_later_success_of_the_same_kind_and_of_no_other() {
        let checkpoint = Event::Checkpoint { step: 1, path: "a".into() };
        let evaluation = Event::Evaluation(EvaluationReport::default());
        assert!(Subject::Checkpoint.is_settled_by(&checkpoint) && !Subject::Checkpoint.is_settled_by(&evaluation));
        assert!(Subject::Evaluation.is_settled_by(&evaluation) && !Subject::Evaluation.is_settled_by(&checkpoint));
        let again = Event::Failure { about: Subject::Checkpoint, failure: Failure::refused("the disk is full") };
        assert!(!Subject::Checkpoint.is_settled_by(&again));
        assert!(Subject::Command.is_settled_by(&Event::State(SessionState::Training)));
    }

    #[test]
    fn good_news_ends_what_it_is_about() {
        let news = |level| Event::Notice { about: Subject::Record, level, text: "written again".to_owned() };
        assert!(Subject::Record.is_settled_by(&news(Level::Info)));
        assert!(!Subject::Record.is_settled_by(&news(Level::Warning)));
        assert!(!Subject::Data.is_settled_by(&news(Level::Info)));
    }
}
