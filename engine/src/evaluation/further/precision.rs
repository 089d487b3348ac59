//! Average precision: the area under precision by recall, pixels ranked by a class's probability.
//!
//! AMDANet's tables print a "mAP" that its code does not compute; this is the figure of that name, as scikit-learn's
//! `average_precision_score` defines it, AP = Σ (R_n − R_{n−1}) P_n. Ranks are those of bins, so that memory does not
//! grow with the pixels.

use rayon::prelude::*;

/// Bins below a probability of one half, and as many above it: by powers of two of the probability or of what is left
/// to one, whichever is smaller, each in 64 parts, down to 2⁻¹⁷. That is where most probabilities of a trained network
/// are, and where equal widths would put all of them into two bins.
const HALF: usize = 1024;
const BINS: usize = 2 * HALF;

/// Bits of an `f32` below the exponent and the 6 highest of its fraction.
const SHIFT: u32 = 23 - 6;

/// Pixels by class and by the probability of that class, summed over scenes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PrecisionSums {
    /// All pixels, [`BINS`] a class, the lowest probability first.
    pixels: Vec<u64>,
    /// Those that are of the class, likewise.
    positives: Vec<u64>,
}

/// An average precision, and how far it may be from what it is without bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct AveragePrecision {
    pub(super) value: f64,
    pub(super) error: f64,
}

impl PrecisionSums {
    /// Bytes that the sums of so many classes take.
    pub(super) const fn bytes(classes: usize) -> usize {
        2 * classes * BINS * size_of::<u64>()
    }

    pub(super) fn new(classes: usize) -> Self {
        Self { pixels: vec![0; classes * BINS], positives: vec![0; classes * BINS] }
    }

