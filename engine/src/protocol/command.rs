//! What the app asks of a session.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::album::AlbumWish;
use super::choice_json;
use super::comparing::{Confusion, CountedFrom, SplitRequest};
use super::disk::DiskCommand;
use super::embedding::{EmbeddingRequest, Steer};
use super::explained::{EXPLANATION, Explained};
use super::gallery::GalleryCommand;
use super::shelf::ShelfCommand;
use super::what_if::WhatIf;
use crate::files::path_json;
use crate::recipe::catalogue::evaluation::{self, Missing, Protocol};
use crate::recipe::{Recipe, Value};

/// One request to a session. A command that does not fit the state is answered with a notice and changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Open a data set folder: a known layout, or one with a `dataset.toml`.
    LoadData {
        /// The folder.
        #[serde(with = "path_json")]
        path: PathBuf,
    },
    /// Open a data set folder whose manifest names files outside of it: the user says that it may.
    TrustData {
        /// The folder.
        #[serde(with = "path_json")]
        path: PathBuf,
    },
    /// Take this recipe for the next run.
    LoadRecipe {
        /// The whole recipe.
        recipe: Recipe,
    },
    /// Open a finished or interrupted run for prediction, evaluation and resuming.
    ///
    /// A folder that holds runs is answered with a list of them.
    OpenRun {
        /// The run folder, or a packed checkpoint file.
        #[serde(with = "path_json")]
        path: PathBuf,
        /// The data set to open with it, in place of the one that the run was trained on.
        #[serde(default, with = "path_json::optional")]
        data: Option<PathBuf>,
    },
    /// Join the classes of the open data set to those of the open network, and keep the map.
    JoinClasses {
        /// The network's class for each of the data set's, by id; `None` for one that counts nowhere.
        picks: Vec<Option<u8>>,
        /// The file to write the map to, which `data.class_map` can name.
        #[serde(with = "path_json")]
        file: PathBuf,
    },
    /// Begin a new run, or go on after `Pause`.
    Start,
    /// Continue the opened run where its newest checkpoint stands.
    ResumeRun,
    /// Hold after the step in hand.
    Pause,
    /// Do one step, then hold.
    StepOnce,
    /// End what is under way: loading, opening, preparing, gathering or evaluating leaves everything as it was before;
    /// a run ends with a checkpoint.
    Stop,
    /// Change a live setting at the next step.
    Set {
        /// The catalogue key.
        key: String,
        /// The new value.
        value: Value,
    },
    /// Open another network beside the one in view: it predicts the same scenes, and stays as it is while that one trains.
    CompareWith {
        /// The run folder, or a packed checkpoint file.
        #[serde(with = "path_json")]
        path: PathBuf,
    },
    /// Let the network beside the one in view go.
    StopComparing,
    /// Find how far the network in view and the one beside it differ on each scene of a split. Of what evaluations counted
    /// there may be none, which is no failure and answered with nothing.
    CompareSplit {
        /// Which scenes.
        of: SplitRequest,
        /// What to count from.
        from: CountedFrom,
    },
    /// Find the scenes that have such pixels: in what that evaluation counted, else by predicting the split.
    FindConfused(Confusion),
    /// Tell how the network in hand does on single scenes, as far as its evaluations counted them.
    ScoreScenes,
    /// Show a scene; a newer request with the same view id supersedes an older one.
    View(ViewRequest),
    /// Stop refreshing a view.
    CloseView {
        /// The view.
        view: u64,
    },
    /// Gather features and lay them out; a newer request with the same slot supersedes an older one.
    Embed(EmbeddingRequest),
    /// Do something with a layout.
    Steer {
        /// The layout's slot.
        slot: u64,
        /// What to do.
        steer: Steer,
    },
    /// Give up a layout.
    CloseEmbedding {
        /// The layout's slot.
        slot: u64,
    },
    /// The share of the worker's time that live pictures may take, 0 to 1. The default is 0.1.
    SetViewBudget {
        /// The share.
        share: f32,
    },
    /// Write event files for TensorBoard beside the runs that begin, or go on, from now on; or none any more. What a run
    /// does is the same either way.
    WriteEvents {
        /// What they hold besides figures.
        events: Option<EventFiles>,
    },
    /// Keep pages of these scenes in the folder of the run under way, and of those that begin or go on from now on. What a
    /// run does is the same either way.
    KeepAlbum(AlbumWish),
    /// Evaluate every subset of the sensors on a split.
    Evaluate {
        /// The split's name.
        split: String,
    },
    /// Predict every scene of a split without and with a what-if, and keep what comes of it beside the run's evaluations,
    /// never among them.
    EvaluateWhatIf {
        /// The split's name.
        split: String,
        /// What is supposed.
        what_if: WhatIf,
    },
    /// Take the figures of a protocol on a split, of the network in hand: that of the run under way as it stands, or of
    /// the one that was opened.
    RunProtocol {
        /// The protocol.
        #[serde(with = "choice_json")]
        protocol: Protocol,
        /// The split's name.
        split: String,
    },
    /// Write a checkpoint now; after the end of a run that could not be saved, try again.
    SaveCheckpoint,
    /// Give up the run that has ended and could not be saved; its network stays until another one is opened or trained.
    Discard,
    /// Something about runs that are not in hand: answered by a thread of its own, in any state.
    Shelf(ShelfCommand),
    /// Something about all scenes of the open data set: answered by a thread of its own, in any state.
    Gallery(GalleryCommand),
    /// Something about the engine's disk: answered by a thread of its own, in any state.
    Disk(DiskCommand),
    /// End the session; a running training saves a checkpoint first.
    Shutdown,
}

