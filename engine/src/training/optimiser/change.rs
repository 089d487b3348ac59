//! The rules by which gradients become changes: once as tensor operations, once in place on the CPU.

use burn::tensor::{DType, Device, Tensor, TensorData};
use rayon::prelude::*;

/// As in PyTorch: keeps AdamW's quotient finite.
const EPSILON: f64 = 1e-8;
/// AdamW's β₂.
const SECOND_DECAY: f64 = 0.999;
/// Numbers that one thread works on at a time; fixed, so that sums do not depend on the number of threads.
const CHUNK: usize = 1 << 15;

/// How gradients become changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rule {
    Sgd { momentum: f64, nesterov: bool },
    AdamW { first_decay: f64 },
}

impl Rule {
    /// What the moments are called in a saved state.
    pub(super) fn moments(self) -> &'static [&'static str] {
        match self {
            Self::Sgd { momentum: 0.0, .. } => &[],
            Self::Sgd { .. } => &["momentum"],
            Self::AdamW { .. } => &["first", "second"],
        }
    }
}

/// One group's update, the same on host and device.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) rule: Rule,
    /// What clipping leaves of the gradient.
    pub(super) scale: f64,
    pub(super) rate: f64,
    pub(super) decay: f64,
    /// Updates including this one.
    pub(super) steps: u64,
}

impl Change {
    /// AdamW's corrections of moments that began at zero: the rate by the first, the root of the second.
    fn corrections(self, first_decay: f64) -> (f64, f64) {
        let steps = self.steps as f64;
        (self.rate / (1.0 - first_decay.powf(steps)), (1.0 - SECOND_DECAY.powf(steps)).sqrt())
    }

    /// By tensor operations. SGD's first buffer is the gradient itself, which is what a buffer of zeros gives.
    pub(super) fn on_device(
        self,
        value: Tensor<1>,
        gradient: Tensor<1>,
        moments: Vec<Tensor<1>>,
    ) -> (Tensor<1>, Vec<Tensor<1>>) {
        let Self { rule, scale, rate, decay, .. } = self;
        let gradient = if scale < 1.0 { gradient * scale } else { gradient };
        let mut moments = moments.into_iter();
        match (rule, moments.next(), moments.next()) {
            (Rule::AdamW { first_decay }, Some(first), Some(second)) => {
                let (rate, root) = self.corrections(first_decay);
                let value = if decay == 0.0 { value } else { value * (1.0 - self.rate * decay) };
                let first = first * first_decay + gradient.clone() * (1.0 - first_decay);
                let second = second * SECOND_DECAY + gradient.square() * (1.0 - SECOND_DECAY);
                let value = value - first.clone() / (second.clone().sqrt() / root + EPSILON) * rate;
                (value, vec![first, second])
            }
            (rule, buffer, _) => {
                let gradient = if decay == 0.0 { gradient } else { gradient + value.clone() * decay };
                let (Rule::Sgd { momentum, nesterov }, Some(buffer)) = (rule, buffer) else {
                    return (value - gradient * rate, Vec::new());
                };
                let buffer = buffer * momentum + gradient.clone();
                let direction = if nesterov { gradient + buffer.clone() * momentum } else { buffer.clone() };
                (value - direction * rate, vec![buffer])
            }
        }
    }

