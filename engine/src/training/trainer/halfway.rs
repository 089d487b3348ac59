//! A step between its two halves.

use crate::data::Batch;
use crate::network::Training;
use crate::objective::Terms;
use crate::recipe::catalogue::training::Precision;
use crate::stopwatch::Span;

/// A step as far as its losses: what its backward pass begins with, and what it took until there.
pub(super) struct Halfway {
    pub(super) batch: Batch,
    pub(super) terms: Terms,
    pub(super) training: Training,
    pub(super) precision: Precision,
    pub(super) secs: f64,
    pub(super) spans: Vec<Span>,
}
