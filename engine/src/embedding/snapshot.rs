//! Where a layout stands, as a worker shows it.

use std::sync::Arc;

use crate::failure::Failure;

/// What the worker is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stage {
    /// Nothing was asked for, or it was cancelled.
    #[default]
    Idle,
    /// Looking for neighbours.
    Preparing {
        /// Points that have theirs.
        done: usize,
        /// All points.
        total: usize,
    },
    /// Iterating.
    Running,
    /// Told to wait.
    Paused,
    /// All iterations are done.
    Done,
    /// It cannot be done.
    Failed(Failure),
}

/// Where a layout stands.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Which request it answers, counted from 1.
    pub request: u64,
    /// What the worker is about.
    pub stage: Stage,
    /// The places, around the origin: at first the principal components, then the layout.
    pub layout: Arc<Vec<[f32; 2]>>,
    /// Whether the places are principal components still.
    pub is_projection: bool,
    /// Iterations done.
    pub iteration: u32,
    /// Iterations in all.
    pub iterations: u32,
    /// The divergence after some iterations, in order, in nats.
    pub divergences: Arc<Vec<(u32, f64)>>,
    /// The perplexity, after it was fitted to the number of points.
    pub perplexity: f32,
    /// The device in words; empty until there is one.
    pub device: String,
}
