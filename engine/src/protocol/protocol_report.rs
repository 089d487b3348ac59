//! What a network scores under a protocol.

use serde::{Deserialize, Serialize};

use super::choice_json;
use super::live_change::LiveChange;
use super::report::SubsetScores;
use super::trial::Trial;
use crate::recipe::catalogue::evaluation::Protocol;

/// The figures of a protocol on one split.
///
/// Most of them are of images that something was done to. They are of a type of their own, so that no figure here is ever
/// taken for one of an [`EvaluationReport`](super::EvaluationReport).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProtocolReport {
    /// The protocol.
    #[serde(with = "choice_json")]
    pub protocol: Protocol,
    /// The data set's name.
    pub dataset: String,
    /// The split's name.
    pub split: String,
    /// The step at which the network stood.
    pub step: u64,
    /// Whether the network is the teacher of a run, not what the run makes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_teacher: bool,
    /// What stands in the place of a sensor that is missing as a whole, as in `evaluation.missing`.
    pub missing: String,
    /// Which value stands where something is missing or noisy, sensor by sensor, in a sentence; empty where nothing is
    /// replaced.
    #[serde(default)]
    pub stand_in: String,
    /// What a network for two did with one sensor's image, as in `inference.single`; empty where that did not arise.
    #[serde(default)]
    pub single: String,
    /// The convention of all means, as in an evaluation's report.
    pub convention: String,
    /// The seed that all noise follows from; `None` where nothing is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Names of the network's sensors.
    pub sensors: Vec<String>,
    /// Class names by id.
    pub classes: Vec<String>,
    /// Everything that was asked, with its figures. The first is of all sensors as they are, on the whole split.
    pub trials: Vec<TrialScores>,
    /// What the protocol prints, made of the trials.
    pub figures: Vec<ProtocolFigure>,
    /// The settings that were no longer what the run's recipe says: changed while it trained, or for this protocol.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<LiveChange>,
    /// Wall time in seconds.
    pub secs: f64,
    /// Scenes that were left out and other remarks, one sentence each.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// The figures of one trial.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrialScores {
    /// What was done to the images, and which answer was scored.
    pub trial: Trial,
    /// The figures, with the condition tag of their scenes; `sensors` are those whose image the network was given, and
    /// `confusion` is empty.
    pub scores: SubsetScores,
}

/// A figure that a protocol prints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProtocolFigure {
    /// What it is: `avg`, `E(0.2)`, `low`, `thermal fog`.
    pub name: String,
    /// Mean IoU, 0 to 1.
    pub miou: Option<f64>,
    /// Mean class accuracy.
    pub mean_accuracy: Option<f64>,
    /// Mean F1.
    pub mean_f1: Option<f64>,
}

impl Default for ProtocolReport {
    fn default() -> Self {
        Self {
            protocol: Protocol::All,
            dataset: String::new(),
            split: String::new(),
            step: 0,
            of_teacher: false,
            missing: String::new(),
            stand_in: String::new(),
            single: String::new(),
            convention: String::new(),
            seed: None,
            sensors: Vec::new(),
            classes: Vec::new(),
            trials: Vec::new(),
            figures: Vec::new(),
            changed: Vec::new(),
            secs: 0.0,
            warnings: Vec::new(),
        }
    }
}

impl ProtocolReport {
    /// Whether both were made in the same way, so that their figures may be compared.
    pub fn is_like(&self, other: &Self) -> bool {
        let way = |report: &Self| {
            let Self { protocol, dataset, split, missing, convention, of_teacher, .. } = report;
            (*protocol, dataset.clone(), split.clone(), missing.clone(), convention.clone(), *of_teacher)
        };
        way(self) == way(other)
    }

    /// The scores of a trial on the whole split.
    pub fn scores(&self, trial: &Trial) -> Option<&SubsetScores> {
        let is_it = |scored: &&TrialScores| scored.trial == *trial && scored.scores.tag.is_empty();
        self.trials.iter().find(is_it).map(|scored| &scored.scores)
    }

    /// The scores of all sensors as they are, on the whole split.
    pub fn clean(&self) -> Option<&SubsetScores> {
        self.scores(&Trial::Clean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_every_protocol_reads_back() {
        for protocol in Protocol::ALL {
            let report = ProtocolReport { protocol, seed: Some(7), ..ProtocolReport::default() };
            let text = serde_json::to_string(&report).unwrap();
            assert!(text.contains(&format!("\"protocol\":\"{}\"", protocol.word())), "{text}");
            assert_eq!(serde_json::from_str::<ProtocolReport>(&text).unwrap(), report);
        }
        let unknown = serde_json::to_string(&ProtocolReport::default()).unwrap().replace("\"all\"", "\"later\"");
        assert!(serde_json::from_str::<ProtocolReport>(&unknown).unwrap_err().to_string().contains("found `later`"));
    }

    #[test]
    fn figures_made_in_another_way_are_not_alike() {
        let report = ProtocolReport::default();
        assert!(report.is_like(&ProtocolReport { step: 5, ..report.clone() }));
        assert!(!report.is_like(&ProtocolReport { protocol: Protocol::Emm, ..report.clone() }));
        assert!(!report.is_like(&ProtocolReport { convention: "mfnet".to_owned(), ..report.clone() }));
    }
}