    /// Counts one scene: `truth` holds a class id a pixel, `probabilities` `[classes, pixels]`. What is no class in the
    /// truth is left out.
    pub(super) fn add(&mut self, truth: &[u8], probabilities: &[f32]) {
        let classes = self.pixels.len() / BINS;
        let of_classes = probabilities.par_chunks_exact(truth.len().max(1));
        self.pixels.par_chunks_exact_mut(BINS).zip(of_classes).for_each(|(bins, probabilities)| {
            // Neighbours often share a bin. Two tables let a processor count the one while it still writes the other.
            let mut counts = [[0_u32; BINS]; 2];
            for (place, (&truth, &probability)) in truth.iter().zip(probabilities).enumerate() {
                if usize::from(truth) < classes {
                    counts[place % 2][bin(probability)] += 1;
                }
            }
            for (sum, (&even, &odd)) in bins.iter_mut().zip(counts[0].iter().zip(&counts[1])) {
                *sum += u64::from(even) + u64::from(odd);
            }
        });
        for (place, &class) in truth.iter().enumerate() {
            let class = usize::from(class);
            if class < classes
                && let Some(&probability) = probabilities.get(class * truth.len() + place)
            {
                self.positives[class * BINS + bin(probability)] += 1;
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (sums, others) in [(&mut self.pixels, &other.pixels), (&mut self.positives, &other.positives)] {
            for (sum, other) in sums.iter_mut().zip(others) {
                *sum += other;
            }
        }
    }

    /// Of one class; `None` where truth has none of it.
    pub(super) fn average_precision(&self, class: usize) -> Option<AveragePrecision> {
        let pixels = self.pixels.chunks_exact(BINS).nth(class)?;
        let positives = self.positives.chunks_exact(BINS).nth(class)?;
        let all: u64 = positives.iter().sum();
        if all == 0 {
            return None;
        }
        let (mut found, mut mistaken) = (0, 0);
        let [mut value, mut least, mut most] = [0.0; 3];
        for (&pixels, &positive) in pixels.iter().zip(positives).rev() {
            let negative = pixels - positive;
            let before = found + mistaken;
            found += positive;
            mistaken += negative;
            if positive == 0 {
                continue;
            }
            value += positive as f64 * found as f64 / (found + mistaken) as f64;
            // Within a bin the ranks are unknown: its own pixels of the class may all come first, or all last.
            most += positive as f64 - (mistaken - negative) as f64 * least_of_reciprocals(before, positive);
            least += positive as f64 - mistaken as f64 * most_of_reciprocals(before + negative, positive);
        }
        let error = (most - value).max(value - least).max(0.0) / all as f64;
        Some(AveragePrecision { value: value / all as f64, error })
    }
}

/// Where a probability is counted; greater ones never lower.
fn bin(probability: f32) -> usize {
    // Bits of positive numbers are in the order of the numbers.
    let below_half = |share: f32| ((0.5_f32.to_bits() >> SHIFT).saturating_sub(share.to_bits() >> SHIFT)) as usize;
    if probability < 0.5 {
        HALF - below_half(probability.max(0.0)).clamp(1, HALF)
    } else {
        HALF + below_half((1.0 - probability).max(0.0)).min(HALF - 1)
    }
}

/// Σ 1 / (before + i) for i from 1 to `count` is at least this: a trapezium is never below a convex curve.
fn least_of_reciprocals(before: u64, count: u64) -> f64 {
    let (first, last) = ((before + 1) as f64, (before + count) as f64);
    (last / first).ln() + 0.5 * (1.0 / first + 1.0 / last)
}

/// And at most this: the value in the middle of an interval is never above a convex curve's mean.
fn most_of_reciprocals(before: u64, count: u64) -> f64 {
    let before = before as f64 + 0.5;
    ((before + count as f64) / before).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greater_probabilities_are_in_no_lower_bin_and_bins_are_narrow_at_both_ends() {
        let mut before = 0;
        for step in 0..=1_000_000_u32 {
            let found = bin(step as f32 / 1e6);
            assert!(found >= before && found < BINS, "{step}: {found} after {before}");
            before = found;
        }
        assert_eq!((bin(0.0), bin(1.0), bin(0.5), bin(0.499_999_97)), (0, BINS - 1, HALF, HALF - 1));
        assert!(bin(1e-4) > bin(0.9e-4) && bin(1.0 - 1e-4) < bin(1.0 - 0.9e-4));
        // What rounding makes of 0 and 1.
        assert_eq!((bin(-1e-9), bin(1.000_000_1)), (0, BINS - 1));
        assert!(bin(f32::NAN) < BINS);
    }

    #[test]
    fn sums_of_reciprocals_lie_between_their_bounds() {
        for (before, count) in [(0_u64, 1_u64), (0, 7), (3, 1), (10, 1000), (123_456, 3)] {
            let exact: f64 = (1..=count).map(|at| 1.0 / (before + at) as f64).sum();
            let (least, most) = (least_of_reciprocals(before, count), most_of_reciprocals(before, count));
            assert!(exact <= most + 1e-12, "{before} {count}");
            assert!(least <= exact + 1e-12, "{before} {count}");
        }
    }

    #[test]
    fn a_class_that_is_ranked_before_all_others_has_an_average_precision_of_one() {
        let mut sums = PrecisionSums::new(2);
        sums.add(&[0, 0, 1, 1, 255], &[0.9, 0.8, 0.2, 0.3, 0.99, 0.1, 0.2, 0.8, 0.7, 0.01]);
        for class in 0..2 {
            assert_eq!(sums.average_precision(class), Some(AveragePrecision { value: 1.0, error: 0.0 }));
        }
        assert_eq!(PrecisionSums::new(2).average_precision(0), None);
    }

    #[test]
    fn within_one_bin_the_error_says_that_any_order_is_possible() {
        // Three of the class among four that are all as probable: 3/4 as they stand; the other first or last at worst.
        let mut sums = PrecisionSums::new(2);
        sums.add(&[0, 0, 0, 1], &[0.6, 0.6, 0.6, 0.6, 0.4, 0.4, 0.4, 0.4]);
        let found = sums.average_precision(0).unwrap();
        assert_eq!(found.value, 0.75);
        let worst = (1.0 / 2.0 + 2.0 / 3.0 + 3.0 / 4.0) / 3.0;
        assert!(found.error >= (1.0_f64 - 0.75).max(0.75 - worst) - 1e-12 && found.error < 0.26, "{found:?}");
    }
}
