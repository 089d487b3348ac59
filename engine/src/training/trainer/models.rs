//! The networks of a run as models and checkpoints, and in words.

use super::Trainer;
use crate::network::{Carried, Model, ParameterKind, named_parameters, to_tensors};
use crate::protocol::{NetworkSummary, Phase};
use crate::readback::read_all;
use crate::training::checkpoint::{Checkpoint, CheckpointState};
use crate::training::model_card::ModelCard;
use crate::training::tensor_file::Tensors;

impl Trainer {
    /// The network as it stands, for pictures and evaluation; in the midst of a step, as it stood before. Copies no weights.
    pub fn model(&self) -> Model {
        let sensors = self.setup.sensors_in(self.phase);
        Model {
            recipe: self.phase_recipe().clone(),
            sensors: self.setup.sensors[sensors.clone()].to_vec(),
            normalisations: self.setup.normalisations[sensors].to_vec(),
            classes: self.setup.dataset.classes.clone(),
            colours: self.setup.dataset.colours.clone(),
            network: self
                .broken_off
                .as_ref()
                .map_or_else(|| self.network.clone(), |before| before.network(&self.network)),
            carried: self.carried.clone(),
            phase: self.phase,
            step: self.step,
            teacher: self.teacher_model().map(Box::new),
            changed: self.changed.clone(),
            device: self.setup.device.clone(),
        }
    }

    /// What an evaluation is of: the teacher at the end of its phase, whose student has learned nothing yet, else the
    /// network as it stands.
    pub fn model_to_evaluate(&self) -> Model {
        self.teacher_model().filter(|_| self.has_new_teacher()).unwrap_or_else(|| self.model())
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
            phase: Phase::Teacher,
            step: teacher.card.step,
            teacher: None,
            changed: teacher.card.changed.clone(),
            device: self.setup.device.clone(),
        })
    }

    /// The network in words and numbers.
    pub fn summary(&self) -> NetworkSummary {
        network_summary(&self.model(), &self.setup.device_words)
    }

    /// How the run stood before the step that something broke off, a failing device for example; `None` where no step was,
    /// or where that state is gone. The run itself cannot go on.
    ///
    /// # Panics
    /// Where the device does not give its numbers away any more.
    pub fn before_broken_step(&mut self) -> Option<Checkpoint> {
        let before = self.broken_off.take()?;
        if self.optimiser.is_torn() {
            return None;
        }
        let network = before.tensors(&self.network);
        Some(self.checkpoint_of(network))
    }

    /// Everything that [`Trainer::resume`] needs.
    pub fn checkpoint(&self) -> Checkpoint {
        self.checkpoint_of(to_tensors(&self.network))
    }

    fn checkpoint_of(&self, network: Tensors) -> Checkpoint {
        Checkpoint {
            state: CheckpointState {
                step: self.step,
                phase: self.phase,
                phase_step: self.phase_step,
                teacher_steps: self.length_of(Phase::Teacher).steps,
                student_steps: self.length_of(Phase::Student).steps,
                adaptation_steps: self.length_of(Phase::Adaptation).steps,
                loss_scale: self.loss_scale,
                recipe: self.recipe.to_toml(),
                ..CheckpointState::default()
            },
            card: ModelCard {
                changed: self.changed.clone(),
                ..self.setup.card(self.phase_recipe(), self.phase, self.step)
            },
            network,
            teacher: self.teacher.as_ref().map(|teacher| (teacher.card.clone(), teacher.tensors())),
            optimiser: self.optimiser.state(),
            carried: self.carried.keys().cloned().zip(read_all(self.carried.values().cloned())).collect(),
        }
    }
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
