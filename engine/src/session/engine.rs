//! What the state machine drives: everything that computes, behind one small trait.
//!
//! The machine knows when; the engine knows how. Tests drive the machine with a fake engine through thousands of
//! sequences.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::halt::Halt;
use crate::inspection::FeatureTable;
use crate::progress::Progress;
use crate::protocol::{
    Album, AlbumWish, BesideRun, ConfusedScenes, Confusion, CountedFrom, DatasetSummary, EmbeddingRequest, Evaluated,
    EvaluationReport, EventFiles, Failure, Happening, LiveChange, NetworkSummary, Notes, Phase, Protocol,
    ProtocolReport, Recorded, RunSummary, SceneScores, SceneView, SplitComparison, SplitRequest, StepReport,
    ViewRequest, WhatIf, WhatIfReport,
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

/// What lay where a run was to be opened.
pub(super) enum Opened {
    /// A run or packed model, which is open now.
    Run(Box<RunOpened>),
    /// A folder of runs, the newest first.
    Runs(Vec<RunSummary>),
}

/// What a run has done before, as far as it stands.
#[derive(Default)]
pub(super) struct Past {
    pub(super) history: Vec<StepReport>,
    pub(super) evaluations: Vec<EvaluationReport>,
    /// What what-ifs came to.
    pub(super) what_ifs: Vec<WhatIfReport>,
    pub(super) protocols: Vec<ProtocolReport>,
    /// What happened to it beside its steps.
    pub(super) recorded: Vec<Recorded>,
    /// The settings that were changed since it began.
    pub(super) changed: Vec<LiveChange>,
    /// Its pages of pinned scenes.
    pub(super) album: Album,
}

/// A run or packed model that was opened.
pub(super) struct RunOpened {
    pub(super) recipe: Recipe,
    /// `None` for a run that was interrupted before its first checkpoint.
    pub(super) network: Option<NetworkSummary>,
    /// `None` for a packed model file.
    pub(super) folder: Option<PathBuf>,
    pub(super) past: Past,
    /// The data set that is open now, where it is another one or its classes are joined in another way.
    pub(super) data: Option<DataLoaded>,
    /// The run's own data set could not be opened: where it should lie, and why.
    pub(super) data_gone: Option<(PathBuf, Failure)>,
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
    pub(super) past: Past,
    /// The split whose evaluation was due at this step and is missing.
    pub(super) lacks: Option<String>,
    /// Whether all steps are taken, so that only that evaluation is left.
    pub(super) done: bool,
    /// A data set that had to be opened for it.
    pub(super) data: Option<DataLoaded>,
    /// Such as which pretrained weights were loaded.
    pub(super) notes: Notes,
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
    /// Why nothing can be kept any more, where the run folder has gone.
    pub(super) gone: Option<Failure>,
    /// Such as a sample that was replaced.
    pub(super) notes: Notes,
    pub(super) written: Written,
}

/// What came of writing into the run folder.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// What went wrong and did not stop the run, and what is to be known besides.
    pub(super) warnings: Vec<String>,
    /// Whether something waits that could not be written yet.
    pub(super) lacks: bool,
}

/// A checkpoint that was written.
pub(super) struct Saved {
    pub(super) step: u64,
    pub(super) path: PathBuf,
    pub(super) written: Written,
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
    /// It was told to end; the run stands as before it.
    Stopped,
}

/// Everything that computes. What takes long asks `progress` whether to go on, often enough for a person who waits.
pub(super) trait Engine {
    fn has_data(&self) -> bool;
    fn has_model(&self) -> bool;
    /// Whether the next step compiles kernels and takes far longer than the others.
    fn compiles(&self) -> bool;
    /// Steps done by the run in hand, or by the opened model.
    fn position(&self) -> u64;
    /// Steps that the run in hand takes in all its phases; 0 where there is none.
    fn length(&self) -> u64;
    /// Writes event files beside the runs that begin from now on, or none.
    fn write_events(&mut self, events: Option<EventFiles>);
    /// Keeps pages of these scenes in the folders of the run in hand and of those that begin from now on.
    fn keep_album(&mut self, wish: AlbumWish);
    /// Keeps a page of every pinned scene for which one is due where the run stands, or of all `at_once`; all pages
    /// that there are, where any was.
    fn keep_pages(&mut self, at_once: bool) -> Option<(Album, Written)>;
    /// Lets the manifest of the data set at `path` name files outside of its folder from now on.
    fn trust(&mut self, path: &Path);

