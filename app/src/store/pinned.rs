//! The scene in view among those that are pinned, and the pages that there are of it.

use fusionscope_engine::protocol::{AlbumWish, Pin, ViewRequest};

use super::Store;
use super::scene::AS_ASKED;

/// Scenes of a figure; no page has room for more.
const MOST: usize = 32;

impl Store {
    /// The id of the scene in view.
    pub fn scene_id(&self) -> Option<&str> {
        self.split()?.ids.get(self.scene.index).map(String::as_str)
    }

    /// Whether runs keep pages of the scene in view.
    pub fn is_pinned(&self) -> bool {
        self.scene_id()
            .is_some_and(|id| self.pins.scenes.iter().any(|(split, known)| *split == self.scene.split && known == id))
    }

    /// Pins the scene in view, or lets it go.
    pub fn toggle_pin(&mut self) {
        let Some(id) = self.scene_id().map(str::to_owned) else { return };
        let pin = (self.scene.split.clone(), id);
        if !self.pins.scenes.remove(&pin) {
            self.pins.scenes.insert(pin);
        }
    }

    /// What runs shall keep: the pinned scenes, with the maps that are watched now.
    pub fn album_wish(&self) -> AlbumWish {
        let watched = &self.scene.watched;
        let pin =
            |(split, id): &(String, String)| Pin { split: split.clone(), id: id.clone(), watched: watched.clone() };
        let pins = self.pins.scenes.iter().map(pin).collect();
        AlbumWish { pins, most_mib: self.pins.most_mib, ..AlbumWish::default() }
    }

    /// The view in hand asked of every pinned scene of its split; none where only one is pinned.
    pub fn pinned_requests(&self) -> Vec<ViewRequest> {
        let Some(split) = self.split() else { return Vec::new() };
        let is_pinned = |id: &String| self.pins.scenes.contains(&(split.name.clone(), id.clone()));
        let pinned = split.ids.iter().enumerate().filter(|(_, id)| is_pinned(id)).take(MOST);
        let numbered = pinned.zip(AS_ASKED + 1..);
        let asked: Vec<ViewRequest> =
            numbered.map(|((index, _), view)| ViewRequest { view, index, ..self.scene.request() }).collect();
        if asked.len() > 1 { asked } else { Vec::new() }
    }

