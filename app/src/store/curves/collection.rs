//! All curves of the run in hand, with what happened along the step axis.

mod evaluations;
mod table;

use std::collections::BTreeSet;

use fusionscope_engine::protocol::{LiveChange, Phase, Quantity, Recorded, StepReport};

use super::progress::Progress;
use super::score::Score;
use super::series::Series;

/// A named curve out of the step reports.
#[derive(Clone, Debug)]
pub struct Term {
    /// The name, for example `segmentation.fused`.
    pub name: String,
    /// What it measures, which decides the plot that it belongs to.
    pub quantity: Quantity,
    /// Its points.
    pub series: Series,
}

/// A labelled place on the step axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The step after which it happened.
    pub step: u64,
    /// What happened: a switch, a phase, a pause, a checkpoint, a resume, a warning.
    pub label: String,
    /// Whether it is a setting that was changed.
    pub is_change: bool,
}

/// A phase and the steps that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseSpan {
    /// The phase.
    pub phase: Phase,
    /// Its first step.
    pub start: u64,
    /// Its newest step.
    pub end: u64,
}

/// Everything that the curves pane shows.
#[derive(Clone, Debug)]
pub struct Curves {
    terms: Vec<Term>,
    scores: Vec<Score>,
    marks: Vec<Mark>,
    changes: Vec<LiveChange>,
    phases: Vec<PhaseSpan>,
    smoothing: f32,
    progress: Progress,
}

/// The smoothing of a first launch: enough to see a trend in the noise of small batches.
const FIRST_SMOOTHING: f32 = 0.6;

impl Default for Curves {
    fn default() -> Self {
        Self {
            terms: Vec::new(),
            scores: Vec::new(),
            marks: Vec::new(),
            changes: Vec::new(),
            phases: Vec::new(),
            smoothing: FIRST_SMOOTHING,
            progress: Progress::default(),
        }
    }
}

impl Curves {
    /// Forgets all points and marks; the smoothing stays.
    pub fn clear(&mut self) {
        *self = Self { smoothing: self.smoothing, ..Self::default() };
    }

    /// Takes in steps, oldest first. A term that a report leaves out gets a gap there.
    pub fn push_steps(&mut self, reports: &[StepReport]) {
        for report in reports {
            if self.progress.last().is_some_and(|last| last.step >= report.step) {
                self.rewind(report.step);
            }
            self.push_step(report);
            self.progress.push(report);
        }
    }

    fn push_step(&mut self, report: &StepReport) {
        let of_all = [
            ("learning_rate", Quantity::Rate, report.learning_rate as f32),
            ("step_secs", Quantity::Time, report.secs as f32),
        ];
        let own = report.terms.iter().map(|term| (term.name.as_str(), term.quantity, term.value));
        let given: Vec<(&str, Quantity, f32)> = own.chain(of_all).collect();
        let names: BTreeSet<&str> = given.iter().map(|(name, ..)| *name).collect();
        for term in &mut self.terms {
            let is_open = term.series.last().is_some_and(|last| last.value.is_finite());
            if is_open && !names.contains(term.name.as_str()) {
                term.series.push(report.step, f32::NAN);
            }
        }
        for (name, quantity, value) in given {
            let place = self.terms.iter().position(|term| term.name == name).unwrap_or_else(|| {
                self.terms.push(Term { name: name.to_owned(), quantity, series: Series::new(self.smoothing) });
                self.terms.len() - 1
            });
            self.terms[place].series.push(report.step, value);
        }
        match self.phases.last_mut() {
            Some(span) if span.phase == report.phase => span.end = report.step,
            _ => self.phases.push(PhaseSpan { phase: report.phase, start: report.step, end: report.step }),
        }
    }

    /// The run goes on from an earlier checkpoint: what was drawn beyond it is no part of the run any more.
    fn rewind(&mut self, step: u64) {
        for term in &mut self.terms {
            term.series.rewind(step);
        }
        for score in &mut self.scores {
            score.series.rewind(step);
        }
        self.phases.retain(|span| span.start < step);
        if let Some(span) = self.phases.last_mut() {
            span.end = span.end.min(step.saturating_sub(1));
        }
        self.marks.retain(|mark| mark.step < step);
    }

    /// Takes in what happened to the run; what the run does again, it has done once.
    pub fn push_recorded(&mut self, entries: &[Recorded]) {
        for entry in entries {
            let Some(label) = entry.label() else { continue };
            let mark = Mark { step: entry.step, label, is_change: entry.change().is_some() };
            if !self.marks.contains(&mark) {
                self.marks.push(mark);
            }
        }
    }

    /// Takes in which settings were changed since the run began, all of them.
    pub fn set_changes(&mut self, changes: Vec<LiveChange>) {
        self.changes = changes;
    }

    /// Which settings were changed since the run began.
    pub fn changes(&self) -> &[LiveChange] {
        &self.changes
    }

    /// Sets the smoothing of all terms, 0 (none) to 1 (exclusive).
    pub fn set_smoothing(&mut self, smoothing: f32) {
        if self.smoothing == smoothing {
            return;
        }
        self.smoothing = smoothing;
        for term in &mut self.terms {
            term.series.set_smoothing(smoothing);
        }
    }

