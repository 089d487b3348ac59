//! Atrous spatial pyramid pooling with separable convolutions (DeepLabV3+).

use burn::module::Module;
use burn::tensor::Tensor;

use super::unit::Unit;
use crate::network::contract::Mode;
use crate::network::layers::{ConvShape, Init};

/// A 1×1 branch, one atrous branch a rate, an image-level branch, and their projection.
#[derive(Module, Debug)]
pub struct Pyramid {
    point: Unit,
    atrous: Vec<Unit>,
    pool: Unit,
    project: Unit,
}

impl Pyramid {
    /// From `input` channels to `output` in every branch and after the projection.
    pub fn new(input: usize, output: usize, rates: &[usize], init: &Init<'_>) -> Self {
        let point = |input, name: &str| Unit::plain(ConvShape::pointwise(input, output), &init.at(name));
        let atrous = |(index, &rate)| Unit::separable(input, output, rate, &init.at(format_args!("atrous{index}")));
        Self {
            point: point(input, "point"),
            atrous: rates.iter().enumerate().map(atrous).collect(),
            pool: point(input, "pool"),
            project: point((rates.len() + 2) * output, "project"),
        }
    }

    /// `[batch, input, h, w]` to `[batch, output, h, w]`.
    pub fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<4> {
        let [batch, _, height, width] = x.dims();
        let mut branches = vec![self.point.forward(x.clone(), mode)];
        branches.extend(self.atrous.iter().map(|unit| unit.forward(x.clone(), mode)));
        let pooled = self.pool.forward(x.mean_dim(3).mean_dim(2), mode);
        let [_, channels, ..] = pooled.dims();
        branches.push(pooled.expand([batch, channels, height, width]));
        self.project.forward(Tensor::cat(branches, 1), mode)
    }
}
