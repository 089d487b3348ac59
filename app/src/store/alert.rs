//! The message of the banner, which stays for as long as its cause does.

use fusionscope_engine::protocol::{Event, Level, Subject};

/// What a message comes from, which says when it has done its duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Something that the session told: until that succeeds.
    Told(Subject),
    /// An action that could not be done: until another one is.
    Action,
}

/// A warning or an error that the user has not put away. A newer one takes its place, and it never comes back.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// What it comes from.
    pub cause: Cause,
    /// How much it matters.
    pub level: Level,
    /// The sentence.
    pub text: String,
}

impl Alert {
    /// Whether this event takes the cause away.
    pub(super) fn is_settled_by(&self, event: &Event) -> bool {
        match self.cause {
            Cause::Told(subject) => subject.is_settled_by(event),
            Cause::Action => false,
        }
    }
}
