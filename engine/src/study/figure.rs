//! Which figure of an evaluation a column shows.

use serde::Serialize;

use super::metric::Metric;
use super::over::Over;
use super::written::{WrittenFigure, WrittenSensors};
use crate::protocol::{EvaluationReport, ProtocolReport, SubsetScores};

/// A figure of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The column's head.
    pub title: String,
    /// What is measured.
    pub metric: Metric,
    /// With which sensors present.
    pub over: Over,
    /// On the scenes of which condition tag; empty for all, [`MEAN_OF_TAGS`](crate::protocol::MEAN_OF_TAGS) for the mean over the tags.
    pub tag: String,
}

impl Figure {
    /// Mean IoU, all sensors, all scenes.
    pub(super) fn usual() -> Self {
        Self::new(Metric::Miou, Over::All, "")
    }

    /// As written; a sentence where a word of it is none.
    pub(super) fn of(written: &WrittenFigure) -> Result<Self, String> {
        let metric = written.metric.as_deref().map_or(Ok(Metric::Miou), Metric::of)?;
        let over = match &written.sensors {
            None => Over::All,
            Some(WrittenSensors::Names(names)) if names.is_empty() => {
                return Err("a figure's `sensors`: expected one name or more, found none".to_owned());
            }
            Some(WrittenSensors::Names(names)) => Over::These(names.clone()),
            Some(WrittenSensors::Word(word)) => Over::of(word)?,
        };
        let tag = written.tag.clone().unwrap_or_default();
        if matches!(over, Over::Of(_)) && !tag.is_empty() {
            return Err(format!(
                "a figure's `tag`: `{}` is taken on all scenes of the split; leave the tag out",
                over.word()
            ));
        }
        let figure = Self::new(metric, over, &tag);
        Ok(Self { title: written.title.clone().unwrap_or(figure.title), ..figure })
    }

    /// A figure under its usual title.
    pub fn new(metric: Metric, over: Over, tag: &str) -> Self {
        let of_tag = if tag.is_empty() { String::new() } else { format!(", {tag}") };
        let title = format!("{}{}{of_tag}", metric.title(), over.title());
        Self { title, metric, over, tag: tag.to_owned() }
    }

    /// As it stands in a study's file, an inline table.
    pub fn to_toml(&self) -> String {
        let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let Self { title, metric, over, tag } = self;
        let over = match over {
            Over::These(names) => format!("[{}]", names.iter().map(|name| text(name)).collect::<Vec<_>>().join(", ")),
            other => text(&other.word()),
        };
        let tag = if tag.is_empty() { String::new() } else { format!(", tag = {}", text(tag)) };
        format!("{{ title = {}, metric = {}, sensors = {over}{tag} }}", text(title), text(&metric.word()))
    }

    /// The figure as the report has it, or the protocols of the same network; a fraction, `None` where there is none.
    pub fn read(&self, report: &EvaluationReport, protocols: &[ProtocolReport]) -> Option<f64> {
        self.read_or_why_not(report, protocols).ok()
    }

    /// [`Figure::read`]; or why there is none, in a sentence.
    pub fn read_or_why_not(&self, report: &EvaluationReport, protocols: &[ProtocolReport]) -> Result<f64, String> {
        self.metric.is_known_to(report)?;
        if let Some(protocol) = self.over.protocol(&report.missing).filter(|_| !self.metric.is_of_pixel_counts()) {
            let title = self.metric.title();
            return Err(format!("the protocol `{}` counts pixels by class and no {title}", protocol.word()));
        }
        self.of_parts(&self.over.parts(&self.tag, report, protocols)?, |_, scores| {
            self.metric.of_scores(scores, report)
        })
        .ok_or_else(|| format!("{} is not defined there: no pixel of the scenes has a part in it", self.metric.title()))
    }

    /// The weighted mean of what the parts have; of an expectation every part must have a value.
    pub(super) fn of_parts(
        &self,
        parts: &[(&SubsetScores, f64)],
        value: impl Fn(usize, &SubsetScores) -> Option<f64>,
    ) -> Option<f64> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (place, (scores, weight)) in parts.iter().enumerate() {
            match value(place, scores) {
                Some(value) => {
                    sum += weight * value;
                    weights += weight;
                }
                None if self.over.needs_every_subset() => return None,
                None => {}
            }
        }
        (weights > 0.0).then(|| sum / weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ClassScores, FurtherClassScores, FurtherScores, Protocol, Trial, TrialScores};

