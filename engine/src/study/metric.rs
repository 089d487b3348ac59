//! What a figure measures.

use serde::Serialize;

use crate::evaluation::{ConfusionMatrix, Convention};
use crate::protocol::{EvaluationReport, SubsetScores};

/// What is measured, a fraction each; means by the evaluation's convention.
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
    /// IoU weighted by how frequent each class is.
    FrequencyWeightedIou,
    /// Mean boundary IoU.
    BoundaryIou,
    /// Expected calibration error; the only one of which less is better.
    CalibrationError,
    /// Mean average precision.
    AveragePrecision,
    /// IoU of one class.
    Iou(String),
    /// The share of one class's pixels that were found.
    Accuracy(String),
    /// F1 (Dice) of one class.
    F1(String),
    /// Boundary IoU of one class.
    BoundaryIouOf(String),
    /// Average precision of one class.
    AveragePrecisionOf(String),
}

impl Metric {
    /// As written; a sentence where it is none.
    pub(super) fn of(word: &str) -> Result<Self, String> {
        let class = |of: fn(String) -> Self, class: &str| Some(of(class.to_owned())).filter(|_| !class.is_empty());
        let found = match word.split_once(':') {
            None => match word {
                "miou" => Some(Self::Miou),
                "mean-accuracy" => Some(Self::MeanAccuracy),
                "mean-f1" => Some(Self::MeanF1),
                "pixel-accuracy" => Some(Self::PixelAccuracy),
                "frequency-weighted-iou" => Some(Self::FrequencyWeightedIou),
                "boundary-iou" => Some(Self::BoundaryIou),
                "calibration-error" => Some(Self::CalibrationError),
                "average-precision" => Some(Self::AveragePrecision),
                _ => None,
            },
            Some(("iou", name)) => class(Self::Iou, name),
            Some(("accuracy", name)) => class(Self::Accuracy, name),
            Some(("f1", name)) => class(Self::F1, name),
            Some(("boundary-iou", name)) => class(Self::BoundaryIouOf, name),
            Some(("average-precision", name)) => class(Self::AveragePrecisionOf, name),
            Some(_) => None,
        };
        found.ok_or_else(|| {
            let known = "miou, mean-accuracy, mean-f1, pixel-accuracy, frequency-weighted-iou, boundary-iou, \
                         calibration-error, average-precision, iou:CLASS, accuracy:CLASS, f1:CLASS, boundary-iou:CLASS or \
                         average-precision:CLASS";
            format!("a figure's `metric`: expected {known}, found `{word}`")
        })
    }

    /// As it is written.
    pub fn word(&self) -> String {
        match self {
            Self::Miou => "miou".to_owned(),
            Self::MeanAccuracy => "mean-accuracy".to_owned(),
            Self::MeanF1 => "mean-f1".to_owned(),
            Self::PixelAccuracy => "pixel-accuracy".to_owned(),
            Self::FrequencyWeightedIou => "frequency-weighted-iou".to_owned(),
            Self::BoundaryIou => "boundary-iou".to_owned(),
            Self::CalibrationError => "calibration-error".to_owned(),
            Self::AveragePrecision => "average-precision".to_owned(),
            Self::Iou(class) => format!("iou:{class}"),
            Self::Accuracy(class) => format!("accuracy:{class}"),
            Self::F1(class) => format!("f1:{class}"),
            Self::BoundaryIouOf(class) => format!("boundary-iou:{class}"),
            Self::AveragePrecisionOf(class) => format!("average-precision:{class}"),
        }
    }

