//! Batch normalisation, alone and as a bank of one copy for all sensors or one a sensor.

use burn::module::{Module, Param, RunningState};
use burn::tensor::{Device, Tensor};

use super::init::Init;
use super::norm_family::NormFamily;
use crate::kernels::{self, Activation};
use crate::network::contract::Mode;

/// Which statistics a norm uses, and whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// The batch's, or the running ones.
    pub mode: Mode,
    /// The sensor whose maps it sees; counts where a norm tells sensors apart.
    pub sensor: usize,
}

impl From<Mode> for Statistics {
    fn from(mode: Mode) -> Self {
        Self { mode, sensor: 0 }
    }
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
    /// What the sensors after the first have in place of these, where they are told apart.
    others: Vec<Own>,
    epsilon: f64,
    momentum: f64,
}

/// What one sensor has of a norm.
#[derive(Module, Debug)]
struct Own {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    running_mean: RunningState<Tensor<1>>,
    running_variance: RunningState<Tensor<1>>,
}

impl Own {
    fn new(channels: usize, device: &Device) -> Self {
        Self {
            gamma: Param::from_tensor(Tensor::ones([channels], device)),
            beta: Param::from_tensor(Tensor::zeros([channels], device)),
            running_mean: RunningState::new(Tensor::zeros([channels], device)),
            running_variance: RunningState::new(Tensor::ones([channels], device)),
        }
    }
}

impl BatchNorm {
    /// Scale 1, shift 0.
    pub fn new(channels: usize, family: NormFamily, device: &Device) -> Self {
        let Own { gamma, beta, running_mean, running_variance } = Own::new(channels, device);
        let NormFamily { epsilon, momentum } = family;
        Self { gamma, beta, running_mean, running_variance, others: Vec::new(), epsilon, momentum }
    }

    /// As the place asks for: of its family, for as many sensors as it tells apart.
    pub fn of(channels: usize, init: &Init<'_>) -> Self {
        let others = (1..init.norms.sensors).map(|_| Own::new(channels, init.device)).collect();
        Self { others, ..Self::new(channels, init.norms.family, init.device) }
    }

