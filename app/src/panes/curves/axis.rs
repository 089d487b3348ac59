//! Axes: linear, or logarithmic to base ten, with ticks at round values.

use egui_plot::{GridInput, GridMark};
use fusionscope_engine::protocol::Quantity;
use serde::{Deserialize, Serialize};

use super::unit::Unit;
use crate::look;

/// How values are laid along the vertical axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// As they are.
    #[default]
    Linear,
    /// Their logarithm to base ten; values that are not positive have no place.
    Log,
}

impl Scale {
    /// Where a value lies on the axis.
    pub fn place(self, value: f64) -> Option<f64> {
        match self {
            Self::Linear => value.is_finite().then_some(value),
            Self::Log => (value.is_finite() && value > 0.0).then(|| value.log10()),
        }
    }

    /// The value at a place on the axis.
    pub fn value(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log => 10.0_f64.powf(place),
        }
    }

    /// Grid lines at least `gap_px` apart, at values that the unit allows.
    pub fn grid(self, bounds: (f64, f64), value_per_px: f64, gap_px: f64, unit: Unit) -> Vec<GridMark> {
        let (low, high) = bounds;
        if !(low.is_finite() && high.is_finite() && high > low && value_per_px > 0.0) {
            return Vec::new();
        }
        let mut marks = match self {
            Self::Linear => multiples(nice_step(value_per_px * gap_px).max(unit.least_step()), low, high),
            Self::Log if high - low < 0.9 => {
                // Less than a decade: round values, unevenly spaced.
                let (from, to) = (self.value(low), self.value(high));
                let lines = ((high - low) / (value_per_px * gap_px)).max(2.0);
                multiples(nice_step((to - from) / lines).max(unit.least_step()), from, to)
                    .into_iter()
                    .filter_map(|mark| self.place(mark.value))
                    .map(|value| GridMark { value, step_size: (high - low) / lines })
                    .collect()
            }
            Self::Log => {
                let decade_px = 1.0 / value_per_px;
                let every = (gap_px / decade_px).ceil().max(1.0);
                let mut marks = multiples(every, low, high);
                if decade_px > 4.0 * gap_px {
                    for decade in low.floor() as i64..=high.ceil() as i64 {
                        for factor in [2.0_f64, 5.0] {
                            let value = decade as f64 + factor.log10();
                            if (low..=high).contains(&value) {
                                marks.push(GridMark { value, step_size: 0.3 });
                            }
                        }
                    }
                }
                marks
            }
        };
        marks.retain(|mark| unit.holds(self.value(mark.value)));
        marks
    }

    /// The words at a grid line.
    pub fn label(self, mark: GridMark, unit: Unit) -> String {
        match self {
            Self::Linear if unit == Unit::Of(Quantity::Count) => unit.text(mark.value),
            Self::Linear => {
                let digits = (-(unit.factor() * mark.step_size).abs().log10().floor()).clamp(0.0, 8.0) as usize;
                format!("{:.digits$}", unit.factor() * mark.value + 0.0)
            }
            Self::Log => {
                let text = look::significant(unit.factor() * self.value(mark.value));
                if text.contains('.') && !text.contains('e') {
                    text.trim_end_matches('0').trim_end_matches('.').to_owned()
                } else {
                    text
                }
            }
        }
    }
}

/// Grid lines of the horizontal axis, `least` apart at least: whole steps only.
pub fn step_grid(input: &GridInput, spacing_px: f64, gap_px: f64, least: f64) -> Vec<GridMark> {
    let step = nice_step(input.base_step_size / spacing_px * gap_px).max(least);
    let (low, high) = input.bounds;
    if low.is_finite() && high.is_finite() { multiples(step, low.max(0.0), high) } else { Vec::new() }
}

/// The next larger of 1, 2 and 5 times a power of ten.
fn nice_step(at_least: f64) -> f64 {
    if !(at_least.is_finite() && at_least > 0.0) {
        return 1.0;
    }
    let power = 10.0_f64.powf(at_least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= at_least * 0.999_999).unwrap_or(10.0);
    factor * power
}

fn multiples(step: f64, low: f64, high: f64) -> Vec<GridMark> {
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    // A plot has a few dozen grid lines at most; a wrong bound must not make millions.
    (first..=last.min(first.saturating_add(200)))
        .map(|place| GridMark { value: place as f64 * step, step_size: step })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, low: f64, high: f64) -> Vec<String> {
        labels_in(Unit::Of(Quantity::Loss), scale, low, high)
    }

    fn labels_in(unit: Unit, scale: Scale, low: f64, high: f64) -> Vec<String> {
        let marks = scale.grid((low, high), (high - low) / 200.0, 36.0, unit);
        marks.into_iter().map(|mark| scale.label(mark, unit)).collect()
    }

    #[test]
    fn shares_are_read_in_per_cent_and_counts_as_whole_numbers_within_what_is_possible() {
        let share = Unit::Of(Quantity::Share);
        assert_eq!(labels_in(share, Scale::Linear, -0.06, 1.06), ["0", "50", "100"]);
        assert_eq!(labels_in(share, Scale::Linear, 0.051, 0.064), ["5.5", "6.0"]);
        assert_eq!(labels_in(share, Scale::Log, -3.0, 0.0), ["0.1", "1", "10", "100"]);
        let count = Unit::Of(Quantity::Count);
        assert_eq!(labels_in(count, Scale::Linear, 5.6, 6.4), ["6"]);
        assert_eq!(labels_in(count, Scale::Linear, -1.0, 1.0), ["0", "1"]);
        assert_eq!(labels_in(count, Scale::Linear, 900.0, 2100.0), ["1,000", "1,500", "2,000"]);
        assert_eq!(labels_in(count, Scale::Log, 0.2, 0.6), ["2", "3"]);
        let correlation = labels_in(Unit::Of(Quantity::Correlation), Scale::Linear, -1.2, 1.2);
        assert_eq!(correlation, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
    }

    #[test]
    fn linear_ticks_are_round_and_carry_the_digits_of_their_step() {
        assert_eq!(labels(Scale::Linear, 0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(Scale::Linear, 0.0312, 0.0344), ["0.032", "0.033", "0.034"]);
        assert_eq!(labels(Scale::Linear, -3.0, 3.0), ["-2", "0", "2"]);
    }

    #[test]
    fn log_ticks_are_decades_and_round_values_within_one() {
        assert_eq!(labels(Scale::Log, -4.0, 0.0), ["0.0001", "0.001", "0.01", "0.1", "1"]);
        assert_eq!(labels(Scale::Log, 0.0, 0.8), ["1", "2", "3", "4", "5", "6"].map(str::to_owned).to_vec());
    }

    #[test]
    fn values_that_are_not_positive_have_no_place_on_a_log_axis() {
        assert_eq!(Scale::Log.place(0.0), None);
        assert_eq!(Scale::Log.place(-1.0), None);
        assert_eq!(Scale::Log.place(100.0), Some(2.0));
        assert_eq!(Scale::Linear.place(f64::NAN), None);
    }

    #[test]
    fn steps_are_whole_however_far_one_zooms_in() {
        let marks = step_grid(&GridInput { bounds: (10.0, 11.5), base_step_size: 0.01 }, 8.0, 80.0, 1.0);
        assert_eq!(marks.iter().map(|mark| mark.value).collect::<Vec<_>>(), [10.0, 11.0]);
    }
}
