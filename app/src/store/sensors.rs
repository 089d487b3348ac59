//! The sensors of the open data set, and which of them are taken.

use egui::Color32;
use fusionscope_engine::protocol::{ModalitySummary, Phase};
use fusionscope_engine::recipe::catalogue::sensors;

use super::Store;
use crate::look::Tokens;

impl Store {
    /// The n-th sensor of the data set.
    pub fn sensor(&self, place: usize) -> Option<&ModalitySummary> {
        self.dataset.as_ref()?.modalities.get(place)
    }

    /// The kind of the sensor with this name; empty where there is none.
    pub fn sensor_kind(&self, name: &str) -> &str {
        self.dataset
            .as_ref()
            .and_then(|dataset| dataset.modalities.iter().find(|sensor| sensor.name == name))
            .map_or("", |sensor| sensor.kind.as_str())
    }

    /// The sensors of the open data set.
    pub fn sensors(&self) -> &[ModalitySummary] {
        self.dataset.as_ref().map_or(&[], |dataset| dataset.modalities.as_slice())
    }

    /// The hue of the sensor, or head, with this name; neutral for the fused one.
    pub fn hue(&self, tokens: &Tokens, name: &str) -> Color32 {
        tokens.sensor_named(name, self.sensors()).unwrap_or(tokens.fused)
    }

    /// Whether the network, or the recipe where none is built yet, takes this sensor.
    pub fn uses_sensor(&self, name: &str) -> bool {
        let is_there = |sensor: &String| !self.sensor_kind(sensor).is_empty();
        if let Some(network) = self.network.as_ref().filter(|network| network.sensors.iter().all(is_there)) {
            return network.sensors.iter().any(|sensor| sensor == name);
        }
        self.recipe_uses(name)
    }

    /// Whether the recipe's next run takes this sensor.
    pub(super) fn recipe_uses(&self, name: &str) -> bool {
        let named = self.recipe.get(sensors::USE);
        if named.is_empty() {
            let first_two = self.dataset.iter().flat_map(|dataset| dataset.modalities.iter().take(2));
            first_two.into_iter().any(|sensor| sensor.name == name)
        } else {
            named.iter().any(|sensor| sensor == name)
        }
    }

    /// Whether a sensor sits out the teacher phase of the run in hand, to join in the student phase.
    pub fn joins_later(&self, name: &str) -> bool {
        let is_teacher = self.curves.progress().last().is_some_and(|last| last.phase == Phase::Teacher);
        is_teacher && self.is_running() && !self.uses_sensor(name) && self.recipe_uses(name)
    }
}
