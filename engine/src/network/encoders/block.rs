//! The block that all encoder families are built from (MBConv and its plain relatives).

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::plan::{BlockPlan, Plan};
use crate::network::contract::Mode;
use crate::network::interaction::{Exchange, Site};
use crate::network::layers::{Activation, ConvBank, ConvShape, Init, NormBank};

/// How many copies of convolutions and norms there are: 1 where sensors share them, else one a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies {
    /// Of every convolution.
    pub convolutions: usize,
    /// Of every batch norm.
    pub norms: usize,
}

/// Expansion, k×k convolution, squeeze-and-excitation, projection; with a shortcut where the shapes allow it.
#[derive(Module, Debug)]
pub struct Block {
    expand: Option<ConvBank>,
    expand_norm: Option<NormBank>,
    depthwise: ConvBank,
    depthwise_norm: NormBank,
    excite: Option<SqueezeExcite>,
    project: ConvBank,
    project_norm: NormBank,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    activate_output: bool,
    #[module(skip)]
    shortcut: bool,
}

impl Block {
    pub(super) fn new(plan: &Plan, block: &BlockPlan, copies: Copies, init: &Init<'_>) -> Self {
        let BlockPlan { input, inner, output, kernel, stride, dilation, depthwise, squeeze } = *block;
        let expands = depthwise && inner != input;
        let middle =
            if depthwise { ConvShape::depthwise(inner, kernel) } else { ConvShape::square(input, inner, kernel) };
        let middle = middle.stride(stride).dilation(dilation).padding(plan.padding);
        let bank = |shape, name: &str| ConvBank::new(shape, copies.convolutions, &init.at(name));
        let norm = |channels, name: &str| NormBank::new(channels, copies.norms, plan.norms, &init.at(name));
        Self {
            expand: expands.then(|| bank(ConvShape::pointwise(input, inner), "expand")),
            expand_norm: expands.then(|| norm(inner, "expand_norm")),
            depthwise: bank(middle, "depthwise"),
            depthwise_norm: norm(inner, "depthwise_norm"),
            excite: (squeeze > 0).then(|| SqueezeExcite::new(inner, squeeze, copies, &init.at("excite"))),
            project: bank(ConvShape::pointwise(inner, output), "project"),
            project_norm: norm(output, "project_norm"),
            activation: plan.activation,
            activate_output: plan.activate_output,
            shortcut: stride == 1 && input == output,
        }
    }

    /// One map a branch, `[batch, input, h, w]`, to one a branch, `[batch, output, h / stride, w / stride]`.
    pub fn forward(
        &self,
        maps: Vec<Tensor<4>>,
        branches: &[usize],
        mode: Mode,
        at: (usize, usize),
        exchange: &Exchange,
    ) -> Vec<Tensor<4>> {
        let Self { activation, shortcut, .. } = *self;
        let identity = shortcut.then(|| maps.clone());
        let mut maps = maps;
        if let (Some(expand), Some(norm)) = (&self.expand, &self.expand_norm) {
            maps = norm.forward(expand.forward(maps, branches), branches, mode, activation);
        }
        // Exchanging before or after the activation is the same: both treat every number by itself.
        maps = self.depthwise_norm.forward(self.depthwise.forward(maps, branches), branches, mode, activation);
        maps = exchange.channels((Site::Depthwise, at), maps);
        if let Some(excite) = &self.excite {
            maps = excite.forward(maps, branches);
        }
        maps = self.project_norm.forward(self.project.forward(maps, branches), branches, mode, Activation::None);
        maps = exchange.channels((Site::Projection, at), maps);
        if let Some(identity) = identity {
            maps = maps.into_iter().zip(identity).map(|(map, identity)| map + identity).collect();
        }
        if self.activate_output { each(maps, |map| activation.forward(map)) } else { maps }
    }

    /// The norms whose scales decide about exchange at a site.
    pub fn norms(&self, site: Site) -> &NormBank {
        match site {
            Site::Depthwise => &self.depthwise_norm,
            Site::Projection | Site::StageOutput => &self.project_norm,
        }
    }
}

/// Squeeze-and-excitation: a gate per channel from the channel means.
#[derive(Module, Debug)]
pub struct SqueezeExcite {
    reduce: ConvBank,
    expand: ConvBank,
}

impl SqueezeExcite {
    fn new(channels: usize, squeezed: usize, copies: Copies, init: &Init<'_>) -> Self {
        let bank = |input, output, name: &str| {
            ConvBank::new(ConvShape::pointwise(input, output).biased(), copies.convolutions, &init.at(name))
        };
        Self { reduce: bank(channels, squeezed, "reduce"), expand: bank(squeezed, channels, "expand") }
    }

    fn forward(&self, maps: Vec<Tensor<4>>, branches: &[usize]) -> Vec<Tensor<4>> {
        let means = maps.iter().map(|map| map.clone().mean_dim(3).mean_dim(2)).collect();
        let reduced = each(self.reduce.forward(means, branches), activation::silu);
        let gates = self.expand.forward(reduced, branches);
        maps.into_iter().zip(gates).map(|(map, gate)| map * activation::sigmoid(gate)).collect()
    }
}

fn each(maps: Vec<Tensor<4>>, change: impl Fn(Tensor<4>) -> Tensor<4>) -> Vec<Tensor<4>> {
    maps.into_iter().map(change).collect()
}

#[cfg(test)]
mod tests;