    /// Brings the time in step with the scene in view and the pages that there are.
    pub fn settle_time(&mut self) {
        let dataset = self.dataset.as_ref().map(|dataset| dataset.name.as_str()).unwrap_or_default();
        let id = self.scene_id().unwrap_or_default();
        let found = self.scene.time.album.scene(dataset, &self.scene.split, id);
        let steps = found.map(|scene| scene.pages.keys().copied().collect()).unwrap_or_default();
        self.scene.time.settle(steps);
        if !self.scene.what_if.is_empty() {
            // It is the network as it stands that is asked.
            self.scene.time.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use fusionscope_engine::protocol::{Album, AlbumScene, DatasetSummary, Event, SceneView, SplitSummary, WhatIf};

    use super::*;

    fn album(scenes: &[(&str, &[u64])]) -> Album {
        let scene = |(id, steps): &(&str, &[u64])| AlbumScene {
            dataset: "tiny".to_owned(),
            split: "test".to_owned(),
            id: (*id).to_owned(),
            pages: steps.iter().map(|step| (*step, 1)).collect(),
        };
        Album { scenes: scenes.iter().map(scene).collect(), every: 10 }
    }

    fn store(album: Album) -> Store {
        let mut store = Store::default();
        let ids = ["a", "b", "c"].map(str::to_owned).to_vec();
        let split = SplitSummary { name: "test".to_owned(), ids, ..SplitSummary::default() };
        let dataset = DatasetSummary { name: "tiny".to_owned(), splits: vec![split], ..DatasetSummary::default() };
        store.apply(Event::Dataset(dataset));
        store.apply(Event::Album(album));
        store.settle_time();
        store
    }

    #[test]
    fn the_steps_are_those_of_the_scene_in_view_and_a_step_without_a_page_is_its_neighbour() {
        let mut store = store(album(&[("a", &[0, 10, 20]), ("b", &[0, 30])]));
        assert_eq!(store.scene.time.steps(), [0, 10, 20]);
        store.scene.time.go(Some(17));
        assert_eq!(store.scene.request().at, Some(20));
        store.turn_scene(1);
        store.settle_time();
        assert_eq!((store.scene.time.steps(), store.scene.request().at), (&[0, 30][..], Some(30)));
        store.turn_scene(1);
        store.settle_time();
        assert_eq!(store.scene.request().at, None, "nothing is kept of it");
        // The album is thinned under the hand that looks at it.
        let mut store = self::store(album(&[("a", &[0, 10, 20])]));
        store.scene.time.go(Some(10));
        store.apply(Event::Album(album(&[("a", &[0, 20, 40])])));
        store.settle_time();
        assert_eq!(store.scene.request().at, Some(0));
        // Another run brings its own.
        store.apply(Event::Run { path: "runs/other".into(), checkpoint: None });
        store.settle_time();
        assert!(store.scene.time.steps().is_empty() && store.scene.request().at.is_none());
    }

    #[test]
    fn steps_go_from_page_to_page_and_behind_the_last_stands_the_network_as_it_is() {
        let mut store = store(album(&[("a", &[0, 10, 20])]));
        let time = &mut store.scene.time;
        let mut seen = Vec::new();
        for later in [false, false, false, false, true, true, true] {
            time.go(time.neighbour(later));
            seen.push(time.at());
        }
        assert_eq!(seen, [Some(20), Some(10), Some(0), Some(0), Some(10), Some(20), None]);
    }

    #[test]
    fn playing_begins_anew_at_the_end_and_ends_with_the_last_page() {
        let mut store = store(album(&[("a", &[0, 10, 20])]));
        let time = &mut store.scene.time;
        let begun = Instant::now();
        time.toggle_play(begun);
        assert_eq!(time.at(), Some(0));
        assert!(time.play_on(begun).is_some() && time.at() == Some(0), "it has just come");
        let mut seen = Vec::new();
        for second in 1..5 {
            time.play_on(begun + Duration::from_secs(second));
            seen.push(time.at());
        }
        assert_eq!(seen, [Some(10), Some(20), Some(20), Some(20)]);
        assert!(!time.plays());
    }

    #[test]
    fn a_what_if_is_asked_of_the_network_as_it_stands_alone() {
        let mut store = store(album(&[("a", &[0, 10])]));
        store.scene.what_if = WhatIf::without(&["colour"]);
        store.scene.time.go(Some(0));
        store.scene.time.mark();
        store.scene.time.go(Some(10));
        let asked = store.scene.request();
        assert_eq!((asked.at, asked.since, asked.what_if.is_empty()), (Some(10), Some(0), true));
        store.scene.time.go(None);
        let asked = store.scene.request();
        assert_eq!((asked.at, asked.since, asked.what_if.is_empty()), (None, None, false));
        store.scene.what_if = WhatIf::default();
        assert_eq!(store.scene.request().since, Some(0));
        store.scene.time.go(Some(0));
        store.scene.what_if = WhatIf::without(&["colour"]);
        store.settle_time();
        assert_eq!((store.scene.time.at(), store.scene.time.since()), (None, None), "a sensor was dropped");
    }

    #[test]
    fn pins_are_of_the_open_data_set_and_keep_the_maps_that_are_watched() {
        let mut store = store(Album::default());
        store.toggle_pin();
        store.scene.watch(vec!["uncertainty.entropy.fused".to_owned()]);
        let wish = store.album_wish();
        assert!(store.is_pinned() && wish.pins.len() == 1);
        assert_eq!((wish.pins[0].id.as_str(), wish.pins[0].watched.len()), ("a", 1));
        store.toggle_pin();
        assert!(!store.is_pinned() && store.album_wish().pins.is_empty());
    }

    #[test]
    fn a_figure_is_of_the_pinned_scenes_of_the_split_in_view_and_is_there_once_all_have_come() {
        let mut store = Store::default();
        let split = |name: &str| SplitSummary {
            name: name.to_owned(),
            ids: ["a", "b", "c"].map(str::to_owned).to_vec(),
            ..SplitSummary::default()
        };
        let splits = vec![split("train"), split("test")];
        store.apply(Event::Dataset(DatasetSummary { name: "tiny".to_owned(), splits, ..DatasetSummary::default() }));
        let pin = |split: &str, id: &str| (split.to_owned(), id.to_owned());
        store.pins.scenes = [pin("test", "c"), pin("train", "b")].into();
        assert!(store.pinned_requests().is_empty(), "one alone is the scene's own figure");
        store.pins.scenes.insert(pin("test", "a"));
        let asked = store.pinned_requests();
        let places: Vec<_> =
            asked.iter().map(|request| (request.view, request.split.as_str(), request.index)).collect();
        assert_eq!(places, [(1, "test", 0), (2, "test", 2)]);
        store.figured.ask(asked.clone());
        let view =
            |request: &ViewRequest| std::sync::Arc::new(SceneView { request: request.clone(), ..SceneView::default() });
        store.take_pictures(view(&asked[1]));
        assert!(store.figured.views().is_none() && !store.figured.take_news());
        store.take_pictures(view(&ViewRequest { index: 1, ..asked[0].clone() }));
        assert!(store.figured.views().is_none(), "nobody asked for this one");
        store.take_pictures(view(&asked[0]));
        assert!(store.figured.take_news() && !store.figured.take_news());
        let came: Vec<usize> = store.figured.views().unwrap().iter().map(|view| view.request.index).collect();
        assert_eq!(came, [0, 2]);
    }
}
