//! What passes between engine and app: commands, events and frames, all plain data.
//!
//! Nothing in here may hold a tensor, a closure or a widget: a session can run as a thread, a child process or on
//! another machine.

mod album;
mod beside;
mod choice_json;
mod command;
mod comparing;
mod degradation;
mod degraded;
mod disk;
mod effect;
mod embedding;
mod event;
mod explained;
mod frame;
mod further;
mod gallery;
mod live_change;
mod means;
mod modality_kind;
mod notes;
mod phase;
mod problem;
mod proposal;
mod protocol_report;
mod recorded;
mod report;
mod robustness;
mod run;
mod scene_counts;
mod scene_scores;
mod shelf;
mod step;
mod subject;
mod trial;
mod view;
mod view_kind;
mod what_if;
mod what_if_report;
mod words;

pub use self::album::{Album, AlbumScene, AlbumWish, Pin};
pub use self::beside::{BesideView, DISAGREEMENT, Disagreement};
pub use self::command::{Command, EventFiles, ViewRequest};
pub use self::comparing::{ConfusedScenes, Confusion, CountedFrom, SceneComparison, SplitComparison, SplitRequest};
pub use self::degradation::DegradationFacts;
pub use self::degraded::Degraded;
pub use self::disk::{
    DiskCommand, DiskNews, EntryKind, FolderEntry, FolderListing, PieceRequest, RunContents, RunFile,
};
pub use self::effect::{Effect, OUTCOME};
pub use self::embedding::{
    EmbeddingMeasures, EmbeddingRequest, EmbeddingStage, EmbeddingView, PointMark, Steer, layout_table,
};
pub use self::event::{
    BesideRun, DatasetSummary, Event, Level, ModalitySummary, NetworkSummary, SessionState, SplitSummary, TimeReport,
    TimeShare,
};
pub use self::explained::{EXPLANATION, Explained, Layer, Region};
pub use self::frame::{Frame, Pixels};
pub use self::further::{FurtherClassScores, FurtherScores, ReliabilityBin};
pub use self::gallery::{
    DatasetSurvey, FoundProblem, GalleryCommand, GalleryNews, ScenePlace, SceneSurvey, SensorSpread, SplitSurvey,
    Thumbnail, ThumbnailRequest,
};
pub use self::live_change::{LiveChange, changes_words};
pub use self::means::{MEAN_OF_TAGS, MeanScores};
pub use self::modality_kind::ModalityKind;
pub use self::notes::Notes;
pub use self::phase::Phase;
pub use self::problem::{Problem, Severity};
pub use self::proposal::Proposal;
pub use self::protocol_report::{ProtocolFigure, ProtocolReport, TrialScores};
pub use self::recorded::{Happening, Recorded};
pub use self::report::{ClassScores, EvaluationReport, FusionImageScores, NetworkCost, Spread, SubsetScores};
pub use self::robustness::{Combination, CurvePoint, FAILURES, Reliance, SeverityCurve};
pub use self::run::{RunScore, RunState, RunSummary};
pub use self::scene_counts::{
    CountedCell, CountedScene, Evaluated, FusionImageFigures, MOST_CELLS, SceneCounts, SubsetCounts,
};
pub use self::scene_scores::SceneScores;
pub use self::shelf::{
    FiguresBy, RunCard, RunFigures, RunNotes, RunStanding, RunTrace, RunsWatch, ShelfCommand, ShelfNews, SubsetFigure,
    TrainingTime,
};
pub use self::step::{Figure, Quantity, StepReport};
pub use self::subject::Subject;
pub use self::trial::{NoiseLevel, Trial};
pub use self::view::{BESIDE, Content, FIGURES, SceneView, Tile};
pub use self::view_kind::{VIEW_KINDS, ViewKind};
pub use self::what_if::{Absence, OtherScene, SensorChange, Stroke, Touch, WhatIf};
pub use self::what_if_report::WhatIfReport;
pub use self::words::{counted, percent, percent_or_dash, share, significant, value_words, whole};
pub use crate::failure::{Failure, FailureKind};
pub use crate::recipe::catalogue::data::degradation::Degradation;
pub use crate::recipe::catalogue::evaluation::Protocol;