/// What event files for TensorBoard hold besides figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFiles {
    /// The scene whose pictures are added at each evaluation: its id, or its place in the split that is evaluated while
    /// the run trains; the first one there where it is `None`.
    pub scene: Option<String>,
}

/// Which pictures of which scene to show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ViewRequest {
    /// Who asks: one slot a view, the newest wins.
    pub view: u64,
    /// The split's name.
    pub split: String,
    /// The scene's index within the split.
    pub index: usize,
    /// What is supposed of the sensors and of the method, for this view alone.
    #[serde(default)]
    pub what_if: WhatIf,
    /// Names of the maps to record beside sensors, label and predictions.
    #[serde(default)]
    pub watched: Vec<String>,
    /// The place that maps about one pixel are about: across and down, 0 to 65,535; the middle where nobody has chosen
    /// one.
    #[serde(default)]
    pub pixel: Option<[u16; 2]>,
    /// What explanations among the watched maps are about.
    #[serde(default)]
    pub explained: Explained,
    /// The step whose page in the run's album is shown, as the scene was predicted then, whatever is supposed; `None` for
    /// the network as it stands.
    #[serde(default)]
    pub at: Option<u64>,
    /// The step of another page, with whose predictions these are compared as those without a what-if are.
    #[serde(default)]
    pub since: Option<u64>,
    /// Whether the predictions are compared with those without the what-if, where there is one.
    #[serde(default)]
    pub compares: bool,
}

impl ViewRequest {
    /// Whether an answer to it has this sensor's mean image stand in for it, by a network with this recipe: since it is
    /// supposed to be absent so, or for explanations, which do without each sensor in turn.
    pub fn takes_mean_of(&self, sensor: &str, recipe: &Recipe) -> bool {
        let explains = self.watched.iter().any(|name| name.starts_with(EXPLANATION));
        self.what_if.stand_in(sensor, recipe) == Some(Missing::Mean)
            || (explains && recipe.get(evaluation::MISSING) == Missing::Mean)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn a_command_may_name_any_file() {
        let path = PathBuf::from(OsStr::from_bytes(b"/d\xff"));
        for data in [Some(path.clone()), None] {
            let command = Command::OpenRun { path: path.clone(), data };
            let text = serde_json::to_string(&command).unwrap();
            assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), command);
        }
        let embed = Command::Embed(EmbeddingRequest { run: Some(path), ..EmbeddingRequest::default() });
        let text = serde_json::to_string(&embed).unwrap();
        assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), embed);
    }
}
