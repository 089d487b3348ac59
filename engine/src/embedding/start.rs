//! Where points start.

use rand::Rng as _;

use super::error::EmbeddingError;
use super::pca::Pca;
use super::points::Points;
use crate::random::Streams;

/// The spread of a start: almost one point, so that the first iterations sort freely.
const SPREAD: f64 = 1e-4;

/// Where the points of a layout start.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Start {
    /// At their first two principal components, scaled to a standard deviation of 1e-4 (Kobak & Berens 2019).
    #[default]
    Pca,
    /// At normally distributed places of that spread.
    Random,
    /// At given places, unscaled.
    Given(Vec<[f32; 2]>),
}

impl Start {
    /// The places, one for each point.
    pub fn places(&self, points: &Points, seed: u64) -> Result<Vec<[f32; 2]>, EmbeddingError> {
        let count = points.count();
        match self {
            Self::Given(places) => {
                if places.len() != count {
                    return Err(EmbeddingError::OtherCount { expected: count, found: places.len() });
                }
                let bad = places.iter().position(|place| !place.iter().all(|part| part.is_finite()));
                bad.map_or_else(|| Ok(places.clone()), |point| Err(EmbeddingError::BadStart { point }))
            }
            Self::Random => Ok(random(count, seed)),
            Self::Pca => {
                let mut places = projection(points)?;
                let spread = |axis: usize| {
                    (places.iter().map(|place| f64::from(place[axis]).powi(2)).sum::<f64>() / count as f64).sqrt()
                };
                let spreads = [spread(0), spread(1)];
                let noise = random(count, seed);
                let scale = if spreads[0] > 0.0 { SPREAD / spreads[0] } else { 0.0 };
                for (place, noise) in places.iter_mut().zip(noise) {
                    for axis in 0..2 {
                        // Points on a line, or all in one place, need a second direction from somewhere.
                        let is_flat = spreads[axis] <= 1e-6 * spreads[0];
                        place[axis] = if is_flat { noise[axis] } else { (f64::from(place[axis]) * scale) as f32 };
                    }
                }
                Ok(places)
            }
        }
    }
}

/// The first two principal components, unscaled and around the origin; the second is 0 for points of one column.
pub fn projection(points: &Points) -> Result<Vec<[f32; 2]>, EmbeddingError> {
    let projected = Pca::fit(points, 2).project(points)?;
    let place = |row: &[f32]| [row[0], row.get(1).copied().unwrap_or(0.0)];
    Ok(projected.numbers().chunks_exact(projected.width()).map(place).collect())
}

/// Normally distributed places from the stream `embedding`.
fn random(count: usize, seed: u64) -> Vec<[f32; 2]> {
    let mut stream = Streams::new(seed).stream("embedding", 0);
    let mut unit = || (f64::from(stream.next_u32()) + 0.5) / 2.0_f64.powi(32);
    let place = |_| {
        // Box and Muller's pair.
        let (length, turn) = ((-2.0 * unit().ln()).sqrt(), std::f64::consts::TAU * unit());
        [turn.cos(), turn.sin()].map(|part| (SPREAD * length * part) as f32)
    };
    (0..count).map(place).collect()
}
