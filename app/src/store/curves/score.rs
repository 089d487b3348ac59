//! One curve of mean IoU.

use fusionscope_engine::protocol::{EvaluationReport, SubsetScores};

use super::series::Series;

/// A mean IoU over the steps, for one subset of the sensors, one split, one condition tag, one way of replacing missing
/// sensors, one convention, and teacher or student: none of them takes the place of another.
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
    /// What means are taken over, and how often the network looked at a scene.
    pub convention: String,
    /// Whether the teacher was scored.
    pub of_teacher: bool,
    /// Mean IoU in per cent. Evaluations are few: they are never smoothed.
    pub series: Series,
}

impl Score {
    /// The curve that this subset of an evaluation belongs to, without a point.
    pub(super) fn new(report: &EvaluationReport, subset: &SubsetScores) -> Self {
        Self {
            sensors: subset.sensors.clone(),
            head: subset.head.clone(),
            dataset: report.dataset.clone(),
            split: report.split.clone(),
            tag: subset.tag.clone(),
            missing: report.missing.clone(),
            convention: report.convention.clone(),
            of_teacher: report.of_teacher,
            series: Series::new(0.0),
        }
    }

    /// Whether this subset of an evaluation belongs to this curve.
    pub(super) fn is_of(&self, report: &EvaluationReport, subset: &SubsetScores) -> bool {
        self.sensors == subset.sensors
            && self.head == subset.head
            && self.dataset == report.dataset
            && self.split == report.split
            && self.missing == report.missing
            && self.convention == report.convention
            && self.tag == subset.tag
            && self.of_teacher == report.of_teacher
    }

    /// Unique among all scores; what the legend remembers it by.
    pub fn key(&self) -> String {
        let Self { dataset, split, tag, head, missing, convention, .. } = self;
        let whose = if self.of_teacher { "/teacher" } else { "" };
        let by = if convention.is_empty() { String::new() } else { format!("/{convention}") };
        format!("miou/{split}/{tag}/{head}/{}/{missing}/{dataset}{by}{whose}", self.sensors.join("+"))
    }

    /// The head of its column in a table: `miou_percent.val.night.fused.colour+thermal`; with the treatment of missing
    /// sensors and the data set behind it where there are others.
    pub fn column(&self, all: &[Self]) -> String {
        let tag = if self.tag.is_empty() { "all" } else { &self.tag };
        let mut column = format!("miou_percent.{}.{tag}.{}.{}", self.split, self.head, self.sensors.join("+"));
        for (own, of) in [
            (&self.missing, (|score| &score.missing) as fn(&Self) -> &String),
            (&self.dataset, |score| &score.dataset),
            (&self.convention, |score| &score.convention),
        ] {
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

/// Whether a score is that of the most sensors among `scores`.
pub fn is_score_of_all(score: &Score, scores: &[Score]) -> bool {
    scores.iter().all(|other| other.sensors.len() <= score.sensors.len())
}
