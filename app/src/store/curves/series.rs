//! One curve: its points in columns, and their exponential moving average.

use super::envelope::Envelope;
use super::thin::{Segment, Trace};

/// A curve. A value that is not finite is a gap.
#[derive(Clone, Debug, Default)]
pub struct Series {
    steps: Vec<u64>,
    values: Vec<f32>,
    smoothed: Vec<f32>,
    smoothing: f32,
    /// The running average before bias correction, and the weight it has gathered so far.
    average: f64,
    weight: f64,
    raw: Envelope,
    smooth: Envelope,
}

/// A curve's point nearest to a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The step.
    pub step: u64,
    /// The value as reported.
    pub value: f32,
    /// The smoothed value.
    pub smoothed: f32,
}

impl Series {
    /// An empty curve with this smoothing, 0 (none) to 1 (exclusive).
    pub fn new(smoothing: f32) -> Self {
        Self { smoothing, ..Self::default() }
    }

    /// Adds a point. A step that is not beyond the last one rewinds the curve first: a run was resumed at an earlier
    /// checkpoint.
    pub fn push(&mut self, step: u64, value: f32) {
        if self.steps.last().is_some_and(|&last| last >= step) {
            self.rewind(step);
        }
        self.steps.push(step);
        self.values.push(value);
        self.smooth_on();
    }

    /// Forgets everything from `step` on.
    pub fn rewind(&mut self, step: u64) {
        let kept = self.steps.partition_point(|&own| own < step);
        if kept == self.steps.len() {
            return;
        }
        self.steps.truncate(kept);
        self.values.truncate(kept);
        self.raw.clear();
        self.smooth_anew();
    }

    /// Changes the smoothing of the whole curve.
    pub fn set_smoothing(&mut self, smoothing: f32) {
        if self.smoothing != smoothing {
            self.smoothing = smoothing;
            self.smooth_anew();
        }
    }

    fn smooth_anew(&mut self) {
        self.smoothed.clear();
        self.smooth.clear();
        self.average = 0.0;
        self.weight = 0.0;
        self.smooth_on();
    }

    /// Smooths the points that are not smoothed yet: mᵢ = β mᵢ₋₁ + (1 − β) xᵢ, shown as mᵢ / (1 − βⁱ), so that the
    /// start is not drawn towards zero. Gaps leave the average as it is.
    fn smooth_on(&mut self) {
        let beta = f64::from(self.smoothing.clamp(0.0, 0.9999));
        for &value in &self.values[self.smoothed.len()..] {
            let smoothed = if value.is_finite() {
                self.average = beta * self.average + (1.0 - beta) * f64::from(value);
                self.weight = beta * self.weight + (1.0 - beta);
                (self.average / self.weight) as f32
            } else {
                f32::NAN
            };
            self.smoothed.push(smoothed);
        }
        self.raw.extend(&self.values);
        self.smooth.extend(&self.smoothed);
    }

    /// Steps, ascending.
    pub fn steps(&self) -> &[u64] {
        &self.steps
    }

    /// Values as reported, parallel to [`Series::steps`].
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Smoothed values, parallel to [`Series::steps`].
    pub fn smoothed(&self) -> &[f32] {
        &self.smoothed
    }

    /// How many points there are, gaps included.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The newest point.
    pub fn last(&self) -> Option<Sample> {
        self.sample(self.len().checked_sub(1)?)
    }

    /// The point nearest to `step`.
    pub fn nearest(&self, step: f64) -> Option<Sample> {
        let after = self.steps.partition_point(|&own| (own as f64) < step);
        let before = after.checked_sub(1);
        let distance = |index: usize| self.steps.get(index).map(|&own| (own as f64 - step).abs());
        let nearest = match (before.and_then(distance), distance(after)) {
            (Some(left), Some(right)) if left <= right => after - 1,
            (Some(_), None) => after - 1,
            _ => after,
        };
        self.sample(nearest)
    }

    /// The point at exactly this step; `None` where there is none, or a gap.
    pub fn at(&self, step: u64) -> Option<Sample> {
        self.sample(self.steps.binary_search(&step).ok()?).filter(|sample| sample.value.is_finite())
    }

    fn sample(&self, index: usize) -> Option<Sample> {
        Some(Sample { step: *self.steps.get(index)?, value: self.values[index], smoothed: self.smoothed[index] })
    }

    /// What to draw between the steps `low` and `high` on a plot that is `columns` pixels wide.
    ///
    /// Clips first, then keeps of every pixel column the first, the last, the smallest and the largest point; the
    /// strokes end at gaps. One point beyond either border is kept, so that the line runs to the border.
    pub fn thinned(&self, trace: Trace, low: f64, high: f64, columns: usize) -> Vec<Segment> {
        let (values, envelope) = match trace {
            Trace::Raw => (&self.values, &self.raw),
            Trace::Smoothed => (&self.smoothed, &self.smooth),
        };
        super::thin::thinned(&self.steps, values, envelope, low, high, columns)
    }

    /// The smallest and the largest finite value between two steps.
    pub fn range(&self, trace: Trace, low: f64, high: f64) -> Option<(f32, f32)> {
        let (values, envelope) = match trace {
            Trace::Raw => (&self.values, &self.raw),
            Trace::Smoothed => (&self.smoothed, &self.smooth),
        };
        let start = self.steps.partition_point(|&step| (step as f64) < low);
        let end = self.steps.partition_point(|&step| (step as f64) <= high);
        envelope.extremes(values, start..end.max(start)).map(|(low, high)| (values[low], values[high]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_starts_at_the_first_value_and_skips_gaps() {
        let mut series = Series::new(0.9);
        for (step, value) in [(1, 4.0), (2, f32::NAN), (3, 2.0)] {
            series.push(step, value);
        }
        assert_eq!(series.smoothed()[0], 4.0);
        assert!(series.smoothed()[1].is_nan());
        let expected = (0.9 * 0.1 * 4.0 + 0.1 * 2.0) / (1.0 - 0.81);
        assert!((series.smoothed()[2] - expected).abs() < 1e-6);
    }

    #[test]
    fn smoothing_point_by_point_equals_smoothing_at_once() {
        let mut live = Series::new(0.97);
        let mut late = Series::new(0.0);
        for step in 0..500_u64 {
            let value = ((step * 7919) % 101) as f32;
            live.push(step, value);
            late.push(step, value);
        }
        late.set_smoothing(0.97);
        assert_eq!(live.smoothed(), late.smoothed());
    }

    #[test]
    fn a_resumed_run_rewinds_its_curve() {
        let mut series = Series::new(0.5);
        let mut straight = Series::new(0.5);
        for step in 1..=10 {
            series.push(step, step as f32);
        }
        for step in 5..=7 {
            series.push(step, -(step as f32));
        }
        for step in 1..=7 {
            straight.push(step, if step < 5 { step as f32 } else { -(step as f32) });
        }
        assert_eq!(series.steps(), &[1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(series.smoothed(), straight.smoothed());
        assert_eq!(series.range(Trace::Raw, 0.0, 10.0), Some((-7.0, 4.0)));
    }

    #[test]
    fn the_nearest_point_is_found_on_either_side() {
        let mut series = Series::new(0.0);
        assert_eq!(series.nearest(3.0), None);
        series.push(10, 1.0);
        series.push(20, 2.0);
        let step_at = |step| series.nearest(step).map(|sample| sample.step);
        assert_eq!(
            [step_at(-5.0), step_at(14.0), step_at(16.0), step_at(99.0)],
            [Some(10), Some(10), Some(20), Some(20)]
        );
    }
}
