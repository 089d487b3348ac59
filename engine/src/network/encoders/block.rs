//! The block that all encoder families are built from (MBConv, the bottleneck of ResNets, and their plain relatives).

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::copies::Copies;
use super::plan::{BlockPlan, Plan, Shortcut};
use crate::network::contract::Mode;
use crate::network::interaction::Exchange;
use crate::network::layers::{Activation, ConvBank, ConvShape, Init, NormBank};
use crate::recipe::catalogue::exchange::channel::Site;

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
    shortcut: Option<ConvBank>,
    shortcut_norm: Option<NormBank>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    activate_output: bool,
    #[module(skip)]
    identity: bool,
}

impl Block {
    pub(super) fn new(plan: &Plan, block: &BlockPlan, copies: Copies, init: &Init<'_>) -> Self {
        let BlockPlan { input, inner, output, expand, kernel, stride, dilation, depthwise, squeeze, shortcut } = *block;
        let middle = match (depthwise, expand) {
            (true, _) => ConvShape::depthwise(inner, kernel),
            (false, true) => ConvShape::square(inner, inner, kernel),
            (false, false) => ConvShape::square(input, inner, kernel),
        };
        let middle = middle.stride(stride).dilation(dilation).padding(plan.padding);
        let bank = |shape, name: &str| ConvBank::new(shape, copies.convolutions, &init.at(name));
        let norm = |channels, name: &str| NormBank::new(channels, copies.norms, plan.norms, &init.at(name));
        let projects = shortcut == Shortcut::Projection;
        Self {
            expand: expand.then(|| bank(ConvShape::pointwise(input, inner), "expand")),
            expand_norm: expand.then(|| norm(inner, "expand_norm")),
            depthwise: bank(middle, "depthwise"),
            depthwise_norm: norm(inner, "depthwise_norm"),
            excite: (squeeze > 0).then(|| SqueezeExcite::new(inner, squeeze, copies, &init.at("excite"))),
            project: bank(ConvShape::pointwise(inner, output), "project"),
            project_norm: norm(output, "project_norm"),
            shortcut: projects.then(|| bank(ConvShape::pointwise(input, output).stride(stride), "shortcut")),
            shortcut_norm: projects.then(|| norm(output, "shortcut_norm")),
            activation: plan.activation,
            activate_output: plan.activate_output,
            identity: !projects && stride == 1 && input == output,
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
        let activation = self.activation;
        let beside = self.beside(&maps, branches, mode);
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
        if let Some(beside) = beside {
            maps = maps.into_iter().zip(beside).map(|(map, beside)| map + beside).collect();
        }
        if self.activate_output { each(maps, |map| activation.forward(map)) } else { maps }
    }

    /// What is added to the result.
    fn beside(&self, maps: &[Tensor<4>], branches: &[usize], mode: Mode) -> Option<Vec<Tensor<4>>> {
        if let (Some(shortcut), Some(norm)) = (&self.shortcut, &self.shortcut_norm) {
            return Some(norm.forward(shortcut.forward(maps.to_vec(), branches), branches, mode, Activation::None));
        }
        self.identity.then(|| maps.to_vec())
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
