//! The engine that a session drives in earnest.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::engine::{DataLoaded, Engine, Progress, RunBegun, RunOpened, StepFailure, Stepped};
use super::handle::SessionOptions;
use crate::protocol::{EvaluationReport, SceneView, ViewRequest};
use crate::recipe::{Recipe, Value};

/// Data set, run and model of one session.
pub(super) struct Workshop {
    _options: SessionOptions,
}

impl Workshop {
    pub(super) fn new(options: SessionOptions) -> Self {
        Self { _options: options }
    }
}

fn later<T>() -> Result<T, String> {
    Err("This build cannot open data sets yet".to_owned())
}

impl Engine for Workshop {
    fn has_data(&self) -> bool {
        false
    }
    fn has_model(&self) -> bool {
        false
    }
    fn position(&self) -> u64 {
        0
    }
    fn load_data(&mut self, _path: &Path, _progress: &mut Progress<'_>) -> Result<DataLoaded, String> {
        later()
    }
    fn open_run(&mut self, _path: &Path, _progress: &mut Progress<'_>) -> Result<RunOpened, String> {
        later()
    }
    fn start(&mut self, _recipe: &Recipe, _progress: &mut Progress<'_>) -> Result<RunBegun, String> {
        later()
    }
    fn resume(&mut self, _progress: &mut Progress<'_>) -> Result<RunBegun, String> {
        later()
    }
    fn step(&mut self) -> Result<Stepped, StepFailure> {
        later().map_err(StepFailure::Broken)
    }
    fn set(&mut self, _key: &str, _value: &Value) -> Result<(), String> {
        Ok(())
    }
    fn save(&mut self) -> Result<(u64, PathBuf), String> {
        later()
    }
    fn end_run(&mut self) {}
    fn abandon_run(&mut self) {}
    fn own_split(&self, _at_end: bool) -> Option<String> {
        None
    }
    fn evaluate(
        &self,
        _split: &str,
        _progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<Option<EvaluationReport>, String> {
        later()
    }
    fn keep_evaluation(&mut self, _report: &EvaluationReport) -> Result<(), String> {
        Ok(())
    }
    fn view(&self, _request: &ViewRequest) -> Result<SceneView, String> {
        later()
    }
}
