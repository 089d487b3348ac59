//! The engine that a session drives in earnest: data set, run, model and device.

mod album;
mod beside;
mod comparing;
mod counted;
mod counting;
mod open_data;
mod opening;
mod picturing;
mod pins;
mod protocols;
mod scoring;
mod training;

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::module::Module as _;
use burn::tensor::Device;

use self::beside::Beside;
use self::counted::Counted;
use self::open_data::Data;
use self::pins::Pins;
use super::engine::{
    Count, DataLoaded, Engine, Gathered, Opened, Past, RunBegun, Saved, StepFailure, Stepped, Written,
};
use super::event_log::EventLog;
use super::gallery::OpenDataset;
use super::halt::Halt;
use super::options::SessionOptions;
use super::run::{Run, split_to_score};
use crate::data::{DataError, Dataset, Reach, Reading, sensors_in_use};
use crate::device::{self, DeviceError};
use crate::evaluation::{self, MeanImage, SubsetPlan, fitting_sensors};
use crate::inspection::SceneMemory;
use crate::network::Model;
use crate::progress::Progress;
use crate::protocol::{
    Album, AlbumWish, BesideRun, ConfusedScenes, Confusion, CountedFrom, EmbeddingRequest, Evaluated, EvaluationReport,
    EventFiles, Happening, Protocol, ProtocolReport, Recorded, SceneScores, SceneView, SplitComparison, SplitRequest,
    ViewRequest, WhatIf, WhatIfReport,
};
use crate::recipe::{Recipe, Value};
use crate::training::{Environment, RunFolder, Trainer};

/// Data set, run and model of one session.
pub(super) struct Workshop {
    options: SessionOptions,
    /// Chosen when it is first needed.
    device: Option<(Device, String)>,
    data: Option<Data>,
    /// The data set of `data`, for those beside the worker.
    open: OpenDataset,
    run: Option<Run>,
    /// The opened or finished run's network, while no run is under way.
    model: Option<Model>,
    /// The network beside the one in view.
    beside: Option<Beside>,
    /// What was counted last to find scenes by; of the network as it stands while the key says so.
    counted: RefCell<Option<Counted>>,
    /// What evaluations of the network in hand counted that lies in no run folder.
    unfiled: Vec<Evaluated>,
    /// The run folder that may be resumed.
    resumable: Option<PathBuf>,
    /// Data sets whose manifests may lead out of their folders, since the user said so.
    trusted: HashSet<PathBuf>,
    /// What is written for TensorBoard beside the runs that begin.
    event_files: Option<EventFiles>,
    /// What is kept of pinned scenes.
    pins: Pins,
    /// Mean images for pictures with a dropped sensor, and what they are of: those of the network in view, and of the
    /// one beside it.
    means: RefCell<Vec<(MeansOf, Vec<MeanImage>)>>,
    /// What was made of the scene that was looked at last, by the network in view.
    memory: RefCell<SceneMemory>,
}

/// Sensors, size and data set that mean images belong to.
type MeansOf = (PathBuf, Vec<String>, usize, usize);

impl Workshop {
    pub(super) fn new(options: SessionOptions, open: OpenDataset) -> Self {
        let (trusted, means) = (HashSet::new(), RefCell::default());
        Self {
            options,
            device: None,
            data: None,
            open,
            run: None,
            model: None,
            beside: None,
            counted: RefCell::default(),
            unfiled: Vec::new(),
            resumable: None,
            trusted,
            event_files: None,
            pins: Pins::default(),
            means,
            memory: RefCell::default(),
        }
    }

    /// How far the manifest of the data set at `path` may lead.
    fn reach(&self, path: &Path) -> Reach {
        if self.trusted.contains(path) { Reach::Anywhere } else { self.options.reach }
    }

    fn device(&mut self) -> Result<(Device, String), DeviceError> {
        if let Some(device) = &self.device {
            return Ok(device.clone());
        }
        let chosen = device::choose(self.options.device)?;
        Ok(self.device.insert(chosen).clone())
    }

    fn dataset(&self) -> Result<&Arc<Dataset>, Halt> {
        self.data.as_ref().map(|data| &data.dataset).ok_or_else(|| Halt::refused("Open a data set first"))
    }

