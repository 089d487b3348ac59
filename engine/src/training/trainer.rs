//! The loop's body: one step at a time, phases teacher → student → adaptation, everything needed to resume bit for bit.

mod halfway;
mod models;
mod phases;
mod stepping;

use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use self::halfway::Halfway;
pub use self::models::network_summary;
use super::checkpoint::Checkpoint;
use super::error::{RunError, TrainError};
use super::language::LanguageTeacher;
use super::lengths::{Lengths, mixed_epoch_steps};
use super::loss_scale::LossScale;
use super::optimiser::Optimiser;
use super::running::RunningBefore;
use super::schedule::PhaseLength;
use super::setup::Setup;
use super::teacher::{Teacher, distils, needs_teacher, teacher_recipe};
use crate::data::{Batch, Dataset, Loader, Mix};
use crate::network::{Carried, Network, from_tensors};
use crate::progress::{Progress, tell};
use crate::protocol::{LiveChange, Notes, Phase};
use crate::recipe::catalogue::training::Precision;
use crate::recipe::catalogue::{data, sensors, teacher};
use crate::recipe::{Change, Recipe, RecipeError, Value, setting};

/// The split that is trained on.
const SPLIT: &str = "train";

/// One run in memory.
///
/// ```no_run
/// use std::path::Path;
/// use std::sync::Arc;
///
/// use fusionscope_engine::data::Dataset;
/// use fusionscope_engine::device::{DeviceChoice, choose};
/// use fusionscope_engine::progress::unwatched;
/// use fusionscope_engine::recipe::preset;
/// use fusionscope_engine::training::{Environment, RunFolder, Trainer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let recipe = preset("ogp-net-demo")?;
/// let dataset = Arc::new(Dataset::open(Path::new("datasets-sample"), &mut unwatched)?);
/// let (device, words) = choose(DeviceChoice::Auto)?;
/// let environment = Environment::here(&words, &dataset.summary(), &[]);
/// let mut run = RunFolder::create(Path::new("runs"), &recipe, &environment)?;
/// let mut trainer = Trainer::new(&recipe, &dataset, (device, words), &mut unwatched)?;
/// while !trainer.is_done() {
///     run.append_step(&trainer.step()?)?;
/// }
/// run.save_checkpoint(&trainer.checkpoint(), 1)?;
/// # Ok(())
/// # }
/// ```
pub struct Trainer {
    setup: Setup,
    recipe: Recipe,
    /// The recipe as the teacher's network sees it.
    teacher_recipe: Recipe,
    phase: Phase,
    step: u64,
    phase_step: u64,
    /// The phases' lengths, in their order; 0 steps where there is no such phase.
    lengths: [PhaseLength; 3],
    network: Network,
    teacher: Option<Teacher>,
    language: LanguageTeacher,
    optimiser: Optimiser,
    loss_scale: LossScale,
    /// What steps leave for the next one beside weights.
    carried: Carried,
    /// `None` after a data error: made anew where the run stands.
    loader: Option<Loader>,
    /// The batch of a step that could not be taken.
    pending: Option<Batch>,
    /// The batch of the next step, and its images where they are wanted.
    ahead: Option<(Batch, Vec<Tensor<4>>)>,
    /// The step that is being taken, between its two halves.
    halfway: Option<Halfway>,
    /// The running statistics before the step that is being taken; afterwards, of one that something broke off.
    broken_off: Option<RunningBefore>,
    /// The phases whose kernels have been compiled, in which precision.
    compiled: Vec<(Phase, Precision)>,
    /// The settings that were changed since the run began.
    changed: Vec<LiveChange>,
    notes: Notes,
}

