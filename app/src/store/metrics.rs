//! The evaluations of the run in hand, and how their figures are laid out as a table.

use std::time::Instant;

use fusionscope_engine::protocol::{EvaluationReport, SubsetScores, changes_words};

/// The evaluations, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    reports: Vec<EvaluationReport>,
    received: Option<Instant>,
}

/// What makes an evaluation another one than those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    dataset: String,
    split: String,
    step: u64,
    of_teacher: bool,
    missing: String,
    /// In words.
    changed: String,
}

impl Which {
    /// Of this report.
    pub fn of(report: &EvaluationReport) -> Self {
        let EvaluationReport { dataset, split, step, of_teacher, missing, changed, .. } = report;
        let (dataset, split, missing) = (dataset.clone(), split.clone(), missing.clone());
        Self { dataset, split, step: *step, of_teacher: *of_teacher, missing, changed: changes_words(changed) }
    }
}

/// A row of the modality table: one subset of the sensors and one head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Names of the sensors present.
    pub sensors: &'a [String],
    /// The head that was scored.
    pub head: &'a str,
}

impl Metrics {
    /// Takes in an evaluation, in place of one of the same step, data, split and settings.
    pub fn push(&mut self, report: EvaluationReport) {
        let which = Which::of(&report);
        self.reports.retain(|old| Which::of(old) != which);
        self.reports.push(report);
        self.received = Some(Instant::now());
    }

    /// When the last one came in.
    pub fn received(&self) -> Option<Instant> {
        self.received
    }

    /// That evaluation, else the one that came in last.
    pub fn chosen(&self, which: Option<&Which>) -> Option<&EvaluationReport> {
        let found = which.and_then(|which| self.reports.iter().find(|report| Which::of(report) == *which));
        found.or_else(|| self.latest())
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.reports.clear();
    }

    /// The evaluation that came in last.
    pub fn latest(&self) -> Option<&EvaluationReport> {
        self.reports.last()
    }

    /// All evaluations, oldest first.
    pub fn reports(&self) -> &[EvaluationReport] {
        &self.reports
    }

    /// The evaluation of an earlier step before `report`, on the same split and with the same treatment of missing
    /// sensors, to compare with.
    pub fn before(&self, report: &EvaluationReport) -> Option<&EvaluationReport> {
        let which = Which::of(report);
        let alike = |old: &&EvaluationReport| {
            Which { step: which.step, changed: which.changed.clone(), ..Which::of(old) } == which
        };
        self.reports.iter().filter(alike).filter(|old| old.step < report.step).max_by_key(|old| old.step)
    }
}

