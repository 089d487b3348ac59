//! What is supposed of the scene in view: changed, taken back, kept, and tried on a whole split.

use fusionscope_engine::protocol::{Absence, Command, Level, SensorChange, WhatIf};
use fusionscope_engine::recipe::Value;

use super::Workbench;
use crate::store::{Tool, Undone};

/// Why the last sensor cannot be dropped.
const LAST_SENSOR: &str = "is the last sensor left: restore another one first";

impl Workbench {
    /// Drops a sensor, or restores it.
    pub(super) fn toggle_sensor(&mut self, place: usize) {
        let Some(name) = self.store.sensor(place).map(|sensor| sensor.name.clone()) else { return };
        let change = self.store.scene.what_if.sensors.get(&name).cloned().unwrap_or_default();
        let absent = if change.absent.is_some() { None } else { Some(Absence::Recipe) };
        self.change_sensor(&name, SensorChange { absent, ..change });
    }

    pub(super) fn restore_sensors(&mut self) {
        let mut what_if = self.store.scene.what_if.clone();
        for change in what_if.sensors.values_mut() {
            change.absent = None;
        }
        what_if.sensors.retain(|_, change| !change.is_none());
        self.suppose("all sensors", what_if);
    }

    /// Drops every sensor that the network takes but these; changes nothing where none would be left.
    pub(super) fn keep_sensors(&mut self, kept: &[String]) {
        let taken = self.store.sensors().iter().filter(|sensor| self.store.uses_sensor(&sensor.name));
        let taken: Vec<String> = taken.map(|sensor| sensor.name.clone()).collect();
        if !taken.iter().any(|name| kept.contains(name)) {
            return;
        }
        let mut what_if = self.store.scene.what_if.clone();
        for name in taken {
            let change = what_if.sensors.get(&name).cloned().unwrap_or_default();
            let absent = (!kept.contains(&name)).then_some(Absence::Recipe);
            what_if.change(&name, SensorChange { absent, ..change });
        }
        self.suppose("sensors", what_if);
    }

    pub(super) fn change_sensor(&mut self, name: &str, change: SensorChange) {
        let what_if = &self.store.scene.what_if;
        if change.absent.is_some() && !what_if.is_absent(name) {
            let sensors = self.store.dataset.iter().flat_map(|dataset| &dataset.modalities);
            let left = sensors
                .filter(|sensor| self.store.uses_sensor(&sensor.name) && !what_if.is_absent(&sensor.name))
                .count();
            // One that the network beside alone looks at leaves the one in view what it has.
            if left < 2 && self.store.uses_sensor(name) {
                self.store.say(Level::Warning, format!("{name} {LAST_SENSOR}"));
                return;
            }
        }
        // A drag and a stroke are one entry each; what has another number of strokes is another one.
        let kind = (change.absent, &change.scene, change.brush.len());
        let key = format!("what-if of {name} {kind:?}");
        let mut what_if = what_if.clone();
        what_if.change(name, change);
        self.suppose(&key, what_if);
    }

    /// Asks the network by another value of a setting, or by its own again.
    pub(super) fn set_switch(&mut self, key: &str, value: Option<Value>) {
        let mut what_if = self.store.scene.what_if.clone();
        match value {
            Some(value) => what_if.settings.insert(key.to_owned(), value),
            None => what_if.settings.remove(key),
        };
        self.suppose(key, what_if);
    }

    /// Supposes this in place of what was supposed; changes under one key in quick succession are taken back at once.
    pub(super) fn suppose(&mut self, key: &str, what_if: WhatIf) {
        let before = &self.store.scene.what_if;
        if what_if != *before {
            let entry = || Undone::WhatIf(Box::new(before.clone()));
            self.store.history.push_once(key, entry);
            self.store.scene.what_if = what_if;
        }
    }

    /// Keeps what is supposed under a name; without one it is called after what it is.
    pub(super) fn keep_what_if(&mut self, name: &str) {
        let words = self.store.scene.what_if.words().join(", ");
        let name = if name.trim().is_empty() { words } else { name.trim().to_owned() };
        self.store.scene.what_if.name.clone_from(&name);
        self.store.scene.supposing.keep(self.store.scene.what_if.clone());
        self.store.say(Level::Info, format!("Kept the what-if “{name}”"));
    }

    /// Tries it on every scene of the split in view.
    pub(super) fn apply_what_if(&mut self) {
        let (split, what_if) = (self.store.scene.split.clone(), self.store.scene.what_if.clone());
        self.send(Command::EvaluateWhatIf { split, what_if });
    }

    /// Opens the card on a sensor, on the first one that is in use where none is named; closes it where it is open on
    /// that.
    pub(super) fn toggle_card(&mut self, place: Option<usize>) {
        let named = place.and_then(|place| self.store.sensor(place)).map(|sensor| sensor.name.clone());
        let supposing = &self.store.scene.supposing;
        if supposing.card.is_some() && (named.is_none() || supposing.card == named) {
            self.store.scene.supposing.leave();
            return;
        }
        let sensors = self.store.dataset.iter().flat_map(|dataset| &dataset.modalities);
        let first = sensors.map(|sensor| &sensor.name).find(|name| self.store.looks_at_sensor(name)).cloned();
        if let Some(sensor) = named.or(first) {
            self.store.scene.supposing.open(&sensor);
        }
    }

    /// Takes a tool, or puts it away where it is in hand; it works on the sensor of the card.
    pub(super) fn use_tool(&mut self, tool: Tool) {
        if self.store.scene.supposing.card.is_none() {
            self.toggle_card(None);
        }
        let supposing = &mut self.store.scene.supposing;
        supposing.tool = if supposing.tool == Some(tool) { None } else { Some(tool) };
    }
}
