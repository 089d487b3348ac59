//! The engine that a session drives in earnest: data set, run, model and device.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::module::Module as _;
use burn::tensor::Device;

use super::engine::{Count, DataLoaded, Engine, Gathered, RunBegun, RunOpened, StepFailure, Stepped};
use super::halt::Halt;
use super::options::SessionOptions;
use crate::data::{DataError, Dataset, Reach, Split, sensors_in_use};
use crate::device::{self, DeviceError};
use crate::evaluation::{self, EvaluationError, MeanImage, Missing, SubsetPlan, fitting_sensors, mean_images};
use crate::failure::{Failure, sentence};
use crate::inspection::{FeatureRequest, gather, scene_view};
use crate::network::Model;
use crate::progress::{Progress, tell};
use crate::protocol::{EmbeddingRequest, EvaluationReport, Phase, SceneView, ViewRequest};
use crate::recipe::catalogue::evaluation::MISSING;
use crate::recipe::catalogue::{data, training};
use crate::recipe::{Key, Recipe, Value};
use crate::stopwatch;
use crate::training::{Environment, RunError, RunFolder, Trainer, data_sum, network_summary, open_model_watched};

/// Data set, run and model of one session.
pub(super) struct Workshop {
    options: SessionOptions,
    /// Chosen when it is first needed.
    device: Option<(Device, String)>,
    data: Option<Data>,
    run: Option<Run>,
    /// The opened or finished run's network, while no run is under way.
    model: Option<Model>,
    /// The run folder that may be resumed.
    resumable: Option<PathBuf>,
    /// Data sets whose manifests may lead out of their folders, since the user said so.
    trusted: HashSet<PathBuf>,
    /// Mean images for pictures with a dropped sensor, and what they are of.
    means: RefCell<Option<(MeansOf, Vec<MeanImage>)>>,
}

/// The open data set.
struct Data {
    dataset: Arc<Dataset>,
    /// The class map that is applied, as the recipe names it.
    class_map: String,
    /// Whether it was opened by the user after the run that may be resumed.
    chosen: bool,
}

impl Data {
    fn open(path: &Path, reach: Reach, class_map: &str, progress: &mut Progress<'_>) -> Result<Self, DataError> {
        let dataset = Dataset::open_reaching(path, reach, progress)?.with_class_map(class_map)?;
        Ok(Self { dataset: Arc::new(dataset), class_map: class_map.to_owned(), chosen: false })
    }
}

/// The run under way.
struct Run {
    trainer: Trainer,
    folder: RunFolder,
    /// Whether the last line of metrics could be written; a failure is told once.
    metrics_fail: bool,
}

/// Sensors, size and data set that mean images belong to.
type MeansOf = (PathBuf, Vec<String>, usize, usize);

