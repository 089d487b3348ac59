//! The figures of an evaluation, each with its convention.

use serde::{Deserialize, Serialize};

use super::degraded::Degraded;
use super::further::FurtherScores;
use super::live_change::LiveChange;

/// An evaluation of one split: one entry a subset of the sensors and a condition tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EvaluationReport {
    /// The data set's name.
    pub dataset: String,
    /// The split's name.
    pub split: String,
    /// The step at which the network stood.
    pub step: u64,
    /// Whether it is the teacher's, which is another network than the one that the run makes: its figures stand in no
    /// row with the student's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub of_teacher: bool,
    /// What was done to the sensors' images first; empty of all that a run keeps: the figures of worse images stand in
    /// no row with those of the data set's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub degraded: Vec<Degraded>,
    /// How missing sensors were replaced, as in `evaluation.missing`.
    pub missing: String,
    /// What a network for two did with one sensor's image, as in `inference.single`; empty where that did not arise.
    #[serde(default)]
    pub single: String,
    /// The convention of `miou`, `mean_accuracy` and `mean_f1`, as in `evaluation.convention`.
    pub convention: String,
    /// Which subsets of the sensors were scored: a word of `evaluation.subsets`, or `few` for those that stand for all
    /// of many sensors. Empty in reports of older programs, which scored all.
    #[serde(default)]
    pub chosen: String,
    /// Class names by id.
    pub classes: Vec<String>,
    /// One entry a scored subset of the sensors, all sensors first; then the same for each condition tag.
    pub subsets: Vec<SubsetScores>,
    /// The quality of the fusion images, where the network makes some.
    #[serde(default)]
    pub fusion_image: Option<Box<FusionImageScores>>,
    /// What one scene costs with all sensors; `None` in reports of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<NetworkCost>,
    /// The settings that were no longer what the run's recipe says: changed while it trained, or for this evaluation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<LiveChange>,
    /// Wall time in seconds.
    pub secs: f64,
    /// Scenes that were left out and other remarks, one sentence each.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// The figures for one subset of the sensors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SubsetScores {
    /// Names of the sensors present.
    pub sensors: Vec<String>,
    /// The condition tag that the scenes were chosen by; empty for the whole split.
    pub tag: String,
    /// The head that was scored: `fused` or a sensor's name.
    pub head: String,
    /// Scenes counted.
    pub scenes: u64,
    /// The headline figure, 0 to 1, in the report's convention; `None` where no labelled pixel was seen.
    pub miou: Option<f64>,
    /// The mean IoU in every convention, by name.
    pub conventions: Vec<(String, Option<f64>)>,
    /// Mean class accuracy, in the report's convention.
    pub mean_accuracy: Option<f64>,
    /// The share of right pixels.
    pub pixel_accuracy: Option<f64>,
    /// Mean F1 (Dice) over classes, in the report's convention.
    pub mean_f1: Option<f64>,
    /// IoU weighted by how frequent each class is.
    pub frequency_weighted_iou: Option<f64>,
    /// Figures class by class, by id.
    pub classes: Vec<ClassScores>,
    /// The confusion matrix, row = truth, column = prediction, `classes × classes` counts of pixels.
    pub confusion: Vec<u64>,
    /// Contours, calibration and ranking; `None` in reports of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub further: Option<Box<FurtherScores>>,
}

/// The figures for one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// Intersection over union; `None` where the class is in neither truth nor prediction.
    pub iou: Option<f64>,
    /// The share of its pixels that were found; `None` where truth has none.
    pub accuracy: Option<f64>,
    /// Pixels of the class in the truth.
    pub pixels: u64,
}

/// How much the fusion images of a split hold of their sources, all sensors present; on 8-bit grey images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FusionImageScores {
    /// Scenes counted.
    pub scenes: u64,
    /// EN in bits.
    pub entropy: Spread,
    /// SD in grey levels.
    pub deviation: Spread,
    /// SF in grey levels.
    pub spatial_frequency: Spread,
    /// SCD, −2 to 2, over the scenes where it is defined.
    pub correlations_of_differences: Spread,
}

/// How a figure is distributed over scenes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
    /// Smallest, lower quartile, median, upper quartile, largest.
    pub quartiles: [f64; 5],
}

/// What a network is and what a scene costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkCost {
    /// Trained numbers.
    pub parameters: u64,
    /// Multiply-adds of one scene's forward pass with all sensors: convolutions, linear layers and products of matrices.
    pub multiply_adds: u64,
    /// Height and width in pixels that the network saw of that scene.
    pub size: [u64; 2],
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl EvaluationReport {
    /// What sets its figures apart from those of a run's own network on the data set's own images, to follow a step:
    /// ` · the teacher`, ` · degraded: colour=fog:0.6`; mostly empty.
    pub fn apart(&self) -> String {
        let whose = if self.of_teacher { " · the teacher" } else { "" };
        match Degraded::words(&self.degraded).as_str() {
            "" => whose.to_owned(),
            degraded => format!("{whose} · degraded: {degraded}"),
        }
    }

    /// How missing sensors were replaced, and what became of one that was left alone.
    pub fn missing_words(&self) -> String {
        match self.single.as_str() {
            "" => self.missing.clone(),
            single => format!("{}, one alone by `inference.single` {single}", self.missing),
        }
    }

    /// The scores with exactly these sensors present on the whole split.
    pub fn subset(&self, sensors: &[&str]) -> Option<&SubsetScores> {
        self.subsets.iter().find(|subset| subset.tag.is_empty() && subset.is_of(sensors))
    }
}

impl SubsetScores {
    /// The mean boundary IoU, where it was counted.
    pub fn boundary_iou(&self) -> Option<f64> {
        self.further.as_ref()?.boundary_iou
    }

    /// The expected calibration error, where it was counted.
    pub fn calibration_error(&self) -> Option<f64> {
        self.further.as_ref()?.calibration_error
    }

    /// The mean average precision, where it was counted.
    pub fn average_precision(&self) -> Option<f64> {
        self.further.as_ref()?.average_precision
    }

    /// Whether these sensors were present and no others, in any order.
    pub fn is_of<S: AsRef<str>>(&self, sensors: &[S]) -> bool {
        self.sensors.len() == sensors.len()
            && sensors.iter().all(|sensor| self.sensors.iter().any(|name| name == sensor.as_ref()))
    }
}