impl Trainer {
    /// A new run. `progress` is told what is being prepared, and may end it.
    ///
    /// `device` is as [`crate::device::choose`] gives it: plain, with its name in words.
    pub fn new(
        recipe: &Recipe,
        dataset: &Arc<Dataset>,
        device: (Device, String),
        progress: &mut Progress<'_>,
    ) -> Result<Self, TrainError> {
        recipe.check()?;
        let setup = Setup::new(recipe, dataset, device)?;
        let recipe = resolved(recipe, &setup)?;
        tell(progress, "Starting the loader", 0, 0)?;
        let loader =
            Loader::of_mix(Arc::clone(dataset), SPLIT, &recipe, setup.streams, 0, mix_of(Phase::Student), progress)?;
        let epoch_steps = loader.batches_per_epoch();
        let mixed_steps = mixed_epoch_steps(&recipe, dataset, progress)?;
        let lengths = Lengths::with(&recipe, setup.sensors.len(), epoch_steps, mixed_steps);
        let (mut teacher, mut notes) = (None, Notes::default());
        let teacher_recipe = teacher_recipe(&recipe);
        let from = recipe.get(teacher::RUN);
        if needs_teacher(&recipe, setup.sensors.len()) && !from.is_empty() {
            tell(progress, "Loading the teacher", 0, 0)?;
            let (loaded, warnings) = Teacher::from_run(&setup, &teacher_recipe, Path::new(from), progress)?;
            teacher = Some(loaded);
            notes.warnings = warnings;
        }
        tell(progress, "Building the network", 0, 0)?;
        if lengths.teacher > 0 {
            // What the student cannot be is refused now, not after the teacher has learned.
            setup.build(&recipe, Phase::Student, &setup.device)?;
        }
        let phase = if lengths.teacher > 0 { Phase::Teacher } else { Phase::Student };
        let of_phase = if phase == Phase::Teacher { &teacher_recipe } else { &recipe };
        tell(progress, "Building the network", 0, 0)?;
        let (network, loaded) = setup.build_to_train(of_phase, phase, progress)?;
        tell(progress, "Building the network", 0, 0)?;
        notes.add(loaded);
        let language = LanguageTeacher::new(&recipe, &setup)?;
        notes.facts.extend(language.remarks(&recipe, &dataset.split(SPLIT)?.samples));
        Ok(Self {
            optimiser: Optimiser::new(&recipe),
            loss_scale: LossScale::default(),
            carried: Carried::new(),
            setup,
            recipe,
            teacher_recipe,
            phase,
            step: 0,
            phase_step: 0,
            lengths: [
                PhaseLength { steps: lengths.teacher, epoch_steps },
                PhaseLength { steps: lengths.student, epoch_steps },
                PhaseLength { steps: lengths.adaptation, epoch_steps: mixed_steps },
            ],
            network,
            teacher,
            language,
            loader: Some(loader),
            pending: None,
            ahead: None,
            halfway: None,
            broken_off: None,
            compiled: Vec::new(),
            changed: Vec::new(),
            notes,
        })
    }

    /// Goes on where a checkpoint stands, bit for bit on the CPU.
    pub fn resume(
        checkpoint: &Checkpoint,
        dataset: &Arc<Dataset>,
        device: (Device, String),
        path: &Path,
        progress: &mut Progress<'_>,
    ) -> Result<Self, TrainError> {
        let Checkpoint { state, card, network, teacher, optimiser: moments, carried } = checkpoint;
        let unfit = |reason: String| TrainError::Run(RunError::Unfit { reason, path: path.to_owned() });
        let recipe = Recipe::from_toml(&state.recipe, &card.name)?;
        let setup = Setup::new(&recipe, dataset, device)?;
        if card.classes.len() != dataset.classes.len() {
            let (expected, found) = (card.classes.len(), dataset.classes.len());
            return Err(unfit(format!(
                "the run was made with {expected} classes and the data set `{}` has {found}; open the data set that it was \
                 begun with",
                dataset.name
            )));
        }
        tell(progress, "Starting the loader", 0, 0)?;
        let epoch_steps = Loader::try_mix(dataset, SPLIT, &recipe, Mix::Labelled, progress)?;
        let mixed_steps = mixed_epoch_steps(&recipe, dataset, progress)?;
        let mix = mix_of(state.phase);
        let loader = Loader::of_mix(Arc::clone(dataset), SPLIT, &recipe, setup.streams, state.step, mix, progress)?;
        tell(progress, "Building the network", 0, 0)?;
        let teacher_recipe = teacher_recipe(&recipe);
        let of_phase = if state.phase == Phase::Teacher { &teacher_recipe } else { &recipe };
        let network = from_tensors(setup.build(of_phase, state.phase, &setup.tape)?, network)?;
        tell(progress, "Building the network", 0, 0)?;
        let teacher = match teacher {
            Some((card, tensors)) => Some(Teacher::from_tensors(&setup, &teacher_recipe, card.clone(), tensors)?),
            None => None,
        };
        let mut optimiser = Optimiser::new(&recipe);
        optimiser.restore(moments, &setup.device).map_err(|error| unfit(error.to_string()))?;
        let language = LanguageTeacher::new(&recipe, &setup)?;
        let notes = Notes { facts: language.remarks(&recipe, &dataset.split(SPLIT)?.samples), ..Notes::default() };
        let restore =
            |(name, data): (&String, &TensorData)| (name.clone(), Tensor::from_data(data.clone(), &setup.device));
        Ok(Self {
            carried: carried.iter().map(restore).collect(),
            setup,
            recipe,
            teacher_recipe,
            phase: state.phase,
            step: state.step,
            phase_step: state.phase_step,
            lengths: [
                PhaseLength { steps: state.teacher_steps, epoch_steps },
                PhaseLength { steps: state.student_steps, epoch_steps },
                PhaseLength { steps: state.adaptation_steps, epoch_steps: mixed_steps },
            ],
            network,
            teacher,
            language,
            optimiser,
            loss_scale: state.loss_scale,
            loader: Some(loader),
            pending: None,
            ahead: None,
            halfway: None,
            broken_off: None,
            compiled: Vec::new(),
            changed: card.changed.clone(),
            notes,
        })
    }