impl Workshop {
    pub(super) fn new(options: SessionOptions) -> Self {
        let (trusted, means) = (HashSet::new(), RefCell::new(None));
        Self { options, device: None, data: None, run: None, model: None, resumable: None, trusted, means }
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
            *self.means.borrow_mut() = None;
        }
        self.data = Some(data);
        DataLoaded { summary, warnings }
    }

    /// The open data set with its classes joined as a recipe asks, where that changes it.
    fn joined(&self, recipe: &Recipe) -> Result<Option<Data>, DataError> {
        let class_map = recipe.get(data::CLASS_MAP);
        let Some(data) = self.data.as_ref().filter(|data| data.class_map != class_map) else { return Ok(None) };
        let dataset = Dataset::clone(&data.dataset).with_class_map(class_map)?;
        Ok(Some(Data { dataset: Arc::new(dataset), class_map: class_map.to_owned(), chosen: data.chosen }))
    }

    /// The network for pictures and evaluation.
    fn current_model(&self) -> Option<Model> {
        self.run.as_ref().map(|run| run.trainer.model()).or_else(|| self.model.clone())
    }

    /// What keeps the open model from predicting the open data, in words.
    fn misfit(&self) -> Option<String> {
        let (model, data) = (self.model.as_ref()?, self.data.as_ref()?);
        let error = fitting_sensors(model, &data.dataset).err()?;
        Some(format!("The open network does not fit the data set, so nothing is predicted: {error}"))
    }

    /// The data set that a run is resumed on, where it is not the open one as it is: the one that the run was begun
    /// with, unless the user has chosen another since.
    fn data_to_resume(
        &self,
        folder: &RunFolder,
        progress: &mut Progress<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Data>, Halt> {
        let environment = match folder.environment() {
            Ok(environment) => environment,
            Err(error) => {
                warnings.push(sentence(error));
                Environment::default()
            }
        };
        let joined = self.joined(folder.recipe())?;
        let same = |data: &Data| data_sum(&data.dataset.summary()) == environment.data_sum;
        let open = joined.as_ref().or(self.data.as_ref());
        if let Some(open) = open.filter(|data| data.chosen || same(data)) {
            if !same(open) {
                warnings.push(format!(
                    "The data set is not the one that the run was begun with ({}); its trace will differ",
                    environment.data.display()
                ));
            }
            return Ok(joined);
        }
        let data = Data::open(
            &environment.data,
            self.reach(&environment.data),
            folder.recipe().get(data::CLASS_MAP),
            progress,
        )
        .map_err(|error| {
            let Some(Failure { kind, text }) = Failure::of(&error) else { return Halt::Stopped };
            let way_on = "The run was begun with this data set; open it from where it lies now, then resume";
            Halt::Failed(Failure::new(kind, format!("{text}. {way_on}")))
        })?;
        warnings.extend(data.dataset.notes.iter().cloned());
        if !same(&data) {
            warnings.push("The data set has changed since the run was begun; its trace will differ".to_owned());
        }
        Ok(Some(data))
    }

    fn begun(&mut self, trainer: Trainer, folder: RunFolder, recipe: Recipe) -> RunBegun {
        let mut trainer = trainer;
        let begun = RunBegun {
            recipe,
            network: trainer.summary(),
            folder: folder.path().to_owned(),
            phase: trainer.phase(),
            step: trainer.steps_done(),
            history: Vec::new(),
            data: None,
            warnings: Vec::new(),
            notes: trainer.take_notes(),
        };
        self.model = None;
        self.resumable = Some(folder.path().to_owned());
        self.run = Some(Run { trainer, folder, metrics_fail: false });
        begun
    }

    fn means_for(
        &self,
        model: &Model,
        dataset: &Dataset,
        progress: &mut Count<'_>,
    ) -> Result<Vec<MeanImage>, EvaluationError> {
        let of = (
            dataset.root.clone(),
            model.sensors.iter().map(|sensor| sensor.name.clone()).collect(),
            model.recipe.get(data::HEIGHT),
            model.recipe.get(data::WIDTH),
        );
        if let Some((_, means)) = self.means.borrow().as_ref().filter(|(known, _)| *known == of) {
            return Ok(means.clone());
        }
        let (means, _) = mean_images(model, dataset, &mut |done, total| progress(done as u64, total as u64))?;
        *self.means.borrow_mut() = Some((of, means.clone()));
        Ok(means)
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
        self.device.as_ref().is_some_and(|(device, _)| *device != Device::flex())
    }

    fn position(&self) -> u64 {
        let opened = self.model.as_ref().map_or(0, |model| model.step);
        self.run.as_ref().map_or(opened, |run| run.trainer.steps_done())
    }

    fn trust(&mut self, path: &Path) {
        self.trusted.insert(path.to_owned());
    }

    fn load_data(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<DataLoaded, Halt> {
        let class_map = self.model.as_ref().map_or("", |model| model.recipe.get(data::CLASS_MAP));
        let data = match Data::open(path, self.reach(path), class_map, progress) {
            // A class map that belongs to the model's own data set says nothing about this one.
            Err(DataError::NoClassMap { .. }) => Data::open(path, self.reach(path), "", progress)?,
            other => other?,
        };
        let seen = data.dataset.look(progress)?;
        let notes = data.dataset.notes.iter().cloned().chain(seen).collect();
        let mut loaded = self.take(Data { chosen: true, ..data }, notes);
        *self.means.borrow_mut() = None;
        loaded.warnings.extend(self.misfit());
        Ok(loaded)
    }

    fn open_run(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<RunOpened, Halt> {
        let (device, words) = self.device()?;
        tell(progress, "Opening the run", 0, 0)?;
        let folder = if path.is_dir() { Some(RunFolder::open(path)?) } else { None };
        let (model, mut warnings) = match open_model_watched(path, &device, progress) {
            Ok((model, warnings)) => (Some(model), warnings),
            // Interrupted before its first checkpoint: there is nothing to predict with, but it can be resumed.
            Err(RunError::NoCheckpoint { mut warnings, .. }) if folder.is_some() => {
                warnings.push("The run has no checkpoint yet; resuming begins it again".to_owned());
                (None, warnings)
            }
            Err(error) => return Err(error.into()),
        };
        let recipe = match (&folder, &model) {
            (_, Some(model)) if model.sensors.len() > 1 => model.recipe.clone(),
            (Some(folder), _) => folder.recipe().clone(),
            (None, Some(model)) => model.recipe.clone(),
            (None, None) => return Err(Halt::refused("There is neither a run nor a model")),
        };
        let (mut history, mut evaluations) = (Vec::new(), Vec::new());
        if let Some(folder) = &folder {
            history = folder.steps().unwrap_or_else(|error| {
                warnings.push(sentence(error));
                Vec::new()
            });
            evaluations = folder.evaluations().unwrap_or_else(|error| {
                warnings.push(sentence(error));
                Vec::new()
            });
        }
        tell(progress, "Opening the run", 0, 0)?;
        // From here on nothing is stopped: either all of the run is open or nothing.
        let joined = self.joined(&recipe).unwrap_or(None);
        let data = joined.map(|data| self.take(data, Vec::new()));
        let network = model.as_ref().map(|model| network_summary(&model.network, &words));
        self.model = model;
        self.run = None;
        self.resumable = folder.as_ref().map(|folder| folder.path().to_owned());
        if let Some(data) = &mut self.data {
            data.chosen = false;
        }
        warnings.extend(self.misfit());
        let folder = folder.map(|folder| folder.path().to_owned());
        Ok(RunOpened { recipe, network, folder, history, evaluations, data, warnings })
    }

    fn start(&mut self, recipe: &Recipe, progress: &mut Progress<'_>) -> Result<RunBegun, Halt> {
        let device = self.device()?;
        let joined = self.joined(recipe)?;
        let dataset = Arc::clone(joined.as_ref().map_or_else(|| self.dataset(), |data| Ok(&data.dataset))?);
        let environment = Environment::here(&device.1, &dataset.summary(), &self.options.command_line);
        let plan = SubsetPlan::of(recipe, sensors_in_use(recipe, &dataset)?.len())?;
        let trainer = Trainer::new(recipe, &dataset, device, progress)?;
        let folder = RunFolder::create(&self.options.runs_dir, trainer.recipe(), &environment)?;
        let data = joined.map(|data| self.take(data, Vec::new()));
        let mut begun = self.begun(trainer, folder, recipe.clone());
        begun.notes.extend(plan.left_out);
        Ok(RunBegun { data, ..begun })
    }

    fn resume(&mut self, progress: &mut Progress<'_>) -> Result<RunBegun, Halt> {
        let path = self.resumable.clone().ok_or_else(|| Halt::refused("Open the run to resume first"))?;
        let mut folder = RunFolder::open(&path)?;
        let (found, mut warnings) = folder.newest_checkpoint_watched(progress)?;
        let device = self.device()?;
        let other = self.data_to_resume(&folder, progress, &mut warnings)?;
        let dataset = Arc::clone(other.as_ref().map_or_else(|| self.dataset(), |data| Ok(&data.dataset))?);
        let trainer = if let Some(checkpoint) = &found {
            Trainer::resume(checkpoint, &dataset, device, &path, progress)
        } else {
            warnings.push("The run has no whole checkpoint; it begins again".to_owned());
            Trainer::new(folder.recipe(), &dataset, device, progress)
        };
        let trainer = trainer?;
        let step = trainer.steps_done();
        if trainer.is_done() {
            return Err(Halt::refused(&format!(
                "The run has taken all of its {step} steps, so there is nothing left to train; evaluate it, or begin a new run: {}",
                path.display()
            )));
        }
        let history = folder.truncate_steps(step)?;
        if let Err(error) = folder.truncate_evaluations(step) {
            warnings.push(sentence(error));
        }
        let data = other.map(|data| self.take(data, Vec::new()));
        let recipe = trainer.recipe().clone();
        let begun = self.begun(trainer, folder, recipe);
        Ok(RunBegun { history, data, warnings, ..begun })
    }

    fn step(&mut self) -> Result<Stepped, StepFailure> {
        let Some(run) = &mut self.run else {
            return Err(StepFailure::Broken(Failure::refused("No run is under way")));
        };
        let phase = run.trainer.phase();
        let report = run.trainer.step().map_err(|error| {
            let failure = Failure::of(&error).unwrap_or_else(|| Failure::refused(sentence(&error)));
            if error.run_is_intact() { StepFailure::Held(failure) } else { StepFailure::Broken(failure) }
        })?;
        let spans = stopwatch::take();
        let mut warnings = run.trainer.take_notes();
        match run.folder.append_step(&report) {
            Ok(()) => run.metrics_fail = false,
            Err(error) if !run.metrics_fail => {
                run.metrics_fail = true;
                warnings.push(sentence(error));
            }
            Err(_) => {}
        }
        warnings.extend(run.folder.take_loss());
        let trainer = &run.trainer;
        let due = |every: Key<u64>, steps: u64| {
            let every = trainer.recipe().get(every);
            every > 0 && steps > 0 && steps.is_multiple_of(every)
        };
        let within_phase = trainer.phase() == phase && phase != Phase::Teacher;
        // What stage 1 came to is worth knowing before stage 2 goes on from it.
        let before_stage_two = trainer.phase() == Phase::Adaptation && phase != Phase::Adaptation;
        Ok(Stepped {
            entered: (trainer.phase() != phase).then(|| (trainer.phase(), trainer.summary())),
            evaluation_due: before_stage_two
                || within_phase && due(training::EVALUATE_EVERY, trainer.phase_steps_done()),
            checkpoint_due: due(training::CHECKPOINT_EVERY, trainer.steps_done()),
            done: trainer.is_done(),
            report,
            spans,
            warnings,
        })
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), Halt> {
        match (&mut self.run, &mut self.model) {
            (Some(run), _) => run.trainer.set(key, value)?,
            (None, Some(model)) => model.recipe.set(key, value.clone())?,
            (None, None) => {}
        }
        Ok(())
    }

    fn save(&mut self) -> Result<(u64, PathBuf), Halt> {
        let nothing = || Halt::refused("There is nothing to save: no run is under way");
        let run = self.run.as_mut().ok_or_else(nothing)?;
        let checkpoint = run.trainer.checkpoint();
        let keep = run.trainer.recipe().get(training::CHECKPOINT_KEEP);
        let path = run.folder.save_checkpoint(&checkpoint, keep)?;
        Ok((checkpoint.state.step, path))
    }

    fn end_run(&mut self) {
        if let Some(run) = self.run.take() {
            let mut model = run.trainer.model();
            model.network = model.network.valid();
            self.model = Some(model);
        }
    }

    fn abandon_run(&mut self) {
        self.run = None;
    }

    fn own_split(&self, at_end: bool) -> Option<String> {
        let labelled = |split: &&Split| split.samples.iter().any(|sample| sample.label.is_some());
        let splits: Vec<&Split> = self.data.as_ref()?.dataset.splits.iter().filter(labelled).collect();
        let named = |name: &str| splits.iter().find(|split| split.name == name);
        let at_end = if at_end { named("test") } else { None };
        let found = at_end.or_else(|| named("val")).or_else(|| splits.iter().find(|split| split.held_out));
        found.map(|split| split.name.clone())
    }

    fn evaluate(&self, split: &str, progress: &mut Count<'_>) -> Result<EvaluationReport, Halt> {
        let model = self.current_model().ok_or_else(no_model)?;
        let dataset = self.dataset()?;
        fitting_sensors(&model, dataset)?;
        Ok(evaluation::evaluate(&model, dataset, split, progress)?)
    }

    fn keep_evaluation(&mut self, report: &EvaluationReport) -> Result<Vec<String>, Halt> {
        let warning = match (&self.run, &self.resumable) {
            (Some(run), _) => run.folder.add_evaluation(report)?,
            (None, Some(path)) => RunFolder::open(path)?.add_evaluation(report)?,
            (None, None) => None,
        };
        Ok(warning.into_iter().collect())
    }

    fn view(&self, request: &ViewRequest, progress: &mut Count<'_>) -> Result<SceneView, Halt> {
        let dataset = self.dataset()?;
        let model = self.current_model();
        let wants_means = |model: &&Model| {
            !request.dropped.is_empty() && model.recipe.get(MISSING) == Missing::Mean && model.sensors.len() > 1
        };
        let fits = |model: &&Model| fitting_sensors(model, dataset).is_ok();
        let means = match model.as_ref().filter(wants_means).filter(fits) {
            Some(model) => self.means_for(model, dataset, progress)?,
            None => Vec::new(),
        };
        Ok(scene_view(model.as_ref(), dataset, request, &means)?)
    }

    fn gather(&self, request: &EmbeddingRequest, progress: &mut Count<'_>) -> Result<Gathered, Halt> {
        let dataset = self.dataset()?;
        let model = match &request.run {
            Some(path) => {
                let device = self.device.as_ref().map_or_else(Device::flex, |(device, _)| device.clone());
                open_model_watched(path, &device, &mut |_, _, _| progress(0, 0))?.0
            }
            None => self.current_model().ok_or_else(no_model)?,
        };
        let wanted = FeatureRequest {
            features: request.features.clone(),
            split: request.split.clone(),
            scenes: request.scenes.clone(),
            points: request.points,
            seed: request.seed,
            dropped: request.dropped.clone(),
        };
        let table = gather(&model, dataset, &wanted, progress)?;
        Ok(Gathered { table, step: Some(model.step) })
    }
}

fn no_model() -> Halt {
    Halt::refused("Open a run, or train one, first")
}
