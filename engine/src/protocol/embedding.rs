//! Layouts of features in the plane: what is asked for, how it is steered, how it stands, and as a table.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::files::{csv, path_json};

/// Which vectors to lay out. A newer request with the same slot supersedes an older one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EmbeddingRequest {
    /// Who asks: one layout a slot.
    pub slot: u64,
    /// Which features, for example `stage4` (all sensors) or `stage4.thermal`.
    pub features: String,
    /// The split's name.
    pub split: String,
    /// The scenes' indices within the split.
    pub scenes: Vec<usize>,
    /// Vectors at most.
    pub points: usize,
    /// What the choice of pixels follows from.
    pub seed: u64,
    /// Names of the sensors that the network must do without.
    pub dropped: Vec<String>,
    /// Another run or packed model to ask in place of the network in hand.
    #[serde(default, with = "path_json::optional")]
    pub run: Option<PathBuf>,
}

/// What is done with a layout.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Steer {
    /// Begin t-SNE from the principal components.
    Start,
    /// Hold still.
    Pause,
    /// Go on.
    Resume,
    /// Give up what is under way; the layout stays.
    Cancel,
    /// Go on with another perplexity.
    Perplexity(f32),
    /// Hold the exaggeration at a value; `None` gives it back to the schedule.
    Exaggeration(Option<f32>),
    /// Gather the same pixels again while the network learns, and let the layout follow.
    Follow(bool),
    /// Whether anybody looks: while nobody does, nothing is computed.
    Show(bool),
}

/// Where a vector is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointMark {
    /// The scene's index in the split.
    pub scene: u32,
    /// The source, as an index into [`EmbeddingView::sources`].
    pub source: u8,
    /// The true class.
    pub label: u8,
    /// The class that the network answers there.
    pub predicted: u8,
    /// The place, across and down, 0 to 65,535.
    pub pixel: [u16; 2],
}

/// What is being done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum EmbeddingStage {
    /// The principal components are shown.
    #[default]
    Projected,
    /// Looking for neighbours.
    Preparing {
        /// Points that have theirs.
        done: usize,
        /// All points.
        total: usize,
    },
    /// Iterating.
    Running,
    /// Told to wait.
    Paused,
    /// All iterations are done.
    Done,
    /// It cannot be done.
    Failed(Failure),
}

/// Numbers beside a layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingMeasures {
    /// How many neighbours in the layout were neighbours before, 0 to 1, of twelve.
    pub trustworthiness: f64,
    /// The mean share of nearest neighbours in the layout of the same class.
    pub class_purity: f64,
    /// The same by source: 1 where sensors stand apart; the sensors' share where they mix.
    pub source_purity: f64,
    /// The mean silhouette of the features by class, −1 to 1.
    pub silhouette: f64,
}

/// How a layout stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingView {
    /// The request that it answers.
    pub request: EmbeddingRequest,
    /// The step that the network stood at; `None` for another run's packed model.
    pub step: Option<u64>,
    /// What the sources are called: sensors' names, or `fused`.
    pub sources: Vec<String>,
    /// Names of all features that could be asked for.
    pub offered: Vec<String>,
    /// One mark a point.
    pub marks: Vec<PointMark>,
    /// The places, around the origin.
    pub layout: Vec<[f32; 2]>,
    /// What is being done.
    pub stage: EmbeddingStage,
    /// Iterations done.
    pub iteration: u32,
    /// Iterations in all.
    pub iterations: u32,
    /// The Kullback–Leibler divergence after some iterations, in nats.
    pub divergences: Vec<(u32, f64)>,
    /// The perplexity in use.
    pub perplexity: f32,
    /// The device in words.
    pub device: String,
    /// Numbers beside the layout, once they are known.
    pub measures: Option<EmbeddingMeasures>,
}

/// CSV, a line a point: its place, its classes, its source, and where it is in which scene of the split, across and
/// down 0 to 1.
pub fn layout_table(
    layout: &[[f32; 2]],
    marks: &[PointMark],
    sources: &[String],
    split: &str,
    classes: &[String],
) -> String {
    let class_name = |class: u8| classes.get(usize::from(class)).map_or("", String::as_str);
    let mut text = csv::line(["x", "y", "class", "predicted", "source", "split", "scene", "across", "down"]);
    for (mark, [x, y]) in marks.iter().zip(layout) {
        let source = sources.get(usize::from(mark.source)).map_or("", String::as_str);
        let [across, down] = mark.pixel.map(|place| f32::from(place) / f32::from(u16::MAX));
        let [x, y] = [x, y].map(f32::to_string);
        let (scene, across, down) = (mark.scene.to_string(), format!("{across:.4}"), format!("{down:.4}"));
        let (class, predicted) = (class_name(mark.label), class_name(mark.predicted));
        text.push_str(&csv::line([&x, &y, class, predicted, source, split, &scene, &across, &down]));
    }
    text
}
