//! Where the time of recent steps went, gathered into reports that come twice a second.

use std::time::{Duration, Instant};

use crate::protocol::{TimeReport, TimeShare};
use crate::stopwatch::{self, Layer, Span};

/// What keeping pages of pinned scenes is called. It is no part of a step, and is told beside those, as it was before this
/// one.
pub(super) const ALBUM: &str = "album";

const EVERY: Duration = Duration::from_millis(500);

/// The spans of the steps since the last report.
#[derive(Debug, Default)]
pub(super) struct Times {
    spans: Vec<Span>,
    steps: u64,
    secs: f64,
    reported: Option<Instant>,
}

impl Times {
    /// Takes in a step that took `secs`; now and then returns what has come together.
    pub(super) fn add(&mut self, step: u64, spans: &[Span], secs: f64) -> Option<TimeReport> {
        self.steps += 1;
        self.secs += secs;
        for span in spans {
            if span.name == ALBUM {
                self.secs += span.secs;
            }
            stopwatch::add(&mut self.spans, *span);
        }
        if self.reported.is_some_and(|reported| reported.elapsed() < EVERY) {
            return None;
        }
        let report = self.report(step);
        *self = Self { reported: Some(Instant::now()), ..Self::default() };
        Some(report)
    }

    fn report(&self, step: u64) -> TimeReport {
        let steps = self.steps as f64;
        let shares = |layer: Layer| -> Vec<TimeShare> {
            let own = self.spans.iter().filter(|span| span.layer == layer);
            own.map(|span| TimeShare {
                name: span.name.to_owned(),
                millis: 1e3 * span.secs / steps,
                calls: f64::from(span.calls) / steps,
            })
            .collect()
        };
        TimeReport {
            step,
            steps: self.steps,
            millis: 1e3 * self.secs / steps,
            parts: shares(Layer::Part),
            kernels: shares(Layer::Kernel),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pages_of_pinned_scenes_take_stands_beside_the_parts_and_within_the_whole() {
        let span = |name, secs| Span { layer: Layer::Part, name, secs, calls: 1 };
        let report = Times::default().add(1, &[span("forward", 0.25), span(ALBUM, 0.125)], 0.5).unwrap();
        assert_eq!((report.millis, report.parts[1].millis), (625.0, 125.0));
    }

    #[test]
    fn steps_between_two_reports_are_averaged() {
        let span = |layer, name, secs, calls| Span { layer, name, secs, calls };
        let mut times = Times::default();
        let first = times.add(1, &[span(Layer::Part, "forward", 0.25, 1)], 0.5).unwrap();
        assert_eq!((first.step, first.steps, first.millis), (1, 1, 500.0));
        let spans = [span(Layer::Part, "forward", 0.25, 1), span(Layer::Kernel, "norm", 0.125, 4)];
        assert_eq!(times.add(2, &spans, 0.5), None);
        times.reported = None;
        let second = times.add(3, &spans[..1], 1.0).unwrap();
        assert_eq!((second.step, second.steps, second.millis), (3, 2, 750.0));
        assert_eq!(second.parts, [TimeShare { name: "forward".to_owned(), millis: 250.0, calls: 1.0 }]);
        assert_eq!(second.kernels, [TimeShare { name: "norm".to_owned(), millis: 62.5, calls: 2.0 }]);
    }
}
