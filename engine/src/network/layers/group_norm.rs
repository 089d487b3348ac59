//! Group normalisation (Wu & He, ECCV 2018).

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::init::Init;

/// Normalises groups of channels of each image by their own mean and biased variance: PyTorch's `GroupNorm`.
#[derive(Module, Debug)]
pub struct GroupNorm {
    /// The scale γ, `[channels]`.
    pub gamma: Param<Tensor<1>>,
    /// The shift β, `[channels]`.
    pub beta: Param<Tensor<1>>,
    #[module(skip)]
    groups: usize,
}

/// Added to the variance: PyTorch's default.
const EPSILON: f64 = 1e-5;

impl GroupNorm {
    /// Scale 1, shift 0. Where `groups` does not divide the channels, as many as the largest number that divides both.
    pub fn new(channels: usize, groups: usize, init: &Init<'_>) -> Self {
        let groups = (1..=groups.min(channels)).rev().find(|&count| channels.is_multiple_of(count)).unwrap_or(1);
        Self {
            gamma: Param::from_tensor(Tensor::ones([channels], init.device)),
            beta: Param::from_tensor(Tensor::zeros([channels], init.device)),
            groups,
        }
    }

    /// `[batch, channels, height, width]` to the same shape.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        let grouped: Tensor<3> = x.reshape([batch, self.groups, channels / self.groups * height * width]);
        let centred = grouped.clone() - grouped.mean_dim(2);
        let variance = (centred.clone() * centred.clone()).mean_dim(2);
        let normal = (centred / (variance + EPSILON).sqrt()).reshape([batch, channels, height, width]);
        let line = |values: &Param<Tensor<1>>| values.val().reshape([1, channels, 1, 1]);
        normal * line(&self.gamma) + line(&self.beta)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{Reference, agrees, are_finite, waved, waves};
    use crate::random::Streams;

    /// Constants printed by `reference/decoders.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let norm = waved(GroupNorm::new(4, 2, &Init::new(&Streams::new(1), &device)), 1.0);
        let reference = Reference {
            outputs: &[
                0.685871, 1.63931, 1.99196, 1.49257, 0.330650, -0.958821, -0.538314, -0.515932, -0.115634, -0.428050,
                -0.397139, -0.386172, 2.50463, 1.64512, 0.703133, -0.223627, -0.161673, 0.618319, 0.042732, 0.778702,
                1.02851, -0.415717, -0.464415, -0.517125,
            ],
            inputs: &[
                0.223467, 0.031332, -0.124103, 0.026876, -0.071998, -0.085574, -0.135362, -0.065482, 0.166269,
                0.197145, -0.038147, -0.124424, -0.031788, -0.039021, 0.022936, -0.121784, -0.001172, 0.170828,
                0.069768, 0.323844, 0.342108, -0.668847, -0.257825, 0.190953,
            ],
            parameters: &[10.4910, 0.076925],
        };
        agrees(&norm, waves([[2, 4, 1, 3]], &device), |maps| vec![norm.forward(maps[0].clone())], &reference);
    }

    #[test]
    fn groups_divide_the_channels_and_equal_numbers_stay_finite() {
        let device = Device::flex();
        let groups = |channels| GroupNorm::new(channels, 32, &Init::new(&Streams::new(1), &device)).groups;
        assert_eq!([groups(512), groups(48), groups(7)], [32, 24, 7]);
        let norm = GroupNorm::new(4, 4, &Init::new(&Streams::new(1), &device));
        are_finite(vec![norm.forward(Tensor::ones([1, 4, 1, 1], &device))], &[[1, 4, 1, 1]]);
    }
}
