//! An optimiser's step over a group of parameters: one pass over memory, in place of one for each operation.

use std::ops::RangeInclusive;

use burn::tensor::{DType, Tensor, TensorData};
use rayon::prelude::*;

use super::extension::Packed;
use super::lanes;
use super::wide::widely;

/// Numbers that one thread works on at a time; fixed, so that sums do not depend on the number of threads.
const CHUNK: usize = 1 << 15;
/// Squares that are summed side by side.
const LANES: usize = 16;

/// How gradients change parameters, in numbers that hold for one step of one group.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// AdamW with two moments.
    AdamW {
        /// What the gradient is multiplied by: what clipping leaves of it, by the scale of its loss.
        scale: f32,
        /// What decay leaves of the value.
        kept: f32,
        /// The learning rate over the first moment's correction.
        rate: f32,
        /// 1 over the root of the second moment's correction.
        inverse_root: f32,
        /// β₁ and 1 − β₁.
        first: [f32; 2],
        /// β₂ and 1 − β₂.
        second: [f32; 2],
        /// Added to the root of the second moment.
        epsilon: f32,
    },
    /// SGD, with one moment or none.
    Sgd {
        /// What the gradient is multiplied by: what clipping leaves of it, by the scale of its loss.
        scale: f32,
        /// Share of the value that is added to the gradient.
        decay: f32,
        /// The learning rate.
        rate: f32,
        /// Share of the old moment in the new one.
        momentum: f32,
        /// Whether the direction looks one step ahead.
        nesterov: bool,
    },
}

/// A stretch of one parameter: its old and new values, its gradient and its moments.
type Stretch<'a> = (&'a [f32], &'a [f32], &'a mut [f32], &'a mut [f32], &'a mut [f32]);

/// New values of flat tensors with these flat gradients; the moments, each the group's stretches one behind the other,
/// change in place. `None`, and nothing has changed, where the kernels do not work.
///
/// Stops with words, and nothing has changed, where gradients or moments are not as many numbers as the values.
pub fn update(
    rule: Rule,
    values: &[Tensor<1>],
    gradients: &[Tensor<1>],
    moments: &mut [Tensor<1>],
) -> Option<Vec<Tensor<1>>> {
    let values_at: Vec<Packed> = values.iter().map(Packed::of).collect::<Option<_>>()?;
    let gradients_at: Vec<Packed> = gradients.iter().map(Packed::of).collect::<Option<_>>()?;
    let device = values.first()?.device();
    rule.expect(&values_at, &gradients_at, moments);
    let mut held: Vec<TensorData> =
        moments.iter_mut().map(|moment| std::mem::replace(moment, Tensor::empty([0], &device)).into_data()).collect();
    let mut new: Vec<Vec<f32>> = values_at.iter().map(|values| vec![0.0; values.numbers().len()]).collect();
    {
        let mut held = held.iter_mut().map(|data| {
            data.as_mut_slice::<f32>()
                .unwrap_or_else(|error| panic!("an update: expected moments in memory, {error:?}"))
        });
        // A rule without moments changes the values alone.
        let (mut first, mut second) = (held.next().unwrap_or_default(), held.next().unwrap_or_default());
        let mut stretches: Vec<Stretch<'_>> = Vec::new();
        for ((value, gradient), new) in values_at.iter().zip(&gradients_at).zip(&mut new) {
            let pairs = value.numbers().chunks(CHUNK).zip(gradient.numbers().chunks(CHUNK));
            for ((value, gradient), new) in pairs.zip(new.chunks_mut(CHUNK)) {
                let first = first.split_off_mut(..value.len().min(first.len())).unwrap_or_default();
                let second = second.split_off_mut(..value.len().min(second.len())).unwrap_or_default();
                stretches.push((value, gradient, new, first, second));
            }
        }
        stretches.into_par_iter().for_each(|(values, gradients, new, first, second)| {
            widely(
                #[inline(always)]
                || rule.change((values, gradients, &mut *new, &mut *first, &mut *second)),
            );
        });
    }
    for (moment, data) in moments.iter_mut().zip(held) {
        *moment = Tensor::from_data(data, &device);
    }
    let tensor = |numbers: Vec<f32>| {
        let count = numbers.len();
        Tensor::from_data(TensorData::new(numbers, [count]), &device)
    };
    Some(new.into_iter().map(tensor).collect())
}

