//! One layout on its way: an engine, a schedule, and how far it is.

use std::sync::Arc;

use super::engine::{Engine, Stats};
use super::error::EmbeddingError;
use super::graph::Graph;
use super::schedule::Schedule;

/// Iterations between two looks at whether the layout has come to rest, counted from the first, so that a run ends at
/// the same place however it is cut.
const LOOK_EVERY: u32 = 50;
/// A layout rests where its mean step is below this share of its radius over [`LOOK_EVERY`] iterations.
const AT_REST: f64 = 1e-3;

/// Takes a layout through its schedule.
pub struct Optimiser {
    engine: Box<dyn Engine>,
    schedule: Schedule,
    iteration: u32,
    was_calm: bool,
    is_at_rest: bool,
    /// An exaggeration that replaces the schedule's.
    exaggeration: Option<f32>,
}

impl Optimiser {
    /// Begins at some places.
    pub fn new(
        mut engine: Box<dyn Engine>,
        graph: Arc<Graph>,
        places: &[[f32; 2]],
        schedule: Schedule,
    ) -> Result<Self, EmbeddingError> {
        engine.begin(graph, places)?;
        Ok(Self { engine, schedule, iteration: 0, was_calm: false, is_at_rest: false, exaggeration: None })
    }

    /// Iterations done.
    pub fn iteration(&self) -> u32 {
        self.iteration
    }

    /// Iterations in all.
    pub fn iterations(&self) -> u32 {
        self.schedule.iterations
    }

    /// Whether nothing is left to do. One point has nowhere to go.
    pub fn is_done(&self) -> bool {
        self.iteration >= self.schedule.iterations || self.is_at_rest || self.schedule.count < 2
    }

    /// At most `most` iterations, and how the layout stands then.
    pub fn advance(&mut self, most: u32) -> Result<Option<Stats>, EmbeddingError> {
        if self.is_done() || most == 0 {
            return Ok(None);
        }
        let look = (self.iteration / LOOK_EVERY + 1) * LOOK_EVERY;
        let end = (self.iteration + most).min(look).min(self.schedule.iterations);
        let steps: Vec<_> = (self.iteration..end)
            .map(|iteration| match self.exaggeration {
                Some(exaggeration) => self.schedule.step_with(exaggeration),
                None => self.schedule.step(iteration),
            })
            .collect();
        let stats = self.engine.iterate(&steps, end == look || end == self.schedule.iterations)?;
        self.iteration = end;
        if !(stats.radius.is_finite() && stats.mean_step.is_finite()) {
            return Err(EmbeddingError::Diverged { iteration: end });
        }
        if end == look {
            let is_calm =
                end > self.schedule.exaggerated + self.schedule.ramp && stats.mean_step < AT_REST * stats.radius;
            self.is_at_rest = self.schedule.stops_early && is_calm && self.was_calm;
            self.was_calm = is_calm;
        }
        Ok(Some(stats))
    }

    /// Goes on with other affinities of the same points.
    pub fn change_graph(&mut self, graph: Arc<Graph>) -> Result<(), EmbeddingError> {
        self.is_at_rest = false;
        self.engine.change_graph(graph)
    }

    /// Holds the exaggeration at a value; `None` gives it back to the schedule.
    pub fn change_exaggeration(&mut self, exaggeration: Option<f32>) {
        self.exaggeration = exaggeration;
        self.is_at_rest = false;
    }

    /// Adds iterations to the schedule.
    pub fn extend(&mut self, iterations: u32) {
        self.schedule.iterations = self.schedule.iterations.max(self.iteration) + iterations;
        self.is_at_rest = false;
    }

    /// Where the points are.
    pub fn layout(&mut self) -> Result<Vec<[f32; 2]>, EmbeddingError> {
        self.engine.layout()
    }

    /// The divergence of the layout as it stands, over all pairs.
    pub fn divergence(&mut self) -> Result<f64, EmbeddingError> {
        self.engine.divergence()
    }

    /// The device in words.
    pub fn words(&self) -> String {
        self.engine.words()
    }

    /// Gives the engine back for another layout.
    pub fn into_engine(self) -> Box<dyn Engine> {
        self.engine
    }
}
