//! An engine that computes nothing and fails on cue.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::clouds::Gathered;
use super::engine::{DataLoaded, Engine, Progress, RunBegun, RunOpened, StepFailure, Stepped};
use crate::inspection::FeatureTable;
use crate::protocol::{
    DatasetSummary, EmbeddingRequest, EvaluationReport, Figure, NetworkSummary, Phase, PointMark, Quantity, SceneView,
    StepReport, ViewRequest,
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
    /// The step that is held, once.
    pub(super) held_at: Option<u64>,
    pub(super) start_fails: bool,
    pub(super) saving_fails: bool,
    pub(super) view_panics: bool,
    pub(super) compiles: bool,
}

/// What the engine was asked for.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) saved_at: Option<u64>,
    pub(super) position: u64,
    pub(super) running: bool,
    pub(super) views: u64,
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
            history: Vec::new(),
            data: None,
            warnings: Vec::new(),
            notes: Vec::new(),
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
        self.script.compiles
    }

    fn position(&self) -> u64 {
        self.log.lock().position
    }

    fn load_data(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<DataLoaded, String> {
        for done in 0..5 {
            progress("Indexing", done, 5);
        }
        if path.as_os_str() == "missing" {
            return Err("There is no such folder".to_owned());
        }
        self.data = true;
        Ok(DataLoaded { summary: DatasetSummary::default(), warnings: vec!["One file was left out".to_owned()] })
    }

    fn open_run(&mut self, path: &Path, _progress: &mut Progress<'_>) -> Result<RunOpened, String> {
        if path.as_os_str() == "missing" {
            return Err("There is no such run".to_owned());
        }
        self.model = true;
        Ok(RunOpened {
            recipe: Recipe::defaults("opened"),
            network: Some(NetworkSummary::default()),
            folder: Some(PathBuf::from("run")),
            history: Vec::new(),
            evaluations: Vec::new(),
            data: None,
            warnings: Vec::new(),
        })
    }

    fn start(&mut self, _recipe: &Recipe, progress: &mut Progress<'_>) -> Result<RunBegun, String> {
        progress("Building", 1, 2);
        if self.script.start_fails {
            return Err("The folder cannot be written".to_owned());
        }
        self.model = true;
        Ok(self.begun(0))
    }

    fn resume(&mut self, _progress: &mut Progress<'_>) -> Result<RunBegun, String> {
        if !self.model {
            return Err("Open the run to resume first".to_owned());
        }
        self.data = true;
        let step = self.log.lock().saved_at.unwrap_or(0);
        Ok(self.begun(step))
    }

    fn step(&mut self) -> Result<Stepped, StepFailure> {
        let step = self.log.lock().position + 1;
        let panics = self.script.panic_at.take_if(|at| *at == step).is_some();
        assert!(!panics, "a fault on cue");
        if self.script.held_at.take_if(|at| *at == step).is_some() {
            return Err(StepFailure::Held("The loss term `total` is not a number".to_owned()));
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
            checkpoint_due: due(self.script.checkpoint_every),
            done: step >= self.script.steps,
            warnings: Vec::new(),
        })
    }

    fn set(&mut self, _key: &str, _value: &Value) -> Result<(), String> {
        Ok(())
    }

    fn save(&mut self) -> Result<(u64, PathBuf), String> {
        let mut log = self.log.lock();
        if !log.running {
            return Err("There is nothing to save".to_owned());
        }
        if self.script.saving_fails {
            return Err("The disk is full".to_owned());
        }
        log.saved_at = Some(log.position);
        Ok((log.position, PathBuf::from("checkpoint")))
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

    fn evaluate(
        &self,
        split: &str,
        progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<Option<EvaluationReport>, String> {
        for done in 1..=self.script.scenes {
            if progress(done, self.script.scenes).is_break() {
                return Ok(None);
            }
        }
        if split == "missing" {
            return Err("There is no such split".to_owned());
        }
        Ok(Some(EvaluationReport { split: split.to_owned(), ..EvaluationReport::default() }))
    }

    fn keep_evaluation(&mut self, _report: &EvaluationReport) -> Result<(), String> {
        Ok(())
    }

    fn view(&self, request: &ViewRequest) -> Result<SceneView, String> {
        assert!(!self.script.view_panics || request.index != 3, "a fault on cue");
        self.log.lock().views += 1;
        if request.split == "missing" {
            return Err("There is no such split".to_owned());
        }
        Ok(SceneView {
            offered: Vec::new(),
            figures: Vec::new(),
            request: request.clone(),
            id: String::new(),
            tags: Vec::new(),
            step: Some(self.position()),
            answer: None,
            unfit: None,
            missing: String::new(),
            tiles: Vec::new(),
            millis: 0.0,
        })
    }

    fn gather(&self, request: &EmbeddingRequest) -> Result<Gathered, String> {
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