impl Rule {
    /// How many moments it may keep; a buffer that is not looked at may be left out.
    fn moments(self) -> RangeInclusive<usize> {
        match self {
            Self::AdamW { .. } => 2..=2,
            Self::Sgd { momentum: 0.0, .. } => 0..=1,
            Self::Sgd { .. } => 1..=1,
        }
    }

    /// Stops with words where a step would leave numbers out.
    fn expect(self, values: &[Packed], gradients: &[Packed], moments: &[Tensor<1>]) {
        let counts = |parts: &[Packed]| parts.iter().map(|part| part.numbers().len()).collect::<Vec<_>>();
        let (expected, found) = (counts(values), counts(gradients));
        assert!(found == expected, "an update: expected gradients of {expected:?} numbers, found {found:?}");
        let (expected, found) = (self.moments(), moments.len());
        assert!(expected.contains(&found), "an update: expected {} moments, found {found}", expected.end());
        let expected = counts(values).iter().sum::<usize>();
        for moment in moments {
            let ([found], kind) = (moment.dims(), moment.dtype());
            assert!(
                found == expected && kind == DType::F32,
                "an update: expected moments of {expected} numbers of type {:?}, found {found} of {kind:?}",
                DType::F32
            );
        }
    }

    #[inline(always)]
    fn change(self, (values, gradients, new, first, second): Stretch<'_>) {
        let pairs = new.iter_mut().zip(values).zip(gradients);
        match self {
            Self::AdamW { scale, kept, rate, inverse_root, first: first_shares, second: second_shares, epsilon } => {
                for (((new, value), gradient), (first, second)) in pairs.zip(first.iter_mut().zip(second)) {
                    let gradient = gradient * scale;
                    *first = *first * first_shares[0] + gradient * first_shares[1];
                    *second = *second * second_shares[0] + gradient * gradient * second_shares[1];
                    *new = value * kept - rate * *first / (second.sqrt() * inverse_root + epsilon);
                }
            }
            Self::Sgd { scale, decay, rate, .. } if first.is_empty() => {
                for ((new, value), gradient) in pairs {
                    *new = value - rate * (gradient * scale + value * decay);
                }
            }
            Self::Sgd { scale, decay, rate, momentum, nesterov } => {
                // Nesterov's direction is gradient + momentum · buffer, the plain one the buffer.
                let (of_gradient, of_buffer) = if nesterov { (1.0, momentum) } else { (0.0, 1.0) };
                for (((new, value), gradient), buffer) in pairs.zip(first) {
                    let gradient = gradient * scale + value * decay;
                    *buffer = *buffer * momentum + gradient;
                    *new = value - rate * (gradient * of_gradient + *buffer * of_buffer);
                }
            }
        }
    }
}

/// The sum of all squares in double precision, by stretches in their order; `None` where the kernels do not work.
pub fn sum_of_squares(parts: &[Tensor<1>]) -> Option<f64> {
    let parts: Vec<Packed> = parts.iter().map(Packed::of).collect::<Option<_>>()?;
    let stretches: Vec<&[f32]> = parts.iter().flat_map(|part| part.numbers().chunks(CHUNK)).collect();
    let sums: Vec<f64> = stretches
        .into_par_iter()
        .map(|stretch| {
            widely(
                #[inline(always)]
                || squares(stretch),
            )
        })
        .collect();
    Some(sums.iter().sum())
}

#[inline(always)]
fn squares(numbers: &[f32]) -> f64 {
    let mut sums = [0.0_f64; LANES];
    let (whole, rest) = numbers.as_chunks::<LANES>();
    for numbers in whole {
        for lane in 0..LANES {
            sums[lane] += f64::from(numbers[lane]) * f64::from(numbers[lane]);
        }
    }
    for (sum, number) in sums.iter_mut().zip(rest) {
        *sum += f64::from(*number) * f64::from(*number);
    }
    lanes::sum(sums)
}
