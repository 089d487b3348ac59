//! The network beside the one in view, as the window sees it.

use fusionscope_engine::protocol::{BesideRun, Level};

use super::Store;
use crate::look;

impl Store {
    /// Takes in that another network was opened beside the one in view, or let go.
    pub(super) fn take_beside(&mut self, beside: Option<BesideRun>) {
        if let Some(beside) = &beside {
            let text = format!("Comparing with {}, step {}", beside.path.display(), look::count(beside.step));
            self.say(Level::Info, text);
        }
        self.shelf.follow(beside.as_ref().map(|beside| beside.path.clone()));
        self.scene.beside = beside;
        self.scene.differing = None;
        self.scene.lists_differing &= self.scene.beside.is_some();
        self.restore_unused_sensors();
        self.scene.stale = true;
    }

    /// What the network beside is called: its recipe where that tells it apart, else its folder or file.
    pub fn beside_name(&self) -> Option<String> {
        let beside = self.scene.beside.as_ref()?;
        let is_other_recipe = self.in_force.as_ref().is_none_or(|recipe| recipe.name != beside.recipe);
        let file = beside.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let by_recipe = Some(beside.recipe.clone()).filter(|name| is_other_recipe && !name.is_empty());
        Some(by_recipe.or(file).unwrap_or_else(|| beside.path.display().to_string()))
    }

    /// Whether the network in view, or the one beside it, takes this sensor.
    pub fn looks_at_sensor(&self, name: &str) -> bool {
        let beside = self.scene.beside.as_ref();
        self.uses_sensor(name) || beside.is_some_and(|beside| beside.network.sensors.iter().any(|own| own == name))
    }

    /// Of a sensor that no network takes any more nothing is supposed either.
    pub(super) fn restore_unused_sensors(&mut self) {
        let mut what_if = std::mem::take(&mut self.scene.what_if);
        what_if.sensors.retain(|name, _| {
            let takes = |sensors: &[String]| sensors.contains(name);
            let beside = self.scene.beside.as_ref().map(|beside| &beside.network);
            self.network.iter().chain(beside).any(|network| takes(&network.sensors))
        });
        self.scene.what_if = what_if;
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use fusionscope_engine::protocol::{DatasetSummary, Event, ModalitySummary, NetworkSummary, WhatIf};

    use super::*;

    fn network(sensors: &[&str]) -> NetworkSummary {
        NetworkSummary { sensors: sensors.iter().map(|&name| name.to_owned()).collect(), ..Default::default() }
    }

    fn beside(recipe: &str, sensors: &[&str]) -> Event {
        let path = PathBuf::from("runs/seed-1");
        Event::Beside(Some(BesideRun { path, recipe: recipe.to_owned(), step: 9, network: network(sensors) }))
    }

    fn store() -> Store {
        let mut store = Store::default();
        let sensor = |name: &str| ModalitySummary { name: name.to_owned(), ..ModalitySummary::default() };
        let modalities = ["colour", "thermal", "depth"].map(sensor).to_vec();
        store.apply(Event::Dataset(DatasetSummary { modalities, ..DatasetSummary::default() }));
        store.apply(Event::Network(network(&["colour", "thermal"])));
        store
    }

    #[test]
    fn a_sensor_that_only_the_other_network_takes_can_be_dropped_while_that_is_there() {
        let mut store = store();
        assert!(!store.looks_at_sensor("depth"));
        store.apply(beside("other", &["depth"]));
        assert!(store.looks_at_sensor("depth") && !store.uses_sensor("depth"));
        store.scene.what_if = WhatIf::without(&["depth", "thermal"]);
        store.apply(Event::Network(network(&["colour", "thermal"])));
        assert_eq!(store.scene.what_if.dropped().len(), 2, "a phase of the run in hand changes nothing beside it");
        store.apply(Event::Beside(None));
        assert_eq!(store.scene.what_if.dropped(), ["thermal"]);
    }

    #[test]
    fn the_other_network_is_called_by_what_tells_it_apart() {
        let mut store = store();
        assert_eq!(store.beside_name(), None);
        store.apply(beside("other", &[]));
        assert_eq!(store.beside_name().as_deref(), Some("other"));
        let same = store.origin.name.clone();
        store.apply(Event::Recipe(store.origin.clone()));
        store.apply(beside(&same, &[]));
        assert_eq!(store.beside_name().as_deref(), Some("seed-1"), "another seed of the same recipe");
    }
}
