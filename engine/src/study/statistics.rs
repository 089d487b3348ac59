//! What can be said of figures from several seeds.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF as _, StudentsT};

/// The share of intervals that are to hold the true difference.
const CONFIDENCE: f64 = 0.95;
/// More seeds than this are as good as none.
pub(super) const MOST_SEEDS: u32 = 1000;

/// Mean and spread of some figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// How many there are.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, by `count − 1`; `None` of a single one.
    pub deviation: Option<f64>,
}

/// Differences of two rows, seed by seed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Paired {
    /// Mean and spread of the differences.
    pub differences: Summary,
    /// Half the width of the 95 % interval of their mean, by Student's t; `None` of a single one.
    pub half_width: Option<f64>,
}

impl Paired {
    /// Whether the interval leaves out 0.
    pub fn is_told_from_noise(&self) -> bool {
        self.half_width.is_some_and(|half| self.differences.mean.abs() > half)
    }
}

/// Mean and spread; `None` without a figure.
pub fn summary(figures: &[f64]) -> Option<Summary> {
    let count = figures.len();
    if count == 0 {
        return None;
    }
    let mean = figures.iter().sum::<f64>() / count as f64;
    let squares: f64 = figures.iter().map(|figure| (figure - mean).powi(2)).sum();
    let deviation = (count > 1).then(|| (squares / (count - 1) as f64).sqrt());
    Some(Summary { count, mean, deviation })
}

/// The mean of `ours − theirs` over pairs and its 95 % interval; `None` without a pair.
///
/// The interval is that of a paired t test: pairs of one seed share data order and initial numbers where rows have
/// them in common, so their difference varies less than the rows themselves.
pub fn paired(pairs: &[(f64, f64)]) -> Option<Paired> {
    let differences: Vec<f64> = pairs.iter().map(|(ours, theirs)| ours - theirs).collect();
    let differences = summary(&differences)?;
    let half_width = differences.deviation.map(|deviation| half_width(deviation, differences.count));
    Some(Paired { differences, half_width })
}

/// From how many seeds an effect of this size and spread would be told from noise: the fewest whose interval leaves
/// out 0. `None` where that cannot be said: of a single pair, or of an effect so small that a thousand would not do.
pub fn seeds_needed(paired: &Paired) -> Option<u32> {
    let deviation = paired.differences.deviation?;
    let effect = paired.differences.mean.abs();
    (2..=MOST_SEEDS).find(|&count| half_width(deviation, count as usize) < effect)
}

/// t · s / √n.
fn half_width(deviation: f64, count: usize) -> f64 {
    // With a freedom of 1 or more there is such a distribution.
    let quantile = StudentsT::new(0.0, 1.0, (count - 1) as f64)
        .map_or(f64::INFINITY, |student| student.inverse_cdf(0.5 + CONFIDENCE / 2.0));
    quantile * deviation / (count as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} {expected}");
    }

    #[test]
    fn one_figure_has_no_spread_and_none_has_no_mean() {
        assert_eq!(summary(&[]), None);
        assert_eq!(paired(&[]), None);
        assert_eq!(summary(&[0.5]), Some(Summary { count: 1, mean: 0.5, deviation: None }));
        let one = paired(&[(0.5, 0.25)]).unwrap();
        assert_eq!((one.half_width, one.is_told_from_noise(), seeds_needed(&one)), (None, false, None));
    }

    /// Printed by `reference/study.py` with SciPy's `ttest_rel(…).confidence_interval()`.
    #[test]
    fn intervals_are_those_of_scipy() {
        const REFERENCE: &str = include_str!("reference/study.txt");
        for line in REFERENCE.lines() {
            let numbers: Vec<f64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
            let (expected, values) = numbers.split_at(3);
            let pairs: Vec<(f64, f64)> = values.chunks(2).map(|pair| (pair[0], pair[1])).collect();
            let found = paired(&pairs).unwrap();
            near(found.differences.mean, expected[0]);
            near(found.differences.deviation.unwrap(), expected[1]);
            near(found.half_width.unwrap(), expected[2]);
        }
        assert!(REFERENCE.lines().count() > 20);
    }

    #[test]
    fn the_seeds_that_an_effect_needs_are_the_fewest_that_leave_out_0() {
        let found = paired(&[(1.0, 0.0), (0.0, 0.5), (0.75, 0.0)]).unwrap();
        assert!(!found.is_told_from_noise());
        let needed = seeds_needed(&found).unwrap();
        let deviation = found.differences.deviation.unwrap();
        assert!(half_width(deviation, needed as usize) < found.differences.mean);
        assert!(half_width(deviation, needed as usize - 1) >= found.differences.mean);
        assert_eq!(seeds_needed(&paired(&[(1.0, 0.0), (0.0, 1.0)]).unwrap()), None);
    }
}
