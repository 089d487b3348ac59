//! What stays the same through a run: data, sensors, device and random streams.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::error::TrainError;
use super::model_card::ModelCard;
use crate::data::{Dataset, Modality, Normalisation, normalisation_for, sensors_in_use};
use crate::network::{Network, load_pretrained, load_shipped};
use crate::progress::Progress;
use crate::protocol::{Notes, Phase};
use crate::random::Streams;
use crate::recipe::catalogue::encoder::Pretrained;
use crate::recipe::catalogue::{encoder, teacher, training};
use crate::recipe::{Recipe, RecipeError};

/// Data, sensors, device and streams of one run.
pub(super) struct Setup {
    pub(super) dataset: Arc<Dataset>,
    pub(super) sensors: Vec<Modality>,
    /// How many of the first sensors the student does not see.
    unseen: usize,
    pub(super) normalisations: Vec<Normalisation>,
    /// Without gradients.
    pub(super) device: Device,
    /// With gradients.
    pub(super) tape: Device,
    pub(super) device_words: String,
    pub(super) streams: Streams,
}

impl Setup {
    pub(super) fn new(recipe: &Recipe, dataset: &Arc<Dataset>, device: (Device, String)) -> Result<Self, TrainError> {
        let (device, device_words) = device;
        let device = device.without_autodiff();
        let places = sensors_in_use(recipe, dataset)?;
        let sensors: Vec<Modality> = places.iter().map(|&place| dataset.modalities[place].clone()).collect();
        if sensors.is_empty() {
            return Err(TrainError::Unfit(format!("the data set `{}` has no sensors to train on", dataset.name)));
        }
        let unseen = recipe.get(teacher::STUDENT).unseen();
        if unseen >= sensors.len() {
            let (key, only) = (teacher::STUDENT.id().to_owned(), &sensors[0].name);
            let reason =
                format!("leaves the student no sensor, for `{only}` is the only one; name two in `sensors.use`");
            return Err(RecipeError::Impossible { key, reason }.into());
        }
        Ok(Self {
            unseen,
            normalisations: sensors.iter().map(|sensor| normalisation_for(recipe, sensor)).collect(),
            sensors,
            tape: if recipe.get(training::CHECKPOINTING) {
                device.clone().autodiff().gradient_checkpointing()
            } else {
                device.clone().autodiff()
            },
            device,
            device_words,
            streams: Streams::new(recipe.get(training::SEED)),
            dataset: Arc::clone(dataset),
        })
    }

    /// Which of the sensors a phase's network takes: the teacher sees the guiding one alone, the student what its
    /// recipe says.
    pub(super) fn sensors_in(&self, phase: Phase) -> Range<usize> {
        match phase {
            Phase::Teacher => 0..1,
            Phase::Student | Phase::Adaptation => self.unseen..self.sensors.len(),
        }
    }

    /// Their names.
    pub(super) fn names_in(&self, phase: Phase) -> Vec<String> {
        self.sensors[self.sensors_in(phase)].iter().map(|sensor| sensor.name.clone()).collect()
    }

    /// A network for this phase with its first weights; they follow from the seed.
    pub(super) fn build(&self, recipe: &Recipe, phase: Phase, device: &Device) -> Result<Network, TrainError> {
        let names = self.names_in(phase);
        Ok(Network::build(recipe, &names, self.dataset.classes.len(), &self.streams, device)?)
    }

    /// [`Setup::build`] on the tape, with pretrained weights where the recipe names some; and what was loaded, and
    /// what was not.
    pub(super) fn build_to_train(
        &self,
        recipe: &Recipe,
        phase: Phase,
        progress: &mut Progress<'_>,
    ) -> Result<(Network, Notes), TrainError> {
        let network = self.build(recipe, phase, &self.tape)?;
        let (network, report) = match Pretrained::of(recipe.get(encoder::PRETRAINED)) {
            Pretrained::Nothing => return Ok((network, Notes::default())),
            Pretrained::Shipped(family) => load_shipped(network, family, progress)?,
            Pretrained::File(path) => load_pretrained(network, Path::new(path), progress)?,
        };
        let told = |words: String| format!("Pretrained weights for the {}: {words}", phase.name());
        let facts = vec![told(report.to_string())];
        Ok((network, Notes { facts, warnings: report.gaps().map(told).into_iter().collect() }))
    }

    /// What stands beside this phase's weights.
    pub(super) fn card(&self, recipe: &Recipe, phase: Phase, step: u64) -> ModelCard {
        let sensors = self.sensors_in(phase);
        ModelCard {
            classes: self.dataset.classes.clone(),
            colours: self.dataset.colours.clone(),
            step,
            phase,
            ..ModelCard::new(recipe, &self.sensors[sensors.clone()], &self.normalisations[sensors])
        }
    }
}
