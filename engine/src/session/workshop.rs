//! The engine that a session drives in earnest: data set, run, model and device.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::module::Module as _;
use burn::tensor::Device;

use super::engine::{
    Count, DataLoaded, Engine, Gathered, Opened, RunBegun, RunOpened, Saved, StepFailure, Stepped, Written,
};
use super::halt::Halt;
use super::options::SessionOptions;
use super::run::{Run, edited_by_hand, lacking_evaluation, lost_evaluations, record_of, split_to_score};
use crate::data::{DataError, Dataset, Reach, sensors_in_use};
use crate::device::{self, DeviceError};
use crate::evaluation::{
    self, EvaluationError, MeanImage, Missing, SubsetPlan, fitting_sensors, mean_images, modality_indices, same_classes,
};
use crate::failure::{Failure, FailureKind, sentence};
use crate::inspection::{FeatureRequest, gather, scene_view};
use crate::network::Model;
use crate::progress::{Progress, Stopped, tell};
use crate::protocol::{EmbeddingRequest, EvaluationReport, Happening, Recorded, SceneView, ViewRequest};
use crate::recipe::catalogue::evaluation::MISSING;
use crate::recipe::catalogue::{data, training};
use crate::recipe::{Recipe, Value};
use crate::stopwatch;
use crate::training::{
    Environment, History, RunError, RunFolder, Trainer, changes_in, data_sum, network_summary, open_model_watched,
};

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

    /// A data set that the user has chosen for a network: a class map that belongs to the network's own data set says
    /// nothing about this one.
    fn open_for(path: &Path, reach: Reach, class_map: &str, progress: &mut Progress<'_>) -> Result<Self, DataError> {
        let dataset = Dataset::open_reaching(path, reach, progress)?;
        let (dataset, class_map) = match dataset.clone().with_class_map(class_map) {
            Ok(joined) => (joined, class_map),
            Err(_not_of_this_data) => (dataset, ""),
        };
        Ok(Self { dataset: Arc::new(dataset), class_map: class_map.to_owned(), chosen: true })
    }

    /// What is to be known about it, its values among it.
    fn notes(&self, progress: &mut Progress<'_>) -> Result<Vec<String>, Stopped> {
        let seen = self.dataset.look(progress)?;
        Ok(self.dataset.notes.iter().cloned().chain(seen).collect())
    }

    fn is_of(&self, environment: &Environment) -> bool {
        data_sum(&self.dataset.summary()) == environment.data_sum
    }
}

/// What an opened run is looked at with.
struct DataToOpen {
    /// `None` where that is open already, or nothing can be said.
    data: Option<Data>,
    /// The run's own data set could not be opened: where it should lie, and why.
    gone: Option<(PathBuf, Failure)>,
    warnings: Vec<String>,
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

    /// How the open model does not fit the open data, in words.
    fn misfit(&self) -> Option<String> {
        let (model, data) = (self.model.as_ref()?, self.data.as_ref()?);
        if let Err(error) = modality_indices(model, &data.dataset) {
            return Some(format!("The open network does not fit the data set, so nothing is predicted: {error}"));
        }
        if data.dataset.classes.is_empty() {
            return Some(
                "The data set has no labels: the network predicts with its own classes, and nothing is scored"
                    .to_owned(),
            );
        }
        let error = same_classes(model, &data.dataset).err()?;
        Some(format!("The network predicts with its own classes: {error}"))
    }

