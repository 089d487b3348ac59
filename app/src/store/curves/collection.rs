//! All curves of the run in hand, with what happened along the step axis.

use std::collections::BTreeSet;

use fusionscope_engine::files::csv;
use fusionscope_engine::protocol::{
    EvaluationReport, LiveChange, Phase, Quantity, Recorded, StepReport, changes_words,
};

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

/// A mean IoU over the steps, for one subset of the sensors, one split, one condition tag, one way of replacing missing
/// sensors, and teacher or student: none of them takes the place of another.
#[derive(Clone, Debug)]
pub struct Score {
    /// Names of the sensors present.
    pub sensors: Vec<String>,
    /// The head that was scored.
    pub head: String,
    /// The data set's name.
    pub dataset: String,
    /// The split's name.
    pub split: String,
    /// The condition tag; empty for the whole split.
    pub tag: String,
    /// How missing sensors were replaced.
    pub missing: String,
    /// Whether the teacher was scored.
    pub of_teacher: bool,
    /// Mean IoU in per cent. Evaluations are few: they are never smoothed.
    pub series: Series,
}

impl Score {
    /// Unique among all scores; what the legend remembers it by.
    pub fn key(&self) -> String {
        let Self { dataset, split, tag, head, missing, .. } = self;
        let whose = if self.of_teacher { "/teacher" } else { "" };
        format!("miou/{split}/{tag}/{head}/{}/{missing}/{dataset}{whose}", self.sensors.join("+"))
    }

    /// The head of its column in a table: `miou_percent.val.night.fused.colour+thermal`; with the treatment of missing
    /// sensors and the data set behind it where there are others.
    pub fn column(&self, all: &[Self]) -> String {
        let tag = if self.tag.is_empty() { "all" } else { &self.tag };
        let mut column = format!("miou_percent.{}.{tag}.{}.{}", self.split, self.head, self.sensors.join("+"));
        for (own, of) in
            [(&self.missing, (|score| &score.missing) as fn(&Self) -> &String), (&self.dataset, |score| &score.dataset)]
        {
            if all.iter().any(|other| of(other) != own) {
                column.push('.');
                column.push_str(own);
            }
        }
        if self.of_teacher {
            column.push_str(".teacher");
        }
        column
    }
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

