//! Which figure of an evaluation a column shows.

use serde::Serialize;

use super::written::{WrittenFigure, WrittenSensors};
use crate::evaluation::mean;
use crate::protocol::{EvaluationReport, SubsetScores};

/// A figure of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The column's head.
    pub title: String,
    /// What is measured.
    pub metric: Metric,
    /// With which sensors present.
    pub over: Over,
    /// On the scenes of which condition tag; empty for all.
    pub tag: String,
}

/// What is measured, a fraction each, by the evaluation's convention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Mean IoU.
    Miou,
    /// Mean class accuracy.
    MeanAccuracy,
    /// Mean F1.
    MeanF1,
    /// The share of right pixels.
    PixelAccuracy,
    /// IoU of one class.
    Iou(String),
}

/// The sensors that are present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// All of them.
    All,
    /// The mean over every subset that was scored.
    Subsets,
    /// The mean over each sensor alone.
    Alone,
    /// These.
    These(Vec<String>),
}

impl Figure {
    /// Mean IoU, all sensors, all scenes.
    pub(super) fn usual() -> Self {
        Self { title: "mIoU".to_owned(), metric: Metric::Miou, over: Over::All, tag: String::new() }
    }

    /// As written; a sentence where a word of it is none.
    pub(super) fn of(written: &WrittenFigure) -> Result<Self, String> {
        let metric = match written.metric.as_deref() {
            None | Some("miou") => Metric::Miou,
            Some("mean-accuracy") => Metric::MeanAccuracy,
            Some("mean-f1") => Metric::MeanF1,
            Some("pixel-accuracy") => Metric::PixelAccuracy,
            Some(other) => {
                let Some(class) = other.strip_prefix("iou:").filter(|class| !class.is_empty()) else {
                    let known = "miou, mean-accuracy, mean-f1, pixel-accuracy or iou:CLASS";
                    return Err(format!("a figure's `metric`: expected {known}, found `{other}`"));
                };
                Metric::Iou(class.to_owned())
            }
        };
        let over = match &written.sensors {
            None => Over::All,
            Some(WrittenSensors::Names(names)) if names.is_empty() => {
                return Err("a figure's `sensors`: expected one name or more, found none".to_owned());
            }
            Some(WrittenSensors::Names(names)) => Over::These(names.clone()),
            Some(WrittenSensors::Word(word)) => match word.as_str() {
                "all" => Over::All,
                "subsets" => Over::Subsets,
                "alone" => Over::Alone,
                _ => {
                    let known = "all, subsets, alone or a list of names";
                    return Err(format!("a figure's `sensors`: expected {known}, found `{word}`"));
                }
            },
        };
        let tag = written.tag.clone().unwrap_or_default();
        let title = written.title.clone().unwrap_or_else(|| title_of(&metric, &over, &tag));
        Ok(Self { title, metric, over, tag })
    }

    /// A figure under its usual title.
    pub fn new(metric: Metric, over: Over, tag: &str) -> Self {
        Self { title: title_of(&metric, &over, tag), metric, over, tag: tag.to_owned() }
    }

    /// As it stands in a study's file, an inline table.
    pub(super) fn to_toml(&self) -> String {
        let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let Self { title, metric, over, tag } = self;
        let metric = match metric {
            Metric::Miou => "miou".to_owned(),
            Metric::MeanAccuracy => "mean-accuracy".to_owned(),
            Metric::MeanF1 => "mean-f1".to_owned(),
            Metric::PixelAccuracy => "pixel-accuracy".to_owned(),
            Metric::Iou(class) => format!("iou:{class}"),
        };
        let over = match over {
            Over::All => text("all"),
            Over::Subsets => text("subsets"),
            Over::Alone => text("alone"),
            Over::These(names) => format!("[{}]", names.iter().map(|name| text(name)).collect::<Vec<_>>().join(", ")),
        };
        let tag = if tag.is_empty() { String::new() } else { format!(", tag = {}", text(tag)) };
        format!("{{ title = {}, metric = {}, sensors = {over}{tag} }}", text(title), text(&metric))
    }

