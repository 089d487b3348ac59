//! Steps and evaluations of one run that is compared with others.

use fusionscope_engine::protocol::{EvaluationReport, Phase, ProtocolReport, Quantity, RunCard, RunTrace, StepReport};
use fusionscope_engine::recipe::catalogue::training;

use crate::store::Curves;

/// What is known of the course of a run.
#[derive(Debug, Default)]
pub struct Trace {
    /// Its terms.
    pub curves: Curves,
    /// Its evaluations, oldest first.
    pub evaluations: Vec<EvaluationReport>,
    /// What protocols have found, oldest first.
    pub protocols: Vec<ProtocolReport>,
    /// Where each step lies: in steps, in seconds of training, and within its phase.
    places: Vec<Place>,
}

/// Where a step lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    step: u64,
    /// Seconds of training until its end.
    secs: f64,
    phase: Phase,
    /// Steps of its phase that are done with it, and all there are.
    phase_step: u64,
    phase_steps: u64,
}

impl Trace {
    /// Takes in what was read of the run's folder.
    pub(super) fn take(&mut self, told: RunTrace) {
        if told.is_whole {
            self.curves.clear();
            self.places.clear();
        }
        self.curves.push_steps(&told.steps);
        for step in &told.steps {
            self.place(step);
        }
        self.evaluations = told.evaluations;
        self.protocols = told.protocols;
    }

    fn place(&mut self, report: &StepReport) {
        while self.places.last().is_some_and(|last| last.step >= report.step) {
            self.places.pop();
        }
        let (before, since) = self.places.last().map_or((0.0, 0), |last| (last.secs, last.step));
        // Of a very long run not every step is read; those between take as long as the one after them.
        let steps = report.step.saturating_sub(since).max(1) as f64;
        let secs = before + steps * if report.secs.is_finite() { report.secs.max(0.0) } else { 0.0 };
        let StepReport { step, phase, phase_step, phase_steps, .. } = *report;
        self.places.push(Place { step, secs, phase, phase_step, phase_steps });
    }

    /// The figures that its steps have, with what each measures.
    pub fn terms(&self) -> impl Iterator<Item = (&str, Quantity)> {
        self.curves.terms().iter().map(|term| (term.name.as_str(), term.quantity))
    }

    /// The seconds of training until the end of a step; `None` where that step was not read.
    pub(super) fn secs_at(&self, step: u64) -> Option<f64> {
        self.place_at(step).map(|place| place.secs)
    }

    /// How many passes over the training scenes were done by the end of a step of the student. `None` for the other
    /// phases, and for a run of an older program whose recipe gives its length in steps: how many make a pass was not
    /// kept then.
    pub(super) fn epochs_at(&self, step: u64, run: &RunCard) -> Option<f64> {
        let place = self.place_at(step).filter(|place| place.phase == Phase::Student)?;
        let recipe = run.recipe.as_ref()?;
        match (run.epoch_steps, recipe.get(training::STEPS)) {
            (0, 0) => {
                let share = place.phase_step as f64 / place.phase_steps.max(1) as f64;
                Some(share * recipe.get(training::EPOCHS) as f64)
            }
            (0, _) => None,
            (epoch_steps, _) => Some(place.phase_step as f64 / epoch_steps as f64),
        }
    }

    fn place_at(&self, step: u64) -> Option<&Place> {
        let at = self.places.partition_point(|place| place.step < step);
        self.places.get(at)
    }
}
