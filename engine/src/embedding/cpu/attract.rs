//! `attract`: every point is drawn to its neighbours, Σ p q Δ, and its velocity follows from the whole gradient.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into a dispatched loop is compiled for the wide registers"
)]

use super::lanes::{Lanes, Wide, dispatch};
use super::repulse::Push;
use crate::embedding::schedule::Step;

/// The longest step of a point in one iteration.
pub(super) const LONGEST_STEP: f32 = 5.0;

/// How a point moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion {
    /// The last step.
    pub(super) velocity: [f32; 2],
    /// The factor on the rate, per axis.
    pub(super) gain: [f32; 2],
}

impl Default for Motion {
    fn default() -> Self {
        Self { velocity: [0.0; 2], gain: [1.0; 2] }
    }
}

/// What one row of the graph gives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pull {
    /// Σ p q Δ.
    pub(super) force: [f32; 2],
}

/// Places of a row's neighbours, side by side.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    x: Vec<f32>,
    y: Vec<f32>,
}

/// The pull of the edges `(columns, weights)` on the point at `place`; as many edges as
/// [`super::super::graph::ROW_PADDING`] divides.
pub(super) fn attract(
    place: [f32; 2],
    (columns, weights): (&[u32], &[f32]),
    layout: &[[f32; 2]],
    gathered: &mut Gathered,
) -> Pull {
    dispatch(Attract { place, columns, weights, layout, gathered })
}

struct Attract<'a> {
    place: [f32; 2],
    columns: &'a [u32],
    weights: &'a [f32],
    layout: &'a [[f32; 2]],
    gathered: &'a mut Gathered,
}

impl Wide for Attract<'_> {
    type Output = Pull;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Pull {
        let Gathered { x, y } = self.gathered;
        x.resize(self.columns.len(), 0.0);
        y.resize(self.columns.len(), 0.0);
        for ((&column, x), y) in self.columns.iter().zip(&mut *x).zip(&mut *y) {
            [*x, *y] = self.layout[column as usize];
        }
        let (one, zero) = (lanes.splat(1.0), lanes.splat(0.0));
        let (px, py) = (lanes.splat(self.place[0]), lanes.splat(self.place[1]));
        let (mut fx, mut fy) = (zero, zero);
        let chunks = x.chunks_exact(L::WIDTH).zip(y.chunks_exact(L::WIDTH)).zip(self.weights.chunks_exact(L::WIDTH));
        for ((x, y), weight) in chunks {
            let (dx, dy) = (lanes.subtract(px, lanes.load(x)), lanes.subtract(py, lanes.load(y)));
            let q = lanes.reciprocal(lanes.multiply_add(dx, dx, lanes.multiply_add(dy, dy, one)));
            let pq = lanes.multiply(q, lanes.load(weight));
            fx = lanes.multiply_add(pq, dx, fx);
            fy = lanes.multiply_add(pq, dy, fy);
        }
        Pull { force: [lanes.sum(fx), lanes.sum(fy)] }
    }
}

/// A quarter of the gradient of the divergence by the point's place (van der Maaten & Hinton 2008, eq. 5, without its
/// factor 4).
pub(super) fn gradient(pull: Pull, push: Push, normaliser: f32, exaggeration: f32) -> [f32; 2] {
    std::array::from_fn(|axis| exaggeration * pull.force[axis] - push.force[axis] / normaliser)
}

/// The next step of a point: gains, momentum, and no step longer than [`LONGEST_STEP`].
pub(super) fn motion(before: Motion, gradient: [f32; 2], step: Step) -> Motion {
    let mut next = before;
    for (axis, gradient) in gradient.into_iter().enumerate() {
        let same_sign = gradient * before.velocity[axis] > 0.0;
        let gain = if same_sign { before.gain[axis] * 0.8 } else { before.gain[axis] + 0.2 };
        next.gain[axis] = gain.max(0.01);
        next.velocity[axis] = step.momentum * before.velocity[axis] - step.rate * next.gain[axis] * gradient;
    }
    let length = (next.velocity[0] * next.velocity[0] + next.velocity[1] * next.velocity[1]).sqrt();
    if length > LONGEST_STEP {
        next.velocity = next.velocity.map(|part| part * (LONGEST_STEP / length));
    }
    next
}
