//! Sums for what a confusion matrix does not hold: contours, calibration and ranking.
//!
//! All of them are whole numbers, so that they are the same in any order and on any number of threads, and none grows
//! with the number of scenes.

mod boundary;
mod precision;
mod reliability;
mod sums;

pub(super) use self::sums::{FurtherBudget, FurtherSums};
