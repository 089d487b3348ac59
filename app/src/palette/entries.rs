//! What can be found: actions, entries of the catalogue, maps, classes and scenes.

use fusionscope_engine::protocol::{FIGURES, SplitSummary};
use fusionscope_engine::recipe::catalogue;

use super::fuzzy::score;
use crate::action::{Action, key_words};
use crate::look;
use crate::store::{ClassesOf, Store};

/// Scenes that are listed among other things; going to a scene lists more.
const SCENES_AMONG_OTHERS: usize = 20;
/// Entries that are listed at most.
const LISTED: usize = 200;
/// How far behind actions of the same fit other things stand, which are many.
const BEHIND_ACTIONS: i32 = 6;

/// One thing that can be chosen.
pub(super) struct Entry {
    pub(super) title: String,
    pub(super) detail: String,
    pub(super) action: Action,
    /// Why it cannot be chosen now, shown in place of the detail and not searched.
    pub(super) refused: Option<&'static str>,
}

impl Entry {
    fn of(title: String, detail: impl Into<String>, action: Action, store: &Store) -> Self {
        let refused = action.describe(store).enabled.err();
        Self { title, detail: detail.into(), action, refused }
    }
}

/// Everything that fits, the best first; without a query all actions in their order.
pub(super) fn everything(ctx: &egui::Context, store: &Store, query: &str) -> Vec<Entry> {
    let mut found: Vec<(i32, Entry)> = actions(ctx, store).filter_map(|entry| ranked(query, entry)).collect();
    if !query.trim().is_empty() {
        let others = settings(store).chain(maps(store)).chain(classes(store)).filter_map(|entry| ranked(query, entry));
        found.extend(others.map(|(rank, entry)| (rank - BEHIND_ACTIONS, entry)));
        let scenes = scenes(store, query, true).take(SCENES_AMONG_OTHERS).filter_map(|entry| ranked(query, entry));
        found.extend(scenes.map(|(rank, entry)| (rank - BEHIND_ACTIONS, entry)));
    }
    sorted(found)
}

/// The scenes that fit; without a query those of the split in view.
pub(super) fn scenes_alone(store: &Store, query: &str) -> Vec<Entry> {
    let is_searched = !query.trim().is_empty();
    let found = scenes(store, query, is_searched).take(LISTED);
    sorted(found.filter_map(|entry| ranked(query, entry)).collect())
}

fn ranked(query: &str, entry: Entry) -> Option<(i32, Entry)> {
    let rank = score(query, &format!("{} {}", entry.title, entry.detail))?;
    Some((rank - if entry.refused.is_none() { 0 } else { 1000 }, entry))
}

/// The sort is stable: what fits alike stays in its order.
fn sorted(mut ranked: Vec<(i32, Entry)>) -> Vec<Entry> {
    ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    ranked.into_iter().map(|(_, entry)| entry).take(LISTED).collect()
}

fn actions(ctx: &egui::Context, store: &Store) -> impl Iterator<Item = Entry> {
    Action::listed(store).map(|(action, known)| Entry {
        title: known.title,
        detail: known.shown_key.map(|key| key_words(ctx, &key)).unwrap_or_default(),
        refused: known.enabled.err(),
        action,
    })
}

/// Components and settings; they are shown where they stand in the recipe.
fn settings(store: &Store) -> impl Iterator<Item = Entry> {
    catalogue().iter().flat_map(move |component| {
        let find = |title: &str, key: &str, words: String| {
            Entry::of(title.to_owned(), words, Action::FindSetting(key.to_owned()), store)
        };
        let whole = find(component.title, component.id, format!("recipe · {}", component.group));
        let parts = component.settings.iter().map(move |setting| {
            find(&format!("{} · {}", component.title, setting.title), setting.key, setting.key.to_owned())
        });
        std::iter::once(whole).chain(parts.collect::<Vec<_>>())
    })
}

/// Maps that the network offers of a scene.
fn maps(store: &Store) -> impl Iterator<Item = Entry> {
    let offered = store.scene.shown().map_or(&[][..], |shown| shown.view.offered.as_slice());
    let sensors = store.network.as_ref().map_or(&[][..], |network| network.sensors.as_slice());
    offered.iter().map(move |name| {
        let is_shown = store.scene.watched.contains(name);
        let words = if name == FIGURES { "figures".to_owned() } else { look::probe_words(name, sensors) };
        let title = if is_shown { format!("Hide the map {words}") } else { format!("Show the map {words}") };
        let mut watched = store.scene.watched.clone();
        watched.retain(|other| other != name);
        if !is_shown {
            watched.push(name.clone());
        }
        Entry::of(title, name.clone(), Action::Watch(watched), store)
    })
}