    /// The smoothing in force.
    pub fn smoothing(&self) -> f32 {
        self.smoothing
    }

    /// Whether there is anything to draw.
    pub fn has_any(&self) -> bool {
        !self.terms.is_empty() || !self.scores.is_empty()
    }

    /// Terms in the order in which they first appeared.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The term of that name.
    pub fn term(&self, name: &str) -> Option<&Series> {
        self.terms.iter().find(|term| term.name == name).map(|term| &term.series)
    }

    /// What happened along the step axis.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The phases so far.
    pub fn phases(&self) -> &[PhaseSpan] {
        &self.phases
    }

    /// How far the run is.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The first step behind the teacher's phase, where one follows it.
    pub fn after_teacher(&self) -> Option<u64> {
        let (first, rest) = self.phases.split_first()?;
        rest.first().filter(|_| first.phase == Phase::Teacher).map(|span| span.start)
    }

    /// The first and the newest step of any curve.
    pub fn steps(&self) -> Option<(u64, u64)> {
        let ends = self.terms.iter().map(|term| &term.series).chain(self.scores.iter().map(|score| &score.series));
        ends.filter_map(|series| Some((*series.steps().first()?, *series.steps().last()?)))
            .reduce(|all, own| (all.0.min(own.0), all.1.max(own.1)))
    }

    /// How many steps are held, of how many in their span, where some are missing: of a long run that was opened again
    /// only a part is read.
    pub fn sample(&self) -> Option<(u64, u64)> {
        let steps = self.term("learning_rate")?.steps();
        let (held, all) = (steps.len() as u64, steps.last()? - steps.first()? + 1);
        (held < all).then_some((held, all))
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{Figure, Happening};

    use super::*;

    /// The report of a step with these losses.
    pub(super) fn report(step: u64, phase: Phase, terms: &[(&str, f32)]) -> StepReport {
        StepReport {
            step,
            phase,
            total_steps: 100,
            secs: 0.1,
            learning_rate: 0.5,
            terms: terms.iter().map(|&(name, value)| Figure::new(name, Quantity::Loss, value)).collect(),
            ..StepReport::default()
        }
    }

    #[test]
    fn a_term_that_is_left_out_shows_a_gap() {
        let mut curves = Curves::default();
        curves.push_steps(&[
            report(1, Phase::Student, &[("total", 3.0), ("contrast", 1.0)]),
            report(2, Phase::Student, &[("total", 2.0)]),
            report(3, Phase::Student, &[("total", 2.0)]),
            report(4, Phase::Student, &[("total", 1.0), ("contrast", 0.5)]),
        ]);
        let contrast = curves.term("contrast").unwrap();
        assert_eq!(contrast.steps(), &[1, 2, 4]);
        assert!(contrast.values()[1].is_nan());
        assert_eq!(curves.term("total").unwrap().len(), 4);
    }

    #[test]
    fn steps_that_are_missing_are_counted() {
        let mut curves = Curves::default();
        assert_eq!(curves.sample(), None);
        let total = [("total", 1.0)];
        curves.push_steps(&[report(5, Phase::Teacher, &total), report(6, Phase::Student, &[])]);
        assert_eq!(curves.sample(), None);
        curves.push_steps(&[report(9, Phase::Student, &total), report(14, Phase::Student, &total)]);
        assert_eq!(curves.sample(), Some((4, 10)));
        // The run was resumed at step 6.
        curves.push_steps(&[report(7, Phase::Student, &total)]);
        assert_eq!(curves.sample(), None);
    }

    #[test]
    fn phases_follow_each_other_and_a_resumed_run_drops_what_lies_beyond() {
        let mut curves = Curves::default();
        let total = [("total", 1.0)];
        curves.push_steps(&[report(1, Phase::Teacher, &total), report(2, Phase::Teacher, &total)]);
        curves.push_steps(&[report(3, Phase::Student, &total), report(4, Phase::Student, &total)]);
        curves.push_recorded(&[Recorded { at: String::new(), step: 4, what: Happening::Checkpoint }]);
        curves.push_steps(&[report(3, Phase::Student, &total)]);
        let spans: Vec<_> = curves.phases().iter().map(|span| (span.phase, span.start, span.end)).collect();
        assert_eq!(spans, [(Phase::Teacher, 1, 2), (Phase::Student, 3, 3)]);
        assert_eq!(curves.steps(), Some((1, 3)));
        assert!(curves.marks().is_empty());
    }

    #[test]
    fn the_student_s_steps_begin_behind_the_teacher_s() {
        let mut curves = Curves::default();
        let total = [("total", 1.0)];
        curves.push_steps(&[report(1, Phase::Teacher, &total), report(2, Phase::Teacher, &total)]);
        assert_eq!(curves.after_teacher(), None);
        curves.push_steps(&[report(3, Phase::Student, &total)]);
        assert_eq!(curves.after_teacher(), Some(3));
        let mut plain = Curves::default();
        plain.push_steps(&[report(1, Phase::Student, &total), report(2, Phase::Adaptation, &total)]);
        assert_eq!(plain.after_teacher(), None);
    }
}
