//! The engine on the CPU: wide registers, and rows spread over threads.
//!
//! Work is cut by sizes alone and sums keep their order, so the same input gives the same bits on any number of
//! threads.

mod attract;
pub mod lanes;
mod repulse;
mod resting;
mod tree;

use std::sync::Arc;

use rayon::prelude::*;

use self::attract::{Gathered, Motion, attract, gradient, motion};
use self::repulse::{FAR, PADDING, Push, Sources, repulse};
pub use self::resting::{Resting, attraction};
use self::tree::Tree;
use super::engine::{Engine, Stats};
use super::error::EmbeddingError;
use super::graph::Graph;
use super::schedule::Step;

/// Rows a task.
const ROWS: usize = 64;

/// How all-pairs repulsion is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repulsion {
    /// All pairs up to [`EXACT_UP_TO`] points, cells above.
    #[default]
    Auto,
    /// All pairs.
    Exact,
    /// Far points by cells of a tree.
    Cells,
}

/// The most points whose pairs are all looked at.
pub const EXACT_UP_TO: usize = 3000;

/// The engine on the CPU.
#[derive(Debug)]
pub struct CpuEngine {
    repulsion: Repulsion,
    graph: Arc<Graph>,
    layout: Vec<[f32; 2]>,
    motions: Vec<Motion>,
    pushes: Vec<Push>,
    /// The layout once more, one axis after the other and padded.
    axes: [Vec<f32>; 2],
    tree: Tree,
}

/// What all points together say.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reduced {
    /// Σ q over all ordered pairs.
    normaliser: f64,
    /// The middle of the layout.
    middle: [f32; 2],
}

impl CpuEngine {
    /// An engine without points.
    pub fn new(repulsion: Repulsion) -> Self {
        Self {
            repulsion,
            graph: Arc::new(Graph::empty()),
            layout: Vec::new(),
            motions: Vec::new(),
            pushes: Vec::new(),
            axes: [Vec::new(), Vec::new()],
            tree: Tree::default(),
        }
    }

    fn is_exact(&self) -> bool {
        match self.repulsion {
            Repulsion::Auto => self.layout.len() <= EXACT_UP_TO,
            Repulsion::Exact => true,
            Repulsion::Cells => false,
        }
    }

    fn push_all(&mut self) {
        if self.is_exact() {
            self.push_pairs();
        } else {
            self.tree.repulse(&self.layout, &mut self.pushes);
        }
    }

    fn push_pairs(&mut self) {
        for (axis, places) in self.axes.iter_mut().enumerate() {
            places.clear();
            places.extend(self.layout.iter().map(|place| place[axis]));
            places.resize(self.layout.len().next_multiple_of(PADDING), FAR);
        }
        let [x, y] = &self.axes;
        self.pushes.par_chunks_mut(ROWS).enumerate().for_each(|(task, into)| {
            let own = task * ROWS..task * ROWS + into.len();
            repulse([&x[own.clone()], &y[own]], Sources { x, y, weight: None }, into);
        });
    }

    /// One iteration.
    fn iteration(&mut self, step: Step) -> Reduced {
        self.push_all();
        let reduced = reduce(&self.pushes, &self.layout);
        let normaliser = reduced.normaliser.max(f64::MIN_POSITIVE) as f32;
        let Self { graph, layout, motions, pushes, .. } = self;
        motions.par_chunks_mut(ROWS).enumerate().for_each_init(Gathered::default, |gathered, (task, motions)| {
            for (row, into) in motions.iter_mut().enumerate() {
                let point = task * ROWS + row;
                let pull = attract(layout[point], graph.row(point), layout, gathered);
                *into = motion(*into, gradient(pull, pushes[point], normaliser, step.exaggeration), step);
            }
        });
        advance(layout, motions, reduced.middle);
        reduced
    }

    /// The gradient of the divergence by every place, with its factor 4.
    pub fn gradient(&mut self) -> Vec<[f32; 2]> {
        self.push_all();
        let normaliser = reduce(&self.pushes, &self.layout).normaliser.max(f64::MIN_POSITIVE) as f32;
        let mut gathered = Gathered::default();
        let of = |(point, push): (usize, &Push)| {
            let pull = attract(self.layout[point], self.graph.row(point), &self.layout, &mut gathered);
            gradient(pull, *push, normaliser, 1.0).map(|part| 4.0 * part)
        };
        self.pushes.iter().enumerate().map(of).collect()
    }
}

#[cfg(test)]
impl CpuEngine {
    /// The last pushes: forces and shares.
    pub(super) fn pushes(&self) -> Vec<([f32; 2], f32)> {
        self.pushes.iter().map(|push| (push.force, push.share)).collect()
    }