/// The classes that the legend lists, which a network that learned others names itself.
fn classes(store: &Store) -> impl Iterator<Item = Entry> {
    (0..u8::MAX).zip(store.class_names(ClassesOf::Answers)).flat_map(move |(class, name)| {
        let is_alone = store.scene.solo == Some(class);
        let solo = if is_alone { "Show all classes again".to_owned() } else { format!("Show {name} alone") };
        let toggle = if store.scene.is_class_shown(class) { format!("Hide {name}") } else { format!("Show {name}") };
        [(solo, Action::SoloClass(class)), (toggle, Action::ToggleClass(class))]
            .map(|(title, action)| Entry::of(title, "class", action, store))
    })
}

/// The scenes whose number, id or tags hold every word of the query: of the split in view, then of the others where
/// those are wanted.
fn scenes<'a>(store: &'a Store, query: &str, of_all_splits: bool) -> impl Iterator<Item = Entry> + 'a {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let here = store.split().into_iter();
    let others = store.dataset.iter().flat_map(|dataset| &dataset.splits);
    let others = others.filter(move |split| of_all_splits && split.name != store.scene.split);
    here.chain(others).flat_map(move |split| {
        let words = words.clone();
        split.ids.iter().enumerate().filter_map(move |(index, id)| {
            if !words.iter().all(|word| is_in_scene(split, index, id, word)) {
                return None;
            }
            let tags = split.tags.get(index).map(|tags| tags.join(", ")).unwrap_or_default();
            let is_here = split.name == store.scene.split;
            let detail = match (is_here, tags.is_empty()) {
                (true, _) => tags,
                (false, true) => split.name.clone(),
                (false, false) => format!("{} · {tags}", split.name),
            };
            let action = Action::ShowScene { split: split.name.clone(), index };
            Some(Entry { title: format!("{}  {id}", index + 1), detail, action, refused: None })
        })
    })
}

/// Whether a word, in lower case, stands in what a scene is called. Data sets have a hundred thousand of them.
fn is_in_scene(split: &SplitSummary, index: usize, id: &str, word: &str) -> bool {
    let is_in = |text: &String| text.to_lowercase().contains(word);
    let is_number = word.bytes().all(|letter| letter.is_ascii_digit());
    id.to_lowercase().contains(word)
        || (is_number && (index + 1).to_string() == word)
        || is_in(&split.name)
        || split.tags.get(index).is_some_and(|tags| tags.iter().any(is_in))
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{DatasetSummary, Event, NetworkSummary};

    use super::*;

    fn store() -> Store {
        let split = |name: &str| SplitSummary {
            name: name.to_owned(),
            ids: (0..30).map(|place| format!("{name}-{place:03}")).collect(),
            ..SplitSummary::default()
        };
        let mut store = Store::default();
        store.apply(Event::Dataset(DatasetSummary {
            classes: vec!["road".to_owned(), "pedestrian".to_owned()],
            splits: vec![split("train"), split("test")],
            ..DatasetSummary::default()
        }));
        store
    }

    fn best(store: &Store, query: &str) -> Action {
        let found = everything(&egui::Context::default(), store, query);
        found.into_iter().next().unwrap_or_else(|| panic!("nothing is called {query}")).action
    }

    #[test]
    fn settings_classes_and_scenes_are_found_beside_actions() {
        let store = store();
        assert_eq!(best(&store, "batch_size"), Action::FindSetting("data.batch_size".to_owned()));
        assert_eq!(best(&store, "pedestrian alone"), Action::SoloClass(1));
        assert_eq!(best(&store, "train-017"), Action::ShowScene { split: "train".to_owned(), index: 17 });
        assert_eq!(best(&store, "next scene"), Action::NextScene);
    }

    #[test]
    fn a_model_of_other_classes_is_found_by_its_own() {
        let mut store = store();
        let classes = ["sky", "tram"].map(str::to_owned).to_vec();
        store.apply(Event::Network(NetworkSummary { classes, ..NetworkSummary::default() }));
        assert!(store.answers_with_own_classes());
        assert_eq!(best(&store, "tram alone"), Action::SoloClass(1));
        let found = everything(&egui::Context::default(), &store, "pedestrian");
        assert!(found.iter().all(|entry| !matches!(entry.action, Action::SoloClass(_) | Action::ToggleClass(_))));
    }

    #[test]
    fn without_a_query_only_actions_are_listed() {
        let all = everything(&egui::Context::default(), &store(), " ");
        assert!(all.iter().all(|entry| !matches!(entry.action, Action::FindSetting(_) | Action::ShowScene { .. })));
    }

    #[test]
    fn going_to_a_scene_lists_the_split_in_view_and_searches_all() {
        let store = store();
        assert_eq!(store.scene.split, "test");
        assert_eq!(scenes_alone(&store, "").len(), 30);
        let elsewhere = scenes_alone(&store, "train-003");
        assert_eq!(elsewhere[0].action, Action::ShowScene { split: "train".to_owned(), index: 3 });
    }
}
