//! What a session tells the app.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::album::Album;
use super::comparing::{ConfusedScenes, SplitComparison};
use super::disk::DiskNews;
use super::gallery::GalleryNews;
use super::live_change::LiveChange;
use super::proposal::Proposal;
use super::protocol_report::ProtocolReport;
use super::recorded::Recorded;
use super::report::EvaluationReport;
use super::run::RunSummary;
use super::scene_scores::SceneScores;
use super::shelf::ShelfNews;
use super::step::StepReport;
use super::subject::Subject;
use super::what_if_report::WhatIfReport;
use crate::failure::Failure;
use crate::files::path_json;
use crate::recipe::Recipe;

/// Where a session stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum SessionState {
    /// Nothing runs; a recipe and data may be loaded.
    #[default]
    Idle,
    /// Getting ready.
    Preparing {
        /// What is being prepared, for example "Indexing nyudv2".
        what: String,
        /// How far, in units of `total`.
        done: u64,
        /// The whole; 0 where unknown.
        total: u64,
    },
    /// Steps are being taken.
    Training,
    /// A run is held between two steps.
    Paused,
    /// A split is being evaluated, or gone through for a list of its scenes or a protocol.
    Evaluating {
        /// Scenes done; of a protocol passes over one.
        done: u64,
        /// All of them.
        total: u64,
    },
    /// The run came to its end.
    Finished,
    /// The run was stopped on its way and can be resumed.
    Stopped {
        /// Steps that were taken.
        step: u64,
        /// Steps that the run was to take; 0 where unknown.
        of: u64,
    },
    /// The run cannot go on. Told once: whatever is done next leads elsewhere.
    Failed(Failure),
}

impl SessionState {
    /// Whether nothing is under way, so that something else may begin.
    pub fn is_at_rest(&self) -> bool {
        match self {
            Self::Idle | Self::Finished | Self::Stopped { .. } | Self::Failed(_) => true,
            Self::Preparing { .. } | Self::Training | Self::Paused | Self::Evaluating { .. } => false,
        }
    }
}

/// Where the time of recent steps went, on average over them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeReport {
    /// The last of the steps.
    pub step: u64,
    /// How many steps.
    pub steps: u64,
    /// Milliseconds a step, all parts and what lies between them.
    pub millis: f64,
    /// The parts of a step, one after the other.
    pub parts: Vec<TimeShare>,
    /// The engine's own kernels and the reading of tensors, inside the parts.
    pub kernels: Vec<TimeShare>,
}

/// One line of a [`TimeReport`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeShare {
    /// What took the time.
    pub name: String,
    /// Milliseconds a step.
    pub millis: f64,
    /// Calls a step.
    pub calls: f64,
}

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Good to know.
    Info,
    /// Something was left out or replaced; the work goes on.
    Warning,
    /// What was asked could not be done.
    Error,
}

/// What was found in a data set folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetSummary {
    /// The name from the manifest or the layout.
    pub name: String,
    /// The folder.
    #[serde(with = "path_json")]
    pub path: PathBuf,
    /// The sensors, in the manifest's order.
    pub modalities: Vec<ModalitySummary>,
    /// Class names by id.
    pub classes: Vec<String>,
    /// Class colours by id, red, green, blue.
    pub colours: Vec<[u8; 3]>,
    /// The splits.
    pub splits: Vec<SplitSummary>,
    /// Settings that papers take on this data in place of their presets'.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<Proposal>,
}

/// One sensor of a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModalitySummary {
    /// The name, for example `colour`.
    pub name: String,
    /// The kind, for example `thermal`; decides the sensor's hue.
    pub kind: String,
    /// The unit of its values; empty for photographs.
    pub unit: String,
}

/// One split of a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitSummary {
    /// The name: `train`, `val`, `test`.
    pub name: String,
    /// Sample ids, in order.
    pub ids: Vec<String>,
    /// Condition tags of each sample, parallel to `ids`.
    pub tags: Vec<Vec<String>>,
    /// Whether it was cut from another split because the folder has none.
    pub held_out: bool,
}

/// The network that was built or opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSummary {
    /// Names of the sensors it takes, in order.
    pub sensors: Vec<String>,
    /// Names of its heads: `fused` first where there is one, then one a sensor.
    pub heads: Vec<String>,
    /// Names of the classes that it tells apart, by id.
    #[serde(default)]
    pub classes: Vec<String>,
    /// Their colours, red, green, blue.
    #[serde(default)]
    pub colours: Vec<[u8; 3]>,
    /// Trainable parameters.
    pub parameters: u64,
    /// Channels that channel exchange looks at, of both sensors together; 0 where it is off.
    #[serde(default)]
    pub exchangeable: u64,
    /// The device in words.
    pub device: String,
}

/// The network that the one in view is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BesideRun {
    /// The run folder or packed model.
    #[serde(with = "path_json")]
    pub path: PathBuf,
    /// The name of its recipe.
    pub recipe: String,
    /// The step that its weights are from, which stays while the network in view trains on.
    pub step: u64,
    /// The network.
    pub network: NetworkSummary,
}