    /// The normaliser of the last pushes, and the middle of the layout that they are of.
    pub(super) fn reduced(&self, layout: &[[f32; 2]]) -> (f64, [f32; 2]) {
        let Reduced { normaliser, middle } = reduce(&self.pushes, layout);
        (normaliser, middle)
    }

    /// The last velocities and gains.
    pub(super) fn motions(&self) -> Vec<([f32; 2], [f32; 2])> {
        self.motions.iter().map(|motion| (motion.velocity, motion.gain)).collect()
    }
}

/// `reduce`: the normaliser and the middle.
fn reduce(pushes: &[Push], layout: &[[f32; 2]]) -> Reduced {
    let count = layout.len() as f64;
    let normaliser = pushes.iter().map(|push| f64::from(push.share)).sum();
    let middle =
        layout.iter().fold([0.0_f64; 2], |sum, place| [sum[0] + f64::from(place[0]), sum[1] + f64::from(place[1])]);
    Reduced { normaliser, middle: middle.map(|sum| (sum / count) as f32) }
}

/// `advance`: every point takes its step, and the middle goes to the origin.
fn advance(layout: &mut [[f32; 2]], motions: &[Motion], middle: [f32; 2]) {
    for (place, motion) in layout.iter_mut().zip(motions) {
        *place = [0, 1].map(|axis| place[axis] + motion.velocity[axis] - middle[axis]);
    }
}

/// Σ p ln p + Σ p ln(1 + |Δ|²) + ln Σ q.
fn divergence(graph: &Graph, layout: &[[f32; 2]], normaliser: f64) -> f64 {
    let spread: Vec<f64> = layout
        .par_iter()
        .with_min_len(ROWS)
        .enumerate()
        .map(|(point, place)| spread(graph, layout, point, *place))
        .collect();
    graph.negative_entropy() + spread.iter().sum::<f64>() + normaliser.max(f64::MIN_POSITIVE).ln()
}

/// One row's Σ p ln(1 + |Δ|²).
fn spread(graph: &Graph, layout: &[[f32; 2]], point: usize, place: [f32; 2]) -> f64 {
    let (columns, weights) = graph.row(point);
    let edge = |(&column, &weight): (&u32, &f32)| {
        let [dx, dy] = [0, 1].map(|axis| place[axis] - layout[column as usize][axis]);
        weight * (1.0 + dx * dx + dy * dy).ln()
    };
    columns.iter().zip(weights).map(|edge_of| f64::from(edge(edge_of))).sum()
}

impl Engine for CpuEngine {
    fn words(&self) -> String {
        format!("{} ({})", crate::device::cpu_words(), lanes::words())
    }

    fn begin(&mut self, graph: Arc<Graph>, layout: &[[f32; 2]]) -> Result<(), EmbeddingError> {
        if layout.len() != graph.count() {
            return Err(EmbeddingError::OtherCount { expected: graph.count(), found: layout.len() });
        }
        self.graph = graph;
        self.layout = layout.to_vec();
        self.motions = vec![Motion::default(); layout.len()];
        self.pushes = vec![Push::default(); layout.len()];
        Ok(())
    }

    fn change_graph(&mut self, graph: Arc<Graph>) -> Result<(), EmbeddingError> {
        if self.layout.len() != graph.count() {
            return Err(EmbeddingError::OtherCount { expected: graph.count(), found: self.layout.len() });
        }
        self.graph = graph;
        Ok(())
    }

    fn iterate(&mut self, steps: &[Step], measures: bool) -> Result<Stats, EmbeddingError> {
        let Some((last, others)) = steps.split_last() else { return Ok(Stats::default()) };
        for &step in others {
            self.iteration(step);
        }
        let before = measures.then(|| self.layout.clone());
        let reduced = self.iteration(*last);
        let divergence = before.map(|before| divergence(&self.graph, &before, reduced.normaliser));
        Ok(tally(&self.layout, &self.motions, divergence))
    }

    fn divergence(&mut self) -> Result<f64, EmbeddingError> {
        self.push_pairs();
        Ok(divergence(&self.graph, &self.layout, reduce(&self.pushes, &self.layout).normaliser))
    }

    fn layout(&mut self) -> Result<Vec<[f32; 2]>, EmbeddingError> {
        Ok(self.layout.clone())
    }
}

/// `tally`: what a chunk of iterations says at its end.
fn tally(layout: &[[f32; 2]], motions: &[Motion], divergence: Option<f64>) -> Stats {
    let count = layout.len().max(1) as f64;
    let square = |part: [f32; 2]| f64::from(part[0]).powi(2) + f64::from(part[1]).powi(2);
    Stats {
        divergence,
        mean_step: motions.iter().map(|motion| square(motion.velocity).sqrt()).sum::<f64>() / count,
        radius: (layout.iter().map(|&place| square(place)).sum::<f64>() / count).sqrt(),
    }
}