    /// Takes another data set in place of the open one, and tells of it.
    fn take(&mut self, data: Data, warnings: Vec<String>) -> DataLoaded {
        let summary = data.dataset.summary();
        if self.data.as_ref().is_none_or(|before| before.dataset.root != data.dataset.root) {
            self.means.borrow_mut().clear();
        }
        *self.counted.borrow_mut() = None;
        self.memory.borrow_mut().clear();
        self.pins.forget();
        *self.open.lock() = Some(Arc::clone(&data.dataset));
        self.data = Some(data);
        DataLoaded { summary, warnings }
    }

    /// The open data set as a recipe reads it, where that changes it.
    fn joined(&self, recipe: &Recipe) -> Result<Option<Data>, DataError> {
        let reading = Reading::of(recipe);
        let Some(data) = self.data.as_ref().filter(|data| data.reading != reading) else { return Ok(None) };
        let dataset = Dataset::clone(&data.dataset).read_as(&reading)?;
        Ok(Some(Data { dataset: Arc::new(dataset), reading, chosen: data.chosen }))
    }

    /// The network for pictures and evaluation.
    fn current_model(&self) -> Option<Model> {
        self.run.as_ref().map(|run| run.trainer.model()).or_else(|| self.model.clone())
    }

    /// What TensorBoard is told of a run on this data set.
    fn event_log(&self, dataset: &Dataset) -> Result<Option<EventLog>, Halt> {
        let Some(files) = &self.event_files else { return Ok(None) };
        let split = split_to_score(dataset, false);
        EventLog::new(files, self.options.paint, dataset, split.as_deref()).map(Some)
    }

    /// The pictures that TensorBoard gets with an evaluation; or why there are none.
    fn pictures_for(&self, report: &EvaluationReport) -> Result<Vec<u8>, String> {
        match (&self.run, &self.data) {
            (Some(Run { events: Some(events), trainer, .. }), Some(data)) => {
                events.pictures(report, &trainer.model_to_evaluate(), &data.dataset)
            }
            _ => Ok(Vec::new()),
        }
    }

    fn begun(
        &mut self,
        mut trainer: Trainer,
        folder: RunFolder,
        recipe: Recipe,
        to_replay: VecDeque<Recorded>,
        events: Option<EventLog>,
    ) -> RunBegun {
        let begun = RunBegun {
            recipe,
            network: trainer.summary(),
            folder: folder.path().to_owned(),
            phase: trainer.phase(),
            step: trainer.steps_done(),
            past: Past { changed: trainer.changed().to_vec(), ..Past::default() },
            lacks: None,
            done: trainer.is_done(),
            data: None,
            notes: trainer.take_notes(),
        };
        self.model = None;
        *self.counted.borrow_mut() = None;
        self.memory.borrow_mut().forget_network();
        self.unfiled.clear();
        self.resumable = Some(folder.path().to_owned());
        let run = self.run.insert(Run::new(trainer, folder, to_replay));
        if let Some(events) = events {
            run.begin_events(events);
        }
        begun
    }
}

impl Engine for Workshop {
    fn has_data(&self) -> bool {
        self.data.is_some()
    }

    fn has_model(&self) -> bool {
        self.run.is_some() || self.model.is_some()
    }