    fn load_data(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<DataLoaded, Halt>;
    /// Opens a run or packed model with its own data set, or with the one in `data`.
    fn open_run(&mut self, path: &Path, data: Option<&Path>, progress: &mut Progress<'_>) -> Result<Opened, Halt>;
    /// Joins the open data set's classes to those of the network in hand, class by class, `None` for one that counts
    /// nowhere; the map is written to `file`, which `data.class_map` can name.
    fn join_classes(&mut self, picks: &[Option<u8>], file: &Path) -> Result<DataLoaded, Halt>;
    /// Opens a run or packed model beside the network in hand; with warnings. The one before it is let go.
    fn compare_with(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<(BesideRun, Vec<String>), Halt>;
    /// Lets the network beside the one in hand go.
    fn stop_comparing(&mut self);
    fn start(&mut self, recipe: &Recipe, progress: &mut Progress<'_>) -> Result<RunBegun, Halt>;
    fn resume(&mut self, progress: &mut Progress<'_>) -> Result<RunBegun, Halt>;
    /// Begins a step, the rest of which must be taken next; in between the network can be asked, and answers as before it.
    /// Where it compiles kernels, `progress` is told how many parts of the step are ready.
    fn begin_step(&mut self, progress: &mut Progress<'_>) -> Result<(), StepFailure>;
    /// Takes what is left of a step.
    fn step(&mut self, progress: &mut Progress<'_>) -> Result<Stepped, StepFailure>;
    /// Writes a checkpoint of how the run stood before the step that something broke off; `None` where that is gone.
    fn rescue(&mut self) -> Result<Option<Saved>, Halt>;
    /// Changes a live setting of the run in hand, or of the opened model.
    fn set(&mut self, key: &str, value: &Value) -> Result<(), Halt>;
    /// Notes in the run folder what happens at this step.
    fn record(&mut self, what: Happening) -> (Recorded, Written);
    /// Makes the live changes again that the run, before it was resumed, had at this step; and warnings.
    fn replay(&mut self) -> (Vec<Recorded>, Vec<String>);
    /// Takes the run folder up again where it had gone; fails while it is not back.
    fn take_up_folder(&mut self) -> Result<(), Halt>;
    fn save(&mut self) -> Result<Saved, Halt>;
    /// Lets go of the run in hand and keeps its network for pictures and evaluation.
    fn end_run(&mut self);
    /// Lets go of a run that broke, whatever state it is in.
    fn abandon_run(&mut self);
    /// The split that a run is evaluated on while it trains, and the one at its end.
    fn own_split(&self, at_end: bool) -> Option<String>;
    fn evaluate(&self, split: &str, progress: &mut Count<'_>) -> Result<Evaluated, Halt>;
    /// What a what-if comes to on a split, by the network in view.
    fn evaluate_what_if(&self, split: &str, what_if: &WhatIf, progress: &mut Count<'_>) -> Result<WhatIfReport, Halt>;
    /// Writes that into the run folder, where there is one; the answer is a warning.
    fn keep_what_if(&self, report: &WhatIfReport) -> Result<Option<String>, Halt>;
    /// Writes an evaluation into the run folder, where there is one. One of the run in hand that cannot be written is
    /// kept, and tried again with the next one and with each checkpoint.
    fn keep_evaluation(&mut self, evaluated: &Evaluated) -> Result<Written, Halt>;
    /// The figures of a protocol, of the network that [`Engine::evaluate`] takes.
    fn run_protocol(&self, protocol: Protocol, split: &str, progress: &mut Count<'_>) -> Result<ProtocolReport, Halt>;
    /// Writes the figures of a protocol into the run folder, where there is one; with warnings.
    fn keep_protocol(&mut self, report: &ProtocolReport) -> Result<Vec<String>, Halt>;
    /// How far the network in hand and the one beside it differ on each scene of a split; `None` where that was to be told
    /// from what evaluations counted, and these counted nothing of it.
    fn compare_split(
        &self,
        of: &SplitRequest,
        from: CountedFrom,
        progress: &mut Count<'_>,
    ) -> Result<Option<SplitComparison>, Halt>;
    /// The scenes that have such pixels.
    fn find_confused(&self, of: &Confusion, progress: &mut Count<'_>) -> Result<ConfusedScenes, Halt>;
    /// How the network in hand does on single scenes, as far as its evaluations counted them.
    fn score_scenes(&self) -> Vec<SceneScores>;
    fn view(&self, request: &ViewRequest, progress: &mut Count<'_>) -> Result<SceneView, Halt>;
    /// The features that a layout is made of.
    fn gather(&self, request: &EmbeddingRequest, progress: &mut Count<'_>) -> Result<Gathered, Halt>;
}
