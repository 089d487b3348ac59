//! All curves of the run in hand, with what happened along the step axis.

use std::collections::BTreeSet;

use fusionscope_engine::protocol::{EvaluationReport, Mark, Phase, Quantity, StepReport};

use super::progress::Progress;
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

/// A mean IoU over the steps, for one subset of the sensors, one split and one condition tag.
#[derive(Clone, Debug)]
pub struct Score {
    /// Names of the sensors present.
    pub sensors: Vec<String>,
    /// The head that was scored.
    pub head: String,
    /// The split's name.
    pub split: String,
    /// The condition tag; empty for the whole split.
    pub tag: String,
    /// Mean IoU in per cent. Evaluations are few: they are never smoothed.
    pub series: Series,
}

impl Score {
    /// Unique among all scores; what the legend remembers it by.
    pub fn key(&self) -> String {
        format!("miou/{}/{}/{}/{}", self.split, self.tag, self.head, self.sensors.join("+"))
    }

    /// The head of its column in a table: `miou_percent.val.night.fused.colour+thermal`.
    pub fn column(&self) -> String {
        let tag = if self.tag.is_empty() { "all" } else { &self.tag };
        format!("miou_percent.{}.{tag}.{}.{}", self.split, self.head, self.sensors.join("+"))
    }
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

    /// Takes in a mark.
    pub fn push_mark(&mut self, mark: Mark) {
        if !self.marks.contains(&mark) {
            self.marks.push(mark);
        }
    }

