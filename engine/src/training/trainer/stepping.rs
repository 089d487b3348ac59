//! One step: a batch, forward, losses, backward, update.

use std::sync::Arc;
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData, Transaction};

use super::{SPLIT, Trainer, mix_of};
use crate::data::{Batch, Loader};
use crate::memory::peak_bytes;
use crate::network::{Inputs, Mode, Noise, Probes, from_tensors};
use crate::objective::{self, Labels, Scene, Terms};
use crate::progress::unwatched;
use crate::protocol::{Figure, Phase, Quantity, StepReport};
use crate::recipe::catalogue::training;
use crate::stopwatch::{self, part};
use crate::training::dropping::without_dropped;
use crate::training::error::TrainError;
use crate::training::optimiser::OptimiserError;
use crate::training::running::RunningBefore;
use crate::training::schedule::learning_rate_at;
use crate::training::teacher::distils;

impl Trainer {
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
        let steps = [self.step, self.phase_step];
        let left = without_dropped(batch, sensors.clone(), &self.setup, recipe, steps);
        let images = images_from(batch, left.as_deref().unwrap_or(&batch.images[sensors.clone()]), &self.setup.tape);
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
        // Nothing is dropped from what the teacher sees.
        let guiding = || match sensors.start {
            0 if left.is_none() => images[0].clone(),
            _ => images_from(batch, &batch.images[..1], &self.setup.tape).remove(0),
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
}

/// `[batch, 3, height, width]` of each of these images of the batch's sensors.
fn images_from(batch: &Batch, images: &[Vec<f32>], device: &Device) -> Vec<Tensor<4>> {
    let shape = [batch.ids.len(), 3, batch.height, batch.width];
    let data = |values: &Vec<f32>| Tensor::from_data(TensorData::new(values.clone(), shape), device);
    images.iter().map(data).collect()
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
