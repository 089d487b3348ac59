//! An axis with round numbers on it.

/// How many ticks there are at most.
const MOST: f64 = 6.0;

/// An axis that holds 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    step: f64,
}

impl Axis {
    /// One that holds 0 and all of these with some room beside them.
    pub(super) fn around_zero(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let span = if high > low { high - low } else { 1.0 };
        let room = 0.08 * span;
        let (low, high) = (low - room, high + room);
        let least = (high - low) / MOST;
        let power = 10_f64.powf(least.log10().floor());
        let step = [1.0, 2.0, 5.0].map(|digit| digit * power).into_iter().find(|&step| step >= least);
        Self { low, high, step: step.unwrap_or(10.0 * power) }
    }

    /// Where a value lies, from 0 at the lower end to 1 at the upper.
    pub(super) fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// The round numbers on it.
    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> {
        let Self { low, high, step } = *self;
        let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
        (first..=last).map(move |number| number as f64 * step)
    }

    /// A tick with as many digits as its neighbours need, and its sign.
    pub(super) fn words(&self, tick: f64) -> String {
        let digits = (-self.step.log10().floor()).max(0.0) as usize;
        if tick == 0.0 { "0".to_owned() } else { format!("{tick:+.digits$}").replace('-', "−") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_few_and_hold_zero() {
        for (values, expected) in [
            (&[-3.0, 4.5][..], "−2 0 +2 +4"),
            (&[0.004, 0.011][..], "0 +0.005 +0.010"),
            (&[-120.0][..], "−100 −50 0"),
            (&[][..], "−0.05 0 +0.05"),
            (&[f64::NAN][..], "−0.05 0 +0.05"),
        ] {
            let axis = Axis::around_zero(values.iter().copied());
            let words: Vec<String> = axis.ticks().map(|tick| axis.words(tick)).collect();
            assert_eq!(words.join(" "), expected);
            assert!(axis.share(0.0) > 0.0 && axis.share(0.0) < 1.0);
            assert!(
                values.iter().filter(|value| value.is_finite()).all(|&value| (0.0..1.0).contains(&axis.share(value)))
            );
        }
    }
}
