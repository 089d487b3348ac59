//! The loop's body: one step at a time, phases teacher → student → adaptation, everything needed to resume bit for bit.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData, Transaction};

use super::checkpoint::{Checkpoint, CheckpointState};
use super::error::{RunError, TrainError};
use super::language::LanguageTeacher;
use super::model_card::ModelCard;
use super::optimiser::{Optimiser, OptimiserError};
use super::running::RunningBefore;
use super::schedule::{PhaseLength, learning_rate_at};
use super::setup::Setup;
use super::teacher::{Teacher, distils, needs_teacher, teacher_recipe};
use crate::data::{Batch, Dataset, Loader, Mix};
use crate::network::{
    Carried, Inputs, Mode, Model, Network, Noise, ParameterKind, Probes, from_tensors, named_parameters, to_tensors,
};
use crate::objective::{self, Labels, PROTOTYPES, PROTOTYPES_AGE, Scene, Terms};
use crate::progress::{Progress, tell, unwatched};
use crate::protocol::{Figure, LiveChange, NetworkSummary, Phase, Quantity, StepReport};
use crate::recipe::catalogue::objective::prototype::{self, SecondStage};
use crate::recipe::catalogue::{adaptation, data, sensors, teacher, training};
use crate::recipe::{Change, Key, Recipe, RecipeError, Value, setting};
use crate::stopwatch::{self, part};

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
    /// What steps leave for the next one beside weights.
    carried: Carried,
    /// `None` after a data error: made anew where the run stands.
    loader: Option<Loader>,
    /// The batch of a step that could not be taken.
    pending: Option<Batch>,
    /// The settings that were changed since the run began.
    changed: Vec<LiveChange>,
    notes: Vec<String>,
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
        let steps_of = |steps: Key<u64>, epochs: Key<u64>, epoch_steps: u64| match recipe.get(steps) {
            0 => recipe.get(epochs) * epoch_steps,
            steps => steps,
        };
        let student_steps = steps_of(training::STEPS, training::EPOCHS, epoch_steps);
        let mixed_steps = mixed_epoch_steps(&recipe, dataset, progress)?;
        let adaptation_steps = steps_of(adaptation::STEPS, adaptation::EPOCHS, mixed_steps);
        let (mut teacher, mut teacher_steps, mut notes) = (None, 0, Vec::new());
        let teacher_recipe = teacher_recipe(&recipe);
        if needs_teacher(&recipe, setup.sensors.len()) {
            let from = recipe.get(teacher::RUN);
            if from.is_empty() {
                let steps = recipe.get(teacher::STEPS);
                teacher_steps = if steps == 0 { student_steps } else { steps };
            } else {
                tell(progress, "Loading the teacher", 0, 0)?;
                let (loaded, warnings) = Teacher::from_run(&setup, &teacher_recipe, Path::new(from), progress)?;
                teacher = Some(loaded);
                notes = warnings;
            }
        }
        tell(progress, "Building the network", 0, 0)?;
        if teacher_steps > 0 {
            // What the student cannot be is refused now, not after the teacher has learned.
            setup.build(&recipe, Phase::Student, &setup.device)?;
        }
        let phase = if teacher_steps > 0 { Phase::Teacher } else { Phase::Student };
        let of_phase = if phase == Phase::Teacher { &teacher_recipe } else { &recipe };
        tell(progress, "Building the network", 0, 0)?;
        let (network, report) = setup.build_to_train(of_phase, phase, progress)?;
        tell(progress, "Building the network", 0, 0)?;
        notes.extend(report);
        let language = LanguageTeacher::new(&recipe, &setup)?;
        notes.extend(language.remarks(&recipe, &dataset.split(SPLIT)?.samples));
        Ok(Self {
            optimiser: Optimiser::new(&recipe),
            carried: Carried::new(),
            setup,
            recipe,
            teacher_recipe,
            phase,
            step: 0,
            phase_step: 0,
            lengths: [
                PhaseLength { steps: teacher_steps, epoch_steps },
                PhaseLength { steps: student_steps, epoch_steps },
                PhaseLength { steps: adaptation_steps, epoch_steps: mixed_steps },
            ],
            network,
            teacher,
            language,
            loader: Some(loader),
            pending: None,
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
        let notes = language.remarks(&recipe, &dataset.split(SPLIT)?.samples);
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
            loader: Some(loader),
            pending: None,
            changed: card.changed.clone(),
            notes,
        })
    }

    /// Takes one step. On an error that [`TrainError::run_is_intact`] the run stands as before it.
    pub fn step(&mut self) -> Result<StepReport, TrainError> {
        if self.is_done() {
            return Err(TrainError::Unfit("the run has taken all of its steps".to_owned()));
        }
        let begun = Instant::now();
        stopwatch::take();
        let batch = part("wait for data", || self.next_batch())?;
        let before = RunningBefore::of(&self.network);
        let (learning_rate, terms) = match self.attempt(&batch) {
            Ok(taken) => taken,
            Err(error) => {
                let tensors = before.tensors(&self.network);
                let fresh = self.setup.build(self.phase_recipe(), self.phase, &self.setup.tape)?;
                self.network = from_tensors(fresh, &tensors)?;
                self.pending = Some(batch);
                return Err(error);
            }
        };
        self.step += 1;
        self.phase_step += 1;
        let report = StepReport {
            phase: self.phase,
            step: self.step,
            phase_step: self.phase_step,
            phase_steps: self.phase_steps(),
            total_steps: self.total_steps(),
            secs: begun.elapsed().as_secs_f64(),
            learning_rate,
            terms,
        };
        if self.phase_step >= self.phase_steps() {
            match self.phase {
                Phase::Teacher => self.begin_student()?,
                Phase::Student if self.length_of(Phase::Adaptation).steps > 0 => self.begin_adaptation(),
                Phase::Student | Phase::Adaptation => {}
            }
        }
        Ok(report)
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
            self.notes.extend(self.language.remarks(&recipe, samples));
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

    /// Whether the recipe asks for an evaluation where the run stands.
    pub fn evaluation_is_due(&self) -> bool {
        self.is_done() || self.asks_for_evaluation(self.step)
    }

    /// The steps before this one at which the recipe asked for an evaluation.
    pub fn evaluations_before(&self) -> Vec<u64> {
        (1..self.step).filter(|&step| self.asks_for_evaluation(step)).collect()
    }

    /// Whether the recipe asks for an evaluation on the way, after so many steps: in the student phase and in stage 2 as
    /// often as it says, and before stage 2, whose begin is worth knowing.
    fn asks_for_evaluation(&self, step: u64) -> bool {
        let every = self.recipe.get(training::EVALUATE_EVERY);
        let teacher = self.length_of(Phase::Teacher).steps;
        let stage_two = teacher + self.length_of(Phase::Student).steps;
        if self.length_of(Phase::Adaptation).steps > 0 && step == stage_two {
            return true;
        }
        let phase_step = step.saturating_sub(if step > stage_two { stage_two } else { teacher });
        every > 0 && phase_step > 0 && phase_step.is_multiple_of(every)
    }

    /// Whether all steps are taken.
    pub fn is_done(&self) -> bool {
        let last = self.phase == Phase::Adaptation || self.length_of(Phase::Adaptation).steps == 0;
        self.phase != Phase::Teacher && last && self.phase_step >= self.phase_steps()
    }

    /// Steps done, all phases counted.
    pub fn steps_done(&self) -> u64 {
        self.step
    }

    /// The phase that the next step belongs to.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Steps done in that phase.
    pub fn phase_steps_done(&self) -> u64 {
        self.phase_step
    }

    /// Steps of that phase.
    pub fn phase_steps(&self) -> u64 {
        self.length_of(self.phase).steps
    }

    fn length_of(&self, phase: Phase) -> PhaseLength {
        self.lengths[match phase {
            Phase::Teacher => 0,
            Phase::Student => 1,
            Phase::Adaptation => 2,
        }]
    }

    /// Steps of all phases.
    pub fn total_steps(&self) -> u64 {
        self.lengths.iter().map(|phase| phase.steps).sum()
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
    pub fn take_notes(&mut self) -> Vec<String> {
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(self.loader.iter().flat_map(Loader::take_notes));
        notes
    }

    /// The network as it stands, for pictures and evaluation. Copies no weights.
    pub fn model(&self) -> Model {
        let sensors = self.setup.sensors_in(self.phase);
        Model {
            recipe: self.phase_recipe().clone(),
            sensors: self.setup.sensors[sensors.clone()].to_vec(),
            normalisations: self.setup.normalisations[sensors].to_vec(),
            classes: self.setup.dataset.classes.clone(),
            colours: self.setup.dataset.colours.clone(),
            network: self.network.clone(),
            carried: self.carried.clone(),
            step: self.step,
            changed: self.changed.clone(),
            device: self.setup.device.clone(),
        }
    }

    /// The frozen teacher, where there is one, for evaluating it: what the student can learn from it.
    pub fn teacher_model(&self) -> Option<Model> {
        let teacher = self.teacher.as_ref()?;
        Some(Model {
            recipe: teacher.recipe.clone(),
            sensors: teacher.card.sensors.clone(),
            normalisations: teacher.card.normalisations.clone(),
            classes: teacher.card.classes.clone(),
            colours: teacher.card.colours.clone(),
            network: teacher.network.clone(),
            carried: Carried::new(),
            step: teacher.card.step,
            changed: teacher.card.changed.clone(),
            device: self.setup.device.clone(),
        })
    }

    /// The network in words and numbers.
    pub fn summary(&self) -> NetworkSummary {
        network_summary(&self.model(), &self.setup.device_words)
    }

    /// Everything that [`Trainer::resume`] needs.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            state: CheckpointState {
                step: self.step,
                phase: self.phase,
                phase_step: self.phase_step,
                teacher_steps: self.length_of(Phase::Teacher).steps,
                student_steps: self.length_of(Phase::Student).steps,
                adaptation_steps: self.length_of(Phase::Adaptation).steps,
                recipe: self.recipe.to_toml(),
                ..CheckpointState::default()
            },
            card: ModelCard {
                changed: self.changed.clone(),
                ..self.setup.card(self.phase_recipe(), self.phase, self.step)
            },
            network: to_tensors(&self.network),
            teacher: self.teacher.as_ref().map(|teacher| (teacher.card.clone(), teacher.tensors())),
            optimiser: self.optimiser.state(),
            carried: self.carried.iter().map(|(name, tensor)| (name.clone(), tensor.to_data())).collect(),
        }
    }

    fn phase_recipe(&self) -> &Recipe {
        match self.phase {
            Phase::Teacher => &self.teacher_recipe,
            Phase::Student | Phase::Adaptation => &self.recipe,
        }
    }

    fn next_batch(&mut self) -> Result<Batch, TrainError> {
        if let Some(batch) = self.pending.take() {
            return Ok(batch);
        }
        let loader = if let Some(loader) = &mut self.loader {
            loader
        } else {
            let dataset = Arc::clone(&self.setup.dataset);
            let mix = mix_of(self.phase);
            let streams = self.setup.streams;
            let loader = Loader::of_mix(dataset, SPLIT, &self.recipe, streams, self.step, mix, &mut unwatched)?;
            self.loader.insert(loader)
        };
        match loader.next_batch() {
            Ok(batch) => Ok(batch),
            Err(error) => {
                self.loader = None;
                Err(error.into())
            }
        }
    }

    /// Forward, backward and update. The parameters change last, and only where every figure is finite.
    fn attempt(&mut self, batch: &Batch) -> Result<(f64, Vec<Figure>), TrainError> {
        let recipe = self.phase_recipe();
        let sensors = self.setup.sensors_in(self.phase);
        let images = images_from(batch, sensors.clone(), &self.setup.tape);
        let labels =
            Labels { ids: batch.labels.clone(), batch: batch.ids.len(), height: batch.height, width: batch.width };
        let inputs = Inputs {
            images: images.iter().cloned().map(Some).collect(),
            noise: Noise::of(self.setup.streams, self.step),
            carried: self.carried.clone(),
            normalisations: self.setup.normalisations[sensors.clone()].to_vec(),
        };
        let output = part("forward", || self.network.forward(&inputs, recipe, Mode::Train, &mut Probes::off()));
        let teacher = self.teacher.as_ref().filter(|_| self.phase != Phase::Teacher && distils(recipe));
        let guiding = || match sensors.start {
            0 => images[0].clone(),
            _ => images_from(batch, 0..1, &self.setup.tape).remove(0),
        };
        let taught = teacher.map(|teacher| part("teacher", || teacher.output(&guiding())));
        let vectors = self.language.vectors(recipe, &batch.ids)?;
        let mut sampling = self.setup.streams.stream("sampling", self.step);
        let (terms, mut figures) = part("losses", || {
            let scene = Scene {
                phase: self.phase,
                inputs: &inputs,
                output: &output,
                teacher: taught.as_ref(),
                labels: &labels,
                ids: &batch.ids,
                tags: &batch.tags,
                classes: &self.setup.dataset.classes,
                vectors: vectors.as_ref(),
            };
            let terms = objective::evaluate(recipe, &scene, &mut sampling);
            let figures = read_back(&terms);
            (terms, figures)
        });
        if let Some(bad) = figures.iter().skip(1).chain(&figures[..1]).find(|figure| !figure.value.is_finite()) {
            return Err(not_finite(self.step + 1, &bad.name, bad.value));
        }
        let learning_rate = learning_rate_at(recipe, self.phase, self.phase_step, self.length_of(self.phase));
        // A batch without a single labelled pixel has nothing to learn from.
        if terms.total.is_tracked() {
            let gradients = part("backward", || terms.total.backward());
            let (decay, clip) = (recipe.get(training::WEIGHT_DECAY), recipe.get(training::CLIP_NORM));
            let stepped = part("update", || self.optimiser.step(&self.network, &gradients, learning_rate, decay, clip));
            let (network, norm) = stepped.map_err(|error| match error {
                OptimiserError::NotFinite { name } => {
                    not_finite(self.step + 1, &format!("gradient of {name}"), f32::NAN)
                }
                other @ OptimiserError::BadState { .. } => TrainError::Unfit(other.to_string()),
            })?;
            self.network = network;
            figures.push(Figure::new("gradient_norm", Quantity::Norm, norm));
        }
        self.carried = output.training.carried.into_iter().chain(terms.carried).collect();
        let reported = output.training.figures.into_iter().chain(terms.figures);
        figures.extend(reported.filter(|figure| figure.value.is_finite()));
        Ok((learning_rate, figures))
    }

    /// Freezes the teacher and begins the student from its own first weights.
    fn begin_student(&mut self) -> Result<(), TrainError> {
        let mut teacher = Teacher::freeze(&self.setup, &self.teacher_recipe, &self.network, self.step)?;
        teacher.card.changed.clone_from(&self.changed);
        self.teacher = Some(teacher);
        let (network, report) = self.setup.build_to_train(&self.recipe, Phase::Student, &mut unwatched)?;
        self.network = network;
        self.optimiser = Optimiser::new(&self.recipe);
        self.carried.clear();
        self.phase = Phase::Student;
        self.phase_step = 0;
        self.notes.extend(report);
        Ok(())
    }

    /// Goes on with the same network on scenes of both domains; the optimiser and the schedule begin anew, as in the
    /// paper's code, the schedule at stage 2's own rate where it has one.
    fn begin_adaptation(&mut self) {
        if self.recipe.get(prototype::SECOND_STAGE) == SecondStage::Overwrite {
            self.carried.remove(PROTOTYPES);
            self.carried.remove(PROTOTYPES_AGE);
        }
        self.optimiser = Optimiser::new(&self.recipe);
        self.phase = Phase::Adaptation;
        self.phase_step = 0;
        // The next step starts one that draws from both domains.
        self.notes.extend(self.loader.take().iter().flat_map(Loader::take_notes));
    }
}

