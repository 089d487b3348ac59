//! What happens to a run beside its steps: live changes, phases, pauses, evaluations, checkpoints.

use serde::{Deserialize, Serialize};

use super::live_change::LiveChange;
use super::phase::Phase;
use super::words::value_words;
use crate::recipe::{Value, component_of, setting};

/// One thing that happened to a run: a line of its `record.jsonl`, and a mark on the step axis.
///
/// ```json
/// {"at": "2026-11-21T08:15:00Z", "step": 300, "what": "change", "key": "exchange.channel.enabled", "old": true, "new": false}
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// When, in UTC.
    pub at: String,
    /// The step after which it happened; 0 before the first one.
    pub step: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

/// What can happen to a run between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Happening {
    /// The run began.
    Start {
        /// The phase of its first step.
        phase: Phase,
    },
    /// The run went on from a checkpoint of this step, or from its beginning where it had none. What had happened
    /// after that step is undone; live changes made there are made again.
    Resume {
        /// The phase of the next step.
        phase: Phase,
    },
    /// Another phase began.
    Phase {
        /// The phase.
        phase: Phase,
    },
    /// A live setting was changed.
    Change {
        /// The setting.
        key: String,
        /// What it was.
        old: Value,
        /// What it is from the next step on.
        new: Value,
    },
    /// The run was held.
    Pause,
    /// It went on after that.
    GoOn,
    /// The run was ended before its last step.
    Stop,
    /// A checkpoint was written.
    Checkpoint,
    /// A split was evaluated; the figures stand in `evaluation.json`.
    Evaluation {
        /// The split's name.
        split: String,
    },
    /// Something that the run went on without.
    Warning {
        /// In a few words.
        label: String,
    },
}

impl Recorded {
    /// What stands beside its line on the step axis; `None` for what is drawn otherwise, or where another mark stands.
    pub fn label(&self) -> Option<String> {
        match &self.what {
            Happening::Start { phase } => Some(format!("start, {} phase", phase.name())),
            Happening::Resume { phase } => Some(format!("resumed, {} phase", phase.name())),
            Happening::Phase { phase } => Some(format!("{} phase", phase.name())),
            Happening::Change { key, new, .. } => Some(change_words(key, new)),
            Happening::Pause => Some("paused".to_owned()),
            Happening::Stop => Some("stopped".to_owned()),
            Happening::Checkpoint => Some("checkpoint".to_owned()),
            Happening::Warning { label } => Some(format!("warning: {label}")),
            Happening::GoOn | Happening::Evaluation { .. } => None,
        }
    }

    /// The setting of the live change that it is.
    pub fn changed_key(&self) -> Option<&str> {
        match &self.what {
            Happening::Change { key, .. } => Some(key),
            _ => None,
        }
    }

    /// The live change that it is.
    pub fn change(&self) -> Option<LiveChange> {
        match &self.what {
            Happening::Change { key, old, new } => {
                Some(LiveChange { key: key.clone(), old: old.clone(), new: new.clone(), step: self.step })
            }
            _ => None,
        }
    }
}

/// A live change as it stands on the step axis: "channel exchange off", "learning rate 0.001".
fn change_words(key: &str, value: &Value) -> String {
    let title = match value {
        Value::Switch(_) => component_of(key).map_or(key, |component| component.title),
        _ => setting(key).map_or(key, |setting| setting.title),
    };
    let own = component_of(key).map_or("", |component| component.title);
    let words = if title.eq_ignore_ascii_case(own) || own.is_empty() {
        lower_first(title)
    } else {
        format!("{}: {}", lower_first(own), lower_first(title))
    };
    format!("{words} {}", value_words(value))
}

/// "Channel exchange" → "channel exchange", but "OGP" stays.
fn lower_first(words: &str) -> String {
    let mut letters = words.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(key: &str, old: Value, new: Value) -> Recorded {
        let what = Happening::Change { key: key.to_owned(), old, new };
        Recorded { at: "2026-11-21T08:15:00Z".to_owned(), step: 300, what }
    }

    #[test]
    fn changes_are_marked_in_words() {
        let off = change("exchange.channel.enabled", Value::Switch(true), Value::Switch(false));
        assert_eq!(off.label().as_deref(), Some("channel exchange off"));
        let rate = change("training.learning_rate", Value::Number(0.005), Value::Number(0.001));
        assert_eq!(rate.label().as_deref(), Some("training: learning rate 0.001"));
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        for (old, new) in [
            (Value::Switch(true), Value::Switch(false)),
            (Value::Integer(3), Value::Integer(4)),
            (Value::Number(1.0), Value::Number(0.001)),
            (Value::Text("a \"b\"".to_owned()), Value::Text(String::new())),
        ] {
            let entry = change("training.learning_rate", old, new);
            let text = serde_json::to_string(&entry).unwrap();
            assert_eq!(serde_json::from_str::<Recorded>(&text).unwrap(), entry, "{text}");
        }
        let what = Happening::Resume { phase: Phase::Student };
        let phase = Recorded { at: "2026-11-21T08:15:00Z".to_owned(), step: 300, what };
        let text = serde_json::to_string(&phase).unwrap();
        assert_eq!(text, r#"{"at":"2026-11-21T08:15:00Z","step":300,"what":"resume","phase":"student"}"#);
        assert_eq!(serde_json::from_str::<Recorded>(&text).unwrap(), phase);
    }
}