/// One message from a session. Step reports and progress are coalesced when the app is slow. Where it does not read for
/// very long, the oldest of the others are left out, and a notice says how many of what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The state changed, or its progress moved on.
    State(SessionState),
    /// A data set was opened.
    Dataset(DatasetSummary),
    /// The recipe now in force.
    Recipe(Recipe),
    /// A network was built or opened.
    Network(NetworkSummary),
    /// A run folder was made or opened.
    Run {
        /// The folder.
        #[serde(with = "path_json")]
        path: PathBuf,
        /// The step of its newest checkpoint, where it has one.
        #[serde(default)]
        checkpoint: Option<u64>,
    },
    /// A packed model was opened; no run belongs to it.
    Model {
        /// The file.
        #[serde(with = "path_json")]
        path: PathBuf,
    },
    /// The data set that the opened run was trained on could not be opened; the one before stays open. `LoadData` says
    /// where it lies now.
    DataGone {
        /// Where the run says that it lies.
        #[serde(with = "path_json")]
        path: PathBuf,
        /// What was found there.
        failure: Failure,
    },
    /// The folder that was to be opened as a run holds runs; one of them can be opened. Nothing has changed.
    Runs {
        /// The folder.
        #[serde(with = "path_json")]
        path: PathBuf,
        /// Its runs, the newest first.
        runs: Vec<RunSummary>,
    },
    /// News of runs that are not in hand.
    Shelf(ShelfNews),
    /// News of all scenes of the open data set.
    Gallery(GalleryNews),
    /// What lies on the engine's disk, as it was asked for.
    Disk(DiskNews),
    /// Steps were taken, oldest first.
    Steps(Vec<StepReport>),
    /// Where the time of the last steps went; at most twice a second.
    Times(TimeReport),
    /// Something happened to the run, oldest first: as it happens, and all of it when a run is opened or resumed.
    Recorded(Vec<Recorded>),
    /// The settings of the run or model in hand that were changed after it had begun, all of them; told when it is
    /// opened, begun or resumed, and with each change.
    Changed(Vec<LiveChange>),
    /// An evaluation ended.
    Evaluation(EvaluationReport),
    /// What a what-if comes to on a split: as it ends, and all that were kept when a run is opened.
    WhatIf(Box<WhatIfReport>),
    /// The figures of a protocol were taken: now, or before in a run that was opened.
    Protocol(Box<ProtocolReport>),
    /// The pages of pinned scenes that the run in hand has, all of them: as it is opened, and with each that is kept.
    Album(Album),
    /// A checkpoint was written.
    Checkpoint {
        /// The step that it holds.
        step: u64,
        /// Its folder.
        #[serde(with = "path_json")]
        path: PathBuf,
    },
    /// Whether the run that has ended lies in memory alone because its checkpoint could not be written: why, or `None`
    /// once it is saved (`Command::SaveCheckpoint`) or discarded (`Command::Discard`). Until then no other run begins
    /// or is opened.
    Unsaved(Option<Failure>),
    /// Another network was opened beside the one in view, or let go.
    Beside(Option<BesideRun>),
    /// How far the two networks differ on each scene of a split.
    Compared(Box<SplitComparison>),
    /// The scenes that have the pixels of a cell of a confusion matrix.
    Confused(ConfusedScenes),
    /// How the network in hand does on single scenes, one entry a split of which an evaluation counted them.
    SceneScores(Vec<SceneScores>),
    /// A new picture lies in the slot of this view.
    ViewReady {
        /// The view.
        view: u64,
    },
    /// What was asked could not be done, and nothing has changed.
    Failure {
        /// What was to be done; it ends where that is done later.
        about: Subject,
        /// Why it could not.
        failure: Failure,
    },
    /// A sentence for the log.
    Notice {
        /// What it is about. A later success there ends a warning, and so does good news ([`Level::Info`]).
        about: Subject,
        /// How much it matters.
        level: Level,
        /// The sentence.
        text: String,
    },
    /// The worker has ended; nothing follows.
    Ended,
}

impl Event {
    /// Whether it says that all is well now with what a message was about. Pictures and layouts come through slots, so
    /// that events say little of them.
    pub fn settles(&self, subject: Subject) -> bool {
        match self {
            Self::Notice { about, level: Level::Info, .. } => *about == subject,
            Self::Dataset(_) => matches!(subject, Subject::Data | Subject::View | Subject::Layout),
            Self::Network(_) => matches!(subject, Subject::View | Subject::Layout),
            Self::Run { .. } | Self::Model { .. } => matches!(
                subject,
                Subject::Run | Subject::Step | Subject::Checkpoint | Subject::Record | Subject::Evaluation
            ),
            Self::Steps(_) => subject == Subject::Step,
            Self::Checkpoint { .. } | Self::Unsaved(None) => subject == Subject::Checkpoint,
            Self::Evaluation(_) | Self::WhatIf(_) | Self::Confused(_) | Self::Protocol(_) => {
                subject == Subject::Evaluation
            }
            Self::Recipe(_) => subject == Subject::Recipe,
            Self::Beside(_) | Self::Compared(_) => subject == Subject::Beside,
            Self::State(_) => subject == Subject::Command,
            Self::Shelf(ShelfNews::Binned { .. }) => subject == Subject::Shelf,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_with_a_later_success_of_the_same_kind_and_of_no_other() {
        let checkpoint = Event::Checkpoint { step: 1, path: "a".into() };
        let evaluation = Event::Evaluation(EvaluationReport::default());
        assert!(checkpoint.settles(Subject::Checkpoint) && !evaluation.settles(Subject::Checkpoint));
        assert!(evaluation.settles(Subject::Evaluation) && !checkpoint.settles(Subject::Evaluation));
        let again = Event::Failure { about: Subject::Checkpoint, failure: Failure::refused("the disk is full") };
        assert!(!again.settles(Subject::Checkpoint));
        assert!(Event::State(SessionState::Training).settles(Subject::Command));
    }

    #[test]
    fn good_news_ends_what_it_is_about() {
        let news = |level| Event::Notice { about: Subject::Record, level, text: "written again".to_owned() };
        assert!(news(Level::Info).settles(Subject::Record));
        assert!(!news(Level::Warning).settles(Subject::Record));
        assert!(!news(Level::Info).settles(Subject::Data));
    }
}