/// How a phase draws its scenes.
fn mix_of(phase: Phase) -> Mix {
    match phase {
        Phase::Teacher | Phase::Student => Mix::Labelled,
        Phase::Adaptation => Mix::Domains,
    }
}

/// Steps of one pass over both domains' scenes; 0 for a run without stage 2. Refuses one that could not begin.
fn mixed_epoch_steps(recipe: &Recipe, dataset: &Arc<Dataset>, progress: &mut Progress<'_>) -> Result<u64, TrainError> {
    let has_second_stage = recipe.get(adaptation::STEPS) + recipe.get(adaptation::EPOCHS) > 0;
    Ok(if has_second_stage { Loader::try_mix(dataset, SPLIT, recipe, Mix::Domains, progress)? } else { 0 })
}

/// A network in words and numbers.
pub fn network_summary(model: &Model, device: &str) -> NetworkSummary {
    let Model { network, classes, colours, .. } = model;
    let trained = named_parameters(network).into_iter().filter(|parameter| parameter.kind != ParameterKind::Running);
    NetworkSummary {
        sensors: network.sensors().to_vec(),
        heads: network.heads(),
        classes: classes.clone(),
        colours: colours.clone(),
        exchangeable: network.exchangeable(&model.recipe) as u64,
        parameters: trained.map(|parameter| parameter.shape.iter().product::<usize>() as u64).sum(),
        device: device.to_owned(),
    }
}

