//! The recipe as edited, that of the run in hand, and what follows from both.

use std::rc::Rc;

use fusionscope_engine::protocol::Level;
use fusionscope_engine::recipe::catalogue::sensors;
use fusionscope_engine::recipe::{Recipe, preset};

use super::Store;
use super::findings::Findings;

impl Store {
    /// What follows from the recipe as edited.
    pub fn findings(&self) -> Rc<Findings> {
        self.check.findings(&self.recipe, &self.origin, &self.in_force)
    }

    /// Whether the recipe differs from the preset or file that it came from.
    pub fn is_edited(&self) -> bool {
        self.recipe.name != self.origin.name || !self.findings().changes.is_empty()
    }

    /// Settings that were edited but wait for a new run.
    pub fn pending(&self) -> usize {
        self.findings().waiting.len()
    }

    /// A recipe from the session. Another recipe replaces the edited one; a newer state of the same one is merged into
    /// it, so that edits which the session has not answered yet, or which wait for a new run, stay.
    pub(super) fn take_recipe(&mut self, recipe: Recipe) {
        if self.recipe.name == recipe.name
            && let Some(before) = &*self.in_force
        {
            for change in recipe.differences(before) {
                if self.recipe.value(change.key) == Some(&change.theirs)
                    && let Err(error) = self.recipe.set(change.key, change.ours)
                {
                    self.log.push(Level::Warning, error.to_string(), self.opened.elapsed().as_secs_f64());
                }
            }
        } else {
            *self.origin = preset(&recipe.name).unwrap_or_else(|_own| recipe.clone());
            *self.recipe = recipe.clone();
            self.use_sensors_that_are_there();
        }
        *self.in_force = Some(recipe);
        self.name_sensors_of_origin();
    }

    /// A recipe that names sensors which the data set does not have would train nothing: the next run takes the first
    /// sensors that are there, and the log says so.
    pub(super) fn use_sensors_that_are_there(&mut self) {
        let Some(dataset) = &self.dataset else { return };
        let is_there = |name: &String| dataset.modalities.iter().any(|sensor| sensor.name == *name);
        let named = self.recipe.get(sensors::USE);
        let Some(absent) = named.iter().find(|name| !is_there(name)) else { return };
        let text = format!(
            "{} has no sensor `{absent}`, which the recipe named: the next run takes its first sensors instead (`sensors.use`)",
            dataset.name
        );
        let left_open = preset(&self.origin.name).is_ok_and(|preset| preset.get(sensors::USE).is_empty());
        let of_origin = if left_open { Vec::new() } else { self.origin.get(sensors::USE).to_vec() };
        let freed = self.recipe.put(sensors::USE, Vec::new());
        match freed.and_then(|()| self.origin.put(sensors::USE, of_origin)) {
            Ok(()) => self.say(Level::Info, text),
            Err(error) => self.say(Level::Warning, error.to_string()),
        }
    }

    /// A run's recipe names the sensors that it took where the preset left the choice to the data set: nobody has
    /// changed them.
    pub(super) fn name_sensors_of_origin(&mut self) {
        let named = self.recipe.get(sensors::USE).to_vec();
        let first = self.dataset.iter().flat_map(|dataset| &dataset.modalities).map(|sensor| &sensor.name);
        let is_left_open = if named.is_empty() {
            preset(&self.origin.name).is_ok_and(|preset| preset.get(sensors::USE).is_empty())
        } else {
            self.origin.get(sensors::USE).is_empty() && first.take(2).eq(&named)
        };
        if is_left_open
            && self.origin.get(sensors::USE) != named
            && let Err(error) = self.origin.put(sensors::USE, named)
        {
            self.log.push(Level::Warning, error.to_string(), 0.0);
        }
    }
}
