//! How often a prediction is right that is so sure (Guo, Pleiss, Sun, Weinberger, ICML 2017).

use super::super::confusion::ratio;
use crate::protocol::ReliabilityBin;

/// Bins of equal width, as the paper has them.
const BINS: usize = 15;

/// Probabilities are summed in steps of 2⁻³², of which every `f32` from 1/256 to 1 is a whole number: the sums are exact.
const STEPS: f64 = (1_u64 << 32) as f64;

/// Pixels by the probability of the predicted class, summed over scenes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReliabilitySums {
    bins: [Counts; BINS],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    pixels: u64,
    right: u64,
    confidence: u128,
}

impl ReliabilitySums {
    /// Counts a labelled pixel, whose predicted class has this probability.
    pub(super) fn add(&mut self, is_right: bool, confidence: f32) {
        let confidence = f64::from(confidence).clamp(0.0, 1.0);
        // What is no number says nothing, and lands in the lowest bin.
        let place = confidence * BINS as f64;
        let below = place as usize;
        let bin = if below as f64 == place { below.saturating_sub(1) } else { below };
        let counts = &mut self.bins[bin.min(BINS - 1)];
        counts.pixels += 1;
        counts.right += u64::from(is_right);
        counts.confidence += u128::from((confidence * STEPS) as u64);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (sum, other) in self.bins.iter_mut().zip(&other.bins) {
            sum.pixels += other.pixels;
            sum.right += other.right;
            sum.confidence += other.confidence;
        }
    }

    /// The reliability diagram.
    pub(super) fn bins(&self) -> Vec<ReliabilityBin> {
        let bin = |&Counts { pixels, right, confidence }: &Counts| ReliabilityBin {
            pixels,
            right,
            confidence: confidence as f64 / STEPS / pixels.max(1) as f64,
        };
        self.bins.iter().map(bin).collect()
    }

    /// The expected calibration error: the mean over the pixels of how far their bin's share of right ones is from its
    /// mean probability. `None` of no pixel.
    pub(super) fn error(&self) -> Option<f64> {
        let total: u64 = self.bins.iter().map(|bin| bin.pixels).sum();
        let gap = |bin: ReliabilityBin| Some(ratio(bin.pixels, total)? * (bin.accuracy()? - bin.confidence).abs());
        (total > 0).then(|| self.bins().into_iter().filter_map(gap).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_holds_its_upper_end_and_odd_numbers_break_nothing() {
        let mut sums = ReliabilitySums::default();
        for confidence in [f32::NAN, -1.0, 0.0, 1.0, 1.1, 2.0 / 15.0 - 1e-4, 2.0 / 15.0 + 1e-4] {
            sums.add(true, confidence);
        }
        let pixels: Vec<u64> = sums.bins().iter().map(|bin| bin.pixels).collect();
        assert_eq!((pixels[0], pixels[1], pixels[2], pixels[14]), (3, 1, 1, 2));
        // 1/5 is a boundary, but not the nearest `f32` to it, which is greater.
        sums.add(true, 0.2);
        assert_eq!(sums.bins()[3].pixels, 1);
    }

    #[test]
    fn sums_are_exact_so_order_makes_no_difference() {
        let confidences: Vec<f32> = (0..1000_u16).map(|at| 1.0 / (1.0 + f32::from(at % 250) / 3.7)).collect();
        let (mut one, mut halves) =
            (ReliabilitySums::default(), [ReliabilitySums::default(), ReliabilitySums::default()]);
        for (at, &confidence) in confidences.iter().enumerate() {
            one.add(at % 3 == 0, confidence);
        }
        for (at, &confidence) in confidences.iter().enumerate().rev() {
            halves[at % 2].add(at % 3 == 0, confidence);
        }
        let [mut first, second] = halves;
        first.merge(&second);
        assert_eq!(first, one);
        let exact: f64 = confidences.iter().map(|&confidence| f64::from(confidence)).sum();
        let summed: f64 = one.bins().iter().map(|bin| bin.confidence * bin.pixels as f64).sum();
        assert!((summed - exact).abs() < 1e-9, "{summed}, expected {exact}");
    }

    #[test]
    fn what_is_as_sure_as_it_is_right_has_no_error() {
        let mut sums = ReliabilitySums::default();
        assert_eq!(sums.error(), None);
        for is_right in [true, true, true, false] {
            sums.add(is_right, 0.75);
        }
        assert_eq!(sums.error(), Some(0.0));
        for _ in 0..4 {
            sums.add(false, 0.5);
        }
        assert_eq!(sums.error(), Some(0.25));
    }
}
