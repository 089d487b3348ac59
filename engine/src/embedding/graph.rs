//! Who attracts whom: the symmetric affinities of t-SNE as a sparse matrix.

use rayon::prelude::*;

use super::error::EmbeddingError;
use super::nearest::Neighbours;

/// Rows are filled up to a multiple of this with edges from a point to itself that weigh nothing.
pub const ROW_PADDING: usize = 16;

/// Symmetric affinities p_ij = (p_{j|i} + p_{i|j}) / 2N in rows (van der Maaten & Hinton 2008, eq. 1 and section 3.1).
///
/// The two halves of an edge are kept as one: the sum is the same as with both kept, and a third of the work of every
/// iteration is saved where neighbours are mutual.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    starts: Vec<u32>,
    columns: Vec<u32>,
    weights: Vec<f32>,
    /// Σ p ln p, the part of the divergence that does not depend on the layout.
    negative_entropy: f64,
}

impl Graph {
    /// From conditional affinities `p_{j|i}` of every point's first `near` neighbours, `[points, near]`.
    pub fn from_conditional(neighbours: &Neighbours, near: usize, conditional: &[f32]) -> Result<Self, EmbeddingError> {
        let count = neighbours.count();
        let row = |point: usize| &neighbours.of(point).0[..near];
        // Each row's neighbours in order, for looking up whether an edge goes both ways.
        let mut sorted = vec![(0_u32, 0.0_f32); count * near];
        sorted.par_chunks_mut(near.max(1)).zip(conditional.par_chunks(near.max(1))).enumerate().for_each(
            |(point, (sorted, conditional))| {
                for (into, (&to, &affinity)) in sorted.iter_mut().zip(row(point).iter().zip(conditional)) {
                    *into = (to, affinity);
                }
                sorted.sort_unstable_by_key(|&(to, _)| to);
            },
        );
        let back = |from: usize, to: u32| {
            let row = &sorted[to as usize * near..][..near];
            row.binary_search_by_key(&(from as u32), |&(to, _)| to).ok().map(|at| row[at].1)
        };
        let backward: Vec<Option<f32>> =
            sorted.par_iter().enumerate().map(|(edge, &(to, _))| back(edge / near, to)).collect();
        let mut lengths = vec![near; count];
        for (&(to, _), backward) in sorted.iter().zip(&backward) {
            lengths[to as usize] += usize::from(backward.is_none());
        }
        let mut starts = Vec::with_capacity(count + 1);
        let mut total = 0_usize;
        for length in lengths {
            starts.push(u32::try_from(total).map_err(|_ignored| EmbeddingError::TooMany { count })?);
            total += length.next_multiple_of(ROW_PADDING);
        }
        starts.push(u32::try_from(total).map_err(|_ignored| EmbeddingError::TooMany { count })?);
        let mut columns = vec![0_u32; total];
        let mut weights = vec![0_f32; total];
        for point in 0..count {
            columns[starts[point] as usize..starts[point + 1] as usize].fill(point as u32);
        }
        let mut filled: Vec<usize> = starts[..count].iter().map(|&start| start as usize).collect();
        let mut put = |from: usize, to: usize, weight: f32| {
            columns[filled[from]] = to as u32;
            weights[filled[from]] = weight;
            filled[from] += 1;
        };
        let half = 0.5 / count as f32;
        let mut negative_entropy = 0.0_f64;
        for (edge, (&(to, forward), backward)) in sorted.iter().zip(backward).enumerate() {
            let point = edge / near;
            let weight = (forward + backward.unwrap_or(0.0)) * half;
            put(point, to as usize, weight);
            let mut edges = 1.0;
            if backward.is_none() {
                put(to as usize, point, weight);
                edges = 2.0;
            }
            if weight > 0.0 {
                negative_entropy += edges * f64::from(weight) * f64::from(weight).ln();
            }
        }
        Ok(Self { starts, columns, weights, negative_entropy })
    }

    /// How many points it joins.
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Where the rows start in [`Graph::columns`]; one more than there are points.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The other end of every edge, row by row.
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// What every edge weighs; together 1.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Σ p ln p.
    pub fn negative_entropy(&self) -> f64 {
        self.negative_entropy
    }

    /// The edges of one point: their other ends and weights.
    pub fn row(&self, point: usize) -> (&[u32], &[f32]) {
        let range = self.starts[point] as usize..self.starts[point + 1] as usize;
        (&self.columns[range.clone()], &self.weights[range])
    }
}

impl Graph {
    /// No points.
    pub fn empty() -> Self {
        Self { starts: vec![0], columns: Vec::new(), weights: Vec::new(), negative_entropy: 0.0 }
    }
}
