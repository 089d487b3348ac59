//! The same place in every sensor's branch: one module that all use, or one a sensor.

use burn::module::Module;

use super::init::Init;

/// One copy of a module for all sensors, or one a sensor; for modules that see every sensor's map by itself.
#[derive(Module, Debug)]
pub struct Bank<M: Module> {
    copies: Vec<M>,
}

impl<M: Module> Bank<M> {
    /// `copies` is 1 where the sensors share the module, else the number of sensors.
    pub fn new(copies: usize, init: &Init<'_>, make: impl Fn(&Init<'_>) -> M) -> Self {
        Self { copies: (0..copies.max(1)).map(|index| make(&init.copy(index))).collect() }
    }

    /// The copy that a sensor uses.
    pub fn of(&self, sensor: usize) -> &M {
        &self.copies[sensor.min(self.copies.len() - 1)]
    }

    /// The copy that a sensor uses, to change it.
    #[cfg(test)]
    pub fn of_mut(&mut self, sensor: usize) -> &mut M {
        let last = self.copies.len() - 1;
        &mut self.copies[sensor.min(last)]
    }
}
