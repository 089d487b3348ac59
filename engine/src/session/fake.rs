//! An engine that computes nothing and fails on cue.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::engine::{
    Count, DataLoaded, Engine, Gathered, Opened, Past, RunBegun, RunOpened, Saved, StepFailure, Stepped, Written,
};
use super::halt::Halt;
use crate::failure::{Failure, FailureKind};
use crate::inspection::FeatureTable;
use crate::progress::{Progress, tell};
use crate::protocol::{
    Album, AlbumWish, BesideRun, ConfusedScenes, Confusion, CountedFrom, DatasetSummary, EmbeddingRequest, Evaluated,
    EvaluationReport, EventFiles, Figure, Happening, NetworkSummary, Notes, Phase, PointMark, Protocol, ProtocolReport,
    Quantity, Recorded, SceneScores, SceneView, SplitComparison, SplitRequest, StepReport, ViewRequest, WhatIf,
    WhatIfReport,
};
use crate::recipe::{Recipe, Value};

/// What goes wrong, and how long things take.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    pub(super) steps: u64,
    pub(super) evaluate_every: u64,
    pub(super) checkpoint_every: u64,
    pub(super) scenes: u64,
    /// The step that panics, once.
    pub(super) panic_at: Option<u64>,
    /// What it says, where it is no plain fault.
    pub(super) panic_words: Option<&'static str>,
    /// How the run stood before that step can be saved.
    pub(super) rescues: bool,
    /// Saving it panics as well.
    pub(super) rescue_panics: bool,
    /// The step that is held, once.
    pub(super) held_at: Option<u64>,
    pub(super) start_fails: bool,
    pub(super) saving_fails: bool,
    /// Evaluations cannot be written.
    pub(super) keeping_fails: bool,
    /// The step after which the run folder is found to have gone, once.
    pub(super) gone_at: Option<u64>,
    pub(super) view_panics: bool,
    /// The scene that takes a while to draw.
    pub(super) slow_scene: Option<usize>,
    pub(super) compiles: bool,
    /// What the first step has to tell.
    pub(super) notes: Notes,
}

/// What the engine was asked for.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) saved_at: Option<u64>,
    pub(super) position: u64,
    pub(super) running: bool,
    pub(super) views: u64,
    /// Saving no longer fails, whatever the script says.
    pub(super) has_room: bool,
    /// The run folder has not come back.
    pub(super) is_away: bool,
}

fn folder_gone() -> Failure {
    Failure::new(FailureKind::Broken, "The run folder is no longer in its place")
}

pub(super) struct Fake {
    pub(super) script: Script,
    pub(super) log: Arc<Mutex<Log>>,
    data: bool,
    model: bool,
}

impl Fake {
    pub(super) fn new(script: Script, log: Arc<Mutex<Log>>) -> Self {
        Self { script, log, data: false, model: false }
    }

    fn begun(&self, step: u64) -> RunBegun {
        let mut log = self.log.lock();
        log.running = true;
        log.position = step;
        RunBegun {
            recipe: Recipe::defaults("fake"),
            network: NetworkSummary::default(),
            folder: PathBuf::from("run"),
            phase: Phase::Student,
            step,
            past: Past::default(),
            lacks: None,
            done: false,
            data: None,
            notes: Notes::default(),
        }
    }
}

impl Engine for Fake {
    fn has_data(&self) -> bool {
        self.data
    }

    fn has_model(&self) -> bool {
        self.model
    }

    fn compiles(&self) -> bool {
        self.script.compiles && self.log.lock().position == 0
    }

    fn position(&self) -> u64 {
        self.log.lock().position
    }

    fn length(&self) -> u64 {
        if self.log.lock().running { self.script.steps } else { 0 }
    }
    fn write_events(&mut self, _events: Option<EventFiles>) {}
    fn keep_album(&mut self, _wish: AlbumWish) {}
    fn keep_pages(&mut self, _at_once: bool) -> Option<(Album, Written)> {
        None
    }
    fn trust(&mut self, _path: &Path) {}