    /// Takes in an evaluation: one point for every subset, head and tag.
    pub fn push_evaluation(&mut self, report: &EvaluationReport) {
        for subset in &report.subsets {
            let is_same = |score: &Score| {
                score.sensors == subset.sensors
                    && score.head == subset.head
                    && score.split == report.split
                    && score.tag == subset.tag
            };
            let place = self.scores.iter().position(is_same).unwrap_or_else(|| {
                self.scores.push(Score {
                    sensors: subset.sensors.clone(),
                    head: subset.head.clone(),
                    split: report.split.clone(),
                    tag: subset.tag.clone(),
                    series: Series::new(0.0),
                });
                self.scores.len() - 1
            });
            let per_cent = subset.miou.map_or(f32::NAN, |miou| (100.0 * miou) as f32);
            self.scores[place].series.push(report.step, per_cent);
        }
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

    /// Mean IoU over the steps, by subset.
    pub fn scores(&self) -> &[Score] {
        &self.scores
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

    /// The first and the newest step of any curve.
    pub fn steps(&self) -> Option<(u64, u64)> {
        let ends = self.terms.iter().map(|term| &term.series).chain(self.scores.iter().map(|score| &score.series));
        ends.filter_map(|series| Some((*series.steps().first()?, *series.steps().last()?)))
            .reduce(|all, own| (all.0.min(own.0), all.1.max(own.1)))
    }

    /// Terms and evaluations as a table: one line a step, raw values at full length, empty cells for gaps. `is_shown`
    /// is asked with the names of terms and the keys of scores.
    pub fn csv(&self, is_shown: impl Fn(&str) -> bool) -> String {
        let terms = self.terms.iter().map(|term| (term.name.clone(), term.name.clone(), &term.series));
        let scores = self.scores.iter().map(|score| (score.key(), score.column(), &score.series));
        let shown: Vec<(String, &Series)> =
            terms.chain(scores).filter(|(key, ..)| is_shown(key)).map(|(_, column, series)| (column, series)).collect();
        let mut text = String::from("step");
        for (column, _) in &shown {
            text.push(',');
            text.push_str(&csv_field(column));
        }
        text.push('\n');
        let mut places = vec![0_usize; shown.len()];
        loop {
            let next = shown.iter().zip(&places).filter_map(|((_, series), &place)| series.steps().get(place)).min();
            let Some(&step) = next else { break };
            text.push_str(&step.to_string());
            for ((_, series), place) in shown.iter().zip(&mut places) {
                text.push(',');
                if series.steps().get(*place) == Some(&step) {
                    let value = series.values()[*place];
                    if value.is_finite() {
                        text.push_str(&value.to_string());
                    }
                    *place += 1;
                }
            }
            text.push('\n');
        }
        text
    }
}

/// Whether a score is that of the most sensors among `scores`.
pub fn is_score_of_all(score: &Score, scores: &[Score]) -> bool {
    scores.iter().all(|other| other.sensors.len() <= score.sensors.len())
}

fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{Figure, SubsetScores};

    use super::*;

    fn report(step: u64, phase: Phase, terms: &[(&str, f32)]) -> StepReport {
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
    fn phases_follow_each_other_and_a_resumed_run_drops_what_lies_beyond() {
        let mut curves = Curves::default();
        let total = [("total", 1.0)];
        curves.push_steps(&[report(1, Phase::Teacher, &total), report(2, Phase::Teacher, &total)]);
        curves.push_steps(&[report(3, Phase::Student, &total), report(4, Phase::Student, &total)]);
        curves.push_mark(Mark { step: 4, label: "checkpoint".to_owned() });
        curves.push_steps(&[report(3, Phase::Student, &total)]);
        let spans: Vec<_> = curves.phases().iter().map(|span| (span.phase, span.start, span.end)).collect();
        assert_eq!(spans, [(Phase::Teacher, 1, 2), (Phase::Student, 3, 3)]);
        assert_eq!(curves.steps(), Some((1, 3)));
        assert!(curves.marks().is_empty());
    }

    #[test]
    fn evaluations_make_one_curve_a_subset() {
        let mut curves = Curves::default();
        let subset = |sensors: &[&str], miou| SubsetScores {
            sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
            miou,
            ..SubsetScores::default()
        };
        for step in [10, 20] {
            curves.push_evaluation(&EvaluationReport {
                step,
                split: "val".to_owned(),
                subsets: vec![subset(&["colour", "thermal"], Some(0.5)), subset(&["colour"], None)],
                ..EvaluationReport::default()
            });
        }
        assert_eq!(curves.scores().len(), 2);
        assert_eq!(curves.scores()[0].series.values(), &[50.0, 50.0]);
        assert!(curves.scores()[1].series.values()[0].is_nan());
        assert!(is_score_of_all(&curves.scores()[0], curves.scores()));
        assert!(!is_score_of_all(&curves.scores()[1], curves.scores()));
    }

    #[test]
    fn the_table_keeps_raw_values_and_leaves_gaps_empty() {
        let mut curves = Curves::default();
        curves.set_smoothing(0.9);
        curves.push_steps(&[
            report(1, Phase::Student, &[("total", 3.0), ("a,b", 1.5)]),
            report(2, Phase::Student, &[("total", 2.0)]),
        ]);
        assert_eq!(
            curves.csv(|name| !["learning_rate", "step_secs"].contains(&name)),
            "step,total,\"a,b\"\n1,3,1.5\n2,2,\n"
        );
    }

    #[test]
    fn evaluations_stand_in_the_table_at_their_steps() {
        let mut curves = Curves::default();
        curves
            .push_steps(&[report(1, Phase::Student, &[("total", 3.0)]), report(2, Phase::Student, &[("total", 2.0)])]);
        let subset = |sensors: &[&str], tag: &str, miou| SubsetScores {
            sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
            head: "fused".to_owned(),
            tag: tag.to_owned(),
            miou,
            ..SubsetScores::default()
        };
        curves.push_evaluation(&EvaluationReport {
            step: 2,
            split: "val".to_owned(),
            subsets: vec![
                subset(&["colour", "thermal"], "", Some(0.5)),
                subset(&["colour"], "", None),
                subset(&["colour"], "night", Some(0.25)),
            ],
            ..EvaluationReport::default()
        });
        let hidden = ["learning_rate", "step_secs", "miou/val/night/fused/colour"];
        assert_eq!(
            curves.csv(|name| !hidden.contains(&name)),
            "step,total,miou_percent.val.all.fused.colour+thermal,miou_percent.val.all.fused.colour\n1,3,,\n2,2,50,\n"
        );
    }
}