    /// Takes in an evaluation: one point for every subset, head and tag.
    pub fn push_evaluation(&mut self, report: &EvaluationReport) {
        for subset in &report.subsets {
            let is_same = |score: &Score| {
                score.sensors == subset.sensors
                    && score.head == subset.head
                    && score.dataset == report.dataset
                    && score.split == report.split
                    && score.missing == report.missing
                    && score.tag == subset.tag
                    && score.of_teacher == report.of_teacher
            };
            let place = self.scores.iter().position(is_same).unwrap_or_else(|| {
                self.scores.push(Score {
                    sensors: subset.sensors.clone(),
                    head: subset.head.clone(),
                    dataset: report.dataset.clone(),
                    split: report.split.clone(),
                    tag: subset.tag.clone(),
                    missing: report.missing.clone(),
                    of_teacher: report.of_teacher,
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

    /// Terms and evaluations as a table: one line a step, raw values at full length, empty cells for gaps. `is_shown`
    /// is asked with the names of terms and the keys of scores. Where settings were changed since the run began, the
    /// last column says in each line which no longer were what its recipe says.
    pub fn csv(&self, is_shown: impl Fn(&str) -> bool) -> String {
        let terms = self.terms.iter().map(|term| (term.name.clone(), term.name.clone(), &term.series));
        let scores = self.scores.iter().map(|score| (score.key(), score.column(&self.scores), &score.series));
        let shown: Vec<(String, &Series)> =
            terms.chain(scores).filter(|(key, ..)| is_shown(key)).map(|(_, column, series)| (column, series)).collect();
        let changed = (!self.changes.is_empty()).then_some("changed");
        let head = std::iter::once("step").chain(shown.iter().map(|(column, _)| column.as_str())).chain(changed);
        let mut text = csv::line(head);
        let mut places = vec![0_usize; shown.len()];
        loop {
            let next = shown.iter().zip(&places).filter_map(|((_, series), &place)| series.steps().get(place)).min();
            let Some(&step) = next else { break };
            let cells = shown.iter().zip(&mut places).map(|((_, series), place)| {
                if series.steps().get(*place) != Some(&step) {
                    return String::new();
                }
                let value = series.values()[*place];
                *place += 1;
                if value.is_finite() { value.to_string() } else { String::new() }
            });
            // Changes come in the order of their steps.
            let in_force = self.changes.partition_point(|change| change.step < step);
            let changed = changed.map(|_| changes_words(&self.changes[..in_force]));
            text.push_str(&csv::line(std::iter::once(step.to_string()).chain(cells).chain(changed)));
        }
        text
    }
}

/// Whether a score is that of the most sensors among `scores`.
pub fn is_score_of_all(score: &Score, scores: &[Score]) -> bool {
    scores.iter().all(|other| other.sensors.len() <= score.sensors.len())
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{Figure, Happening, SubsetScores};
    use fusionscope_engine::recipe::Value;

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
    fn no_evaluation_takes_the_place_of_another_of_the_same_step() {
        let mut curves = Curves::default();
        let evaluation = |split: &str, missing: &str, dataset: &str, miou| EvaluationReport {
            step: 10,
            split: split.to_owned(),
            missing: missing.to_owned(),
            dataset: dataset.to_owned(),
            subsets: vec![SubsetScores {
                sensors: vec!["colour".to_owned()],
                head: "fused".to_owned(),
                miou: Some(miou),
                ..SubsetScores::default()
            }],
            ..EvaluationReport::default()
        };
        for (split, missing, dataset, miou) in [
            ("val", "drop", "a", 0.1),
            ("test", "drop", "a", 0.2),
            ("val", "zeros", "a", 0.3),
            ("val", "drop", "b", 0.4),
        ] {
            curves.push_evaluation(&evaluation(split, missing, dataset, miou));
        }
        assert_eq!(curves.scores().len(), 4);
        let keys: BTreeSet<String> = curves.scores().iter().map(Score::key).collect();
        let columns: BTreeSet<String> = curves.scores().iter().map(|score| score.column(curves.scores())).collect();
        assert_eq!((keys.len(), columns.len()), (4, 4), "{columns:?}");
        assert!(columns.contains("miou_percent.val.all.fused.colour.zeros.a"), "{columns:?}");
        // The teacher has a curve of its own.
        let of_teacher = EvaluationReport { of_teacher: true, ..evaluation("val", "drop", "a", 0.9) };
        curves.push_evaluation(&of_teacher);
        let [student, .., teacher] = curves.scores() else { panic!() };
        assert_eq!((student.series.values(), teacher.series.values()), (&[10.0][..], &[90.0][..]));
        assert!(student.key() != teacher.key() && teacher.column(curves.scores()).ends_with(".teacher"));
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
    fn the_table_says_in_each_line_which_settings_were_changed_before() {
        let mut curves = Curves::default();
        let reports: Vec<StepReport> = (1..=3).map(|step| report(step, Phase::Student, &[("total", 1.0)])).collect();
        curves.push_steps(&reports);
        let (old, new) = (Value::Switch(true), Value::Switch(false));
        curves.set_changes(vec![LiveChange { key: "exchange.channel.enabled".to_owned(), old, new, step: 1 }]);
        let words = "exchange.channel.enabled on → off after step 1";
        assert_eq!(curves.csv(|name| name == "total"), format!("step,total,changed\n1,1,\n2,1,{words}\n3,1,{words}\n"));
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
        let hidden = ["learning_rate", "step_secs", "miou/val/night/fused/colour//"];
        assert_eq!(
            curves.csv(|name| !hidden.contains(&name)),
            "step,total,miou_percent.val.all.fused.colour+thermal,miou_percent.val.all.fused.colour\n1,3,,\n2,2,50,\n"
        );
    }
}
