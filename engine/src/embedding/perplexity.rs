//! Perplexity: how sharply each point looks at its neighbours.

use rayon::prelude::*;

use super::nearest::Neighbours;

/// Neighbours taken for a perplexity: three times as many, as all accelerated t-SNE do.
const NEAR_FOR_PERPLEXITY: f32 = 3.0;

/// How far the entropy may be off, in nats.
const TOLERANCE: f64 = 1e-5;
const MAX_STEPS: usize = 60;

/// Neighbours that a perplexity asks for among `count` points.
pub fn neighbours_for(perplexity: f32, count: usize) -> usize {
    ((NEAR_FOR_PERPLEXITY * perplexity) as usize).clamp(1, count.saturating_sub(1).max(1))
}

/// The perplexity that `count` points allow: with fewer points than it asks for, a third of what there is.
pub fn allowed(perplexity: f32, count: usize) -> f32 {
    perplexity.min(count.saturating_sub(1) as f32 / NEAR_FOR_PERPLEXITY).max(1.0)
}

/// Conditional affinities `p_{j|i}` of every point's first `near` neighbours, `[points, near]`, whose entropy is the
/// logarithm of the perplexity (van der Maaten & Hinton 2008, section 2).
pub fn conditional(neighbours: &Neighbours, near: usize, perplexity: f32) -> Vec<f32> {
    let near = near.min(neighbours.near());
    let mut affinities = vec![0.0_f32; neighbours.count() * near];
    if near == 0 {
        return affinities;
    }
    let target = f64::from(perplexity).ln();
    affinities.par_chunks_mut(near).with_min_len(64).enumerate().for_each(|(point, row)| {
        calibrate(&neighbours.of(point).1[..near], target, row);
    });
    affinities
}

/// exp(−β·square), normalised, with β such that the entropy is `target`; even where all distances are the same.
fn calibrate(squares: &[f32], target: f64, into: &mut [f32]) {
    // The nearest comes first: without its square the largest exponential is 1, and none underflows together.
    let nearest = squares[0];
    let mean = squares.iter().map(|square| f64::from(square - nearest)).sum::<f64>() / squares.len() as f64;
    if mean <= 0.0 {
        into.fill(1.0 / squares.len() as f32);
        return;
    }
    let (mut low, mut high) = (0.0_f64, f64::INFINITY);
    let mut beta = 1.0 / mean;
    for _ in 0..MAX_STEPS {
        let (mut sum, mut first, mut second) = (0.0_f64, 0.0_f64, 0.0_f64);
        for &square in squares {
            let distance = f64::from(square - nearest);
            let value = f64::from((-beta * distance).max(-87.0) as f32).exp();
            sum += value;
            first += value * distance;
            second += value * distance * distance;
        }
        let mean = first / sum;
        let entropy = sum.ln() + beta * mean;
        if (entropy - target).abs() < TOLERANCE {
            break;
        }
        if entropy > target {
            low = beta;
        } else {
            high = beta;
        }
        // dH/dβ = −β·variance; Newton's step where it stays between the bounds, else the middle.
        let variance = second / sum - mean * mean;
        let newton = beta + (entropy - target) / (beta * variance);
        beta = if newton > low && newton < high {
            newton
        } else if high.is_finite() {
            0.5 * (low + high)
        } else {
            2.0 * beta
        };
    }
    let mut sum = 0.0;
    for (into, square) in into.iter_mut().zip(squares) {
        *into = (-beta * f64::from(square - nearest)).exp() as f32;
        sum += f64::from(*into);
    }
    for value in into.iter_mut() {
        *value = (f64::from(*value) / sum) as f32;
    }
}
