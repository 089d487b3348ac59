//! One step: a batch, forward, losses, backward, update.

use std::sync::Arc;
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData, Transaction};

use super::halfway::Halfway;
use super::{SPLIT, Trainer, mix_of};
use crate::data::{Batch, Loader};
use crate::kernels::in_halves;
use crate::memory::peak_bytes;
use crate::network::{Inputs, LateFigures, Mode, Noise, Probes, Training};
use crate::objective::{self, Labels, Scene, Terms};
use crate::progress::{Progress, tell, unwatched};
use crate::protocol::{Figure, Phase, Quantity, StepReport};
use crate::readback;
use crate::recipe::catalogue::training::{CLIP_NORM, PRECISION, Precision, WEIGHT_DECAY};
use crate::stopwatch::{self, part};
use crate::training::dropping::without_dropped;
use crate::training::error::TrainError;
use crate::training::optimiser::{Gathered, OptimiserError, UpdateSettings};
use crate::training::running::RunningBefore;
use crate::training::schedule::learning_rate_at;
use crate::training::teacher::distils;

/// The parts of a step that compile kernels of their own on a graphics card.
const STAGES: [&str; 4] = ["forward pass", "losses", "backward pass", "update"];

impl Trainer {
    /// Takes one step. On an error that [`TrainError::run_is_intact`] the run stands as before it.
    pub fn step(&mut self) -> Result<StepReport, TrainError> {
        self.step_watched(&mut unwatched)
    }

    /// Whether the next step compiles kernels, as the first of a phase does on a graphics card, and takes far longer than
    /// the others.
    pub fn compiles(&self) -> bool {
        self.setup.device != Device::flex() && !self.compiled.contains(&(self.phase, self.precision()))
    }

    /// The first half of a step: a batch, its forward pass and losses. The network can be asked before the second half, and
    /// answers as before the step.
    ///
    /// Where it compiles kernels, `progress` is told which of the step's parts are ready, and may end it before the next.
    pub fn begin_step(&mut self, progress: &mut Progress<'_>) -> Result<(), TrainError> {
        if self.is_done() {
            return Err(TrainError::Unfit("the run has taken all of its steps".to_owned()));
        }
        if self.halfway.is_some() {
            return Ok(());
        }
        let begun = Instant::now();
        stopwatch::take();
        let (batch, uploaded) = match (self.pending.take(), self.ahead.take()) {
            (Some(batch), ahead) => {
                self.ahead = ahead;
                (batch, None)
            }
            (None, Some((batch, images))) => (batch, Some(images)),
            (None, None) => (part("wait for data", || self.next_batch())?, None),
        };
        // Stays behind where a device fails in the midst of it.
        self.broken_off = Some(RunningBefore::of(&self.network));
        match self.losses(&batch, uploaded, progress) {
            Ok((terms, training)) => {
                let (precision, secs) = (self.precision(), begun.elapsed().as_secs_f64());
                self.halfway = Some(Halfway { batch, terms, training, precision, secs, spans: stopwatch::take() });
                Ok(())
            }
            Err(error) => {
                self.stand_back(batch);
                Err(error)
            }
        }
    }

