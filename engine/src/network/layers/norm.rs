//! Batch normalisation, alone and as a bank of one copy for all sensors or one a sensor.

use burn::module::{Module, Param, RunningState};
use burn::tensor::module::{batch_norm, batch_norm_train};
use burn::tensor::{Device, Tensor};

use super::init::Init;
use crate::network::contract::Mode;

/// The two numbers in which families of networks differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormFamily {
    /// Added to the variance.
    pub epsilon: f64,
    /// The share of a new batch in the running statistics.
    pub momentum: f64,
}

impl NormFamily {
    /// PyTorch's defaults; decoders and heads.
    pub const TORCH: Self = Self { epsilon: 1e-5, momentum: 0.1 };
    /// EfficientNets.
    pub const EFFICIENT: Self = Self { epsilon: 1e-3, momentum: 0.01 };
}

/// Batch normalisation with the conventions of PyTorch: biased variance for the batch, unbiased in the running one.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// The scale γ, `[channels]`.
    pub gamma: Param<Tensor<1>>,
    /// The shift β, `[channels]`.
    pub beta: Param<Tensor<1>>,
    running_mean: RunningState<Tensor<1>>,
    running_variance: RunningState<Tensor<1>>,
    epsilon: f64,
    momentum: f64,
}

impl BatchNorm {
    /// Scale 1, shift 0.
    pub fn new(channels: usize, family: NormFamily, device: &Device) -> Self {
        Self {
            gamma: Param::from_tensor(Tensor::ones([channels], device)),
            beta: Param::from_tensor(Tensor::zeros([channels], device)),
            running_mean: RunningState::new(Tensor::zeros([channels], device)),
            running_variance: RunningState::new(Tensor::ones([channels], device)),
            epsilon: family.epsilon,
            momentum: family.momentum,
        }
    }

    /// `[batch, channels, height, width]` to the same shape.
    pub fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<4> {
        match mode {
            Mode::Train => self.forward_train(x),
            Mode::Infer => batch_norm(
                x,
                self.gamma.val(),
                self.beta.val(),
                self.running_mean.value(),
                self.running_variance.value(),
                self.epsilon,
            ),
        }
    }

    fn forward_train(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, _, height, width] = x.dims();
        let count = (batch * height * width) as f64;
        let result = batch_norm_train(x, self.gamma.val(), self.beta.val(), self.epsilon);
        let unbiased = result.variance.detach() * (count / (count - 1.0).max(1.0));
        self.follow(&self.running_mean, result.mean.detach());
        self.follow(&self.running_variance, unbiased);
        result.output
    }

    fn follow(&self, state: &RunningState<Tensor<1>>, batch: Tensor<1>) {
        let old = state.value();
        state.update(old * (1.0 - self.momentum) + batch * self.momentum);
        // Folds the update in at once: what is saved must not lag a step behind.
        state.value_sync();
    }
}

/// The same place in every sensor's branch: one norm that all use, or one a sensor.
#[derive(Module, Debug)]
pub struct NormBank {
    norms: Vec<BatchNorm>,
}

impl NormBank {
    /// `copies` is 1 where the sensors share the norm, else the number of sensors.
    pub fn new(channels: usize, copies: usize, family: NormFamily, init: &Init<'_>) -> Self {
        Self { norms: (0..copies).map(|_| BatchNorm::new(channels, family, init.device)).collect() }
    }

    /// Applies each branch's norm to its map. A norm that is shared sees the branches' statistics together.
    pub fn forward(&self, maps: Vec<Tensor<4>>, branches: &[usize], mode: Mode) -> Vec<Tensor<4>> {
        if self.norms.len() == 1 && maps.len() > 1 && mode == Mode::Train {
            let [batch, ..] = maps[0].dims();
            let count = maps.len();
            let joined = self.norms[0].forward(Tensor::cat(maps, 0), mode);
            return (0..count).map(|index| joined.clone().narrow(0, index * batch, batch)).collect();
        }
        let last = self.norms.len() - 1;
        maps.into_iter().zip(branches).map(|(map, &branch)| self.norms[branch.min(last)].forward(map, mode)).collect()
    }

    /// The norms, one or one a sensor.
    pub fn norms(&self) -> &[BatchNorm] {
        &self.norms
    }
}
