//! Lists of actions. They follow from the descriptions.

use egui::KeyboardShortcut;
use strum::IntoEnumIterator as _;

use super::{Action, Description};
use crate::look::TextStep;
use crate::store::{Store, Tool};

/// A kind of action that has keys.
#[derive(Clone, Debug)]
pub struct Keyed {
    /// Its own key, or the first of its family's.
    pub first: KeyboardShortcut,
    /// The last key of its family, as far as it can be used now.
    pub last: Option<KeyboardShortcut>,
    /// A second key for the same.
    pub second: Option<KeyboardShortcut>,
    /// What it does.
    pub words: &'static str,
}

impl Action {
    /// Every kind of action, with every value that lists and keys know.
    fn known(store: &Store) -> impl Iterator<Item = (Self, Description)> {
        Self::iter().flat_map(move |kind| {
            let description = kind.describe(store);
            match description.family {
                None => vec![(kind, description)],
                Some(family) => family().into_iter().map(|action| (action.clone(), action.describe(store))).collect(),
            }
        })
    }

    /// The list of all actions, the frequent ones first.
    pub fn listed(store: &Store) -> impl Iterator<Item = (Self, Description)> {
        Self::known(store).filter(|(_, description)| description.is_listed)
    }

    /// Every key of every action that has some.
    pub fn with_keys(store: &Store) -> impl Iterator<Item = (Self, KeyboardShortcut)> {
        Self::iter().flat_map(move |kind| {
            let description = kind.describe(store);
            match (description.key, description.family) {
                (None, _) => Vec::new(),
                (Some(_), None) => description.keys().map(|key| (kind.clone(), key)).collect(),
                (Some(_), Some(family)) => family()
                    .into_iter()
                    .flat_map(|action| {
                        let keys: Vec<_> = action.describe(store).keys().collect();
                        keys.into_iter().map(move |key| (action.clone(), key))
                    })
                    .collect(),
            }
        })
    }

    /// The list of keys. Actions of one kind share a line where they differ by a number alone.
    pub fn key_list(store: &Store) -> Vec<Keyed> {
        let line = |kind: Self| {
            let Description { key, second_key: second, family, words, .. } = kind.describe(store);
            let first = key?;
            let family = family.into_iter().flat_map(|family| family()).map(|action| action.describe(store));
            let alike = family.filter(|description| description.is_listed && description.words == words);
            let last = alike.filter_map(|description| description.key).last().filter(|last| *last != first);
            Some(Keyed { first, last, second, words })
        };
        let kinds = Self::iter().flat_map(|kind| match kind {
            Self::StepText(_) => TextStep::ALL.map(Self::StepText).to_vec(),
            Self::UseTool(_) => Tool::ALL.map(Self::UseTool).to_vec(),
            other => vec![other],
        });
        kinds.filter_map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_key() {
        let keys: Vec<(Action, KeyboardShortcut)> = Action::with_keys(&Store::default()).collect();
        assert!(keys.len() > 20, "{keys:?}");
        for (place, (action, key)) in keys.iter().enumerate() {
            for (other, same) in &keys[place + 1..] {
                assert_ne!(key, same, "{action:?} and {other:?}");
            }
        }
    }

    #[test]
    fn every_kind_of_action_has_a_name_words_and_a_reason_where_it_cannot_be_done() {
        let store = Store::default();
        let mut refused = 0;
        for (action, description) in Action::known(&store) {
            assert!(!description.title.is_empty() && !description.words.is_empty(), "{action:?}");
            assert!(!description.words.ends_with('.'), "{action:?} has a sentence of its own");
            refused += usize::from(description.enabled.is_err_and(|why| !why.is_empty()));
        }
        assert!(refused > 10, "before data is open much cannot be done, yet only {refused} actions say why");
    }

    #[test]
    fn every_family_holds_the_kind_that_it_stands_for() {
        let store = Store::default();
        for kind in Action::iter() {
            if let Some(family) = kind.describe(&store).family {
                let same = |action: &Action| std::mem::discriminant(action) == std::mem::discriminant(&kind);
                assert!(!family().is_empty() && family().iter().all(same), "{kind:?}");
            }
        }
    }

    #[test]
    fn nothing_can_be_trained_or_evaluated_before_data_is_open() {
        let store = Store::default();
        for action in [Action::Train, Action::StepOnce, Action::Evaluate, Action::NextScene, Action::ToggleSensor(0)] {
            assert!(!action.enabled(&store), "{action:?}");
        }
        assert_eq!(Action::Train.describe(&store).enabled, Err("open a data set first"));
        assert!(Action::OpenData.enabled(&store));
    }
}
