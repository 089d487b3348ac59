//! In what the values of a curve are written: on its axis, in the legend and in the card.

use fusionscope_engine::protocol::Quantity;

use crate::look;

/// What the curves of one plot have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Scores, in per cent already.
    PerCent,
    /// Figures of steps, as they were reported.
    Of(Quantity),
}

impl Unit {
    /// What a plot of such curves is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::PerCent => "mIoU (%)",
            Self::Of(Quantity::Loss) => "Losses",
            Self::Of(Quantity::Share) => "Shares (%)",
            Self::Of(Quantity::Correlation) => "Correlations",
            Self::Of(Quantity::Count) => "Counts",
            Self::Of(Quantity::Norm) => "Norms",
            Self::Of(Quantity::Rate) => "Learning rate",
            Self::Of(Quantity::Time) => "Times (s)",
        }
    }

    /// What a value is multiplied with where it is written: shares are read in per cent.
    pub fn factor(self) -> f64 {
        if self == Self::Of(Quantity::Share) { 100.0 } else { 1.0 }
    }

    /// The smallest distance of two ticks, in the values' own unit.
    pub fn least_step(self) -> f64 {
        if self == Self::Of(Quantity::Count) { 1.0 } else { 0.0 }
    }

    /// The smallest height of an axis, in the values' own unit, so that noise does not look like news.
    pub fn least_height(self) -> f64 {
        match self {
            Self::PerCent => 10.0,
            Self::Of(Quantity::Count) => 2.0,
            Self::Of(_) => 0.0,
        }
    }

    /// Whether a value can occur.
    pub fn holds(self, value: f64) -> bool {
        let (low, high) = match self {
            Self::PerCent => (0.0, 100.0),
            Self::Of(quantity) => quantity.range(),
        };
        (f64::from(low)..=f64::from(high)).contains(&value)
    }

    /// As wide as values are as a rule: what stands behind one does not move while it is trained.
    pub fn widest(self) -> &'static str {
        match self {
            Self::PerCent => "88.8 %",
            Self::Of(Quantity::Count) => "88,888",
            Self::Of(Quantity::Share) => "0.888 %",
            Self::Of(Quantity::Time) => "0.0888 s",
            Self::Of(Quantity::Rate) => "0.000888",
            Self::Of(Quantity::Loss | Quantity::Correlation | Quantity::Norm) => "0.0888",
        }
    }

    /// A value in words: `61.4 %` for mIoU, `12.3 %`, `1,204`, three significant digits for the rest.
    pub fn text(self, value: f64) -> String {
        match self {
            Self::PerCent => format!("{value:.1} %"),
            Self::Of(Quantity::Count) => look::count(value.max(0.0).round() as u64),
            Self::Of(Quantity::Share) => format!("{} %", look::significant(self.factor() * value)),
            Self::Of(Quantity::Time) => format!("{} s", look::significant(value)),
            Self::Of(Quantity::Loss | Quantity::Correlation | Quantity::Norm | Quantity::Rate) => {
                look::significant(value)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_in_their_own_unit() {
        let text = |quantity, value| Unit::Of(quantity).text(value);
        assert_eq!(text(Quantity::Share, 0.1234), "12.3 %");
        assert_eq!(text(Quantity::Count, 1204.4), "1,204");
        assert_eq!(text(Quantity::Time, 0.0691), "0.0691 s");
        assert_eq!(text(Quantity::Loss, 1.0 / 3.0), "0.333");
        assert_eq!(text(Quantity::Correlation, -0.5), "-0.500");
        assert_eq!(Unit::PerCent.text(61.43), "61.4 %");
    }
}