    fn compiles(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.trainer.compiles())
    }

    fn position(&self) -> u64 {
        let opened = self.model.as_ref().map_or(0, |model| model.step);
        self.run.as_ref().map_or(opened, |run| run.trainer.steps_done())
    }

    fn length(&self) -> u64 {
        self.run.as_ref().map_or(0, |run| run.trainer.total_steps())
    }

    fn write_events(&mut self, events: Option<EventFiles>) {
        self.event_files = events;
    }

    fn keep_album(&mut self, wish: AlbumWish) {
        self.pins = Pins::new(wish);
        self.run.iter_mut().for_each(Run::try_album_again);
    }

    fn keep_pages(&mut self, at_once: bool) -> Option<(Album, Written)> {
        self.kept_pages(at_once)
    }

    fn trust(&mut self, path: &Path) {
        self.trusted.insert(path.to_owned());
    }

    fn load_data(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<DataLoaded, Halt> {
        let reading = self.model.as_ref().map_or_else(Reading::default, |model| Reading::of(&model.recipe));
        let data = Data::open_for(path, self.reach(path), &reading, progress)?;
        let notes = data.notes(progress)?;
        let mut loaded = self.take(data, notes);
        self.means.borrow_mut().clear();
        loaded.warnings.extend(self.misfit());
        Ok(loaded)
    }

    fn join_classes(&mut self, picks: &[Option<u8>], file: &Path) -> Result<DataLoaded, Halt> {
        let model = self.current_model().ok_or_else(no_model)?;
        let dataset = Arc::clone(self.dataset()?);
        let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        dataset.class_map_of(&name, picks, &model.classes, &model.colours).write(file)?;
        let class_map = std::path::absolute(file).unwrap_or_else(|_unknown| file.to_owned());
        let class_map = class_map.to_string_lossy().into_owned();
        let reading = Reading { class_map, ..Reading::of(&model.recipe) };
        let dataset = Arc::new(Dataset::clone(&dataset).read_as(&reading)?);
        let mut loaded = self.take(Data { dataset, reading, chosen: true }, Vec::new());
        loaded.warnings.extend(self.misfit());
        Ok(loaded)
    }

    fn open_run(&mut self, path: &Path, wanted: Option<&Path>, progress: &mut Progress<'_>) -> Result<Opened, Halt> {
        self.opened(path, wanted, progress)
    }

    fn compare_with(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<(BesideRun, Vec<String>), Halt> {
        self.opened_beside(path, progress)
    }

    fn stop_comparing(&mut self) {
        self.beside = None;
    }

    fn start(&mut self, recipe: &Recipe, progress: &mut Progress<'_>) -> Result<RunBegun, Halt> {
        let device = self.device()?;
        let joined = self.joined(recipe)?;
        let dataset = Arc::clone(joined.as_ref().map_or_else(|| self.dataset(), |data| Ok(&data.dataset))?);
        let mut environment = Environment::here(&device.1, &dataset.summary(), &self.options.command_line);
        let plan = SubsetPlan::of_run(recipe, sensors_in_use(recipe, &dataset)?.len())?;
        let trainer = Trainer::new(recipe, &dataset, device, progress)?;
        environment.epoch_steps = trainer.epoch_steps();
        let events = self.event_log(&dataset)?;
        let labels = evaluation::score_pseudo_labels(trainer.recipe(), &dataset, progress)?;
        let proposed = dataset.proposed_for(recipe);
        let mut folder = RunFolder::create(&self.options.runs_dir, trainer.recipe(), &environment)?;
        let unlocked = folder.lock()?;
        let data = joined.map(|data| self.take(data, Vec::new()));
        let mut begun = self.begun(trainer, folder, recipe.clone(), VecDeque::new(), events);
        begun.notes.facts.extend(plan.left_out.into_iter().chain(proposed));
        begun.notes.facts.extend(labels.map(|scores| scores.words()));
        begun.notes.warnings.extend(unlocked);
        Ok(RunBegun { data, ..begun })
    }

    fn resume(&mut self, progress: &mut Progress<'_>) -> Result<RunBegun, Halt> {
        self.resumed(progress)
    }

    fn begin_step(&mut self, progress: &mut Progress<'_>) -> Result<(), StepFailure> {
        self.step_begun(progress)
    }

    fn step(&mut self, progress: &mut Progress<'_>) -> Result<Stepped, StepFailure> {
        self.stepped(progress)
    }

    fn rescue(&mut self) -> Result<Option<Saved>, Halt> {
        Ok(self.run.as_mut().map_or(Ok(None), Run::rescue)?)
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), Halt> {
        *self.counted.borrow_mut() = None;
        match (&mut self.run, &mut self.model) {
            (Some(run), _) => run.trainer.set(key, value)?,
            (None, Some(model)) => {
                let mut recipe = model.recipe.clone();
                recipe.set(key, value.clone())?;
                model.ask_by(recipe);
            }
            (None, None) => {}
        }
        Ok(())
    }

    fn record(&mut self, what: Happening) -> (Recorded, Written) {
        let entry = RunFolder::happening(self.position(), what);
        let written = self.run.as_mut().map(|run| run.record(&entry));
        (entry, written.unwrap_or_default())
    }

    fn replay(&mut self) -> (Vec<Recorded>, Vec<String>) {
        self.run.as_mut().map_or_else(Default::default, Run::replay)
    }

    fn take_up_folder(&mut self) -> Result<(), Halt> {
        Ok(self.run.as_mut().map_or(Ok(()), |run| run.folder.take_up())?)
    }

    fn save(&mut self) -> Result<Saved, Halt> {
        let nothing = || Halt::refused("There is nothing to save: no run is under way");
        let run = self.run.as_mut().ok_or_else(nothing)?;
        Ok(run.save()?)
    }

    fn end_run(&mut self) {
        if let Some(run) = self.run.take() {
            let mut model = run.trainer.model();
            model.network = model.network.valid();
            self.model = Some(model);
        }
    }

    fn abandon_run(&mut self) {
        self.memory.borrow_mut().forget_network();
        self.run = None;
    }

    fn own_split(&self, at_end: bool) -> Option<String> {
        split_to_score(&self.data.as_ref()?.dataset, at_end)
    }

    fn evaluate(&self, split: &str, progress: &mut Count<'_>) -> Result<Evaluated, Halt> {
        let of_run = self.run.as_ref().map(|run| run.trainer.model_to_evaluate());
        let model = of_run.or_else(|| self.model.clone()).ok_or_else(no_model)?;
        let dataset = self.dataset()?;
        fitting_sensors(&model, dataset)?;
        Ok(evaluation::evaluate(&model, dataset, split, progress)?)
    }

    fn evaluate_what_if(&self, split: &str, what_if: &WhatIf, progress: &mut Count<'_>) -> Result<WhatIfReport, Halt> {
        let model = self.current_model().ok_or_else(no_model)?;
        Ok(evaluation::evaluate_what_if(&model, self.dataset()?, split, what_if, progress)?)
    }

    fn keep_what_if(&self, report: &WhatIfReport) -> Result<Option<String>, Halt> {
        let folder = self.folder_in_hand();
        Ok(folder.map(|path| RunFolder::open(path)?.keep_what_if(report)).transpose()?.flatten())
    }

    fn keep_evaluation(&mut self, evaluated: &Evaluated) -> Result<Written, Halt> {
        let pictures = self.pictures_for(&evaluated.report);
        match (&mut self.run, &self.resumable) {
            (Some(run), _) => {
                run.log_evaluation(&evaluated.report, pictures);
                Ok(run.keep_evaluation(evaluated)?)
            }
            (None, Some(path)) => {
                let warnings = RunFolder::open(path)?.keep_evaluation(evaluated)?.into_iter().collect();
                Ok(Written { warnings, lacks: false })
            }
            (None, None) => {
                self.keep_unfiled(evaluated);
                Ok(Written::default())
            }
        }
    }

    fn run_protocol(&self, protocol: Protocol, split: &str, progress: &mut Count<'_>) -> Result<ProtocolReport, Halt> {
        self.ran_protocol(protocol, split, progress)
    }

    fn keep_protocol(&mut self, report: &ProtocolReport) -> Result<Vec<String>, Halt> {
        let warning = match (&mut self.run, &self.resumable) {
            (Some(run), _) => run.folder.keep_protocol(report)?,
            (None, Some(path)) => RunFolder::open(path)?.add_protocol(report)?,
            (None, None) => None,
        };
        Ok(warning.into_iter().collect())
    }

    fn compare_split(
        &self,
        of: &SplitRequest,
        from: CountedFrom,
        progress: &mut Count<'_>,
    ) -> Result<Option<SplitComparison>, Halt> {
        match from {
            CountedFrom::Evaluations => Ok(self.compared_by_evaluations(of)),
            CountedFrom::Predictions => Ok(Some(self.compared_split(of, progress)?)),
        }
    }

    fn find_confused(&self, of: &Confusion, progress: &mut Count<'_>) -> Result<ConfusedScenes, Halt> {
        self.found_confused(of, progress)
    }

    fn score_scenes(&self) -> Vec<SceneScores> {
        self.scored_scenes()
    }

    fn view(&self, request: &ViewRequest, progress: &mut Count<'_>) -> Result<SceneView, Halt> {
        self.viewed(request, progress)
    }

    fn gather(&self, request: &EmbeddingRequest, progress: &mut Count<'_>) -> Result<Gathered, Halt> {
        self.gathered(request, progress)
    }
}

fn no_model() -> Halt {
    Halt::refused("Open a run, or train one, first")
}
