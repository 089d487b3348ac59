//! Exact nearest neighbours by blocked matrix products.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use pulp::Arch;
use rayon::prelude::*;

use super::points::Points;
use crate::kernels::row_products;

/// Rows and columns of the distances that are looked at together: they stay in the second-level cache.
const ROWS: usize = 192;
const COLUMNS: usize = 1024;

/// The nearest neighbours of every point, nearest first, none of them itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbours {
    near: usize,
    indices: Vec<u32>,
    squares: Vec<f32>,
}

impl Neighbours {
    /// Of every point among the others, the `near` nearest (as many as there are, if there are fewer).
    ///
    /// Neighbours at the same distance come in the order of their numbers. `report` hears how many rows are done, and
    /// may end the search; the result is `None` then.
    pub fn of_points(points: &Points, near: usize, report: &Report<'_>) -> Option<Self> {
        let near = near.min(points.count() - 1);
        let points = points.centred();
        let found = search(&points, &points, near, Own::Same, report)?;
        Some(Self::from_rows(near, found))
    }

    /// Of some of the points among all others, the `near` nearest, in the order of `rows`.
    pub fn of_rows(points: &Points, rows: &[usize], near: usize) -> Self {
        let near = near.min(points.count() - 1);
        let points = points.centred();
        let queries = points.chosen(rows);
        let found = search(&points, &queries, near, Own::Rows(rows), &|_| ControlFlow::Continue(()));
        Self::from_rows(near, found.unwrap_or_default())
    }

    /// Of every query among the points, the `near` nearest; a point that equals the query is one of them.
    pub fn of_queries(points: &Points, queries: &Points, near: usize) -> Self {
        let near = near.min(points.count());
        let found = search(points, queries, near, Own::None, &|_| ControlFlow::Continue(()));
        Self::from_rows(near, found.unwrap_or_default())
    }

    fn from_rows(near: usize, rows: Vec<(f32, u32)>) -> Self {
        let (squares, indices) = rows.into_iter().unzip();
        Self { near, indices, squares }
    }

    /// How many points have neighbours here.
    pub fn count(&self) -> usize {
        // A single point has no neighbours.
        self.indices.len().checked_div(self.near).unwrap_or(1)
    }

    /// Neighbours a point.
    pub fn near(&self) -> usize {
        self.near
    }

    /// The neighbours of a point and the squares of their distances.
    pub fn of(&self, point: usize) -> (&[u32], &[f32]) {
        (&self.indices[point * self.near..][..self.near], &self.squares[point * self.near..][..self.near])
    }
}

/// Hears how many rows are done.
pub type Report<'a> = dyn Fn(usize) -> ControlFlow<()> + Sync + 'a;

/// Which point a query is itself.
#[derive(Clone, Copy)]
enum Own<'a> {
    None,
    Same,
    Rows(&'a [usize]),
}

