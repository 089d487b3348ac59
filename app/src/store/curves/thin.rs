//! Fewer points than pixels could show, and not one spike less.

use super::envelope::Envelope;

/// Points `[step, value]` joined by one stroke.
pub type Segment = Vec<[f64; 2]>;

/// Which of a curve's two columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// As reported.
    Raw,
    /// The moving average.
    Smoothed,
}

/// See [`super::Series::thinned`].
pub fn thinned(
    steps: &[u64],
    values: &[f32],
    envelope: &Envelope,
    low: f64,
    high: f64,
    columns: usize,
) -> Vec<Segment> {
    let start = steps.partition_point(|&step| (step as f64) < low);
    let end = steps.partition_point(|&step| (step as f64) <= high).max(start);
    let mut strokes = Strokes { steps, values, envelope, segments: Vec::new(), last: None };
    if let Some(before) = start.checked_sub(1) {
        strokes.take(before);
    }
    let columns = columns.max(1);
    if end - start <= 4 * columns {
        (start..end).for_each(|index| strokes.take(index));
    } else {
        let mut from = start;
        for column in 1..=columns {
            let border = low + (high - low) * column as f64 / columns as f64;
            let to = if column == columns {
                end
            } else {
                from + steps[from..end].partition_point(|&step| (step as f64) < border)
            };
            strokes.take_column(from, to);
            from = to;
        }
    }
    if end < steps.len() {
        strokes.take(end);
    }
    strokes.segments
}

struct Strokes<'a> {
    steps: &'a [u64],
    values: &'a [f32],
    envelope: &'a Envelope,
    segments: Vec<Segment>,
    /// The index of the newest point drawn.
    last: Option<usize>,
}

impl Strokes<'_> {
    fn take_column(&mut self, from: usize, to: usize) {
        let Some((low, high)) = self.envelope.extremes(self.values, from..to) else { return };
        let is_finite = |&index: &usize| self.values[index].is_finite();
        let first = (from..to).find(is_finite).unwrap_or(low);
        let last = (from..to).rev().find(is_finite).unwrap_or(high);
        for index in [first, low.min(high), low.max(high), last] {
            self.take(index);
        }
    }

    fn take(&mut self, index: usize) {
        if self.last == Some(index) || !self.values[index].is_finite() {
            return;
        }
        let is_joined =
            self.last.is_some_and(|last| self.envelope.gaps_before(last) == self.envelope.gaps_before(index));
        let point = [self.steps[index] as f64, f64::from(self.values[index])];
        match self.segments.last_mut() {
            Some(segment) if is_joined => segment.push(point),
            _ => self.segments.push(vec![point]),
        }
        self.last = Some(index);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::curves::Series;

    fn series_of(values: &[f32]) -> Series {
        let mut series = Series::new(0.0);
        for (step, &value) in values.iter().enumerate() {
            series.push(step as u64, value);
        }
        series
    }

    #[test]
    fn one_spike_in_a_million_points_survives() {
        let mut values = vec![1.0_f32; 1_000_000];
        values[654_321] = 50.0;
        let series = series_of(&values);
        let drawn: Vec<[f64; 2]> = series.thinned(Trace::Raw, 0.0, 1e6, 800).concat();
        assert!(drawn.contains(&[654_321.0, 50.0]));
        assert_eq!((drawn.first(), drawn.last()), (Some(&[0.0, 1.0]), Some(&[999_999.0, 1.0])));
        assert!(drawn.len() <= 4 * 800, "{}", drawn.len());
    }

    #[test]
    fn a_gap_is_never_bridged() {
        let series = series_of(&[1.0, 2.0, f32::NAN, 3.0, f32::INFINITY, f32::NAN, 4.0, 5.0]);
        let drawn = series.thinned(Trace::Raw, 0.0, 7.0, 100);
        assert_eq!(drawn, vec![vec![[0.0, 1.0], [1.0, 2.0]], vec![[3.0, 3.0]], vec![[6.0, 4.0], [7.0, 5.0]]]);
    }

    #[test]
    fn the_line_runs_on_to_both_borders() {
        let series = series_of(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let drawn = series.thinned(Trace::Raw, 1.5, 3.5, 100).concat();
        assert_eq!(drawn, vec![[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]]);
    }

    proptest! {
        #[test]
        fn every_visible_extreme_first_and_last_point_survives(
            values in prop::collection::vec(prop_oneof![9 => -1e3_f32..1e3, 1 => Just(f32::NAN)], 1..3000),
            columns in 1_usize..40,
            from in 0.0_f64..1.0,
            span in 0.0_f64..1.0,
        ) {
            let series = series_of(&values);
            let low = from * values.len() as f64;
            let high = low + span * values.len() as f64;
            let segments = series.thinned(Trace::Raw, low, high, columns);
            let drawn = segments.concat();
            let visible: Vec<[f64; 2]> = values
                .iter()
                .enumerate()
                .map(|(step, &value)| [step as f64, f64::from(value)])
                .filter(|[step, value]| (low..=high).contains(step) && value.is_finite())
                .collect();

            // The first and the last visible point, and the extremes of every pixel column.
            prop_assert!(visible.first().is_none_or(|point| drawn.contains(point)));
            prop_assert!(visible.last().is_none_or(|point| drawn.contains(point)));
            let border = |column: usize| low + (high - low) * column as f64 / columns as f64;
            for column in 0..columns {
                let is_here = |step: f64| {
                    (column == 0 || border(column) <= step) && (column + 1 == columns || step < border(column + 1))
                };
                let here = visible.iter().filter(|[step, _]| is_here(*step));
                let top = here.clone().max_by(|a, b| a[1].total_cmp(&b[1]));
                let bottom = here.min_by(|a, b| a[1].total_cmp(&b[1]));
                for extreme in top.into_iter().chain(bottom) {
                    prop_assert!(drawn.iter().any(|point| is_here(point[0]) && point[1] == extreme[1]));
                }
            }

            // Nothing is invented, order is kept, strokes stop at gaps, and the budget holds.
            for segment in &segments {
                for pair in segment.windows(2) {
                    prop_assert!(pair[0][0] < pair[1][0]);
                    prop_assert!(values[pair[0][0] as usize..=pair[1][0] as usize].iter().all(|value| value.is_finite()));
                }
            }
            for [step, value] in &drawn {
                prop_assert_eq!(f64::from(values[*step as usize]), *value);
            }
            prop_assert!(drawn.len() <= 4 * columns + 2);
        }
    }
}