    /// `[batch, channels, height, width]` to the same shape, with an activation applied to the result.
    pub fn forward(&self, x: Tensor<4>, statistics: impl Into<Statistics>, activation: Activation) -> Tensor<4> {
        let Statistics { mode, sensor } = statistics.into();
        let own = sensor.checked_sub(1).and_then(|other| self.others.get(other));
        let (gamma, beta, running_mean, running_variance) = match own {
            Some(own) => (&own.gamma, &own.beta, &own.running_mean, &own.running_variance),
            None => (&self.gamma, &self.beta, &self.running_mean, &self.running_variance),
        };
        let (gamma, beta) = (gamma.val(), beta.val());
        if mode == Mode::Infer {
            let statistics = [running_mean.value(), running_variance.value()];
            return kernels::norm_infer(x, gamma, beta, statistics, self.epsilon, activation);
        }
        let [batch, _, height, width] = x.dims();
        let count = (batch * height * width) as f64;
        let result = kernels::norm_train(x, gamma, beta, self.epsilon, activation);
        self.follow(running_mean, result.mean);
        self.follow(running_variance, result.variance * (count / (count - 1.0).max(1.0)));
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
    pub fn forward(
        &self,
        maps: Vec<Tensor<4>>,
        branches: &[usize],
        mode: Mode,
        activation: Activation,
    ) -> Vec<Tensor<4>> {
        if self.norms.len() == 1 && maps.len() > 1 && mode == Mode::Train {
            let [batch, ..] = maps[0].dims();
            let count = maps.len();
            let joined = self.norms[0].forward(Tensor::cat(maps, 0), mode, activation);
            return (0..count).map(|index| joined.clone().narrow(0, index * batch, batch)).collect();
        }
        let last = self.norms.len() - 1;
        maps.into_iter()
            .zip(branches)
            .map(|(map, &branch)| self.norms[branch.min(last)].forward(map, mode, activation))
            .collect()
    }

    /// The norms, one or one a sensor.
    pub fn norms(&self) -> &[BatchNorm] {
        &self.norms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::layers::init::Norms;
    use crate::network::testing::{assert_close, values, wave};
    use crate::random::Streams;

    /// Constants printed by `reference/parts.py`.
    #[test]
    fn batches_gradients_and_running_statistics_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let mut norm = BatchNorm::new(2, NormFamily { epsilon: 1e-3, momentum: 0.1 }, &device);
        norm.gamma = Param::from_tensor(wave([2], 0.5, &device));
        norm.beta = Param::from_tensor(wave([2], 1.5, &device));
        let x = wave([2, 2, 1, 3], 0.2, &device).require_grad();
        let trained = norm.forward(x.clone(), Mode::Train, Activation::None);
        let gradients = (trained.clone() * wave([2, 2, 1, 3], 0.4, &device)).sum().backward();
        norm.forward(wave([2, 2, 1, 3], 2.0, &device) * 3.0, Mode::Train, Activation::None);
        let expected = [
            1.157_31, 1.518_42, 1.651_98, 1.442_12, 0.352_545, -0.856_64, 0.446_85, 0.462_778, 0.747_642, 0.485_906,
            1.528_55, 1.898_5,
        ];
        assert_close(&values(trained), &expected, 1e-5);
        let expected = [
            0.065_860_8,
            0.015_806,
            -0.066_297_5,
            -0.244_53,
            -0.251_087,
            -0.078_934_8,
            -0.080_169_4,
            0.003_654_85,
            0.061_145_3,
            0.439_64,
            0.203_161,
            -0.068_248_9,
        ];
        assert_close(&values(x.grad(&gradients).unwrap()), &expected, 1e-5);
        assert_close(&values(norm.running_mean.value()), &[0.121_814, -0.038_401_8], 1e-5);
        assert_close(&values(norm.running_variance.value()), &[1.104_31, 1.352_41], 1e-5);
        let expected = [
            1.032_54, 1.299_16, 1.397_77, 1.436_69, 0.952_322, 0.414_779, 0.508_001, 0.519_761, 0.730_08, 1.011_61,
            1.475_12, 1.639_57,
        ];
        assert_close(&values(norm.forward(x, Mode::Infer, Activation::None)), &expected, 1e-5);
    }

    #[test]
    fn one_number_a_channel_is_normalised_to_the_shift() {
        let device = Device::flex();
        let norm = BatchNorm::new(2, NormFamily::TORCH, &device);
        assert_eq!(values(norm.forward(wave([1, 2, 1, 1], 0.3, &device), Mode::Train, Activation::None)), [0.0, 0.0]);
        assert!(values(norm.running_variance.value()).iter().all(|value| value.is_finite()));
    }

    #[test]
    fn a_norm_that_tells_sensors_apart_is_a_norm_of_each() {
        let (device, streams) = (Device::flex(), Streams::new(1));
        let init = Init::new(&streams, &device).with_norms(Norms { family: NormFamily::MRFS, sensors: 2 });
        let (both, maps) = (BatchNorm::of(2, &init), [0.3, 1.3].map(|phase| wave([1, 2, 2, 2], phase, &device)));
        let alone = [(); 2].map(|()| BatchNorm::new(2, NormFamily::MRFS, &device));
        for mode in [Mode::Train, Mode::Infer] {
            for (sensor, map) in maps.iter().enumerate() {
                let found = both.forward(map.clone(), Statistics { mode, sensor }, Activation::Relu);
                let expected = alone[sensor].forward(map.clone(), mode, Activation::Relu);
                assert_eq!(values(found), values(expected), "{mode:?} {sensor}");
            }
        }
        let third = Statistics { mode: Mode::Infer, sensor: 2 };
        let first = alone[0].forward(maps[0].clone(), Mode::Infer, Activation::None);
        assert_eq!(values(both.forward(maps[0].clone(), third, Activation::None)), values(first), "unknown: the first");
    }

    #[test]
    fn a_shared_norm_sees_all_sensors_and_separate_ones_their_own() {
        let device = Device::flex();
        let (streams, maps) =
            (Streams::new(1), vec![wave([1, 2, 2, 2], 0.3, &device), wave([1, 2, 2, 2], 1.3, &device)]);
        let bank = |copies| NormBank::new(2, copies, NormFamily::TORCH, &Init::new(&streams, &device));
        let run = |bank: &NormBank| bank.forward(maps.clone(), &[0, 1], Mode::Train, Activation::None);
        let single = BatchNorm::new(2, NormFamily::TORCH, &device);
        let own: Vec<_> =
            maps.iter().map(|map| values(single.forward(map.clone(), Mode::Train, Activation::None))).collect();
        assert_eq!(run(&bank(2)).into_iter().map(values).collect::<Vec<_>>(), own);
        let joined = values(single.forward(Tensor::cat(maps.clone(), 0), Mode::Train, Activation::None));
        assert_eq!(run(&bank(1)).into_iter().flat_map(values).collect::<Vec<_>>(), joined);
    }
}
