//! What losses and attention share: the softmax of one block of pixels.
//!
//! A scene lies class by class, `[classes, area]`. Losses walk over it in blocks of pixels, so that all classes of a
//! block stay in the nearest cache, and every inner loop runs along pixels, where the compiler can take several at a
//! time.

use std::f32::consts::LOG2_E;
use std::ops::Range;

/// Pixels in a block.
pub(super) const BLOCK: usize = 256;

/// One number for each pixel of a block.
pub(super) type Pixels = [f32; BLOCK];

/// A block of pixels in a scene `[classes, area]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    area: usize,
    start: usize,
    /// Pixels in it, at most [`BLOCK`].
    pub(super) count: usize,
}

impl Block {
    /// All blocks of a scene.
    #[inline(always)]
    pub(super) fn all(area: usize) -> impl Iterator<Item = Self> {
        (0..area).step_by(BLOCK).map(move |start| Self { area, start, count: BLOCK.min(area - start) })
    }

    /// Where the block's values of one class lie in the scene.
    #[inline(always)]
    pub(super) fn of_class(self, class: usize) -> Range<usize> {
        let first = class * self.area + self.start;
        first..first + self.count
    }

    /// The pixels themselves.
    #[inline(always)]
    pub(super) fn pixels(self) -> Range<usize> {
        self.of_class(0)
    }
}

/// The counted pixels of a block: their place in it and their class.
#[inline(always)]
pub(super) fn labelled(ids: &[u8], classes: usize, block: Block) -> impl Iterator<Item = (usize, usize)> {
    let ids = ids[block.pixels()].iter().enumerate();
    ids.map(|(place, &id)| (place, usize::from(id))).filter(move |&(_, class)| class < classes)
}

/// Writes the block's softmax over the classes; returns each pixel's largest logit and the sum of exponentials relative
/// to it.
///
/// A pixel with a logit that is not a number gets probabilities that are not numbers.
#[inline(always)]
pub(super) fn softmax_block(
    logits: &[f32],
    classes: usize,
    block: Block,
    probabilities: &mut [f32],
) -> (Pixels, Pixels) {
    let (mut largest, mut total) = ([f32::NEG_INFINITY; BLOCK], [0.0_f32; BLOCK]);
    for class in 0..classes {
        for (largest, &logit) in largest.iter_mut().zip(&logits[block.of_class(class)]) {
            *largest = if logit > *largest { logit } else { *largest };
        }
    }
    for class in 0..classes {
        let logits = logits[block.of_class(class)].iter();
        let values = probabilities[block.of_class(class)].iter_mut().zip(logits);
        for ((value, &logit), (&largest, total)) in values.zip(largest.iter().zip(&mut total)) {
            *value = exp_of_negative(logit - largest);
            *total += *value;
        }
    }
    let scale = total.map(f32::recip);
    for class in 0..classes {
        for (value, scale) in probabilities[block.of_class(class)].iter_mut().zip(&scale) {
            *value *= scale;
        }
    }
    (largest, total)
}

/// eˣ for x ≤ 0, 0 below the smallest normal number, without branches or calls, so that loops over it vectorise.
///
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2; the Taylor series of eʳ is good to 5·10⁻⁹ there.
#[inline(always)]
pub(super) fn exp_of_negative(x: f32) -> f32 {
    /// Adding it pushes a float's fraction out of its mantissa: 1.5 · 2²³.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let shifted = x * LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let series = 1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0));
    let series = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * series))));
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127);
    let value = series * f32::from_bits(exponent << 23);
    if x < -87.0 { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_good_to_the_last_bits_and_keeps_the_limits() {
        for step in 0..=870_000 {
            let x = -(step as f32) * 1e-4;
            let (found, expected) = (f64::from(exp_of_negative(x)), f64::from(x).exp());
            assert!((found / expected - 1.0).abs() < 2e-7, "{x}: {found}, expected {expected}");
        }
        assert_eq!(exp_of_negative(0.0), 1.0);
        assert_eq!(exp_of_negative(-0.0), 1.0);
        assert_eq!((exp_of_negative(-1e30), exp_of_negative(f32::NEG_INFINITY)), (0.0, 0.0));
        assert!(exp_of_negative(f32::NAN).is_nan());
    }

    #[test]
    fn blocks_cover_a_scene_once() {
        for area in [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7] {
            let covered: Vec<usize> = Block::all(area).flat_map(Block::pixels).collect();
            assert!(covered.into_iter().eq(0..area));
        }
    }

    #[test]
    fn a_softmax_sums_to_one_or_to_no_number() {
        let logits = [1000.0, -3.0, f32::NAN, 999.0, -3.0, 0.0];
        let mut probabilities = [0.0; 6];
        let (largest, total) = softmax_block(&logits, 2, Block { area: 3, start: 0, count: 3 }, &mut probabilities);
        assert_eq!((largest[0], largest[1]), (1000.0, -3.0));
        assert_eq!((total[1], probabilities[1], probabilities[4]), (2.0, 0.5, 0.5));
        assert!(
            (probabilities[0] - 0.731_058_6).abs() < 1e-6 && (probabilities[0] + probabilities[3] - 1.0).abs() < 1e-6
        );
        assert!(probabilities[2].is_nan() && probabilities[5].is_nan());
    }
}
