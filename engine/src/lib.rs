//! The engine of Fusionscope: trains, evaluates and takes apart multi-modal segmentation networks.
//!
//! The invariant of this crate: it never draws. What it has to say leaves it as plain data (see [`protocol`]), and
//! everything random in it follows from one seed (see [`random`]).

pub mod data;
pub mod description;
pub mod device;
pub mod embedding;
pub mod evaluation;
pub mod failure;
#[cfg(any(test, feature = "fixtures"))]
#[doc(hidden)]
pub mod fixtures;
pub mod inspection;
pub mod kernels;
pub mod network;
pub mod objective;
pub mod progress;
pub mod protocol;
pub mod random;
pub mod recipe;
pub mod session;
pub mod stopwatch;
pub mod tally;
pub mod training;
