//! Mean and deviation of what several runs came to.

use fusionscope_engine::study::{Summary, summary};

use crate::store::metrics::per_cent;

/// Of figures, one a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// How many there are.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, by `count − 1`; `None` of a single one.
    pub deviation: Option<f64>,
}

impl Spread {
    /// Of these; `None` without any.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let figures: Vec<f64> = figures.into_iter().filter(|figure| figure.is_finite()).collect();
        summary(&figures).map(|Summary { count, mean, deviation }| Self { count, mean, deviation })
    }

    /// Shares in per cent: `61.4 ± 0.8`, `61.4` of a single one.
    pub fn per_cent(self) -> String {
        match self.deviation {
            Some(deviation) => format!("{} ± {}", per_cent(Some(self.mean)), per_cent(Some(deviation))),
            None => per_cent(Some(self.mean)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_figure_has_no_deviation_and_none_has_no_mean() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([f64::NAN]), None);
        assert_eq!(Spread::of([0.5]).map(Spread::per_cent).as_deref(), Some("50.0"));
        let three = Spread::of([0.5, 0.6, 0.7]).unwrap();
        assert_eq!((three.count, three.per_cent().as_str()), (3, "60.0 ± 10.0"));
    }
}