    /// In place and in one pass, in parallel over [`CHUNK`]s.
    pub(super) fn on_host(
        self,
        value: Tensor<1>,
        gradient: Tensor<1>,
        moments: Vec<Tensor<1>>,
    ) -> (Tensor<1>, Vec<Tensor<1>>) {
        let device = value.device();
        let (mut values, gradients) = (value.into_data(), gradient.into_data());
        let mut moments: Vec<TensorData> = moments.into_iter().map(Tensor::into_data).collect();
        {
            let mut slices = moments.iter_mut().map(|data| data.as_mut_slice::<f32>().unwrap_or_default());
            let (first, second) = (slices.next(), slices.next());
            let values = values.as_mut_slice::<f32>().unwrap_or_default().par_chunks_mut(CHUNK);
            let pairs = values.zip(gradients.as_slice::<f32>().unwrap_or_default().par_chunks(CHUNK));
            match (first, second) {
                (Some(first), Some(second)) => pairs
                    .zip(first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK)))
                    .for_each(|((values, gradients), (first, second))| self.adamw(values, gradients, first, second)),
                (Some(buffer), None) => pairs
                    .zip(buffer.par_chunks_mut(CHUNK))
                    .for_each(|((values, gradients), buffer)| self.sgd(values, gradients, buffer)),
                _ => pairs.for_each(|(values, gradients)| self.plain_sgd(values, gradients)),
            }
        }
        let moments = moments.into_iter().map(|data| Tensor::from_data(data, &device)).collect();
        (Tensor::from_data(values, &device), moments)
    }

    fn adamw(self, values: &mut [f32], gradients: &[f32], first: &mut [f32], second: &mut [f32]) {
        let Rule::AdamW { first_decay } = self.rule else { return };
        let (rate, root) = self.corrections(first_decay);
        let (scale, kept) = (self.scale as f32, (1.0 - self.rate * self.decay) as f32);
        let (rate, inverse_root, epsilon) = (rate as f32, root.recip() as f32, EPSILON as f32);
        let (old_first, new_first) = (first_decay as f32, (1.0 - first_decay) as f32);
        let (old_second, new_second) = (SECOND_DECAY as f32, (1.0 - SECOND_DECAY) as f32);
        for ((value, gradient), (first, second)) in values.iter_mut().zip(gradients).zip(first.iter_mut().zip(second)) {
            let gradient = gradient * scale;
            *first = *first * old_first + gradient * new_first;
            *second = *second * old_second + gradient * gradient * new_second;
            *value = *value * kept - rate * *first / (second.sqrt() * inverse_root + epsilon);
        }
    }

    fn sgd(self, values: &mut [f32], gradients: &[f32], buffer: &mut [f32]) {
        let Rule::Sgd { momentum, nesterov } = self.rule else { return };
        let (scale, decay, rate, momentum) = (self.scale as f32, self.decay as f32, self.rate as f32, momentum as f32);
        // Nesterov's direction is gradient + momentum · buffer, the plain one the buffer.
        let (of_gradient, of_buffer) = if nesterov { (1.0, momentum) } else { (0.0, 1.0) };
        for ((value, gradient), buffer) in values.iter_mut().zip(gradients).zip(buffer) {
            let gradient = gradient * scale + *value * decay;
            *buffer = *buffer * momentum + gradient;
            *value -= rate * (gradient * of_gradient + *buffer * of_buffer);
        }
    }

    fn plain_sgd(self, values: &mut [f32], gradients: &[f32]) {
        let (scale, decay, rate) = (self.scale as f32, self.decay as f32, self.rate as f32);
        for (value, gradient) in values.iter_mut().zip(gradients) {
            *value -= rate * (gradient * scale + *value * decay);
        }
    }
}

/// Whether a tensor's numbers can be worked on where they lie.
pub(super) fn on_host(flat: &Tensor<1>) -> bool {
    flat.device() == Device::flex() && flat.dtype() == DType::F32
}

/// The sum of a flat tensor's squares, and the tensor again. On the CPU in double precision, by chunks in their order.
pub(super) fn sum_of_squares(flat: Tensor<1>) -> (f64, Tensor<1>) {
    let device = flat.device();
    if !on_host(&flat) {
        return (f64::from(flat.clone().square().sum().into_scalar::<f32>()), flat);
    }
    let data = flat.into_data();
    let sums: Vec<f64> = data
        .as_slice::<f32>()
        .unwrap_or_default()
        .par_chunks(CHUNK)
        .map(|chunk| chunk.iter().map(|&value| f64::from(value) * f64::from(value)).sum())
        .collect();
    (sums.iter().sum(), Tensor::from_data(data, &device))
}
