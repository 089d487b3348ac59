//! Which steps are in view: all of them, the newest ones, or a part that the user chose.

/// The steps in view.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum View {
    /// From the first step to the newest.
    #[default]
    All,
    /// This many of the newest steps; moves on with the run.
    Newest {
        /// How many.
        width: f64,
    },
    /// A fixed part.
    Part {
        /// The first step in view.
        low: f64,
        /// The last step in view.
        high: f64,
    },
}

/// The narrowest view, in steps.
const NARROWEST: f64 = 4.0;

impl View {
    /// The first and last step in view, given the first and last step there is.
    pub fn range(self, steps: Option<(u64, u64)>) -> (f64, f64) {
        let (first, last) = steps.map_or((0.0, 100.0), |(first, last)| (first as f64, last as f64));
        match self {
            // A lone step late in a run stands in the middle of an axis with room for round numbers.
            Self::All if first == last && first > NARROWEST => (0.75 * first, 1.25 * first),
            Self::All => (first, last.max(first + NARROWEST)),
            Self::Newest { width } => {
                let end = last.max(first + NARROWEST);
                ((end - width).max(first).min(end - NARROWEST), end)
            }
            Self::Part { low, high } => (low, high),
        }
    }

    /// Whether new steps move the view.
    pub fn is_following(self) -> bool {
        !matches!(self, Self::Part { .. })
    }

    /// The view moved by a number of steps; it stands still from then on.
    pub fn panned(self, by: f64, steps: Option<(u64, u64)>) -> Self {
        if by == 0.0 {
            return self;
        }
        let (low, high) = self.range(steps);
        Self::Part { low: low + by, high: high + by }
    }

    /// The view `factor` times as close. A view that follows keeps its newest step, another keeps the step `about`.
    pub fn zoomed(self, factor: f64, about: f64, steps: Option<(u64, u64)>) -> Self {
        if factor == 1.0 || !factor.is_finite() || factor <= 0.0 {
            return self;
        }
        let (low, high) = self.range(steps);
        let all = Self::All.range(steps);
        let width = ((high - low) / factor).clamp(NARROWEST, 2.0 * (all.1 - all.0));
        match self {
            Self::All | Self::Newest { .. } if width >= all.1 - all.0 => Self::All,
            Self::All | Self::Newest { .. } if about >= low + 0.9 * (high - low) => Self::Newest { width },
            _ => {
                let share = ((about - low) / (high - low)).clamp(0.0, 1.0);
                let low = about - share * width;
                Self::Part { low, high: low + width }
            }
        }
    }

    /// Follows the run at the present width, or stops following where it stands.
    pub fn with_following(self, follow: bool, steps: Option<(u64, u64)>) -> Self {
        let (low, high) = self.range(steps);
        match (follow, self) {
            (true, Self::Part { .. }) => Self::Newest { width: high - low },
            (false, Self::All | Self::Newest { .. }) => Self::Part { low, high },
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: Option<(u64, u64)> = Some((1, 1000));

    #[test]
    fn the_whole_run_is_in_view_at_first_and_grows() {
        assert_eq!(View::default().range(STEPS), (1.0, 1000.0));
        assert_eq!(View::default().range(Some((1, 1))), (1.0, 5.0));
        assert_eq!(View::default().range(Some((1200, 1200))), (900.0, 1500.0));
        assert_eq!(View::default().range(None), (0.0, 100.0));
    }

    #[test]
    fn zooming_near_the_newest_step_keeps_following_it() {
        let view = View::All.zoomed(2.0, 990.0, STEPS);
        assert_eq!(view.range(STEPS), (500.5, 1000.0));
        assert_eq!(view.range(Some((1, 1100))), (600.5, 1100.0));
    }

    #[test]
    fn zooming_elsewhere_keeps_the_step_under_the_pointer() {
        let view = View::All.zoomed(2.0, 500.5, STEPS);
        assert!(!view.is_following());
        let (low, high) = view.range(STEPS);
        assert!((f64::midpoint(low, high) - 500.5).abs() < 1e-9 && (high - low - 499.5).abs() < 1e-9);
    }

    #[test]
    fn zooming_out_of_a_following_view_shows_all_again() {
        let near = View::All.zoomed(4.0, 1000.0, STEPS);
        assert_eq!(near.zoomed(0.01, 1000.0, STEPS), View::All);
    }

    #[test]
    fn panning_stops_following_and_following_starts_again_at_the_same_width() {
        let view = View::All.panned(-50.0, STEPS);
        assert_eq!(view.range(STEPS), (-49.0, 950.0));
        assert_eq!(view.with_following(true, STEPS), View::Newest { width: 999.0 });
        assert_eq!(View::All.with_following(false, STEPS), View::Part { low: 1.0, high: 1000.0 });
    }
}
