//! Sums over slices in a fixed order that lets the compiler use wide registers.

use std::ops::AddAssign;

/// Numbers that are added side by side.
const LANES: usize = 32;

/// A sum in [`LANES`] parts, added up in a fixed order at the end.
pub(super) struct Sums([f32; LANES]);

impl Sums {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self([0.0; LANES])
    }

    /// Adds what `value` makes of every place of two slices of the same length.
    #[inline(always)]
    pub(super) fn add(&mut self, a: &[f32], b: &[f32], value: impl Fn(f32, f32) -> f32) {
        assert_eq!(a.len(), b.len(), "the two sides of a sum differ in length");
        let (mut a, mut b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
        for (a, b) in (&mut a).zip(&mut b) {
            for lane in 0..LANES {
                self.0[lane] += value(a[lane], b[lane]);
            }
        }
        for ((lane, a), b) in self.0.iter_mut().zip(a.remainder()).zip(b.remainder()) {
            *lane += value(*a, *b);
        }
    }

    #[inline(always)]
    pub(super) fn total(self) -> f32 {
        sum(self.0)
    }
}

/// The sum of parts, whose number is a power of two, halves onto halves.
#[inline(always)]
pub(super) fn sum<T: Copy + AddAssign, const N: usize>(mut parts: [T; N]) -> T {
    let mut width = N;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            let other = parts[lane + width];
            parts[lane] += other;
        }
    }
    parts[0]
}

/// How many planes one task takes, where each costs `work` operations: threads are not woken for less than they cost.
pub(super) fn planes_a_task(work: usize) -> usize {
    (1 << 16) / work.max(1) + 1
}
