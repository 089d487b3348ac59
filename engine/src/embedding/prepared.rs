//! What is computed once for some points, whatever is tried with them afterwards.

use super::error::EmbeddingError;
use super::graph::Graph;
use super::nearest::{Neighbours, Report};
use super::pca::reduced;
use super::perplexity::{allowed, conditional, neighbours_for};
use super::points::Points;

/// Points in as many columns as t-SNE works on, and their neighbours.
#[derive(Clone, Debug)]
pub struct Prepared {
    points: Points,
    neighbours: Neighbours,
}

impl Prepared {
    /// Reduces the points and finds the neighbours that the largest perplexity asks for.
    ///
    /// `report` hears how many points have their neighbours, and may cancel the search.
    pub fn new(points: &Points, largest_perplexity: f32, report: &Report<'_>) -> Result<Self, EmbeddingError> {
        Self::unreduced(&reduced(points)?, largest_perplexity, report)
    }

    /// The same with all columns, however wide the points are and however long it takes.
    pub fn unreduced(points: &Points, largest_perplexity: f32, report: &Report<'_>) -> Result<Self, EmbeddingError> {
        check(largest_perplexity)?;
        let points = points.clone();
        let near = neighbours_for(allowed(largest_perplexity, points.count()), points.count());
        let neighbours = Neighbours::of_points(&points, near, report).ok_or(EmbeddingError::Cancelled)?;
        Ok(Self { points, neighbours })
    }

    /// The reduced points.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// The neighbours of every point.
    pub fn neighbours(&self) -> &Neighbours {
        &self.neighbours
    }

    /// Affinities for a perplexity, at most the largest that was prepared for; and the perplexity that there were
    /// enough points for.
    pub fn graph(&self, perplexity: f32) -> Result<(Graph, f32), EmbeddingError> {
        check(perplexity)?;
        let count = self.points.count();
        // No more than the neighbours that were sought can serve.
        let most = (self.neighbours.near() + 1) as f32 / 3.0;
        let perplexity = allowed(perplexity, count).min(most.max(1.0));
        let near = neighbours_for(perplexity, count).min(self.neighbours.near());
        let affinities = conditional(&self.neighbours, near, perplexity);
        Ok((Graph::from_conditional(&self.neighbours, near, &affinities)?, perplexity))
    }
}

fn check(perplexity: f32) -> Result<(), EmbeddingError> {
    if perplexity.is_finite() && perplexity >= 1.0 {
        Ok(())
    } else {
        Err(EmbeddingError::Perplexity { found: perplexity })
    }
}
