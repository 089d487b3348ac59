//! What optimises a layout: one small trait for all devices.

use std::sync::Arc;

use super::error::EmbeddingError;
use super::graph::Graph;
use super::schedule::Step;

/// How a layout stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// The Kullback–Leibler divergence of the layout before the last iteration, in nats, without exaggeration; where
    /// repulsion is approximate, so is this. `None` where it was not asked for and costs something.
    pub divergence: Option<f64>,
    /// The mean length of the last step.
    pub mean_step: f64,
    /// The root mean square distance from the middle.
    pub radius: f64,
}

/// Optimises a layout on some device.
pub trait Engine: Send {
    /// The device in words.
    fn words(&self) -> String;

    /// Starts over from a layout, at rest and with all gains 1.
    fn begin(&mut self, graph: Arc<Graph>, layout: &[[f32; 2]]) -> Result<(), EmbeddingError>;

    /// Takes other affinities of the same points, and keeps places, velocities and gains.
    fn change_graph(&mut self, graph: Arc<Graph>) -> Result<(), EmbeddingError>;

    /// Iterations, one for each step, and how the layout stands then; with its divergence where it `measures`.
    fn iterate(&mut self, steps: &[Step], measures: bool) -> Result<Stats, EmbeddingError>;

    /// The divergence of the layout as it stands, in nats, over all pairs.
    fn divergence(&mut self) -> Result<f64, EmbeddingError>;

    /// Where the points are.
    fn layout(&mut self) -> Result<Vec<[f32; 2]>, EmbeddingError>;
}
