//! What is said of a layout beside its divergence: whether neighbours are kept, and whether classes and sensors mix.
//!
//! Large layouts are judged by a seeded sample of their points, each against all others.

use rand::Rng as _;
use rayon::prelude::*;

use super::error::EmbeddingError;
use super::nearest::Neighbours;
use super::points::Points;
use crate::random::Streams;

/// Neighbours that trustworthiness and purity look at.
pub const NEIGHBOURS: usize = 12;
/// The most points that are judged.
pub const JUDGED: usize = 2000;

/// How well a layout keeps the neighbours that points had.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trust {
    /// From 0 to 1, one where every neighbour in the layout was one before (Venna & Kaski 2001).
    pub trustworthiness: f64,
    /// Points that were judged.
    pub judged: usize,
}

/// Trustworthiness of a layout with `near` neighbours, by at most `most` of its points.
pub fn trustworthiness(
    points: &Points,
    layout: &[[f32; 2]],
    near: usize,
    most: usize,
    seed: u64,
) -> Result<Trust, EmbeddingError> {
    let count = points.count();
    let near = near.min(count.saturating_sub(1) / 2);
    if near == 0 {
        return Ok(Trust { trustworthiness: 1.0, judged: 0 });
    }
    let rows = sample(count, most, seed);
    let places = Points::new(layout.concat(), 2)?;
    let neighbours = Neighbours::of_rows(&places, &rows, near);
    let centred = points.centred();
    let penalty: f64 = rows
        .par_iter()
        .enumerate()
        .map(|(row, &point)| {
            let squares = squares_from(&centred, point);
            let rank = |other: u32| {
                let square = squares[other as usize];
                // The point's own distance is the first, and counts as none.
                squares.iter().filter(|&&nearer| nearer < square).count().saturating_sub(usize::from(square > 0.0)) + 1
            };
            neighbours.of(row).0.iter().map(|&other| rank(other).saturating_sub(near)).sum::<usize>() as f64
        })
        .sum();
    let (judged, n, k) = (rows.len() as f64, count as f64, near as f64);
    let trustworthiness = 1.0 - penalty * 2.0 / (judged * k * (2.0 * n - 3.0 * k - 1.0));
    Ok(Trust { trustworthiness, judged: rows.len() })
}

/// The mean share of a point's nearest neighbours that have its label; low where labels mix well.
pub fn purity(layout: &[[f32; 2]], labels: &[u32], near: usize, most: usize, seed: u64) -> Result<f64, EmbeddingError> {
    check_labels(layout.len(), labels)?;
    let near = near.min(layout.len().saturating_sub(1));
    if near == 0 {
        return Ok(1.0);
    }
    let rows = sample(layout.len(), most, seed);
    let neighbours = Neighbours::of_rows(&Points::new(layout.concat(), 2)?, &rows, near);
    let same = |(row, &point): (usize, &usize)| {
        neighbours.of(row).0.iter().filter(|&&other| labels[other as usize] == labels[point]).count()
    };
    Ok(rows.iter().enumerate().map(same).sum::<usize>() as f64 / (rows.len() * near) as f64)
}

/// How well labels stand apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Silhouette {
    /// The mean over all judged points, from −1 to 1 (Rousseeuw 1987); NaN with fewer than two labels.
    pub mean: f64,
    /// The mean of every label that has judged points, in order.
    pub by_label: Vec<(u32, f64)>,
}

/// The silhouette of labelled points, by at most `most` of them.
pub fn silhouette(points: &Points, labels: &[u32], most: usize, seed: u64) -> Result<Silhouette, EmbeddingError> {
    check_labels(points.count(), labels)?;
    let mut names = labels.to_vec();
    names.sort_unstable();
    names.dedup();
    let name = |label: u32| names.binary_search(&label).unwrap_or(0);
    let own: Vec<usize> = labels.iter().map(|&label| name(label)).collect();
    let mut sizes = vec![0_usize; names.len()];
    for &label in &own {
        sizes[label] += 1;
    }
    if names.len() < 2 {
        return Ok(Silhouette { mean: f64::NAN, by_label: Vec::new() });
    }
    let rows = sample(points.count(), most, seed);
    let centred = points.centred();
    let values: Vec<f64> = rows
        .par_iter()
        .map(|&point| {
            let mut sums = vec![0.0_f64; names.len()];
            for (square, &label) in squares_from(&centred, point).into_iter().zip(&own) {
                sums[label] += f64::from(square).sqrt();
            }
            silhouette_of(&sums, &sizes, own[point])
        })
        .collect();
    let mut totals = vec![(0.0_f64, 0_usize); names.len()];
    for (&point, value) in rows.iter().zip(&values) {
        totals[own[point]].0 += value;
        totals[own[point]].1 += 1;
    }
    let judged = names.iter().zip(totals).filter(|(_, (_, count))| *count > 0);
    Ok(Silhouette {
        mean: values.iter().sum::<f64>() / values.len() as f64,
        by_label: judged.map(|(&label, (sum, count))| (label, sum / count as f64)).collect(),
    })
}

