//! What passes between engine and app: commands, events and frames, all plain data.
//!
//! Nothing in here may hold a tensor, a closure or a widget: a session can run as a thread, a child process or on
//! another machine.

mod beside;
mod command;
mod comparing;
mod degradation;
mod degraded;
mod effect;
mod embedding;
mod event;
mod frame;
mod live_change;
mod means;
mod modality_kind;
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
mod what_if;
mod what_if_report;
mod words;

pub use self::beside::{BesideView, DISAGREEMENT, Disagreement};
pub use self::command::{Command, EventFiles, ViewRequest};
pub use self::comparing::{ConfusedScenes, Confusion, CountedFrom, SceneComparison, SplitComparison, SplitRequest};
pub use self::degradation::DegradationFacts;
pub use self::degraded::Degraded;
pub use self::effect::{Effect, OUTCOME};
pub use self::embedding::{
    EmbeddingMeasures, EmbeddingRequest, EmbeddingStage, EmbeddingView, PointMark, Steer, layout_table,
};
pub use self::event::{
    BesideRun, DatasetSummary, Event, Level, ModalitySummary, NetworkSummary, SessionState, SplitSummary, TimeReport,
    TimeShare,
};
pub use self::frame::{Frame, Pixels};
pub use self::live_change::{LiveChange, changes_words};
pub use self::means::MeanScores;
pub use self::modality_kind::ModalityKind;
pub use self::phase::Phase;
pub use self::proposal::Proposal;
pub use self::recorded::{Happening, Recorded};
pub use self::report::{ClassScores, EvaluationReport, FusionImageScores, NetworkCost, Spread, SubsetScores};
pub use self::run::{RunScore, RunState, RunSummary};
pub use self::scene_counts::{CountedCell, CountedScene, Evaluated, MOST_CELLS, SceneCounts, SubsetCounts};
pub use self::shelf::{
    FiguresBy, RunCard, RunFigures, RunNotes, RunStanding, RunTrace, RunsWatch, ShelfCommand, ShelfNews, SubsetFigure,
    TrainingTime,
};
pub use self::step::{Figure, Quantity, StepReport};
pub use self::subject::Subject;
pub use self::view::{Content, FIGURES, SceneView, Tile};
pub use self::what_if::{Absence, OtherScene, SensorChange, Stroke, Touch, WhatIf};
pub use self::what_if_report::WhatIfReport;
pub use self::words::{counted, percent, share, significant, value_words, whole};
pub use crate::failure::{Failure, FailureKind};
pub use crate::recipe::catalogue::data::degradation::Degradation;
