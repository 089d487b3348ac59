//! Principal components: fewer columns before neighbours are sought, a start for t-SNE, and a projection in its own
//! right.

use rayon::prelude::*;

use super::eigen;
use super::error::EmbeddingError;
use super::points::Points;
use crate::kernels::{column_products, row_products};

/// Points of at most so many columns are never reduced.
const WIDE: usize = 64;
/// Columns that wide points are brought to.
const REDUCED: usize = 50;
/// Multiplications that the distances between all points may cost before wide points are reduced: a second or two on a
/// core.
///
/// Below, all columns are kept: noise in the dropped ones belongs to the distances too, and without it the layout of
/// 5,000 points of 256 columns fits them worse (a divergence of 1.05 where 1.00 can be had).
const AFFORDABLE: f64 = 1e11;
/// Rows whose products are added up together.
const ROWS: usize = 512;

/// Directions of the largest variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    mean: Vec<f64>,
    /// What numbers are multiplied with while they are worked on.
    scale: f64,
    /// One a row, `[components, width]`.
    directions: Vec<f32>,
    variances: Vec<f64>,
}

impl Pca {
    /// The first `components` directions of some points; fewer where the points have fewer columns.
    ///
    /// Every direction's sign is such that its largest part is positive.
    pub fn fit(points: &Points, components: usize) -> Self {
        let width = points.width();
        let (mean, scale) = (points.mean(), points.scale());
        let covariance = covariance(points, &mean, scale);
        let (mut variances, mut vectors) = eigen::symmetric(&covariance, width);
        let kept = components.min(width);
        variances.truncate(kept);
        vectors.truncate(kept);
        let mut directions = Vec::with_capacity(kept * width);
        for vector in &vectors {
            let mut largest = 0.0_f64;
            for &part in vector {
                if part.abs() > largest.abs() * (1.0 + 1e-9) {
                    largest = part;
                }
            }
            let sign = if largest < 0.0 { -1.0 } else { 1.0 };
            directions.extend(vector.iter().map(|part| (sign * part) as f32));
        }
        for variance in &mut variances {
            *variance = variance.max(0.0) / (scale * scale);
        }
        Self { mean, scale, directions, variances }
    }

    /// Turns each direction so that it points with the same one of an earlier fit: frames of a film do not flip.
    pub fn align_signs(&mut self, earlier: &Self) {
        let width = self.mean.len();
        if earlier.mean.len() != width {
            return;
        }
        for (own, other) in self.directions.chunks_exact_mut(width).zip(earlier.directions.chunks_exact(width)) {
            if own.iter().zip(other).map(|(a, b)| a * b).sum::<f32>() < 0.0 {
                for part in own.iter_mut() {
                    *part = -*part;
                }
            }
        }
    }

    /// The variance along each direction, largest first.
    pub fn variances(&self) -> &[f64] {
        &self.variances
    }

    /// Points of the same width in these directions, `[count, components]`.
    pub fn project(&self, points: &Points) -> Result<Points, EmbeddingError> {
        let (width, kept) = (self.mean.len(), self.variances.len());
        if points.width() != width {
            return Err(EmbeddingError::Ragged { width, numbers: points.numbers().len() });
        }
        let mut projected = vec![0.0; points.count() * kept];
        projected.par_chunks_mut(ROWS * kept).zip(points.numbers().par_chunks(ROWS * width)).for_each_init(
            Vec::new,
            |centred, (into, rows)| {
                centre(rows, &self.mean, self.scale, centred);
                row_products(into, centred, &self.directions, width);
                if self.scale != 1.0 {
                    for number in into.iter_mut() {
                        *number = (f64::from(*number) / self.scale) as f32;
                    }
                }
            },
        );
        Points::new(projected, kept)
    }
}

/// The points in as many columns as t-SNE works on: as they are, or, where they are wide and many, their first 50
/// principal components.
pub fn reduced(points: &Points) -> Result<Points, EmbeddingError> {
    let cost = (points.count() as f64).powi(2) * points.width() as f64;
    if points.width() <= WIDE || cost <= AFFORDABLE {
        return Ok(points.clone());
    }
    Pca::fit(points, REDUCED).project(points)
}

fn centre(rows: &[f32], mean: &[f64], scale: f64, into: &mut Vec<f32>) {
    into.clear();
    into.reserve(rows.len());
    for row in rows.chunks_exact(mean.len()) {
        into.extend(row.iter().zip(mean).map(|(&number, mean)| ((f64::from(number) - mean) * scale) as f32));
    }
}

/// The covariance of scaled points, `[width, width]`. Blocks of rows are added in double precision, in their order.
fn covariance(points: &Points, mean: &[f64], scale: f64) -> Vec<f64> {
    let width = points.width();
    // As many blocks at a time as their products may take memory.
    let at_once = ((1 << 24) / (width * width)).clamp(1, 64);
    let mut sum = vec![0.0_f64; width * width];
    for rows in points.numbers().chunks(ROWS * width * at_once) {
        let parts: Vec<Vec<f32>> = rows
            .par_chunks(ROWS * width)
            .map(|rows| {
                let (mut centred, mut product) = (Vec::new(), vec![0.0; width * width]);
                centre(rows, mean, scale, &mut centred);
                column_products(&mut product, &centred, width);
                product
            })
            .collect();
        for part in parts {
            for (sum, part) in sum.iter_mut().zip(part) {
                *sum += f64::from(part);
            }
        }
    }
    let count = points.count() as f64;
    for sum in &mut sum {
        *sum /= count;
    }
    sum
}