/// (b − a) / max(a, b) with the mean distance `a` to the own label and `b` to the nearest other; 0 for a label of one.
fn silhouette_of(sums: &[f64], sizes: &[usize], own: usize) -> f64 {
    if sizes[own] < 2 {
        return 0.0;
    }
    let inside = sums[own] / (sizes[own] - 1) as f64;
    let others = sums.iter().zip(sizes).enumerate().filter(|(label, _)| *label != own);
    let outside = others.map(|(_, (sum, &size))| sum / size as f64).fold(f64::INFINITY, f64::min);
    let larger = inside.max(outside);
    if larger > 0.0 { (outside - inside) / larger } else { 0.0 }
}

fn squares_from(points: &Points, from: usize) -> Vec<f32> {
    let own = points.of(from);
    let square = |row: &[f32]| row.iter().zip(own).map(|(a, b)| (a - b) * (a - b)).sum();
    points.numbers().chunks_exact(points.width()).map(square).collect()
}

/// The points that are judged, in order: all, or a seeded sample.
fn sample(count: usize, most: usize, seed: u64) -> Vec<usize> {
    let most = most.max(1);
    if count <= most {
        return (0..count).collect();
    }
    let mut stream = Streams::new(seed).stream("measures", 0);
    let mut all: Vec<usize> = (0..count).collect();
    for place in 0..most {
        let other = place + (stream.next_u64() % (count - place) as u64) as usize;
        all.swap(place, other);
    }
    all.truncate(most);
    all.sort_unstable();
    all
}

fn check_labels(expected: usize, labels: &[u32]) -> Result<(), EmbeddingError> {
    if labels.len() == expected { Ok(()) } else { Err(EmbeddingError::Labels { expected, found: labels.len() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `reference/measures.py` makes.
    fn sample_of_sixty() -> (Points, Vec<[f32; 2]>, Vec<u32>) {
        let waves = |count: usize, step: f64, phase: f64| -> Vec<f32> {
            (0..count).map(|at| (at as f64 * step + phase).sin() as f32).collect()
        };
        let points = Points::new(waves(240, 0.7, 0.3), 4).unwrap();
        let mut layout = waves(120, 1.9, 1.1).as_chunks::<2>().0.to_vec();
        for point in (0..60).step_by(2) {
            layout[point].copy_from_slice(&points.of(point)[..2]);
        }
        (points, layout, (0..60).map(|point| point * 7 % 11 % 3).collect())
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found} against {expected}");
    }

    #[test]
    fn figures_are_those_of_scikit_learn() {
        let (points, layout, labels) = sample_of_sixty();
        near(trustworthiness(&points, &layout, 5, 60, 0).unwrap().trustworthiness, 0.606602564);
        near(trustworthiness(&points, &layout, 12, 60, 0).unwrap().trustworthiness, 0.625602410);
        near(purity(&layout, &labels, 5, 60, 0).unwrap(), 0.27);
        let Silhouette { mean, by_label } = silhouette(&points, &labels, 60, 0).unwrap();
        near(mean, 0.021475663);
        for ((label, found), expected) in by_label.iter().zip([0.022598444, -0.011157895, 0.067616612]) {
            assert!(*label < 3);
            near(*found, expected);
        }
    }

    #[test]
    fn a_sample_is_near_the_whole_and_repeats() {
        let (points, layout, labels) = sample_of_sixty();
        let of = |most| trustworthiness(&points, &layout, 5, most, 7).unwrap();
        assert_eq!(of(30), of(30));
        assert_eq!((of(30).judged, of(60).judged), (30, 60));
        assert!((of(30).trustworthiness - of(60).trustworthiness).abs() < 0.1);
        assert_eq!(silhouette(&points, &labels, 10, 1).unwrap(), silhouette(&points, &labels, 10, 1).unwrap());
    }

    #[test]
    fn edges_have_figures_or_say_why_not() {
        let one = Points::new(vec![1.0, 2.0], 2).unwrap();
        assert_eq!(trustworthiness(&one, &[[0.0; 2]], 12, 10, 0).unwrap().judged, 0);
        assert_eq!(purity(&[[0.0; 2]], &[3], 12, 10, 0).unwrap(), 1.0);
        assert!(silhouette(&one, &[3], 10, 0).unwrap().mean.is_nan());
        let (points, ..) = sample_of_sixty();
        let alone: Vec<u32> = (0..60).map(|point| u32::from(point == 7)).collect();
        assert_eq!(silhouette(&points, &alone, 60, 0).unwrap().by_label[1], (1, 0.0));
        assert!(purity(&[[0.0; 2]], &[], 12, 10, 0).unwrap_err().to_string().contains("0 labels for 1 points"));
    }
}
