//! All pictures of one scene, predicted together.

use serde::{Deserialize, Serialize};

use super::beside::BesideView;
use super::command::ViewRequest;
use super::effect::Effect;
use super::frame::Frame;
use crate::failure::Failure;
use crate::recipe::Value;

/// What the names of views of the network beside the one in view begin with.
pub const BESIDE: &str = "beside.";

/// What is watched to see all plain numbers of a pass.
pub const FIGURES: &str = "figures";

/// What a tile shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Content {
    /// A sensor's image, by the sensor's name.
    Sensor(String),
    /// The ground truth.
    Label,
    /// The prediction of a head, by the head's name (`fused`, or a sensor's name).
    Prediction(String),
    /// The prediction of a head without the what-if, by the head's name there.
    Before(String),
    /// What became of each pixel of a head's prediction with the what-if, in the words of [`super::OUTCOME`]; by the
    /// head's name without it.
    Outcome(String),
    /// Where a head is wrong.
    Error(String),
    /// A probe's map, by the probe's name.
    Probe(String),
    /// Plain numbers that the network's parts tell, as text.
    Figures,
    /// The same of the network beside the one in view: its prediction, error, map or figures.
    Beside(Box<Self>),
    /// Where the answers of both networks differ, in the words of [`super::DISAGREEMENT`].
    Disagreement,
}

impl Content {
    /// What it shows, whichever of two networks it is of.
    pub fn of_either(&self) -> &Self {
        if let Self::Beside(content) = self { content.of_either() } else { self }
    }

    /// The same of the network beside the one in view.
    pub fn beside(self) -> Self {
        Self::Beside(Box::new(self))
    }

    /// Whether it is of the network beside the one in view.
    pub fn is_beside(&self) -> bool {
        matches!(self, Self::Beside(_))
    }

    /// What it is called where views are named: a sensor's own name, `label`, `prediction.HEAD`, `error.HEAD`, or a map's
    /// name, behind [`BESIDE`] where it is of the network beside the one in view.
    pub fn name(&self) -> String {
        match self {
            Self::Sensor(name) | Self::Probe(name) => name.clone(),
            Self::Label => "label".to_owned(),
            Self::Prediction(head) => format!("prediction.{head}"),
            Self::Error(head) => format!("error.{head}"),
            Self::Before(head) => format!("before.{head}"),
            Self::Outcome(head) => format!("outcome.{head}"),
            Self::Figures => FIGURES.to_owned(),
            Self::Disagreement => "disagreement".to_owned(),
            Self::Beside(content) => format!("{BESIDE}{}", content.name()),
        }
    }
}

/// One picture and what it shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tile {
    /// What it shows.
    pub content: Content,
    /// The picture.
    pub frame: Frame,
}

/// The answer to a [`ViewRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SceneView {
    /// The request that it answers.
    pub request: ViewRequest,
    /// The sample's id.
    pub id: String,
    /// The sample's condition tags.
    pub tags: Vec<String>,
    /// The step at which the network stood; `None` where no network is there.
    pub step: Option<u64>,
    /// The head that counts for the sensors that are present: `fused` where it answers, else a sensor's own; `None`
    /// where nothing is predicted.
    #[serde(default)]
    pub answer: Option<String>,
    /// Why the network does not fit this data set, or cannot take this scene, as a sentence: where it answers all the
    /// same, it does so with its own classes, and nothing is compared with the label. `None` where it fits, or where
    /// none is there.
    #[serde(default)]
    pub unfit: Option<String>,
    /// Why something that was asked for is not among the pictures, for example a file that has gone; `None` where all
    /// is there.
    #[serde(default)]
    pub lack: Option<Failure>,
    /// How the absent sensors were replaced, in the words of `evaluation.missing`.
    pub missing: String,
    /// The pictures: sensors, label, predictions, errors, and the probes that were asked for; those of the network beside
    /// behind their like.
    pub tiles: Vec<Tile>,
    /// What the what-if changes, head by head, the one that counts first, where that was asked for.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// The settings that act on this network while it is only asked, by key, as they are without a what-if.
    #[serde(default)]
    pub switches: Vec<(String, Value)>,
    /// Names of all maps that could be asked for.
    #[serde(default)]
    pub offered: Vec<String>,
    /// Of the maps that cannot be shown of this network or scene, the name and why.
    #[serde(default)]
    pub refused: Vec<(String, String)>,
    /// Plain numbers by name, where they were asked for.
    #[serde(default)]
    pub figures: Vec<(String, f32)>,
    /// What the network beside makes of the scene, where one is opened.
    #[serde(default)]
    pub beside: Option<BesideView>,
    /// Milliseconds that it took.
    pub millis: f32,
}