    fn load_data(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<DataLoaded, Halt> {
        for done in 0..5 {
            tell(progress, "Indexing", done, 5)?;
        }
        if path.as_os_str() == "missing" {
            return Err(Halt::refused("There is no such folder"));
        }
        self.data = true;
        Ok(DataLoaded { summary: DatasetSummary::default(), warnings: vec!["One file was left out".to_owned()] })
    }

    fn open_run(&mut self, path: &Path, _data: Option<&Path>, _progress: &mut Progress<'_>) -> Result<Opened, Halt> {
        if path.as_os_str() == "missing" {
            return Err(Halt::refused("There is no such run"));
        }
        self.model = true;
        Ok(Opened::Run(Box::new(RunOpened {
            recipe: Recipe::defaults("opened"),
            network: Some(NetworkSummary::default()),
            folder: Some(PathBuf::from("run")),
            past: Past::default(),
            data: None,
            data_gone: None,
            warnings: Vec::new(),
        })))
    }

    fn join_classes(&mut self, _picks: &[Option<u8>], _file: &Path) -> Result<DataLoaded, Halt> {
        Ok(DataLoaded { summary: DatasetSummary::default(), warnings: Vec::new() })
    }

    fn compare_with(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<(BesideRun, Vec<String>), Halt> {
        tell(progress, "Opening", 0, 0)?;
        if path.as_os_str() == "missing" {
            return Err(Halt::refused("There is no such run"));
        }
        Ok((BesideRun { path: path.to_owned(), ..BesideRun::default() }, Vec::new()))
    }

    fn stop_comparing(&mut self) {}

    fn start(&mut self, _recipe: &Recipe, progress: &mut Progress<'_>) -> Result<RunBegun, Halt> {
        tell(progress, "Building", 1, 2)?;
        if self.script.start_fails {
            return Err(Halt::refused("The folder cannot be written"));
        }
        self.model = true;
        Ok(self.begun(0))
    }

    fn resume(&mut self, _progress: &mut Progress<'_>) -> Result<RunBegun, Halt> {
        if !self.model {
            return Err(Halt::refused("Open the run to resume first"));
        }
        self.data = true;
        let step = self.log.lock().saved_at.unwrap_or(0);
        Ok(self.begun(step))
    }

    fn begin_step(&mut self, progress: &mut Progress<'_>) -> Result<(), StepFailure> {
        for stage in 0..if self.compiles() { 4 } else { 0 } {
            if tell(progress, "Preparing kernels", stage, 4).is_err() {
                return Err(StepFailure::Stopped);
            }
        }
        Ok(())
    }

    fn step(&mut self, _progress: &mut Progress<'_>) -> Result<Stepped, StepFailure> {
        let step = self.log.lock().position + 1;
        let panics = self.script.panic_at.take_if(|at| *at == step).is_some();
        assert!(!panics, "{}", self.script.panic_words.unwrap_or("a fault on cue"));
        if self.script.held_at.take_if(|at| *at == step).is_some() {
            return Err(StepFailure::Held(Failure::new(FailureKind::Broken, "The loss term `total` is not a number")));
        }
        self.log.lock().position = step;
        let due = |every: u64| every > 0 && step.is_multiple_of(every);
        Ok(Stepped {
            spans: Vec::new(),
            report: StepReport {
                step,
                phase_step: step,
                terms: vec![Figure::new("total", Quantity::Loss, 1.0)],
                ..StepReport::default()
            },
            entered: None,
            evaluation_due: due(self.script.evaluate_every),
            limit_reached: false,
            checkpoint_due: due(self.script.checkpoint_every),
            done: step >= self.script.steps,
            gone: self.script.gone_at.take_if(|at| *at == step).map(|_| folder_gone()),
            notes: std::mem::take(&mut self.script.notes),
            written: Written::default(),
        })
    }

    fn set(&mut self, _key: &str, _value: &Value) -> Result<(), Halt> {
        Ok(())
    }

    fn record(&mut self, what: Happening) -> (Recorded, Written) {
        (Recorded { at: String::new(), step: self.position(), what }, Written::default())
    }

    fn replay(&mut self) -> (Vec<Recorded>, Vec<String>) {
        (Vec::new(), Vec::new())
    }

    fn take_up_folder(&mut self) -> Result<(), Halt> {
        if self.log.lock().is_away { Err(Halt::Failed(folder_gone())) } else { Ok(()) }
    }

    fn save(&mut self) -> Result<Saved, Halt> {
        let mut log = self.log.lock();
        if !log.running {
            return Err(Halt::refused("There is nothing to save"));
        }
        if self.script.saving_fails && !log.has_room {
            return Err(Halt::Failed(Failure::new(FailureKind::Broken, "The disk is full")));
        }
        log.saved_at = Some(log.position);
        Ok(Saved { step: log.position, path: PathBuf::from("checkpoint"), written: Written::default() })
    }

    fn rescue(&mut self) -> Result<Option<Saved>, Halt> {
        assert!(!self.script.rescue_panics, "the device is gone");
        if self.script.rescues { self.save().map(Some) } else { Ok(None) }
    }

    fn end_run(&mut self) {
        self.log.lock().running = false;
    }

    fn abandon_run(&mut self) {
        self.log.lock().running = false;
    }

    fn own_split(&self, _at_end: bool) -> Option<String> {
        (self.script.scenes > 0).then(|| "val".to_owned())
    }

    fn evaluate(&self, split: &str, progress: &mut Count<'_>) -> Result<Evaluated, Halt> {
        for done in 1..=self.script.scenes {
            if progress(done, self.script.scenes).is_break() {
                return Err(Halt::Stopped);
            }
        }
        if split == "missing" {
            return Err(Halt::refused("There is no such split"));
        }
        let report = EvaluationReport { split: split.to_owned(), ..EvaluationReport::default() };
        Ok(Evaluated { report, scenes: None })
    }

    fn evaluate_what_if(&self, split: &str, what_if: &WhatIf, progress: &mut Count<'_>) -> Result<WhatIfReport, Halt> {
        self.evaluate(split, progress)?;
        Ok(WhatIfReport { what_if: what_if.clone(), split: split.to_owned(), ..WhatIfReport::default() })
    }

    fn keep_what_if(&self, _report: &WhatIfReport) -> Result<Option<String>, Halt> {
        Ok(None)
    }

    fn keep_evaluation(&mut self, _evaluated: &Evaluated) -> Result<Written, Halt> {
        if self.script.keeping_fails {
            return Err(Halt::Failed(Failure::new(FailureKind::Broken, "The disk is full")));
        }
        Ok(Written::default())
    }

    fn run_protocol(&self, protocol: Protocol, split: &str, progress: &mut Count<'_>) -> Result<ProtocolReport, Halt> {
        self.evaluate(split, progress)?;
        Ok(ProtocolReport { protocol, split: split.to_owned(), ..ProtocolReport::default() })
    }

    fn keep_protocol(&mut self, _report: &ProtocolReport) -> Result<Vec<String>, Halt> {
        self.keep_evaluation(&Evaluated::default()).map(|written| written.warnings)
    }

    fn compare_split(
        &self,
        of: &SplitRequest,
        from: CountedFrom,
        progress: &mut Count<'_>,
    ) -> Result<Option<SplitComparison>, Halt> {
        if from == CountedFrom::Evaluations {
            return Ok(None);
        }
        self.evaluate(&of.split, progress)?;
        Ok(Some(SplitComparison { of: of.clone(), ..SplitComparison::default() }))
    }

    fn find_confused(&self, of: &Confusion, progress: &mut Count<'_>) -> Result<ConfusedScenes, Halt> {
        self.evaluate(&of.split, progress)?;
        Ok(ConfusedScenes { of: of.clone(), ..ConfusedScenes::default() })
    }

    fn score_scenes(&self) -> Vec<SceneScores> {
        Vec::new()
    }

    fn view(&self, request: &ViewRequest, progress: &mut Count<'_>) -> Result<SceneView, Halt> {
        assert!(!self.script.view_panics || request.index != 3, "a fault on cue");
        self.log.lock().views += 1;
        for _ in 0..if self.script.slow_scene == Some(request.index) { 50 } else { 0 } {
            std::thread::sleep(Duration::from_millis(2));
            if progress(0, 0).is_break() {
                return Err(Halt::Stopped);
            }
        }
        if request.split == "missing" {
            return Err(Halt::refused("There is no such split"));
        }
        Ok(SceneView {
            offered: Vec::new(),
            refused: Vec::new(),
            figures: Vec::new(),
            request: request.clone(),
            id: String::new(),
            tags: Vec::new(),
            step: Some(self.position()),
            answer: None,
            unfit: None,
            lack: None,
            missing: String::new(),
            beside: None,
            tiles: Vec::new(),
            effects: Vec::new(),
            switches: Vec::new(),
            millis: 0.0,
        })
    }

    fn gather(&self, request: &EmbeddingRequest, _progress: &mut Count<'_>) -> Result<Gathered, Halt> {
        let marks: Vec<PointMark> = (0..request.points)
            .map(|point| PointMark { scene: 0, source: 0, label: 0, predicted: 0, pixel: [point as u16, 0] })
            .collect();
        // Two lines of points, further apart at every step.
        let apart = self.position() as f32 + 1.0;
        let numbers = (0..request.points).flat_map(|point| [point as f32, (point % 2) as f32 * apart, 1.0]).collect();
        let table = FeatureTable { width: 3, numbers, marks, sources: vec!["colour".to_owned()], offered: Vec::new() };
        Ok(Gathered { table, step: Some(self.position()) })
    }
}
