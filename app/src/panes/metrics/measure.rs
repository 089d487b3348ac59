//! Which figure the tables of the metrics pane show.

use fusionscope_engine::protocol::{EvaluationReport, MeanScores, SubsetScores};
use serde::{Deserialize, Serialize};

/// A figure of the tables by sensors and by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Measure {
    /// IoU.
    #[default]
    Iou,
    /// IoU near contours.
    Boundary,
    /// Average precision.
    Precision,
    /// Calibration error, which no class has of its own.
    Calibration,
}

impl Measure {
    pub(super) const ALL: [Self; 4] = [Self::Iou, Self::Boundary, Self::Precision, Self::Calibration];

    /// As the head of a table.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Iou => "mIoU",
            Self::Boundary => "bIoU",
            Self::Precision => "mAP",
            Self::Calibration => "ECE",
        }
    }

    /// What the bars of the classes show.
    pub(super) fn of_class_word(self) -> &'static str {
        match self {
            Self::Iou | Self::Calibration => "IoU",
            Self::Boundary => "Boundary IoU",
            Self::Precision => "Average precision",
        }
    }

    /// Its definition and where it comes from.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Iou => "Mean over classes of intersection over union, counts summed over the split",
            Self::Boundary => {
                "Boundary IoU: the same of only those pixels of each class that lie within 2 % of the image diagonal inside \
                 its contour. Large areas hide bad contours from IoU; not from this.\nCheng et al., CVPR 2021"
            }
            Self::Precision => {
                "Mean over classes of the area under precision by recall, pixels ranked by the class's probability: how well \
                 the network knows what it knows. AMDANet's tables call mean class accuracy mAP."
            }
            Self::Calibration => {
                "Expected calibration error: how far on average the probability of the predicted class is from how often \
                 it is right, over 15 bins. 0 is best.\nGuo et al., ICML 2017"
            }
        }
    }

    /// Whether the evaluation has it.
    pub(super) fn is_in(self, report: &EvaluationReport) -> bool {
        self == Self::Iou || report.subsets.iter().any(|scores| self.of(scores).is_some())
    }

    pub(super) fn of(self, scores: &SubsetScores) -> Option<f64> {
        match self {
            Self::Iou => scores.miou,
            Self::Boundary => scores.boundary_iou(),
            Self::Precision => scores.average_precision(),
            Self::Calibration => scores.calibration_error(),
        }
    }

    pub(super) fn of_mean(self, mean: &MeanScores) -> Option<f64> {
        match self {
            Self::Iou => mean.miou,
            Self::Boundary => mean.boundary_iou,
            Self::Precision => mean.average_precision,
            Self::Calibration => mean.calibration_error,
        }
    }

    pub(super) fn of_class(self, scores: &SubsetScores, class: usize) -> Option<f64> {
        let further = || scores.further.as_ref()?.classes.get(class);
        match self {
            Self::Iou | Self::Calibration => scores.classes.get(class)?.iou,
            Self::Boundary => further()?.boundary_iou,
            Self::Precision => further()?.average_precision,
        }
    }
}
