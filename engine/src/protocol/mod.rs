//! What passes between engine and app: commands, events and frames, all plain data.
//!
//! Nothing in here may hold a tensor, a closure or a widget: a session can run as a thread, a child process or on
//! another machine.

mod beside;
mod command;
mod comparing;
mod embedding;
mod event;
mod frame;
mod further;
mod live_change;
mod means;
mod phase;
mod proposal;
mod recorded;
mod report;
mod run;
mod scene_counts;
mod shelf;
mod step;
mod subject;
mod view;
mod words;

pub use self::beside::{BesideView, DISAGREEMENT, Disagreement};
pub use self::command::{Command, EventFiles, ViewRequest};
pub use self::comparing::{ConfusedScenes, Confusion, CountedFrom, SceneComparison, SplitComparison, SplitRequest};
pub use self::embedding::{
    EmbeddingMeasures, EmbeddingRequest, EmbeddingStage, EmbeddingView, PointMark, Steer, layout_table,
};
pub use self::event::{
    BesideRun, DatasetSummary, Event, Level, ModalitySummary, NetworkSummary, SessionState, SplitSummary, TimeReport,
    TimeShare,
};
pub use self::frame::{Frame, Pixels};
pub use self::further::{FurtherClassScores, FurtherScores, ReliabilityBin};
pub use self::live_change::{LiveChange, changes_words};
pub use self::means::MeanScores;
pub use self::phase::Phase;
pub use self::proposal::Proposal;
pub use self::recorded::{Happening, Recorded};
pub use self::report::{ClassScores, EvaluationReport, FusionImageScores, NetworkCost, Spread, SubsetScores};
pub use self::run::{RunScore, RunState, RunSummary};
pub use self::scene_counts::{
    CountedCell, CountedScene, Evaluated, FusionImageFigures, MOST_CELLS, SceneCounts, SubsetCounts,
};
pub use self::shelf::{
    FiguresBy, RunCard, RunFigures, RunNotes, RunStanding, RunTrace, RunsWatch, ShelfCommand, ShelfNews, SubsetFigure,
    TrainingTime,
};
pub use self::step::{Figure, Quantity, StepReport};
pub use self::subject::Subject;
pub use self::view::{Content, Difference, FIGURES, SceneView, Tile};
pub use self::words::{counted, percent, share, significant, value_words, whole};
pub use crate::failure::{Failure, FailureKind};