    /// Changes a live setting; it holds from the next step on.
    pub fn set(&mut self, key: &str, value: &Value) -> Result<(), TrainError> {
        if setting(key).is_some_and(|setting| setting.change == Change::Structural) {
            return Err(TrainError::Unfit(format!("`{key}` belongs to the structure of a run; start a new one")));
        }
        let mut recipe = self.recipe.clone();
        recipe.set(key, value.clone())?;
        recipe.check()?;
        let has_teacher = self.teacher.is_some() || self.phase == Phase::Teacher;
        if distils(&recipe) && !distils(&self.recipe) && !has_teacher {
            return Err(TrainError::Unfit(format!(
                "`{key}` needs a teacher, and this run began without one; start a new run with it on"
            )));
        }
        self.teacher_recipe = teacher_recipe(&recipe);
        if key.ends_with("_modal.enabled") && *value == Value::Switch(true) {
            let samples = &self.setup.dataset.split(SPLIT)?.samples;
            self.notes.facts.extend(self.language.remarks(&recipe, samples));
        }
        if let (Some(old), Some(new)) = (self.recipe.value(key).cloned(), recipe.value(key).cloned()) {
            LiveChange { key: key.to_owned(), old, new, step: self.step }.note(&mut self.changed);
        }
        self.recipe = recipe;
        Ok(())
    }

    /// The settings that were changed since the run began, resumed or not.
    pub fn changed(&self) -> &[LiveChange] {
        &self.changed
    }

    /// The recipe in force, with the sensors by name.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The data set in use.
    pub fn dataset(&self) -> &Arc<Dataset> {
        &self.setup.dataset
    }

    /// Sentences for the log since the last call: replaced samples, loaded weights.
    pub fn take_notes(&mut self) -> Notes {
        let mut notes = std::mem::take(&mut self.notes);
        self.loader.iter().for_each(|loader| notes.add(loader.take_notes()));
        notes
    }

    fn phase_recipe(&self) -> &Recipe {
        match self.phase {
            Phase::Teacher => &self.teacher_recipe,
            Phase::Student | Phase::Adaptation => &self.recipe,
        }
    }
}

/// How a phase draws its scenes.
fn mix_of(phase: Phase) -> Mix {
    match phase {
        Phase::Teacher | Phase::Student => Mix::Labelled,
        Phase::Adaptation => Mix::Domains,
    }
}

/// The recipe with what the data set decides written out.
fn resolved(recipe: &Recipe, setup: &Setup) -> Result<Recipe, RecipeError> {
    let mut recipe = recipe.clone();
    let names = setup.sensors.iter().map(|sensor| sensor.name.clone()).collect();
    recipe.put(sensors::USE, names)?;
    // Settings that name sensors can be checked now.
    recipe.check()?;
    name_files_from_the_root(&mut recipe)?;
    Ok(recipe)
}

/// A resumed run may begin in another folder, so a run's recipe names files beside the data set from the root. Patterns
/// are relative to the data set.
pub fn name_files_from_the_root(recipe: &mut Recipe) -> Result<(), RecipeError> {
    for files in [data::pseudo_labels::FILES, data::fake_night::FILES] {
        let text = recipe.get(files);
        if !text.is_empty()
            && !text.contains("{id}")
            && let Ok(Some(path)) = std::path::absolute(text).map(|path| path.to_str().map(str::to_owned))
        {
            recipe.put(files, path)?;
        }
    }
    Ok(())
}
