//! Which scenes are wanted, in which order.

use std::collections::BTreeSet;

use fusionscope_engine::protocol::DatasetSummary;
use serde::{Deserialize, Serialize};

use super::{ErrorFilter, Order, ProblemFilter};

/// Which scenes a list shall have. What the open data set does not know, such as a split or class of another one, asks
/// for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// Words that all stand in a scene's id.
    pub words: String,
    /// The split; all of them where `None`.
    pub split: Option<String>,
    /// Tags that a scene must have, all of them.
    pub tags: BTreeSet<String>,
    /// Classes that must be in its label, all of them.
    pub classes: BTreeSet<String>,
    /// By what is wrong with its files.
    pub problems: ProblemFilter,
    /// By how the network does on it.
    pub error: ErrorFilter,
    /// What they are sorted by.
    pub order: Order,
    /// Whether the order is turned round.
    pub is_turned: bool,
}

impl Wishes {
    /// Without what this data set, whose scenes have these tags, does not know.
    pub fn fitting(&self, dataset: &DatasetSummary, tags: &[(String, u64)]) -> Self {
        let mut wishes = self.clone();
        let has_class = |class: &String| dataset.classes.contains(class);
        wishes.split.take_if(|split| !dataset.splits.iter().any(|known| known.name == *split));
        wishes.tags.retain(|tag| tags.iter().any(|(known, _)| known == tag));
        wishes.classes.retain(has_class);
        if matches!(&wishes.order, Order::Class(class) if !has_class(class)) {
            wishes.order = Order::Listed;
        }
        wishes
    }

    /// Asks for scenes with this tag, or no longer.
    pub fn turn_tag(&mut self, tag: &str) {
        if !self.tags.remove(tag) {
            self.tags.insert(tag.to_owned());
        }
    }

    /// Asks for scenes with this class, or no longer.
    pub fn turn_class(&mut self, class: &str) {
        if !self.classes.remove(class) {
            self.classes.insert(class.to_owned());
        }
    }

    /// Whether every scene is left.
    pub fn leave_all(&self) -> bool {
        let Self { words, split, tags, classes, problems, error, order: _, is_turned: _ } = self;
        words.trim().is_empty()
            && split.is_none()
            && tags.is_empty()
            && classes.is_empty()
            && *problems == ProblemFilter::Any
            && *error == ErrorFilter::Any
    }

    /// The same order with every scene left.
    pub fn of_all(&self) -> Self {
        Self { order: self.order.clone(), is_turned: self.is_turned, ..Self::default() }
    }

    /// Whether the list depends on what the files hold.
    pub fn need_survey(&self) -> bool {
        !self.classes.is_empty() || self.problems != ProblemFilter::Any || matches!(self.order, Order::Class(_))
    }

    /// Whether the list depends on how the network does on single scenes.
    pub fn need_scores(&self) -> bool {
        self.error != ErrorFilter::Any || self.order == Order::Error
    }
}
