//! Settings that were changed after a run had begun: what every figure made since then must say.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::words::value_words;
use crate::recipe::Value;

/// A setting that is no longer what the run's recipe says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveChange {
    /// The setting.
    pub key: String,
    /// What it was.
    pub old: Value,
    /// What it is from then on.
    pub new: Value,
    /// The last step that was taken before.
    pub step: u64,
}

impl LiveChange {
    /// Adds this change to those before it. Changes of a setting between the same two steps are one, from where it
    /// came to where it ended; one that was taken back before it acted is none. Steps ascend.
    pub fn note(mut self, changes: &mut Vec<Self>) {
        let first = changes.iter().rposition(|before| before.step != self.step).map_or(0, |place| place + 1);
        if let Some(place) = changes[first..].iter().position(|before| before.key == self.key) {
            self.old = changes.remove(first + place).old;
            if self.old != self.new {
                changes.insert(first + place, self);
            }
        } else if self.old != self.new {
            changes.push(self);
        }
    }
}

/// `exchange.channel.enabled on → off after step 300`
impl fmt::Display for LiveChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, old, new, step } = self;
        write!(formatter, "{key} {} → {} after step {step}", value_words(old), value_words(new))
    }
}

/// All of them in one line, for tables and logs; empty where there is none.
pub fn changes_words(changes: &[LiveChange]) -> String {
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(step: u64, old: bool, new: bool) -> LiveChange {
        let (old, new) = (Value::Switch(old), Value::Switch(new));
        LiveChange { key: "exchange.channel.enabled".to_owned(), old, new, step }
    }

    #[test]
    fn what_is_taken_back_before_a_step_is_no_change_and_what_acted_is_two() {
        let mut changes = Vec::new();
        change(3, true, false).note(&mut changes);
        change(3, false, true).note(&mut changes);
        assert!(changes.is_empty(), "{changes:?}");
        change(3, true, false).note(&mut changes);
        change(5, false, true).note(&mut changes);
        assert_eq!(changes, [change(3, true, false), change(5, false, true)]);
        change(7, true, true).note(&mut changes);
        assert_eq!(changes.len(), 2, "nothing changed");
        let words = "exchange.channel.enabled on → off after step 3; exchange.channel.enabled off → on after step 5";
        assert_eq!(changes_words(&changes), words);
    }
}
