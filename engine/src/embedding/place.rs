//! Points that were not there when the layout was made: they find their place among it, and move none of it.

use rayon::prelude::*;

use super::cpu::{Resting, attraction};
use super::error::EmbeddingError;
use super::nearest::Neighbours;
use super::perplexity::conditional;
use super::points::Points;

/// Anchors whose middle is a point's first place.
const NEAR: usize = 25;
/// openTSNE's settings for new points.
const PERPLEXITY: f32 = 5.0;
const EXAGGERATION: f32 = 1.5;
const RATE: f32 = 0.1;
const LONGEST_GRADIENT: f32 = 0.25;
const MOMENTUM: f32 = 0.8;
const ITERATIONS: usize = 250;

/// How carefully new points are placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placing {
    /// At the median of the nearest anchors: enough for colouring whole images.
    #[default]
    Median,
    /// From there by t-SNE's own forces against the frozen anchors.
    Refined,
}

/// Places for `queries` in a layout of `anchors`, both with the same columns (Poličar, Stražar & Zupan 2023).
pub fn place(
    anchors: &Points,
    layout: &[[f32; 2]],
    queries: &Points,
    placing: Placing,
) -> Result<Vec<[f32; 2]>, EmbeddingError> {
    if layout.len() != anchors.count() {
        return Err(EmbeddingError::OtherCount { expected: anchors.count(), found: layout.len() });
    }
    if queries.width() != anchors.width() {
        return Err(EmbeddingError::Ragged { width: anchors.width(), numbers: queries.numbers().len() });
    }
    let neighbours = Neighbours::of_queries(anchors, queries, NEAR);
    let start = |query: usize| {
        let near = neighbours.of(query).0;
        [0, 1].map(|axis| median(near.iter().map(|&anchor| layout[anchor as usize][axis]).collect()))
    };
    let starts = (0..queries.count()).map(start);
    if placing == Placing::Median {
        return Ok(starts.collect());
    }
    let used = ((3.0 * PERPLEXITY) as usize).min(neighbours.near());
    let affinities = conditional(&neighbours, used, PERPLEXITY.min(used as f32 / 3.0).max(1.0));
    let resting = Resting::new(layout);
    let starts: Vec<[f32; 2]> = starts.collect();
    let refined =
        starts.into_par_iter().zip(affinities.par_chunks(used)).enumerate().map(|(query, (start, weights))| {
            let near = &neighbours.of(query).0[..used];
            refine(start, near, weights, layout, &resting)
        });
    Ok(refined.collect())
}

fn refine(start: [f32; 2], near: &[u32], weights: &[f32], layout: &[[f32; 2]], resting: &Resting) -> [f32; 2] {
    let (mut place, mut velocity) = (start, [0.0_f32; 2]);
    for _ in 0..ITERATIONS {
        let (push, share) = resting.push(place);
        let pull = attraction(place, near, weights, layout);
        let mut gradient = [0, 1].map(|axis| EXAGGERATION * pull[axis] - push[axis] / share.max(f32::MIN_POSITIVE));
        let length = gradient[0].hypot(gradient[1]);
        if length > LONGEST_GRADIENT {
            gradient = gradient.map(|part| part * (LONGEST_GRADIENT / length));
        }
        velocity = [0, 1].map(|axis| MOMENTUM * velocity[axis] - RATE * gradient[axis]);
        place = [0, 1].map(|axis| place[axis] + velocity[axis]);
    }
    place
}

fn median(mut values: Vec<f32>) -> f32 {
    values.sort_unstable_by(f32::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) { f32::midpoint(values[middle - 1], values[middle]) } else { values[middle] }
}