    /// The figure as the report has it, a fraction; `None` where it has none.
    pub fn read(&self, report: &EvaluationReport) -> Option<f64> {
        let scored = report.subsets.iter().filter(|scores| scores.tag == self.tag);
        let value = |scores: &SubsetScores| match &self.metric {
            Metric::Miou => scores.miou,
            Metric::MeanAccuracy => scores.mean_accuracy,
            Metric::MeanF1 => scores.mean_f1,
            Metric::PixelAccuracy => scores.pixel_accuracy,
            Metric::Iou(class) => {
                let at = report.classes.iter().position(|name| name == class)?;
                scores.classes.get(at)?.iou
            }
        };
        match &self.over {
            // All sensors come first.
            Over::All => scored.max_by_key(|scores| scores.sensors.len()).and_then(value),
            Over::Subsets => mean(scored.filter_map(value)),
            Over::Alone => mean(scored.filter(|scores| scores.sensors.len() == 1).filter_map(value)),
            Over::These(names) => scored.into_iter().find(|scores| scores.is_of(names)).and_then(value),
        }
    }
}

fn title_of(metric: &Metric, over: &Over, tag: &str) -> String {
    let metric = match metric {
        Metric::Miou => "mIoU".to_owned(),
        Metric::MeanAccuracy => "mAcc".to_owned(),
        Metric::MeanF1 => "F1".to_owned(),
        Metric::PixelAccuracy => "pixel acc".to_owned(),
        Metric::Iou(class) => format!("IoU {class}"),
    };
    let over = match over {
        Over::All => String::new(),
        Over::Subsets => ", mean of subsets".to_owned(),
        Over::Alone => ", one sensor alone".to_owned(),
        Over::These(names) => format!(", {}", names.join(" + ")),
    };
    let tag = if tag.is_empty() { String::new() } else { format!(", {tag}") };
    format!("{metric}{over}{tag}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ClassScores;

    fn scores(sensors: &[&str], tag: &str, miou: f64) -> SubsetScores {
        SubsetScores {
            sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
            tag: tag.to_owned(),
            miou: Some(miou),
            classes: vec![ClassScores { iou: Some(miou / 2.0), ..ClassScores::default() }],
            ..SubsetScores::default()
        }
    }

    #[test]
    fn a_figure_is_read_out_of_a_report() {
        let report = EvaluationReport {
            classes: vec!["person".to_owned()],
            subsets: vec![
                scores(&["colour", "thermal"], "", 0.6),
                scores(&["colour"], "", 0.5),
                scores(&["thermal"], "", 0.1),
                scores(&["colour", "thermal"], "night", 0.4),
                scores(&["thermal"], "night", 0.2),
            ],
            ..EvaluationReport::default()
        };
        let read = |text: &str| Figure::of(&toml::from_str(text).unwrap()).unwrap().read(&report);
        let near = |found: Option<f64>, expected: f64| assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}");
        near(read(""), 0.6);
        near(read("tag = 'night'"), 0.4);
        near(read("sensors = ['thermal']\ntag = 'night'"), 0.2);
        near(read("sensors = ['thermal', 'colour']"), 0.6);
        near(read("sensors = 'subsets'"), 0.4);
        near(read("sensors = 'alone'"), 0.3);
        near(read("metric = 'iou:person'"), 0.3);
        assert_eq!(read("metric = 'iou:cat'"), None);
        assert_eq!(read("tag = 'fog'"), None);
    }

    #[test]
    fn what_is_no_figure_is_refused_with_what_there_is() {
        let refused = |text: &str| Figure::of(&toml::from_str(text).unwrap()).unwrap_err();
        assert!(refused("metric = 'iou'").contains("mean-accuracy"));
        assert!(refused("sensors = 'none'").contains("subsets"));
        assert!(refused("sensors = []").contains("one name"));
    }
}