    /// What it is called in a head.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Miou => "mIoU".to_owned(),
            Self::MeanAccuracy => "mAcc".to_owned(),
            Self::MeanF1 => "F1".to_owned(),
            Self::PixelAccuracy => "pixel acc".to_owned(),
            Self::FrequencyWeightedIou => "fwIoU".to_owned(),
            Self::BoundaryIou => "bIoU".to_owned(),
            Self::CalibrationError => "ECE".to_owned(),
            Self::AveragePrecision => "mAP".to_owned(),
            Self::Iou(class) => format!("IoU {class}"),
            Self::Accuracy(class) => format!("Acc {class}"),
            Self::F1(class) => format!("F1 {class}"),
            Self::BoundaryIouOf(class) => format!("bIoU {class}"),
            Self::AveragePrecisionOf(class) => format!("AP {class}"),
        }
    }

    /// Refuses a class that the data does not have, and what the evaluation did not count.
    pub(super) fn is_known_to(&self, report: &EvaluationReport) -> Result<(), String> {
        match self.class() {
            Some(class) if !report.classes.iter().any(|name| name == class) => {
                Err(format!("the data has no class `{class}`; there are {}", report.classes.join(", ")))
            }
            _ if !self.is_of_pixel_counts() && report.subsets.iter().all(|scores| scores.further.is_none()) => Err(
                format!("that evaluation did not count {}; evaluate again with `evaluation.further` on", self.title()),
            ),
            _ => Ok(()),
        }
    }

    /// Whether it follows from how many pixels of each class are taken for which: what is kept of single scenes.
    pub(super) fn is_of_pixel_counts(&self) -> bool {
        match self {
            Self::Miou
            | Self::MeanAccuracy
            | Self::MeanF1
            | Self::PixelAccuracy
            | Self::FrequencyWeightedIou
            | Self::Iou(_)
            | Self::Accuracy(_)
            | Self::F1(_) => true,
            Self::BoundaryIou
            | Self::CalibrationError
            | Self::AveragePrecision
            | Self::BoundaryIouOf(_)
            | Self::AveragePrecisionOf(_) => false,
        }
    }

    /// Whether less of it is better.
    pub fn wants_less(&self) -> bool {
        *self == Self::CalibrationError
    }

    /// The class that it is of.
    pub(super) fn class(&self) -> Option<&str> {
        match self {
            Self::Iou(class)
            | Self::Accuracy(class)
            | Self::F1(class)
            | Self::BoundaryIouOf(class)
            | Self::AveragePrecisionOf(class) => Some(class),
            Self::Miou
            | Self::MeanAccuracy
            | Self::MeanF1
            | Self::PixelAccuracy
            | Self::FrequencyWeightedIou
            | Self::BoundaryIou
            | Self::CalibrationError
            | Self::AveragePrecision => None,
        }
    }

    fn place(&self, classes: &[String]) -> Option<usize> {
        classes.iter().position(|name| Some(name.as_str()) == self.class())
    }

    /// As a report has it.
    pub(super) fn of_scores(&self, scores: &SubsetScores, report: &EvaluationReport) -> Option<f64> {
        let class = || scores.classes.get(self.place(&report.classes)?);
        let further = || scores.further.as_ref()?.classes.get(self.place(&report.classes)?);
        match self {
            Self::Miou => scores.miou,
            Self::MeanAccuracy => scores.mean_accuracy,
            Self::MeanF1 => scores.mean_f1,
            Self::PixelAccuracy => scores.pixel_accuracy,
            Self::FrequencyWeightedIou => scores.frequency_weighted_iou,
            Self::BoundaryIou => scores.boundary_iou(),
            Self::CalibrationError => scores.calibration_error(),
            Self::AveragePrecision => scores.average_precision(),
            Self::Iou(_) => class()?.iou,
            Self::Accuracy(_) => class()?.accuracy,
            Self::F1(_) => class()?.iou.map(dice),
            Self::BoundaryIouOf(_) => further()?.boundary_iou,
            Self::AveragePrecisionOf(_) => further()?.average_precision,
        }
    }

    /// Of counts of pixels; `None` where it does not follow from them.
    pub(super) fn of_matrix(
        &self,
        matrix: &ConfusionMatrix,
        convention: Convention,
        classes: &[String],
    ) -> Option<f64> {
        let place = || self.place(classes).filter(|&place| place < matrix.classes());
        match self {
            Self::Miou => convention.mean_iou(matrix, classes),
            Self::MeanAccuracy => convention.mean_accuracy(matrix, classes),
            Self::MeanF1 => convention.mean_f1(matrix, classes),
            Self::PixelAccuracy => matrix.pixel_accuracy(),
            Self::FrequencyWeightedIou => matrix.frequency_weighted_iou(),
            Self::BoundaryIou
            | Self::CalibrationError
            | Self::AveragePrecision
            | Self::BoundaryIouOf(_)
            | Self::AveragePrecisionOf(_) => None,
            Self::Iou(_) => matrix.iou(place()?),
            Self::Accuracy(_) => matrix.accuracy(place()?),
            Self::F1(_) => matrix.iou(place()?).map(dice),
        }
    }
}

/// F1 = 2 · IoU / (1 + IoU).
fn dice(iou: f64) -> f64 {
    2.0 * iou / (1.0 + iou)
}
