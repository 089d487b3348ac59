//! `repulse`: every point is pushed away by all others, Σ q²Δ with q = 1/(1 + |Δ|²), and the sum of q that normalises
//! it.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into a dispatched loop is compiled for the wide registers"
)]

use super::lanes::{Lanes, Wide, dispatch};

/// Sources are padded to a multiple of this with [`FAR`].
pub(super) const PADDING: usize = 16;

/// A coordinate so far away that q² is nothing; its square still fits a float.
pub(super) const FAR: f32 = 1e18;

/// Points that are pushed against each other in one go of the inner loop: their sums fill the registers.
const AT_ONCE: usize = 4;

/// What pushes: points, or the middles of cells with the number of points in them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sources<'a> {
    /// Horizontal places, padded.
    pub(super) x: &'a [f32],
    /// Vertical places, padded.
    pub(super) y: &'a [f32],
    /// How many points each stands for; `None` where each is one.
    pub(super) weight: Option<&'a [f32]>,
}

/// What a point feels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Push {
    /// Σ q²Δ.
    pub(super) force: [f32; 2],
    /// Σ q, without the point's own.
    pub(super) share: f32,
}

/// The push of the sources, of which each point is one, on some points.
pub(super) fn repulse(points: [&[f32]; 2], sources: Sources<'_>, into: &mut [Push]) {
    assert_eq!([sources.x.len() % PADDING, sources.y.len()], [0, sources.x.len()], "sources are not padded");
    dispatch(Repulse { points, sources, into });
}

struct Repulse<'a> {
    points: [&'a [f32]; 2],
    sources: Sources<'a>,
    into: &'a mut [Push],
}

impl Wide for Repulse<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let [x, y] = self.points;
        for ((into, x), y) in self.into.chunks_mut(AT_ONCE).zip(x.chunks(AT_ONCE)).zip(y.chunks(AT_ONCE)) {
            // The last few are filled up with copies of the first of them.
            let (mut px, mut py) = ([lanes.splat(x[0]); AT_ONCE], [lanes.splat(y[0]); AT_ONCE]);
            for place in 1..x.len() {
                (px[place], py[place]) = (lanes.splat(x[place]), lanes.splat(y[place]));
            }
            let pushes = match self.sources.weight {
                None => inner(lanes, px, py, self.sources.x, self.sources.y),
                Some(weight) => inner_weighted(lanes, px, py, self.sources.x, self.sources.y, weight),
            };
            for (into, push) in into.iter_mut().zip(pushes) {
                *into = push;
            }
        }
    }
}

#[inline(always)]
fn inner<L: Lanes>(lanes: L, px: [L::Wide; AT_ONCE], py: [L::Wide; AT_ONCE], x: &[f32], y: &[f32]) -> [Push; AT_ONCE] {
    let (one, zero) = (lanes.splat(1.0), lanes.splat(0.0));
    let (mut fx, mut fy, mut share) = ([zero; AT_ONCE], [zero; AT_ONCE], [zero; AT_ONCE]);
    for (x, y) in x.chunks_exact(L::WIDTH).zip(y.chunks_exact(L::WIDTH)) {
        let (x, y) = (lanes.load(x), lanes.load(y));
        for place in 0..AT_ONCE {
            let (dx, dy) = (lanes.subtract(px[place], x), lanes.subtract(py[place], y));
            let q = lanes.reciprocal(lanes.multiply_add(dx, dx, lanes.multiply_add(dy, dy, one)));
            share[place] = lanes.add(share[place], q);
            let q2 = lanes.multiply(q, q);
            fx[place] = lanes.multiply_add(q2, dx, fx[place]);
            fy[place] = lanes.multiply_add(q2, dy, fy[place]);
        }
    }
    pushes(lanes, fx, fy, share)
}

