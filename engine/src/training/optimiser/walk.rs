//! From a network's parameters to flat tensors with gradients, and back.

use std::collections::HashMap;

use burn::module::{ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};

use crate::network::stored_name;

/// A parameter's place in a flat tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
}

impl Slot {
    /// How many numbers it has.
    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// A parameter that has a gradient in this step; tensors flat and without graph.
pub(super) struct Entry {
    pub(super) slot: Slot,
    pub(super) value: Tensor<1>,
    pub(super) gradient: Tensor<1>,
}

pub(super) struct Collector<'a> {
    pub(super) gradients: &'a Gradients,
    pub(super) path: Vec<String>,
    pub(super) entries: Vec<Entry>,
}

impl ModuleVisitor for Collector<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        if let Some(gradient) = value.grad(self.gradients) {
            let slot = Slot { name: stored_name(&self.path), shape: value.dims().to_vec() };
            let flat = [slot.len()];
            self.entries.push(Entry { slot, value: value.inner().reshape(flat), gradient: gradient.reshape(flat) });
        }
    }
}

pub(super) struct Replacer {
    pub(super) values: HashMap<String, Tensor<1>>,
    pub(super) path: Vec<String>,
}

impl ModuleMapper for Replacer {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(value) = self.values.remove(&stored_name(&self.path)) else {
            return param;
        };
        param.map(|old| {
            let new = value.reshape(old.dims()).autodiff();
            let new = match old.gradient_checkpointing_strategy() {
                Some(strategy) => new.with_gradient_checkpointing_strategy(strategy),
                None => new,
            };
            new.set_require_grad(old.is_require_grad())
        })
    }
}
