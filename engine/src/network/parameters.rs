//! Every number of a network by name: for the optimiser's groups, for saving and for loading.

use std::collections::{BTreeMap, BTreeSet};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{DType, Tensor, TensorData, Transaction};

use super::assembly::Network;
use super::error::NetworkError;
use super::stored_names::stored_path;
use crate::readback;

/// What a parameter is; decides whether weight decay applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// The weights of a convolution or linear layer: decayed.
    Weight,
    /// A scale or shift of a norm: not decayed.
    Norm,
    /// A bias or a lone number: not decayed.
    Bias,
    /// A running mean or variance: not trained at all.
    Running,
}

impl ParameterKind {
    fn of(name: &str) -> Self {
        match name.rsplit('.').next() {
            Some("gamma" | "beta") => Self::Norm,
            Some("bias" | "lambda") => Self::Bias,
            Some("running_mean" | "running_variance") => Self::Running,
            _ => Self::Weight,
        }
    }
}

/// One parameter or running statistic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// For example `encoder.stage2.block0.depthwise.weight`.
    pub name: String,
    /// burn's identifier, the key of gradients and optimiser state within a process.
    pub id: ParamId,
    /// What it is.
    pub kind: ParameterKind,
    /// Its shape.
    pub shape: Vec<usize>,
}

/// All parameters and running statistics, in the network's order.
pub fn named_parameters(network: &Network) -> Vec<Named> {
    Reader::of(network, None).found
}

/// All values on the host, running statistics included, in one wait for the device.
pub fn to_tensors(network: &Network) -> BTreeMap<String, TensorData> {
    let Reader { found, values, .. } = Reader::of(network, Some(Transaction::default()));
    let data = values.map(readback::read).unwrap_or_default();
    found.into_iter().map(|parameter| parameter.name).zip(data).collect()
}

/// The network with these values; names that are missing, too many or misshapen are errors.
///
/// Running statistics are shared between a network and its clones: give this a freshly built one.
pub fn from_tensors(network: Network, tensors: &BTreeMap<String, TensorData>) -> Result<Network, NetworkError> {
    let known = named_parameters(&network);
    let names: BTreeSet<&str> = known.iter().map(|parameter| parameter.name.as_str()).collect();
    if let Some(name) = tensors.keys().find(|name| !names.contains(name.as_str())) {
        return Err(NetworkError::ExtraTensor { name: name.clone() });
    }
    for Named { name, shape, .. } in &known {
        let missing = || NetworkError::MissingTensor { name: name.clone(), expected: shape.clone() };
        check(name, shape, tensors.get(name).ok_or_else(missing)?)?;
    }
    Ok(replace(network, tensors))
}

/// Refuses data that does not fit a parameter.
pub(super) fn check(name: &str, expected: &[usize], data: &TensorData) -> Result<(), NetworkError> {
    if data.dtype() != DType::F32 {
        return Err(NetworkError::WrongType { name: name.to_owned(), found: format!("{:?}", data.dtype()) });
    }
    let found = data.shape().to_vec();
    if found != expected {
        return Err(NetworkError::WrongShape { name: name.to_owned(), expected: expected.to_vec(), found });
    }
    Ok(())
}

/// Puts values in place of those with the same names; they must fit. Clones of a network share running statistics, and
/// so these change in all of them.
pub(crate) fn replace(network: Network, tensors: &BTreeMap<String, TensorData>) -> Network {
    network.map(&mut Replacer { path: Path::default(), tensors })
}

/// The names of modules from the root to where a visitor stands.
#[derive(Default)]
struct Path {
    parts: Vec<(String, Part)>,
}

/// What a part of a path names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Field,
    Index,
    /// Has no part in a name: families that do the same job name their parameters alike.
    Variant,
}

impl Path {
    fn enter(&mut self, name: &str, container: &str) {
        let part = match container {
            "Vec" => Part::Index,
            _ if container.starts_with("Enum:") => Part::Variant,
            _ => Part::Field,
        };
        self.parts.push((name.to_owned(), part));
    }

    fn exit(&mut self) {
        self.parts.pop();
    }

    /// Joins the parts as a person would write them: blocks and copies by index, the first copy without one.
    fn name(&self) -> String {
        let mut name = String::new();
        let mut parent = "";
        let path: Vec<(&str, Part)> = self.parts.iter().map(|(name, part)| (name.as_str(), *part)).collect();
        for (word, kind) in stored_path(&path, Part::Field).into_iter().filter(|(_, kind)| *kind != Part::Variant) {
            let piece = match (parent, kind == Part::Index, word) {
                ("norms" | "copies", true, "0") => String::new(),
                ("norms" | "copies", true, index) => format!("copy{index}"),
                ("others", true, index) => format!("copy{}", index.parse::<usize>().map_or(0, |index| index + 1)),
                ("decoders", true, "0") => "decoder".to_owned(),
                ("decoders", true, index) => format!("decoder.copy{index}"),
                ("adapters", true, index) => format!("adapter{index}"),
                ("per_level", true, index) => format!("level{}", index.parse::<usize>().map_or(0, |index| index + 1)),
                ("atrous", true, index) => format!("atrous{index}"),
                (_, true, index) => format!("block{index}"),
                (
                    _,
                    false,
                    "norms" | "copies" | "blocks" | "decoders" | "adapters" | "atrous" | "per_level" | "others",
                ) => String::new(),
                (_, false, part) => part.to_owned(),
            };
            if !piece.is_empty() {
                name.push_str(if name.is_empty() { "" } else { "." });
                name.push_str(&piece);
            }
            parent = word;
        }
        name
    }
}

struct Reader {
    path: Path,
    found: Vec<Named>,
    /// Where values are asked for as well.
    values: Option<Transaction>,
}

impl Reader {
    fn of(network: &Network, values: Option<Transaction>) -> Self {
        let mut reader = Self { path: Path::default(), found: Vec::new(), values };
        network.visit(&mut reader);
        reader
    }
}

impl ModuleVisitor for Reader {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let (name, value) = (self.path.name(), param.val());
        let shape = value.dims().to_vec();
        self.found.push(Named { kind: ParameterKind::of(&name), name, id: param.id, shape });
        self.values = self.values.take().map(|values| values.register(value.without_autodiff()));
    }

    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }
}

struct Replacer<'a> {
    path: Path,
    tensors: &'a BTreeMap<String, TensorData>,
}

impl ModuleMapper for Replacer<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.tensors.get(&self.path.name()) {
            None => param,
            Some(data) => param.map(|old| {
                let (device, trained) = (old.device(), old.is_require_grad());
                Tensor::from_data(data.clone(), &device).set_require_grad(trained)
            }),
        }
    }

    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }
}