    /// [`Trainer::step`], or what is left of it after [`Trainer::begin_step`], with the same `progress`.
    pub fn step_watched(&mut self, progress: &mut Progress<'_>) -> Result<StepReport, TrainError> {
        let scale = self.loss_scale;
        let (mut secs, mut spans) = (0.0, Vec::new());
        let (learning_rate, terms) = loop {
            let attempt = self.attempt(progress).inspect_err(|_| self.loss_scale = scale)?;
            secs += attempt.secs;
            for span in stopwatch::take() {
                stopwatch::add(&mut spans, span);
            }
            if let Some(taken) = attempt.taken {
                break taken;
            }
        };
        // What was taken in vain is a part of the step's time.
        stopwatch::put(spans);
        self.step += 1;
        self.phase_step += 1;
        let report = StepReport {
            phase: self.phase,
            step: self.step,
            phase_step: self.phase_step,
            phase_steps: self.phase_steps(),
            total_steps: self.total_steps(),
            secs,
            learning_rate,
            peak_bytes: peak_bytes(),
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

    /// Takes the step, unless its gradients overflow: the next attempt then scales the loss by less.
    fn attempt(&mut self, progress: &mut Progress<'_>) -> Result<Attempt, TrainError> {
        self.begin_step(progress)?;
        let Some(Halfway { batch, terms, training, precision, secs, spans }) = self.halfway.take() else {
            return Err(TrainError::Unfit("a step was begun and is not there".to_owned()));
        };
        let begun = Instant::now();
        // What was done between the halves is no part of the step.
        stopwatch::put(spans);
        let taken = match self.update(terms, training, precision, progress) {
            Ok(taken) => taken,
            Err(error) => {
                self.stand_back(batch);
                return Err(error);
            }
        };
        if taken.is_some() {
            self.broken_off = None;
            if !self.compiled.contains(&(self.phase, precision)) {
                self.compiled.push((self.phase, precision));
            }
        } else {
            self.stand_back(batch);
            tell(progress, "Scaling the loss by less, for its gradients overflowed", 0, 0)?;
        }
        Ok(Attempt { secs: secs + begun.elapsed().as_secs_f64(), taken })
    }

    /// Puts the run back to where it stood before a step, whose batch the next one takes.
    fn stand_back(&mut self, batch: Batch) {
        if let Some(before) = &self.broken_off {
            self.network = before.put_back(self.network.clone());
        }
        self.broken_off = None;
        self.pending = Some(batch);
    }

    fn precision(&self) -> Precision {
        self.phase_recipe().get(PRECISION)
    }

    /// Runs a part of a training step in the precision that the recipe asks for.
    fn in_precision<T>(&self, run: impl FnOnce() -> T) -> T {
        match self.precision() {
            Precision::Full => run(),
            Precision::Mixed => in_halves(run),
        }
    }

    fn next_batch(&mut self) -> Result<Batch, TrainError> {
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

    /// What a batch is to be learned from. `uploaded` holds its images where they have been handed to the device before.
    fn losses(
        &mut self,
        batch: &Batch,
        uploaded: Option<Vec<Tensor<4>>>,
        progress: &mut Progress<'_>,
    ) -> Result<(Terms, Training), TrainError> {
        let compiles = self.compiles();
        let mut ready = |stage: usize| self::ready(compiles.then_some(&self.setup.device), stage, progress);
        ready(0)?;
        let recipe = self.phase_recipe();
        let sensors = self.setup.sensors_in(self.phase);
        let steps = [self.step, self.phase_step];
        let left = without_dropped(batch, sensors.clone(), &self.setup, recipe, steps);
        let images = match (&left, uploaded) {
            (None, Some(images)) => images,
            (left, _) => {
                images_from(batch, left.as_deref().unwrap_or(&batch.images[sensors.clone()]), &self.setup.tape)
            }
        };
        let labels =
            Labels { ids: batch.labels.clone(), batch: batch.ids.len(), height: batch.height, width: batch.width };
        let inputs = Inputs {
            images: images.iter().cloned().map(Some).collect(),
            noise: Noise::of(self.setup.streams, self.step),
            carried: self.carried.clone(),
            normalisations: self.setup.normalisations[sensors.clone()].to_vec(),
            valid: batch.valid.clone(),
        };
        let output = part("forward", || {
            self.in_precision(|| self.network.forward(&inputs, recipe, Mode::Train, &mut Probes::off()))
        });
        ready(1)?;
        let teacher = self.teacher.as_ref().filter(|_| self.phase != Phase::Teacher && distils(recipe));
        // Nothing is dropped from what the teacher sees.
        let guiding = || match sensors.start {
            0 if left.is_none() => images[0].clone(),
            _ => images_from(batch, &batch.images[..1], &self.setup.tape).remove(0),
        };
        let taught = teacher.map(|teacher| part("teacher", || self.in_precision(|| teacher.output(&guiding()))));
        let vectors = self.language.vectors(recipe, &batch.ids)?;
        let mut sampling = self.setup.streams.stream("sampling", self.step);
        let terms = part("losses", || {
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
            objective::evaluate(recipe, &scene, &mut sampling)
        });
        ready(2)?;
        Ok((terms, output.training))
    }

    /// Backward and update: the learning rate and the figures. The parameters change last, and only where every figure is
    /// finite; `None` where a smaller scale of the loss may make them so.
    fn update(
        &mut self,
        terms: Terms,
        training: Training,
        precision: Precision,
        progress: &mut Progress<'_>,
    ) -> Result<Option<(f64, Vec<Figure>)>, TrainError> {
        let compiles = self.compiles();
        let recipe = self.phase_recipe();
        let learning_rate = learning_rate_at(recipe, self.phase, self.phase_step, self.length_of(self.phase));
        let mixed = precision == Precision::Mixed;
        let settings = UpdateSettings {
            learning_rate,
            weight_decay: recipe.get(WEIGHT_DECAY),
            clip_norm: recipe.get(CLIP_NORM),
            loss_scale: if mixed { self.loss_scale.factor() } else { 1.0 },
        };
        // A batch without a single labelled pixel has nothing to learn from.
        let gathered = if terms.total.is_tracked() {
            let scaled = if mixed { terms.total.clone() * settings.loss_scale } else { terms.total.clone() };
            let gradients = part("backward", || scaled.backward());
            Some(part("update", || self.optimiser.gather(&self.network, &gradients)).map_err(unfit)?)
        } else {
            None
        };
        self::ready(compiles.then_some(&self.setup.device), 3, progress)?;
        self.upload_ahead();
        // The one wait of a step: all figures, and what clipping asks of the gradients.
        let late = [training.late.as_slice(), terms.late.as_slice()];
        let Read { losses: mut figures, late: told, squares } =
            part("read back", || read_back(&terms, late, gathered.as_ref()));
        if let Some(bad) = figures.iter().skip(1).chain(&figures[..1]).find(|figure| !figure.value.is_finite()) {
            return Err(not_finite(self.step + 1, &bad.name, bad.value, mixed));
        }
        if let Some(gathered) = gathered {
            let updated = part("update", || self.optimiser.update(&self.network, gathered, squares, settings));
            let (network, norm) = match updated {
                Ok(updated) => updated,
                Err(OptimiserError::NotFinite { name }) => {
                    if mixed && self.loss_scale.lowered() {
                        return Ok(None);
                    }
                    return Err(not_finite(self.step + 1, &format!("gradient of {name}"), f32::NAN, mixed));
                }
                Err(other @ OptimiserError::BadState { .. }) => return Err(unfit(other)),
            };
            self.network = network;
            figures.push(Figure::new("gradient_norm", Quantity::Norm, norm));
            if mixed {
                figures.push(Figure::new("loss_scale", Quantity::Count, settings.loss_scale as f32));
                self.loss_scale.taken();
            }
        }
        self.carried = training.carried.into_iter().chain(terms.carried).collect();
        let [of_network, of_terms] = told;
        let of_network = training.figures.into_iter().chain(of_network);
        let reported = of_network.chain(terms.figures).chain(of_terms);
        figures.extend(reported.filter(|figure| figure.value.is_finite()));
        Ok(Some((learning_rate, figures)))
    }
}

impl Trainer {
    /// Hands the next step's images to a graphics card while that works at this step's.
    fn upload_ahead(&mut self) {
        let is_last = self.phase_step + 1 >= self.phase_steps();
        // A loader that is made anew begins with the step that is being taken.
        if is_last || self.ahead.is_some() || self.loader.is_none() || self.setup.device == Device::flex() {
            return;
        }
        // A batch that cannot be had is told when its step comes.
        if let Ok(batch) = part("wait for data", || self.next_batch()) {
            let images = images_from(&batch, &batch.images[self.setup.sensors_in(self.phase)], &self.setup.tape);
            self.ahead = Some((batch, images));
        }
    }
}

/// Tells that the parts before this one have compiled their kernels, once the device is through with them.
fn ready(device: Option<&Device>, stage: usize, progress: &mut Progress<'_>) -> Result<(), TrainError> {
    let Some(device) = device else { return Ok(()) };
    if stage > 0
        && let Err(error) = device.sync()
    {
        panic!("the device failed: {error}");
    }
    let what = format!("Preparing kernels: {}", STAGES[stage]);
    Ok(tell(progress, &what, stage as u64, STAGES.len() as u64)?)
}

/// `[batch, 3, height, width]` of each of these images of the batch's sensors.
fn images_from(batch: &Batch, images: &[Vec<f32>], device: &Device) -> Vec<Tensor<4>> {
    let shape = [batch.ids.len(), 3, batch.height, batch.width];
    let data = |values: &Vec<f32>| Tensor::from_data(TensorData::new(values.clone(), shape), device);
    images.iter().map(data).collect()
}

/// What a step reads of the device.
struct Read {
    /// `total` first, then every term.
    losses: Vec<Figure>,
    /// The figures whose numbers lay there, the network's and the objective's.
    late: [Vec<Figure>; 2],
    /// What the optimiser asked for.
    squares: Vec<TensorData>,
}

/// Reads everything at once: the network's late figures come before the objective's.
fn read_back(terms: &Terms, late: [&[LateFigures]; 2], gathered: Option<&Gathered>) -> Read {
    let total = terms.total.clone().inner();
    let device = total.device();
    let mut transaction = Transaction::default().register(total);
    for (_, term) in &terms.terms {
        // A term that found nothing to count is a plain zero on the CPU, wherever the others are.
        transaction = transaction.register(term.clone().inner().to_device(&device));
    }
    for numbers in late.into_iter().flatten().map(|figures| figures.numbers.clone()) {
        transaction = transaction.register(numbers);
    }
    transaction = gathered.iter().flat_map(|gathered| gathered.asked()).fold(transaction, Transaction::register);
    let mut read = readback::read(transaction).into_iter();
    let names = std::iter::once("total").chain(terms.terms.iter().map(|(name, _)| name.as_str()));
    let mut first = || read.next().and_then(|data| readback::floats(data).first().copied()).unwrap_or(f32::NAN);
    let losses = names.map(|name| Figure::new(name, Quantity::Loss, first())).collect();
    let late = late.map(|figures| {
        let told = |figures: &LateFigures| figures.told(&read.next().map(readback::floats).unwrap_or_default());
        figures.iter().flat_map(told).collect()
    });
    Read { losses, late, squares: read.collect() }
}

/// One try at a step.
struct Attempt {
    secs: f64,
    /// The learning rate of the step and its figures; `None` where the gradients overflowed in 16 bits and nothing has
    /// changed but the scale of the loss.
    taken: Option<(f64, Vec<Figure>)>,
}

/// Nothing that a smaller learning rate would help.
fn unfit(error: OptimiserError) -> TrainError {
    TrainError::Unfit(error.to_string())
}

fn not_finite(step: u64, term: &str, value: f32, mixed: bool) -> TrainError {
    let found = if value.is_nan() { "not a number" } else { "infinite" };
    TrainError::NotFinite { step, term: term.to_owned(), found: found.to_owned(), mixed }
}
