//! What a worker can be asked to lay out.

use std::sync::Arc;

use super::points::Points;
use super::start::Start;
use crate::device::DeviceChoice;

/// What is laid out, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// The points. The same sample in every epoch, or a warm start makes no sense.
    pub points: Arc<Points>,
    /// Where to compute.
    pub device: DeviceChoice,
    /// The perplexity to begin with.
    pub perplexity: f32,
    /// The largest perplexity that may be asked for later: neighbours are sought once.
    pub largest_perplexity: f32,
    /// From scratch, or on from an earlier layout.
    pub course: Course,
    /// What random places follow from.
    pub seed: u64,
    /// Whether it ends where the layout has come to rest.
    pub stops_early: bool,
}

/// How a layout begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Course {
    /// From almost one point.
    Fresh {
        /// Iterations, of which a quarter, at most 250, are exaggerated.
        iterations: u32,
        /// The places.
        start: Start,
    },
    /// From the layout of the same points a few training steps earlier: 250 iterations, of which 100 are mildly
    /// exaggerated.
    Warm {
        /// That layout.
        layout: Arc<Vec<[f32; 2]>>,
    },
}
