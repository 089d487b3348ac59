//! What the state machine drives: everything that computes, behind one small trait.
//!
//! The machine knows when; the engine knows how. Tests drive the machine with a fake engine through thousands of
//! sequences.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::halt::Halt;
use crate::failure::Failure;
use crate::inspection::FeatureTable;
use crate::progress::Progress;
use crate::protocol::{
    DatasetSummary, EmbeddingRequest, EvaluationReport, NetworkSummary, Phase, SceneView, StepReport, ViewRequest,
};
use crate::recipe::{Recipe, Value};
use crate::stopwatch::Span;

/// Told how many of how many are done; answers whether to go on.
pub(super) type Count<'a> = dyn FnMut(u64, u64) -> ControlFlow<()> + 'a;

/// A data set that was opened.
pub(super) struct DataLoaded {
    pub(super) summary: DatasetSummary,
    pub(super) warnings: Vec<String>,
}

/// A run or packed model that was opened.
pub(super) struct RunOpened {
    pub(super) recipe: Recipe,
    /// `None` for a run that was interrupted before its first checkpoint.
    pub(super) network: Option<NetworkSummary>,
    /// `None` for a packed model file.
    pub(super) folder: Option<PathBuf>,
    pub(super) history: Vec<StepReport>,
    pub(super) evaluations: Vec<EvaluationReport>,
    /// The open data set, where its classes had to be joined in another way.
    pub(super) data: Option<DataLoaded>,
    pub(super) warnings: Vec<String>,
}

/// A run that is ready for its next step.
pub(super) struct RunBegun {
    pub(super) recipe: Recipe,
    pub(super) network: NetworkSummary,
    pub(super) folder: PathBuf,
    pub(super) phase: Phase,
    /// Steps done before; 0 for a new run.
    pub(super) step: u64,
    pub(super) history: Vec<StepReport>,
    /// A data set that had to be opened for it.
    pub(super) data: Option<DataLoaded>,
    pub(super) warnings: Vec<String>,
    /// Good to know, such as which pretrained weights were loaded.
    pub(super) notes: Vec<String>,
}

/// One step that was taken.
pub(super) struct Stepped {
    pub(super) report: StepReport,
    /// Where its time went.
    pub(super) spans: Vec<Span>,
    /// The phase that the next step belongs to, where it is another one.
    pub(super) entered: Option<(Phase, NetworkSummary)>,
    pub(super) evaluation_due: bool,
    pub(super) checkpoint_due: bool,
    /// Whether the run has taken as many steps as it may.
    pub(super) limit_reached: bool,
    pub(super) done: bool,
    /// Things that did not stop the step, such as an unwritable metrics file.
    pub(super) warnings: Vec<String>,
}

/// What was gathered for a layout.
pub(super) struct Gathered {
    pub(super) table: FeatureTable,
    pub(super) step: Option<u64>,
}

/// Why a step was not taken.
pub(super) enum StepFailure {
    /// The run stands as before the step and can go on after a change.
    Held(Failure),
    /// The run cannot go on.
    Broken(Failure),
}

/// Everything that computes. What takes long asks `progress` whether to go on, often enough for a person who waits.
pub(super) trait Engine {
    fn has_data(&self) -> bool;
    fn has_model(&self) -> bool;
    /// Whether the first step of a run compiles kernels and takes far longer than the others.
    fn compiles(&self) -> bool;
    /// Steps done by the run in hand, or by the opened model.
    fn position(&self) -> u64;
    /// Lets the manifest of the data set at `path` name files outside of its folder from now on.
    fn trust(&mut self, path: &Path);

    fn load_data(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<DataLoaded, Halt>;
    fn open_run(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<RunOpened, Halt>;
    fn start(&mut self, recipe: &Recipe, progress: &mut Progress<'_>) -> Result<RunBegun, Halt>;
    fn resume(&mut self, progress: &mut Progress<'_>) -> Result<RunBegun, Halt>;
    fn step(&mut self) -> Result<Stepped, StepFailure>;
    /// Changes a live setting of the run in hand, or of the opened model.
    fn set(&mut self, key: &str, value: &Value) -> Result<(), Halt>;
    fn save(&mut self) -> Result<(u64, PathBuf), Halt>;
    /// Lets go of the run in hand and keeps its network for pictures and evaluation.
    fn end_run(&mut self);
    /// Lets go of a run that broke, whatever state it is in.
    fn abandon_run(&mut self);
    /// The split that a run is evaluated on while it trains, and the one at its end.
    fn own_split(&self, at_end: bool) -> Option<String>;
    fn evaluate(&self, split: &str, progress: &mut Count<'_>) -> Result<EvaluationReport, Halt>;
    /// Writes an evaluation into the run folder, where there is one; returns what is to be known about that.
    fn keep_evaluation(&mut self, report: &EvaluationReport) -> Result<Vec<String>, Halt>;
    fn view(&self, request: &ViewRequest, progress: &mut Count<'_>) -> Result<SceneView, Halt>;
    /// The features that a layout is made of.
    fn gather(&self, request: &EmbeddingRequest, progress: &mut Count<'_>) -> Result<Gathered, Halt>;
}
