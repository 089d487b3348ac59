//! One step's gradients by group, and their norm.

use burn::tensor::{Tensor, TensorData};

use super::error::OptimiserError;
use super::walk::Entry;
use crate::kernels;
use crate::readback;

/// The parameters of a step that have a gradient, by group.
pub(in crate::training) struct Gathered {
    pub(super) by_group: Vec<Vec<Entry>>,
    /// One a group.
    squares: Vec<Square>,
}

/// The sum of the squares of a group's gradients.
enum Square {
    /// By the CPU's kernel.
    Known(f64),
    /// What adds up to it, on a device that must be waited for.
    Asked(Box<Tensor<1>>),
}

impl Gathered {
    pub(super) fn new(by_group: Vec<Vec<Entry>>) -> Self {
        let squares = by_group.iter().map(|entries| {
            let parts: Vec<Tensor<1>> = entries.iter().map(|entry| entry.gradient.clone()).collect();
            let asked = || Square::Asked(Box::new(folded(folded(Tensor::cat(parts.clone(), 0).square()))));
            kernels::sum_of_squares(&parts).map_or_else(asked, Square::Known)
        });
        Self { squares: squares.collect(), by_group }
    }

    /// What is to be read before the update; nothing where the CPU's kernels work.
    pub(in crate::training) fn asked(&self) -> impl Iterator<Item = Tensor<1>> {
        self.squares.iter().filter_map(|square| match square {
            Square::Known(_) => None,
            Square::Asked(sum) => Some(Tensor::clone(sum)),
        })
    }

    /// The norm of the whole gradient, once that is read.
    pub(super) fn norm(&self, read: Vec<TensorData>) -> Result<f64, OptimiserError> {
        // What could not be read is no number, rather than 0.
        let sum = |numbers: Vec<f32>| {
            if numbers.is_empty() { f64::NAN } else { numbers.into_iter().map(f64::from).sum() }
        };
        let mut read = read.into_iter().map(|data| sum(readback::floats(data)));
        let of = |square: &Square| match square {
            Square::Known(square) => *square,
            Square::Asked(_) => read.next().unwrap_or(f64::NAN),
        };
        let square: f64 = self.squares.iter().map(of).sum();
        if square.is_finite() {
            return Ok(square.sqrt());
        }
        // Either a gradient is not finite, or squares of finite ones are too large for single precision.
        let mut square = 0.0;
        for Entry { slot, gradient, .. } in self.by_group.iter().flatten() {
            for value in readback::numbers(gradient.clone()) {
                if !value.is_finite() {
                    return Err(OptimiserError::NotFinite { name: slot.name.clone() });
                }
                square += f64::from(value) * f64::from(value);
            }
        }
        Ok(square.sqrt())
    }
}

/// Numbers that one sum on a device takes.
const FOLD: usize = 1024;

/// The sums of as many numbers behind each other as a device adds up well. Some kernels have one unit add up all that a
/// sum has, in single precision: of half a million squares, the small ones behind a few large ones are lost.
fn folded(numbers: Tensor<1>) -> Tensor<1> {
    let [count] = numbers.dims();
    let rows = count.div_ceil(FOLD);
    let numbers = match rows * FOLD - count {
        0 => numbers,
        behind => {
            let zeros = Tensor::zeros([behind], &numbers.device());
            Tensor::cat(vec![numbers, zeros], 0)
        }
    };
    numbers.reshape([rows, FOLD]).sum_dim(1).reshape([rows])
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    #[test]
    fn folding_keeps_the_sum_of_numbers_that_fill_no_row() {
        for count in [1, FOLD, FOLD + 1, 3 * FOLD * FOLD + 5] {
            let numbers: Vec<f32> = (0..count).map(|at| (at % 7) as f32).collect();
            let exact: f64 = numbers.iter().map(|&number| f64::from(number)).sum();
            let folded = folded(folded(Tensor::from_data(TensorData::new(numbers, [count]), &Device::flex())));
            assert_eq!(folded.dims(), [count.div_ceil(FOLD).div_ceil(FOLD)]);
            let sum: f64 = readback::numbers(folded).into_iter().map(f64::from).sum();
            assert_eq!(sum, exact, "{count} numbers");
        }
    }
}
