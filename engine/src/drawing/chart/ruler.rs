//! An axis of a chart.

/// An axis: what lies along it, its ends, and the places that are named on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ruler {
    /// What lies along it, with its unit.
    pub label: String,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The named places.
    pub ticks: Vec<Tick>,
}

/// A named place.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub at: f64,
    /// Its name.
    pub words: String,
}

impl Ruler {
    /// One from end to end with a few round numbers on it.
    pub fn over(label: &str, low: f64, high: f64) -> Self {
        let is_usable = low.is_finite() && high.is_finite() && high > low;
        let (low, high) = if is_usable { (low, high) } else { (0.0, 1.0) };
        let least = (high - low) / 6.0;
        let power = 10_f64.powf(least.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power).into_iter().find(|step| *step >= 0.999_999 * least);
        let step = step.unwrap_or(10.0 * power);
        let digits = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
        let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
        let tick = |number: i64| {
            let at = number as f64 * step;
            let words = if number == 0 { "0".to_owned() } else { format!("{at:.digits$}").replace('-', "−") };
            Tick { at, words }
        };
        Self { label: label.to_owned(), low, high, ticks: (first..=last).map(tick).collect() }
    }

    /// Where a value lies, from 0 at the lower end to 1 at the upper.
    pub(super) fn share(&self, value: f64) -> f64 {
        let length = self.high - self.low;
        if length > 0.0 { (value - self.low) / length } else { 0.5 }
    }

    /// Whether a value lies between the ends.
    pub(super) fn holds(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.share(value))
    }

    /// The named places between the ends.
    pub(super) fn seen(&self) -> impl Iterator<Item = &Tick> {
        self.ticks.iter().filter(|tick| self.holds(tick.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_a_few_round_numbers_between_its_ends() {
        for (low, high, expected) in [
            (0.0, 1.0, "0 0.2 0.4 0.6 0.8 1.0"),
            (-30.0, 30.0, "−30 −20 −10 0 10 20 30"),
            (0.05, 0.11, "0.05 0.06 0.07 0.08 0.09 0.10 0.11"),
            (3.0, 3.0, "0 0.2 0.4 0.6 0.8 1.0"),
            (f64::NAN, 1.0, "0 0.2 0.4 0.6 0.8 1.0"),
        ] {
            let ruler = Ruler::over("", low, high);
            let words: Vec<&str> = ruler.seen().map(|tick| tick.words.as_str()).collect();
            assert_eq!(words.join(" "), expected);
        }
    }
}
