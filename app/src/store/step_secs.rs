//! How long a step takes on this machine, as far as the window has seen.

use fusionscope_engine::study::StepSecs;

use super::Store;

impl Store {
    /// Seconds of a step on all cores, and how that is known: measured on request, or of the run whose steps were taken
    /// in this window.
    pub fn step_secs(&self) -> Option<(StepSecs, String)> {
        if let Some((name, secs)) = &self.study.measured {
            return Some((*secs, format!("by measured steps of {name}")));
        }
        let progress = self.curves.progress();
        let steps = progress.last().filter(|_| self.is_timed())?.total_steps;
        let secs = progress.whole_secs()? / steps as f64;
        let name = self.trained.as_deref().unwrap_or("the run in view");
        Some((StepSecs { teacher: secs, student: secs }, format!("by the steps of {name}")))
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{Event, Phase, SessionState, StepReport};

    use super::*;

    #[test]
    fn a_step_takes_what_was_measured_and_else_what_the_run_in_view_took() {
        let mut store = Store::default();
        assert_eq!(store.step_secs(), None);
        let step = |step| StepReport {
            phase: Phase::Student,
            step,
            phase_step: step,
            phase_steps: 10,
            total_steps: 10,
            secs: 0.5,
            ..StepReport::default()
        };
        store.apply(Event::State(SessionState::Training));
        store.apply(Event::Steps(vec![step(1), step(2)]));
        let (secs, from) = store.step_secs().unwrap();
        assert!((secs.student - 0.5).abs() < 1e-9 && from.contains("the run in view"), "{secs:?} {from}");
        store.study.measured = Some(("base".to_owned(), StepSecs { teacher: 0.1, student: 0.2 }));
        assert_eq!(store.step_secs().unwrap().0.student, 0.2);
    }
}
