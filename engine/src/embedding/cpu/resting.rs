//! A layout that no longer moves, and what it does to a new point.

use super::attract::{Gathered, attract};
use super::repulse::{FAR, PADDING, Push, Sources, repulse};
use crate::embedding::graph::ROW_PADDING;

/// A frozen layout.
#[derive(Debug)]
pub struct Resting {
    x: Vec<f32>,
    y: Vec<f32>,
}

impl Resting {
    /// Freezes a layout.
    pub fn new(layout: &[[f32; 2]]) -> Self {
        let axis = |axis: usize| {
            let mut places: Vec<f32> = layout.iter().map(|place| place[axis]).collect();
            places.resize(layout.len().next_multiple_of(PADDING), FAR);
            places
        };
        Self { x: axis(0), y: axis(1) }
    }

    /// Σ q²Δ and Σ q of all its points on a new one.
    pub fn push(&self, place: [f32; 2]) -> ([f32; 2], f32) {
        let mut push = [Push::default()];
        let sources = Sources { x: &self.x, y: &self.y, weight: None };
        repulse([&[place[0]], &[place[1]]], sources, &mut push);
        // The new point is none of the sources, and its own share was taken off for nothing.
        (push[0].force, push[0].share + 1.0)
    }
}

/// Σ p q Δ of some of a layout's points on a place.
pub fn attraction(place: [f32; 2], near: &[u32], weights: &[f32], layout: &[[f32; 2]]) -> [f32; 2] {
    let padded = near.len().next_multiple_of(ROW_PADDING);
    let (mut columns, mut filled) = (near.to_vec(), weights.to_vec());
    columns.resize(padded, near.first().copied().unwrap_or(0));
    filled.resize(padded, 0.0);
    attract(place, (&columns, &filled), layout, &mut Gathered::default()).force
}