/// The recipe with what the data set decides written out.
fn resolved(recipe: &Recipe, setup: &Setup) -> Result<Recipe, RecipeError> {
    let mut recipe = recipe.clone();
    let names = setup.sensors.iter().map(|sensor| sensor.name.clone()).collect();
    recipe.put(sensors::USE, names)?;
    // Settings that name sensors can be checked now.
    recipe.check()?;
    for files in [data::pseudo_labels::FILES, data::fake_night::FILES] {
        // A resumed run may begin in another folder. Patterns are relative to the data set.
        let text = recipe.get(files);
        if !text.is_empty()
            && !text.contains("{id}")
            && let Ok(Some(path)) = std::path::absolute(text).map(|path| path.to_str().map(str::to_owned))
        {
            recipe.put(files, path)?;
        }
    }
    Ok(recipe)
}

/// `[batch, 3, height, width]` of each of these sensors.
fn images_from(batch: &Batch, sensors: Range<usize>, device: &Device) -> Vec<Tensor<4>> {
    let shape = [batch.ids.len(), 3, batch.height, batch.width];
    let data = |values: &Vec<f32>| Tensor::from_data(TensorData::new(values.clone(), shape), device);
    batch.images[sensors].iter().map(data).collect()
}

/// `total` first, then every term, read in one transaction.
fn read_back(terms: &Terms) -> Vec<Figure> {
    let total = terms.total.clone().inner();
    let device = total.device();
    let mut transaction = Transaction::default().register(total);
    for (_, term) in &terms.terms {
        // A term that found nothing to count is a plain zero on the CPU, wherever the others are.
        transaction = transaction.register(term.clone().inner().to_device(&device));
    }
    let names = std::iter::once("total").chain(terms.terms.iter().map(|(name, _)| name.as_str()));
    let first = |data: TensorData| data.as_slice::<f32>().ok().and_then(|values| values.first().copied());
    let values = transaction.execute().into_iter().map(|data| first(data).unwrap_or(f32::NAN));
    names.zip(values).map(|(name, value)| Figure::new(name, Quantity::Loss, value)).collect()
}

fn not_finite(step: u64, term: &str, value: f32) -> TrainError {
    let found = if value.is_nan() { "not a number" } else { "infinite" };
    TrainError::NotFinite { step, term: term.to_owned(), found: found.to_owned() }
}