    /// The data set that an opened run shall be looked at with, where it is another one than is open: the one in
    /// `wanted`, else the run's own.
    fn data_to_open(
        &self,
        folder: Option<&RunFolder>,
        recipe: &Recipe,
        wanted: Option<&Path>,
        progress: &mut Progress<'_>,
    ) -> Result<DataToOpen, Halt> {
        let class_map = recipe.get(data::CLASS_MAP);
        let mut answer = DataToOpen { data: None, gone: None, warnings: Vec::new() };
        let is_open = |path: &Path| self.data.as_ref().is_some_and(|data| data.dataset.root == path);
        if let Some(path) = wanted.filter(|path| !is_open(path)) {
            let data = Data::open_for(path, self.reach(path), class_map, progress)?;
            answer.warnings = data.notes(progress)?;
            answer.data = Some(data);
            return Ok(answer);
        }
        let joined = self.joined(recipe).unwrap_or(None);
        if wanted.is_some() {
            answer.data = joined;
            return Ok(answer);
        }
        let environment = match folder.map(RunFolder::environment) {
            Some(Ok(environment)) => environment,
            Some(Err(error)) => {
                if self.data.is_none() {
                    answer.gone = Failure::of(&error).map(|failure| (PathBuf::new(), failure));
                } else {
                    answer.warnings.push(sentence(error));
                }
                Environment::default()
            }
            None => Environment::default(),
        };
        if let (Some(folder), None, None) = (folder, &self.data, &answer.gone)
            && environment.data.as_os_str().is_empty()
        {
            let words = format!("the run does not say which data set it was begun with: {}", folder.path().display());
            answer.gone = Some((PathBuf::new(), Failure::new(FailureKind::Unreadable, words)));
        }
        let is_open = joined.as_ref().or(self.data.as_ref()).is_some_and(|open| open.is_of(&environment));
        if is_open || environment.data.as_os_str().is_empty() {
            answer.data = joined;
            return Ok(answer);
        }
        match Data::open(&environment.data, self.reach(&environment.data), class_map, progress) {
            Ok(data) => {
                answer.warnings = data.notes(progress)?;
                if !data.is_of(&environment) {
                    answer.warnings.push("The data set has changed since the run was begun".to_owned());
                }
                answer.data = Some(data);
            }
            Err(error) => {
                // Without it there is still the run: its curves, its evaluations, its network.
                let failure = Failure::of(&error).ok_or(Halt::Stopped)?;
                answer.data = joined;
                answer.gone = Some((environment.data, failure));
            }
        }
        Ok(answer)
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
        let open = joined.as_ref().or(self.data.as_ref());
        if let Some(open) = open.filter(|data| data.chosen || data.is_of(&environment)) {
            if !open.is_of(&environment) {
                warnings.push(format!(
                    "The data set is not the one that the run was begun with ({}); its trace will differ",
                    environment.data.display()
                ));
            }
            return Ok(joined);
        }
        if environment.data.as_os_str().is_empty() {
            return Err(Halt::Failed(Failure::new(
                FailureKind::Unreadable,
                format!(
                    "The run does not say which data set it was begun with; open that one, then resume: {}",
                    folder.path().display()
                ),
            )));
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
        if !data.is_of(&environment) {
            warnings.push("The data set has changed since the run was begun; its trace will differ".to_owned());
        }
        Ok(Some(data))
    }

    fn begun(
        &mut self,
        mut trainer: Trainer,
        folder: RunFolder,
        recipe: Recipe,
        to_replay: VecDeque<Recorded>,
    ) -> RunBegun {
        let begun = RunBegun {
            recipe,
            network: trainer.summary(),
            folder: folder.path().to_owned(),
            phase: trainer.phase(),
            step: trainer.steps_done(),
            history: Vec::new(),
            evaluations: Vec::new(),
            recorded: Vec::new(),
            changed: trainer.changed().to_vec(),
            lacks: None,
            done: trainer.is_done(),
            data: None,
            warnings: Vec::new(),
            notes: trainer.take_notes(),
        };
        self.model = None;
        self.resumable = Some(folder.path().to_owned());
        self.run = Some(Run::new(trainer, folder, to_replay));
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

    fn length(&self) -> u64 {
        self.run.as_ref().map_or(0, |run| run.trainer.total_steps())
    }

    fn trust(&mut self, path: &Path) {
        self.trusted.insert(path.to_owned());
    }

    fn load_data(&mut self, path: &Path, progress: &mut Progress<'_>) -> Result<DataLoaded, Halt> {
        let class_map = self.model.as_ref().map_or("", |model| model.recipe.get(data::CLASS_MAP));
        let data = Data::open_for(path, self.reach(path), class_map, progress)?;
        let notes = data.notes(progress)?;
        let mut loaded = self.take(data, notes);
        *self.means.borrow_mut() = None;
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
        let dataset = Arc::new(Dataset::clone(&dataset).with_class_map(&class_map)?);
        let mut loaded = self.take(Data { dataset, class_map, chosen: true }, Vec::new());
        loaded.warnings.extend(self.misfit());
        Ok(loaded)
    }

    fn open_run(&mut self, path: &Path, wanted: Option<&Path>, progress: &mut Progress<'_>) -> Result<Opened, Halt> {
        let (device, words) = self.device()?;
        tell(progress, "Opening the run", 0, 0)?;
        let folder = match path.is_dir().then(|| RunFolder::open(path)).transpose() {
            Err(error @ RunError::NotARun { .. }) => {
                let runs = RunFolder::list(path, progress)?;
                return if runs.is_empty() { Err(error.into()) } else { Ok(Opened::Runs(runs)) };
            }
            other => other?,
        };
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
        let (mut history, mut evaluations, mut recorded) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(folder) = &folder {
            recorded = record_of(folder, &mut warnings);
            let read = folder.history().unwrap_or_else(|error| History::unread(sentence(error)));
            warnings.extend(read.warnings);
            history = read.steps;
            let read = folder.evaluations_with_warning();
            let (reports, warning) = read.unwrap_or_else(|error| (Vec::new(), Some(sentence(error))));
            warnings.extend(warning);
            evaluations = reports;
        }
        let DataToOpen { data, gone, warnings: notes } =
            self.data_to_open(folder.as_ref(), &recipe, wanted, progress)?;
        tell(progress, "Opening the run", 0, 0)?;
        // From here on nothing is stopped: either all of the run is open or nothing.
        warnings.extend(notes);
        let data = data.map(|data| self.take(data, Vec::new()));
        let network = model.as_ref().map(|model| network_summary(model, &words));
        let changed = match changes_in(&recorded) {
            none if none.is_empty() => model.as_ref().map_or_else(Vec::new, |model| model.changed.clone()),
            changed => changed,
        };
        self.model = model;
        self.run = None;
        self.resumable = folder.as_ref().map(|folder| folder.path().to_owned());
        if let Some(data) = &mut self.data {
            data.chosen = wanted.is_some();
        }
        // Where the data set is asked for, whether the open one fits is not the question.
        warnings.extend(self.misfit().filter(|_| gone.is_none()));
        let folder = folder.map(|folder| folder.path().to_owned());
        let opened = RunOpened {
            recipe,
            network,
            folder,
            history,
            evaluations,
            recorded,
            changed,
            data,
            data_gone: gone,
            warnings,
        };
        Ok(Opened::Run(Box::new(opened)))
    }

    fn start(&mut self, recipe: &Recipe, progress: &mut Progress<'_>) -> Result<RunBegun, Halt> {
        let device = self.device()?;
        let joined = self.joined(recipe)?;
        let dataset = Arc::clone(joined.as_ref().map_or_else(|| self.dataset(), |data| Ok(&data.dataset))?);
        let environment = Environment::here(&device.1, &dataset.summary(), &self.options.command_line);
        let plan = SubsetPlan::of(recipe, sensors_in_use(recipe, &dataset)?.len())?;
        let trainer = Trainer::new(recipe, &dataset, device, progress)?;
        let mut folder = RunFolder::create(&self.options.runs_dir, trainer.recipe(), &environment)?;
        let warnings = folder.lock()?.into_iter().collect();
        let data = joined.map(|data| self.take(data, Vec::new()));
        let mut begun = self.begun(trainer, folder, recipe.clone(), VecDeque::new());
        begun.notes.extend(plan.left_out);
        Ok(RunBegun { data, warnings, ..begun })
    }

    fn resume(&mut self, progress: &mut Progress<'_>) -> Result<RunBegun, Halt> {
        let path = self.resumable.clone().ok_or_else(|| Halt::refused("Open the run to resume first"))?;
        let mut folder = RunFolder::open(&path)?;
        let unlocked = folder.lock()?;
        let (found, mut warnings) = folder.newest_checkpoint_watched(progress)?;
        warnings.extend(unlocked);
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
        // Those that cannot be read are made again, too; what is wrong with them is told when they are set aside.
        let kept = folder.evaluations();
        let lacks = lacking_evaluation(&trainer, &dataset, kept.as_deref().unwrap_or_default());
        let lost = kept.ok().and_then(|kept| lost_evaluations(&trainer, &dataset, &kept));
        if trainer.is_done() && lacks.is_none() {
            let lost = lost.map_or_else(String::new, |words| format!(" {words}."));
            return Err(Halt::refused(&format!(
                "The run has taken all of its {step} steps, so there is nothing left to train; evaluate it, or begin a new \
                 run.{lost} The run lies at {}",
                path.display()
            )));
        }
        warnings.extend(lost);
        warnings.extend(edited_by_hand(&trainer, &folder));
        if let Some(limit) = self.options.max_steps.filter(|&limit| step >= limit && !trainer.is_done()) {
            return Err(Halt::refused(&format!(
                "The run has taken {step} steps and shall end after {limit}; give a higher limit, or none: {}",
                path.display()
            )));
        }
        let History { steps: history, warnings: set_aside } = folder.truncate_steps(step)?;
        warnings.extend(set_aside);
        let kept = folder.truncate_evaluations(step);
        let (evaluations, set_aside) = kept.unwrap_or_else(|error| (Vec::new(), vec![sentence(error)]));
        warnings.extend(set_aside);
        let mut recorded = record_of(&folder, &mut warnings);
        let is_to_come = |entry: &Recorded| entry.step >= step && entry.change().is_some();
        let to_replay = recorded.iter().filter(|entry| is_to_come(entry)).cloned().collect();
        recorded.retain(|entry| entry.step <= step && !is_to_come(entry));
        let data = other.map(|data| self.take(data, Vec::new()));
        let recipe = trainer.recipe().clone();
        let begun = self.begun(trainer, folder, recipe, to_replay);
        Ok(RunBegun { history, evaluations, recorded, lacks, data, warnings, ..begun })
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
        let notes = run.trainer.take_notes();
        let (written, gone) = run.keep_step(&report);
        let trainer = &run.trainer;
        let every = trainer.recipe().get(training::CHECKPOINT_EVERY);
        Ok(Stepped {
            entered: (trainer.phase() != phase).then(|| (trainer.phase(), trainer.summary())),
            evaluation_due: trainer.evaluation_is_due(),
            checkpoint_due: every > 0 && trainer.steps_done().is_multiple_of(every),
            limit_reached: self.options.max_steps.is_some_and(|limit| trainer.steps_done() >= limit),
            done: trainer.is_done(),
            gone,
            report,
            spans,
            notes,
            written,
        })
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), Halt> {
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
        self.run = None;
    }

    fn own_split(&self, at_end: bool) -> Option<String> {
        split_to_score(&self.data.as_ref()?.dataset, at_end)
    }

    fn evaluate(&self, split: &str, progress: &mut Count<'_>) -> Result<EvaluationReport, Halt> {
        let model = self.current_model().ok_or_else(no_model)?;
        let dataset = self.dataset()?;
        fitting_sensors(&model, dataset)?;
        Ok(evaluation::evaluate(&model, dataset, split, progress)?)
    }

    fn keep_evaluation(&mut self, report: &EvaluationReport) -> Result<Written, Halt> {
        match (&mut self.run, &self.resumable) {
            (Some(run), _) => Ok(run.keep_evaluation(report)?),
            (None, Some(path)) => {
                let warnings = RunFolder::open(path)?.add_evaluation(report)?.into_iter().collect();
                Ok(Written { warnings, lacks: false })
            }
            (None, None) => Ok(Written::default()),
        }
    }

    fn view(&self, request: &ViewRequest, progress: &mut Count<'_>) -> Result<SceneView, Halt> {
        let dataset = self.dataset()?;
        let model = self.current_model();
        let wants_means = |model: &&Model| {
            !request.dropped.is_empty() && model.recipe.get(MISSING) == Missing::Mean && model.sensors.len() > 1
        };
        let fits = |model: &&Model| modality_indices(model, dataset).is_ok();
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
