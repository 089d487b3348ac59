//! Evaluations as curves.

use fusionscope_engine::protocol::EvaluationReport;

use super::super::score::Score;
use super::Curves;

impl Curves {
    /// Takes in an evaluation: one point for every subset, head and tag.
    pub fn push_evaluation(&mut self, report: &EvaluationReport) {
        for subset in &report.subsets {
            let place = self.scores.iter().position(|score| score.is_of(report, subset)).unwrap_or_else(|| {
                self.scores.push(Score::new(report, subset));
                self.scores.len() - 1
            });
            let per_cent = subset.miou.map_or(f32::NAN, |miou| (100.0 * miou) as f32);
            self.scores[place].series.push(report.step, per_cent);
        }
    }

    /// Mean IoU over the steps, by subset.
    pub fn scores(&self) -> &[Score] {
        &self.scores
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fusionscope_engine::protocol::SubsetScores;

    use super::super::super::score::is_score_of_all;
    use super::*;

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
}
