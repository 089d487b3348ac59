//! What a second network, beside the one in view, makes of a scene, and how far the two differ.

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The words of the map of where two networks differ, by their ids: `first` is the network in view, `other` the one
/// beside it. Without a label what differs can be neither right nor wrong.
pub const DISAGREEMENT: [&str; 5] = ["same", "first right", "other right", "both wrong", "no label"];

/// What the network beside makes of a scene. Its pictures stand among the others, as [`super::Content::Beside`], and its
/// class ids are its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BesideView {
    /// The step that its weights are from.
    pub step: u64,
    /// The head that counts for the sensors that are present; `None` where nothing is predicted.
    pub answer: Option<String>,
    /// Why it does not fit this data set, or cannot take this scene; see [`super::SceneView::unfit`].
    pub unfit: Option<String>,
    /// Why something is not among its pictures.
    pub lack: Option<Failure>,
    /// How its dropped sensors were replaced, in the words of `evaluation.missing` of its own recipe.
    pub missing: String,
    /// Names of all maps of it that could be asked for.
    pub offered: Vec<String>,
    /// Of the maps that cannot be shown of it, the name and why.
    #[serde(default)]
    pub refused: Vec<(String, String)>,
    /// Plain numbers by name, where they were asked for.
    pub figures: Vec<(String, f32)>,
    /// How far the two answers that count differ, or why they are not compared.
    pub disagreement: Result<Disagreement, String>,
}

/// How far two answers for one scene differ; the map of where is [`super::Content::Disagreement`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Disagreement {
    /// All pixels of the scene.
    pub pixels: u64,
    /// Those whose class is another one.
    pub differing: u64,
    /// Of those that differ the ones where the network in view is right, and those where the one beside it is.
    pub right: [u64; 2],
    /// Of those that differ the ones where neither is right. What is left of them has no label.
    pub both_wrong: u64,
    /// The mean IoU of this scene of the network in view and of the one beside it, 0 to 1, by the convention in
    /// `convention`; `None` without a label, or where classes of one are none of the labels'.
    pub miou: [Option<f64>; 2],
    /// The word of `evaluation.convention` of the network in view.
    pub convention: String,
}

impl Disagreement {
    /// The share of the pixels whose class is another one, 0 to 1.
    pub fn share(&self) -> f64 {
        self.differing as f64 / self.pixels.max(1) as f64
    }
}
