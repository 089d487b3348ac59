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
    /// `[1]`, on a device that must be waited for.
    Asked(Box<Tensor<1>>),
}

impl Gathered {
    pub(super) fn new(by_group: Vec<Vec<Entry>>) -> Self {
        let squares = by_group.iter().map(|entries| {
            let parts: Vec<Tensor<1>> = entries.iter().map(|entry| entry.gradient.clone()).collect();
            let asked = || Square::Asked(Box::new(Tensor::cat(parts.clone(), 0).square().sum()));
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
        let mut read = read.into_iter().map(|data| readback::floats(data).first().copied().unwrap_or(f32::NAN));
        let of = |square: &Square| match square {
            Square::Known(square) => *square,
            Square::Asked(_) => f64::from(read.next().unwrap_or(f32::NAN)),
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
