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
    /// How many others of the same cause came before it, which the log holds.
    pub others: usize,
}

impl Alert {
    /// The sentence, and that there are others.
    pub fn words(&self) -> String {
        match self.others {
            0 => self.text.clone(),
            others => format!("{} (and {others} more, in the log)", self.text),
        }
    }

    /// Whether another action, done since, has made it pointless.
    pub(super) fn is_of_an_action(&self) -> bool {
        matches!(self.cause, Cause::Action | Cause::Told(Subject::Command))
    }

    /// Whether this event takes the cause away.
    pub(super) fn is_settled_by(&self, event: &Event) -> bool {
        match self.cause {
            Cause::Told(subject) => event.settles(subject),
            Cause::Action => false,
        }
    }
}
