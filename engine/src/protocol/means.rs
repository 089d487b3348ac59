//! Means of an evaluation's figures over subsets of the sensors and over condition tags: here, and nowhere else.

use super::report::{EvaluationReport, SubsetScores};

/// What stands in a tag's place for the mean over all condition tags, each of equal weight.
pub const MEAN_OF_TAGS: &str = "mean of tags";

/// Figures that are means of others, each over those that there are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanScores {
    /// How many they are means of.
    pub count: usize,
    /// Mean IoU.
    pub miou: Option<f64>,
    /// Mean class accuracy.
    pub mean_accuracy: Option<f64>,
    /// The share of right pixels.
    pub pixel_accuracy: Option<f64>,
    /// Mean F1.
    pub mean_f1: Option<f64>,
    /// IoU weighted by how frequent each class is.
    pub frequency_weighted_iou: Option<f64>,
    /// Mean boundary IoU.
    pub boundary_iou: Option<f64>,
    /// Expected calibration error.
    pub calibration_error: Option<f64>,
    /// Mean average precision.
    pub average_precision: Option<f64>,
}

impl MeanScores {
    /// Of these; `None` of fewer than two.
    pub fn of<'a>(scores: impl IntoIterator<Item = &'a SubsetScores>) -> Option<Self> {
        let scores: Vec<&SubsetScores> = scores.into_iter().collect();
        let mean = |figure: fn(&SubsetScores) -> Option<f64>| {
            let (sum, count) = scores
                .iter()
                .filter_map(|scores| figure(scores))
                .fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
            (count > 0).then(|| sum / f64::from(count))
        };
        (scores.len() > 1).then(|| Self {
            count: scores.len(),
            miou: mean(|scores| scores.miou),
            mean_accuracy: mean(|scores| scores.mean_accuracy),
            pixel_accuracy: mean(|scores| scores.pixel_accuracy),
            mean_f1: mean(|scores| scores.mean_f1),
            frequency_weighted_iou: mean(|scores| scores.frequency_weighted_iou),
            boundary_iou: mean(SubsetScores::boundary_iou),
            calibration_error: mean(SubsetScores::calibration_error),
            average_precision: mean(SubsetScores::average_precision),
        })
    }
}

impl EvaluationReport {
    /// The condition tags that scores were taken for, in the report's order.
    pub fn tags(&self) -> Vec<&str> {
        let mut tags: Vec<&str> = Vec::new();
        for scores in &self.subsets {
            if !scores.tag.is_empty() && !tags.contains(&scores.tag.as_str()) {
                tags.push(&scores.tag);
            }
        }
        tags
    }

    /// The means over every subset of the sensors that was scored, on the scenes of a tag, or on all where it is empty.
    pub fn mean_of_subsets(&self, tag: &str) -> Option<MeanScores> {
        MeanScores::of(self.subsets.iter().filter(|scores| scores.tag == tag))
    }

    /// The means over the condition tags with exactly these sensors present.
    pub fn mean_of_tags<S: AsRef<str>>(&self, sensors: &[S]) -> Option<MeanScores> {
        MeanScores::of(self.subsets.iter().filter(|scores| !scores.tag.is_empty() && scores.is_of(sensors)))
    }

    /// The means over both: of each tag over the subsets, and of these over the tags.
    pub fn mean_of_subsets_and_tags(&self) -> Option<MeanScores> {
        let all = MeanScores::of(self.subsets.iter().filter(|scores| !scores.tag.is_empty()))?;
        let subsets = self.subsets.iter().filter(|scores| scores.tag.is_empty()).count();
        (subsets > 1 && self.tags().len() > 1).then_some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(sensors: &[&str], tag: &str, miou: Option<f64>) -> SubsetScores {
        SubsetScores {
            sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
            tag: tag.to_owned(),
            miou,
            mean_accuracy: miou.map(|miou| miou / 2.0),
            mean_f1: miou.map(|miou| miou / 4.0),
            ..SubsetScores::default()
        }
    }

    #[test]
    fn every_figure_has_its_mean_over_subsets_and_over_tags() {
        let report = EvaluationReport {
            subsets: vec![
                scores(&["colour", "thermal"], "", Some(0.8)),
                scores(&["colour"], "", Some(0.4)),
                scores(&["colour", "thermal"], "day", Some(0.6)),
                scores(&["colour"], "day", Some(0.2)),
                scores(&["colour", "thermal"], "night", Some(1.0)),
                scores(&["colour"], "night", None),
            ],
            ..EvaluationReport::default()
        };
        let near = |found: Option<f64>, expected: f64| assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}");
        let whole = report.mean_of_subsets("").unwrap();
        near(whole.miou, 0.6);
        near(whole.mean_accuracy, 0.3);
        near(whole.mean_f1, 0.15);
        assert_eq!((whole.count, whole.pixel_accuracy), (2, None));
        // One that has no figure takes no part.
        near(report.mean_of_subsets("night").unwrap().miou, 1.0);
        assert_eq!(report.tags(), ["day", "night"]);
        near(report.mean_of_tags(&["thermal", "colour"]).unwrap().miou, 0.8);
        near(report.mean_of_subsets_and_tags().unwrap().miou, 0.6);
        assert_eq!(report.mean_of_subsets("fog"), None);
    }

    #[test]
    fn of_one_there_is_no_mean() {
        let report = EvaluationReport { subsets: vec![scores(&["colour"], "", Some(0.8))], ..Default::default() };
        assert_eq!((report.mean_of_subsets(""), report.mean_of_tags(&["colour"])), (None, None));
        assert_eq!(report.mean_of_subsets_and_tags(), None);
    }
}