/// The rows of a report's modality table, in the report's order (all sensors first).
pub fn rows(report: &EvaluationReport) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for subset in &report.subsets {
        let row = Row { sensors: &subset.sensors, head: &subset.head };
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// The columns of a report's modality table: the whole split (an empty tag) first, then each condition tag.
pub fn columns(report: &EvaluationReport) -> Vec<&str> {
    let mut tags = vec![""];
    for subset in &report.subsets {
        if !tags.contains(&subset.tag.as_str()) {
            tags.push(&subset.tag);
        }
    }
    tags
}

/// The figures in one cell of the modality table.
pub fn cell<'a>(report: &'a EvaluationReport, row: &Row<'_>, tag: &str) -> Option<&'a SubsetScores> {
    report.subsets.iter().find(|subset| subset.sensors == row.sensors && subset.head == row.head && subset.tag == tag)
}

/// The figures with the most sensors present on the whole split: the report's headline.
pub fn headline(report: &EvaluationReport) -> Option<&SubsetScores> {
    let whole = report.subsets.iter().filter(|subset| subset.tag.is_empty());
    whole.reduce(|best, subset| if subset.sensors.len() > best.sensors.len() { subset } else { best })
}

/// A share as per cent with one digit, as mIoU is printed: `61.4`; a dash where there is none.
pub use fusionscope_engine::protocol::percent_or_dash as per_cent;

/// The same with its sign, where no head of a table says it: `61.4 %`.
pub fn per_cent_sign(share: Option<f64>) -> String {
    let text = per_cent(share);
    if text == "–" { text } else { text + " %" }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::LiveChange;
    use fusionscope_engine::recipe::Value;

    use super::*;

    fn scores(sensors: &[&str], tag: &str, miou: f64) -> SubsetScores {
        SubsetScores {
            sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
            tag: tag.to_owned(),
            head: "fused".to_owned(),
            miou: Some(miou),
            ..SubsetScores::default()
        }
    }

    fn report(step: u64) -> EvaluationReport {
        EvaluationReport {
            split: "test".to_owned(),
            step,
            subsets: vec![
                scores(&["colour", "thermal"], "", 0.6),
                scores(&["colour"], "", 0.4),
                scores(&["colour", "thermal"], "night", 0.5),
                scores(&["colour"], "night", 0.1),
            ],
            ..EvaluationReport::default()
        }
    }

    #[test]
    fn the_table_has_a_row_a_subset_and_a_column_a_tag() {
        let report = report(5);
        assert_eq!(columns(&report), ["", "night"]);
        let rows = rows(&report);
        assert_eq!(rows.len(), 2);
        assert_eq!(cell(&report, &rows[1], "night").unwrap().miou, Some(0.1));
        assert_eq!(headline(&report).unwrap().miou, Some(0.6));
    }

    #[test]
    fn an_evaluation_is_compared_with_the_one_before_on_the_same_split() {
        let mut metrics = Metrics::default();
        metrics.push(report(5));
        metrics.push(EvaluationReport { split: "val".to_owned(), ..report(7) });
        metrics.push(report(9));
        assert_eq!(metrics.before(metrics.latest().unwrap()).unwrap().step, 5);
        metrics.push(report(9));
        assert_eq!(metrics.reports().len(), 3);
    }

    #[test]
    fn a_student_is_not_compared_with_its_teacher() {
        let mut metrics = Metrics::default();
        metrics.push(EvaluationReport { of_teacher: true, ..report(5) });
        metrics.push(report(5));
        metrics.push(report(9));
        assert_eq!(metrics.reports().len(), 3);
        assert_eq!(metrics.before(&report(9)).map(|before| before.of_teacher), Some(false));
        assert_eq!(metrics.before(&report(5)), None);
    }

    #[test]
    fn evaluations_stand_beside_each_other_and_one_is_chosen() {
        let mut metrics = Metrics::default();
        let zeros = |step| EvaluationReport { missing: "zeros".to_owned(), ..report(step) };
        for report in [report(5), zeros(5), EvaluationReport { split: "val".to_owned(), ..report(5) }, report(9)] {
            metrics.push(report);
        }
        metrics.push(report(5));
        assert_eq!(metrics.reports().len(), 4, "the same one is there once");
        assert_eq!(metrics.chosen(Some(&Which::of(&zeros(5)))), Some(&zeros(5)));
        assert_eq!(metrics.chosen(None), metrics.latest());
        assert_eq!(metrics.chosen(Some(&Which::of(&report(700)))), metrics.latest(), "it is gone");
        assert_eq!(metrics.before(&report(9)).map(|before| (before.step, before.missing.as_str())), Some((5, "")));
        assert_eq!(metrics.before(&zeros(5)), None);
    }

    #[test]
    fn an_evaluation_with_changed_settings_takes_no_others_place() {
        let (old, new) = (Value::Switch(true), Value::Switch(false));
        let changed = vec![LiveChange { key: "exchange.channel.enabled".to_owned(), old, new, step: 9 }];
        let mut metrics = Metrics::default();
        metrics.push(report(5));
        metrics.push(report(9));
        metrics.push(EvaluationReport { changed, ..report(9) });
        assert_eq!(metrics.reports().len(), 3);
        assert_eq!(metrics.before(metrics.latest().unwrap()).unwrap().step, 5);
    }

    #[test]
    fn shares_are_printed_with_one_digit() {
        assert_eq!(per_cent(Some(0.6138)), "61.4");
        assert_eq!(per_cent(None), "–");
        assert_eq!(per_cent(Some(f64::NAN)), "–");
        assert_eq!([Some(0.6138), None].map(per_cent_sign), ["61.4 %", "–"]);
    }
}