fn search(
    points: &Points,
    queries: &Points,
    near: usize,
    own: Own<'_>,
    report: &Report<'_>,
) -> Option<Vec<(f32, u32)>> {
    let width = points.width();
    let norms: Vec<f32> = points.numbers().chunks_exact(width).map(|row| row.iter().map(|x| x * x).sum()).collect();
    let mut found = vec![(0.0_f32, 0_u32); queries.count() * near];
    if near == 0 {
        return Some(found);
    }
    let (done, is_ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    found.par_chunks_mut(ROWS * near).enumerate().for_each_init(Vec::new, |products, (block, found)| {
        if is_ended.load(Ordering::Relaxed) {
            return;
        }
        let first = block * ROWS;
        let rows = found.len() / near;
        let own_number = |row: usize| match own {
            Own::None => None,
            Own::Same => Some((first + row) as u32),
            Own::Rows(numbers) => Some(numbers[first + row] as u32),
        };
        let asked = &queries.numbers()[first * width..][..rows * width];
        let mut best: Vec<Best> = (0..rows).map(|row| Best::new(near, own_number(row))).collect();
        for start in (0..points.count()).step_by(COLUMNS) {
            let columns = COLUMNS.min(points.count() - start);
            products.resize(rows * columns, 0.0);
            row_products(products, asked, &points.numbers()[start * width..][..columns * width], width);
            for (products, best) in products.chunks_exact_mut(columns).zip(&mut best) {
                best.offer(products, &norms[start..][..columns], start);
            }
        }
        for (row, (best, found)) in best.into_iter().zip(found.chunks_exact_mut(near)).enumerate() {
            best.finish(points, queries.of(first + row), found);
        }
        if report(done.fetch_add(rows, Ordering::Relaxed) + rows).is_break() {
            is_ended.store(true, Ordering::Relaxed);
        }
    });
    (!is_ended.into_inner()).then_some(found)
}

/// The nearest of the points seen so far, and some that only looked so.
struct Best {
    near: usize,
    own: Option<u32>,
    /// Squared distance without the query's own norm, and number.
    kept: Vec<(f32, u32)>,
    threshold: f32,
}

/// Columns that are compared with the threshold in one go.
const LOOK: usize = 64;
/// Columns that are compared with each other side by side.
const LANES: usize = 16;

impl Best {
    fn new(near: usize, own: Option<u32>) -> Self {
        Self { near, own, kept: Vec::with_capacity(4 * near), threshold: f32::INFINITY }
    }

    /// Looks at the points from `start` on, whose products with the query are given and become distances.
    fn offer(&mut self, products: &mut [f32], norms: &[f32], start: usize) {
        let mut least = [f32::INFINITY; COLUMNS / LOOK];
        Arch::new().dispatch(|| distances(products, norms, &mut least));
        for (look, (values, least)) in products.chunks(LOOK).zip(least).enumerate() {
            if least > self.threshold {
                continue;
            }
            for (lane, &value) in values.iter().enumerate() {
                let number = (start + look * LOOK + lane) as u32;
                if value <= self.threshold && Some(number) != self.own {
                    self.keep(value, number);
                }
            }
        }
    }

    fn keep(&mut self, value: f32, number: u32) {
        self.kept.push((value, number));
        if self.kept.len() >= 4 * self.near {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.kept.len() <= self.near {
            return;
        }
        self.kept.select_nth_unstable_by(self.near - 1, nearer);
        self.kept.truncate(self.near);
        self.threshold = self.kept[self.near - 1].0;
    }

    /// The nearest in order, with distances free of the rounding of the products.
    fn finish(mut self, points: &Points, query: &[f32], into: &mut [(f32, u32)]) {
        self.shrink();
        for (into, (_, number)) in into.iter_mut().zip(self.kept) {
            let square = points.of(number as usize).iter().zip(query).map(|(a, b)| (a - b) * (a - b)).sum();
            *into = (square, number);
        }
        into.sort_unstable_by(nearer);
    }
}

/// Turns products into squared distances without the query's norm, and finds the least of every few.
#[allow(
    clippy::inline_always,
    reason = "only what is inlined into a dispatched closure is compiled for the wide registers"
)]
#[inline(always)]
fn distances(products: &mut [f32], norms: &[f32], least: &mut [f32]) {
    for ((products, norms), least) in products.chunks_mut(LOOK).zip(norms.chunks(LOOK)).zip(least) {
        for (product, norm) in products.iter_mut().zip(norms) {
            *product = norm - 2.0 * *product;
        }
        let mut lanes = [f32::INFINITY; LANES];
        for part in products.chunks(LANES) {
            for (lane, &value) in lanes.iter_mut().zip(part) {
                *lane = if value < *lane { value } else { *lane };
            }
        }
        *least = lanes.into_iter().fold(f32::INFINITY, |least, lane| if lane < least { lane } else { least });
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "sorting compares references")]
fn nearer(a: &(f32, u32), b: &(f32, u32)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}
