//! Figures that a confusion matrix does not hold: contours, calibration, ranking.

use serde::{Deserialize, Serialize};

/// What a confusion matrix does not hold of one subset of the sensors, a fraction each.
///
/// Every count is summed over the scenes before anything is divided, ignored pixels left out. Means over classes are
/// taken over the classes of the report's convention, absent ones treated as it says; no convention takes pixels of
/// class 0 out of these sums.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FurtherScores {
    /// The mean boundary IoU (Cheng et al., CVPR 2021): IoU of the pixels that lie within 2 % of the image diagonal
    /// inside their own region's contour.
    pub boundary_iou: Option<f64>,
    /// The expected calibration error (Guo et al., ICML 2017), over [`FurtherScores::reliability`]; 0 is best.
    pub calibration_error: Option<f64>,
    /// The mean over classes of the area under precision by recall, pixels ranked by the class's probability; `None`
    /// where it was not counted for want of memory.
    pub average_precision: Option<f64>,
    /// How far the average precision of any class may at most be from what it is without bins.
    #[serde(default)]
    pub average_precision_error: Option<f64>,
    /// The reliability diagram: bins of equal width by the probability of the predicted class, the lowest first. Each
    /// holds its upper end and not its lower one.
    pub reliability: Vec<ReliabilityBin>,
    /// Figures class by class, by id.
    pub classes: Vec<FurtherClassScores>,
}

/// Pixels whose prediction is about as sure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// How many.
    pub pixels: u64,
    /// How many of them are right.
    pub right: u64,
    /// The mean probability of the predicted class; 0 of no pixel.
    pub confidence: f64,
}

/// The further figures for one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FurtherClassScores {
    /// Boundary IoU; `None` where the class is in neither truth nor prediction.
    pub boundary_iou: Option<f64>,
    /// Average precision; `None` where truth has none of the class, or it was not counted.
    pub average_precision: Option<f64>,
}

impl ReliabilityBin {
    /// The share that is right; `None` of no pixel.
    pub fn accuracy(&self) -> Option<f64> {
        (self.pixels > 0).then(|| self.right as f64 / self.pixels as f64)
    }
}
