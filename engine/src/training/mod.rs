//! The loop, the optimiser, schedules, checkpoints and run folders.

mod optimiser;
mod schedule;

pub use self::optimiser::{Optimiser, OptimiserError};
pub use self::schedule::learning_rate_at;