    fn scores(sensors: &[&str], tag: &str, miou: f64) -> SubsetScores {
        SubsetScores {
            sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
            tag: tag.to_owned(),
            miou: Some(miou),
            frequency_weighted_iou: Some(miou / 10.0),
            classes: vec![ClassScores { iou: Some(miou / 2.0), accuracy: Some(miou / 4.0), pixels: 1 }],
            further: Some(Box::new(FurtherScores {
                boundary_iou: Some(miou / 3.0),
                calibration_error: Some(0.1),
                classes: vec![FurtherClassScores { boundary_iou: None, average_precision: Some(miou / 5.0) }],
                ..FurtherScores::default()
            })),
            ..SubsetScores::default()
        }
    }

    fn report() -> EvaluationReport {
        EvaluationReport {
            classes: vec!["person".to_owned()],
            missing: "drop".to_owned(),
            subsets: vec![
                scores(&["colour", "thermal"], "", 0.6),
                scores(&["colour"], "", 0.5),
                scores(&["thermal"], "", 0.1),
                scores(&["colour", "thermal"], "night", 0.4),
                scores(&["thermal"], "night", 0.2),
            ],
            ..EvaluationReport::default()
        }
    }

    fn figure(text: &str) -> Figure {
        Figure::of(&toml::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn a_figure_is_read_out_of_a_report() {
        let read = |text: &str| figure(text).read(&report(), &[]);
        let near = |found: Option<f64>, expected: f64| assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}");
        near(read(""), 0.6);
        near(read("tag = 'night'"), 0.4);
        near(read("sensors = ['thermal']\ntag = 'night'"), 0.2);
        near(read("sensors = ['thermal', 'colour']"), 0.6);
        near(read("sensors = 'subsets'"), 0.4);
        near(read("tag = 'mean of tags'"), 0.4);
        near(read("sensors = ['thermal']\ntag = 'mean of tags'"), 0.2);
        near(read("sensors = 'alone'"), 0.3);
        near(read("metric = 'iou:person'"), 0.3);
        near(read("metric = 'accuracy:person'"), 0.15);
        // Dice of a class is 2 IoU / (1 + IoU).
        near(read("metric = 'f1:person'"), 0.6 / 1.3);
        near(read("metric = 'frequency-weighted-iou'"), 0.06);
        near(read("metric = 'boundary-iou'\nsensors = 'subsets'"), 0.4 / 3.0);
        near(read("metric = 'calibration-error'"), 0.1);
        near(read("metric = 'average-precision:person'\ntag = 'night'"), 0.08);
    }

    /// By hand: w(K) = p^|K| (1 − p)^(2 − |K|), the empty network left out.
    #[test]
    fn expectations_weigh_subsets_by_how_likely_their_failures_are() {
        let read = |text: &str, report: &EvaluationReport| figure(text).read_or_why_not(report, &[]);
        let expected = (0.64 * 0.6 + 0.16 * (0.5 + 0.1)) / 0.96;
        assert!((read("sensors = 'expected:0.2'", &report()).unwrap() - expected).abs() < 1e-12);
        let refused = read("sensors = 'emm:0.2'", &report()).unwrap_err();
        assert!(refused.contains("the protocol `emm` was not run"), "{refused}");
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let missing = |sensor: &str, miou| TrialScores {
            trial: Trial::Missing { sensors: names(&[sensor]) },
            scores: scores(&[], "", miou),
        };
        let clean = TrialScores { trial: Trial::Clean, scores: scores(&[], "", 0.6) };
        let emm = ProtocolReport {
            protocol: Protocol::Emm,
            sensors: names(&["colour", "thermal"]),
            trials: vec![clean, missing("thermal", 0.5), missing("colour", 0.1)],
            ..ProtocolReport::default()
        };
        let by_protocol = figure("sensors = 'emm:0.2'").read_or_why_not(&report(), &[emm]).unwrap();
        assert!((by_protocol - expected).abs() < 1e-12);
        for tag in ["night", "mean of tags"] {
            let refused = read(&format!("sensors = 'emm'\ntag = '{tag}'"), &report()).unwrap_err();
            assert!(refused.contains("all scenes") && refused.contains("evaluation.missing"), "{refused}");
        }
        let zeros = EvaluationReport { missing: "zeros".to_owned(), ..report() };
        assert!((read("sensors = 'emm:0.2'", &zeros).unwrap() - expected).abs() < 1e-12);
        assert!((read("sensors = 'emm'", &zeros).unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(figure("sensors = 'emm:0.2'\ntag = 'day'").title, "mIoU, EMM E(0.2), day");
        // By night one of three subsets is missing.
        let refused = read("sensors = 'emm'\ntag = 'night'", &zeros).unwrap_err();
        assert!(refused.contains("all 3 subsets") && refused.contains("evaluation.subsets"), "{refused}");
    }

    #[test]
    fn a_report_that_lacks_a_figure_says_what_it_lacks() {
        let why = |text: &str| figure(text).read_or_why_not(&report(), &[]).unwrap_err();
        assert!(why("metric = 'iou:cat'").contains("no class `cat`; there are person"));
        assert!(why("tag = 'fog'").contains("no scene has the tag `fog`; there are night"));
        assert!(why("sensors = ['lidar']").contains("lidar"));
        assert!(why("metric = 'mean-f1'").contains("not defined"));
        assert!(why("metric = 'boundary-iou:person'").contains("not defined"));
        let mut old = report();
        old.subsets.iter_mut().for_each(|scores| scores.further = None);
        let why = figure("metric = 'calibration-error'").read_or_why_not(&old, &[]).unwrap_err();
        assert!(why.contains("ECE") && why.contains("evaluation.further"), "{why}");
    }

    #[test]
    fn a_figure_reads_back_as_it_is_written() {
        for text in [
            "",
            "title = 'a \"title\"'",
            "metric = 'accuracy:a: b'\nsensors = ['x', 'y']\ntag = 'night'",
            "metric = 'f1:c'\nsensors = 'alone'",
            "metric = 'frequency-weighted-iou'\nsensors = 'emm:0.05'",
            "metric = 'mean-f1'\nsensors = 'expected:0.1'",
            "metric = 'mean-accuracy'\nsensors = 'emm'",
            "metric = 'pixel-accuracy'\nsensors = 'subsets'",
            "sensors = 'rmm:0.75'",
            "sensors = 'rmm:0.25:0.05'",
            "sensors = 'nm:mid'",
            "sensors = 'severity'",
            "sensors = 'severity:a b=motion-blur'",
            "sensors = 'severity:=fog'",
            "metric = 'boundary-iou'",
            "metric = 'calibration-error'\ntag = 'night'",
            "metric = 'average-precision'",
            "metric = 'boundary-iou:a b'",
            "metric = 'average-precision:c'\nsensors = 'alone'",
        ] {
            let found = figure(text);
            let written: toml::Table = toml::from_str(&format!("figure = {}", found.to_toml())).unwrap();
            let again: WrittenFigure = written["figure"].clone().try_into().unwrap();
            assert_eq!(Figure::of(&again), Ok(found));
        }
    }

    #[test]
    fn what_is_no_figure_is_refused_with_what_there_is() {
        let refused = |text: &str| Figure::of(&toml::from_str(text).unwrap()).unwrap_err();
        assert!(refused("metric = 'iou'").contains("mean-accuracy"));
        assert!(refused("metric = 'recall:person'").contains("accuracy:CLASS"));
        assert!(refused("sensors = 'none'").contains("subsets"));
        assert!(refused("sensors = []").contains("one name"));
        for failure in ["emm:0", "emm:1", "emm:x", "expected:-0.1", "expected"] {
            assert!(refused(&format!("sensors = '{failure}'")).contains("probability"), "{failure}");
        }
        assert!(refused("sensors = 'rmm'").contains("0.25, 0.5, 0.75"));
        assert!(refused("sensors = 'nm:low'\ntag = 'night'").contains("leave the tag out"));
    }
}