#[inline(always)]
fn inner_weighted<L: Lanes>(
    lanes: L,
    px: [L::Wide; AT_ONCE],
    py: [L::Wide; AT_ONCE],
    x: &[f32],
    y: &[f32],
    weight: &[f32],
) -> [Push; AT_ONCE] {
    let (one, zero) = (lanes.splat(1.0), lanes.splat(0.0));
    let (mut fx, mut fy, mut share) = ([zero; AT_ONCE], [zero; AT_ONCE], [zero; AT_ONCE]);
    let chunks = x.chunks_exact(L::WIDTH).zip(y.chunks_exact(L::WIDTH)).zip(weight.chunks_exact(L::WIDTH));
    for ((x, y), weight) in chunks {
        let (x, y, weight) = (lanes.load(x), lanes.load(y), lanes.load(weight));
        for place in 0..AT_ONCE {
            let (dx, dy) = (lanes.subtract(px[place], x), lanes.subtract(py[place], y));
            let q = lanes.reciprocal(lanes.multiply_add(dx, dx, lanes.multiply_add(dy, dy, one)));
            let weighted = lanes.multiply(q, weight);
            share[place] = lanes.add(share[place], weighted);
            let q2 = lanes.multiply(q, weighted);
            fx[place] = lanes.multiply_add(q2, dx, fx[place]);
            fy[place] = lanes.multiply_add(q2, dy, fy[place]);
        }
    }
    pushes(lanes, fx, fy, share)
}

/// Adds up the lanes; the points' own share of 1 goes.
#[inline(always)]
fn pushes<L: Lanes>(
    lanes: L,
    x: [L::Wide; AT_ONCE],
    y: [L::Wide; AT_ONCE],
    share: [L::Wide; AT_ONCE],
) -> [Push; AT_ONCE] {
    // A loop and no closure: what a closure calls is not compiled for the wide registers.
    let mut pushes = [Push::default(); AT_ONCE];
    for place in 0..AT_ONCE {
        pushes[place].force = [lanes.sum(x[place]), lanes.sum(y[place])];
        pushes[place].share = lanes.sum(share[place]) - 1.0;
    }
    pushes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::cpu::lanes::on_each;

    /// Repulsion of points by themselves, each source weighing as much as it says.
    struct All<'a> {
        x: &'a [f32],
        y: &'a [f32],
        weight: Option<&'a [f32]>,
    }

    impl Wide for All<'_> {
        type Output = Vec<Push>;

        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> Vec<Push> {
            let mut pushes = vec![Push::default(); 45];
            let sources = Sources { x: self.x, y: self.y, weight: self.weight };
            Repulse { points: [&self.x[..45], &self.y[..45]], sources, into: &mut pushes }.run(lanes);
            pushes
        }
    }

    #[test]
    fn every_kind_of_register_pushes_like_plain_sums() {
        let axis = |step: f32| -> Vec<f32> {
            (0..48).map(|at| if at < 45 { 9.0 * (at as f32 * step).sin() } else { FAR }).collect()
        };
        let (x, y) = (axis(0.7), axis(1.3));
        let weight: Vec<f32> = (0..48).map(|at| if at < 45 { 1.0 + (at % 3) as f32 } else { 0.0 }).collect();
        for weight in [None, Some(weight.as_slice())] {
            for (kind, found) in on_each(|| All { x: &x, y: &y, weight }) {
                for (point, push) in found.iter().enumerate() {
                    let (mut force, mut share) = ([0.0_f64; 2], -1.0_f64);
                    for other in 0..45 {
                        let weight = f64::from(weight.map_or(1.0, |weight| weight[other]));
                        let delta = [f64::from(x[point] - x[other]), f64::from(y[point] - y[other])];
                        let q = 1.0 / (1.0 + delta[0] * delta[0] + delta[1] * delta[1]);
                        share += weight * q;
                        force = [0, 1].map(|axis| force[axis] + weight * q * q * delta[axis]);
                    }
                    let near = |found: f32, expected: f64| (f64::from(found) - expected).abs() < 1e-5;
                    assert!(near(push.share, share), "{kind}: share {} against {share}", push.share);
                    assert!(
                        (0..2).all(|axis| near(push.force[axis], force[axis])),
                        "{kind}: {push:?} against {force:?}"
                    );
                }
            }
        }
    }
}
