//! Running statistics as they stood before a step.
//!
//! A forward pass in training mode moves them, so a step that is not taken must put them back.

use std::collections::BTreeMap;

use burn::module::{Module as _, ModuleVisitor, Param, ParamId};
use burn::tensor::{Tensor, TensorData};

use super::tensor_file::Tensors;
use crate::network::{Network, ParameterKind, named_parameters, replace, to_tensors};
use crate::readback::read_all;

/// Handles of all running means and variances; taking them copies nothing.
pub(super) struct RunningBefore {
    handles: BTreeMap<String, (Vec<usize>, Tensor<1>)>,
}

impl RunningBefore {
    pub(super) fn of(network: &Network) -> Self {
        let names = named_parameters(network)
            .into_iter()
            .filter(|parameter| parameter.kind == ParameterKind::Running)
            .map(|parameter| (parameter.id, parameter.name))
            .collect();
        let mut collector = Collector { names, handles: BTreeMap::new() };
        network.visit(&mut collector);
        Self { handles: collector.handles }
    }

    /// All values of the network, with the running statistics as they were.
    pub(super) fn tensors(&self, network: &Network) -> Tensors {
        let mut tensors = to_tensors(network);
        tensors.extend(self.running());
        tensors
    }

    /// The network itself with the running statistics as they were, in its clones as well.
    pub(super) fn put_back(&self, network: Network) -> Network {
        replace(network, &self.running())
    }

    /// A network with the same parameters, to be asked alone, and with the running statistics as they were.
    pub(super) fn network(&self, network: &Network) -> Network {
        // The copy has running statistics of its own.
        replace(network.valid(), &self.running())
    }

    fn running(&self) -> Tensors {
        let values = read_all(self.handles.values().map(|(_, handle)| handle.clone()));
        let shaped = |((name, (shape, _)), data): ((&String, &(Vec<usize>, Tensor<1>)), TensorData)| {
            (name.clone(), TensorData::from_bytes(data.bytes().clone(), shape.clone(), data.dtype()))
        };
        self.handles.iter().zip(values).map(shaped).collect()
    }
}

struct Collector {
    names: BTreeMap<ParamId, String>,
    handles: BTreeMap<String, (Vec<usize>, Tensor<1>)>,
}

impl ModuleVisitor for Collector {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(name) = self.names.get(&param.id) {
            let value = param.val().without_autodiff();
            let shape = value.dims().to_vec();
            let length = shape.iter().product::<usize>();
            self.handles.insert(name.clone(), (shape, value.reshape([length])));
        }
    }
}
