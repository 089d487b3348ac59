//! A lesson and its steps.

use serde::Deserialize;

use super::condition::Condition;
use super::deed::Deed;
use super::figure::Reading;

/// A lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Its title.
    pub title: String,
    /// What it is about, as Markdown.
    pub summary: String,
    /// Its steps, at least one.
    pub steps: Vec<Step>,
}

/// A step of a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its title.
    pub title: String,
    /// What it says, as Markdown.
    pub text: String,
    /// What can be done in it.
    pub work: Work,
}

/// What can be done in a step: the contents of its `lesson` block. Everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Work {
    /// The word on the button.
    pub press: String,
    /// What the button does.
    #[serde(rename = "do")]
    pub deeds: Vec<Deed>,
    /// The step is done when all of these hold.
    pub done: Vec<Condition>,
    /// Figures to look at.
    pub read: Vec<Reading>,
    /// A question to think about.
    pub question: String,
    /// Its answer, folded until asked for.
    pub answer: String,
}

impl Step {
    /// Whether it has a button.
    pub fn has_button(&self) -> bool {
        !self.work.deeds.is_empty()
    }
}
