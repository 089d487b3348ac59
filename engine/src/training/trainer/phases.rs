//! Where a run stands in its phases, what is due there, and how one phase follows another.

use super::Trainer;
use crate::objective::{PROTOTYPES, PROTOTYPES_AGE};
use crate::progress::unwatched;
use crate::protocol::Phase;
use crate::recipe::catalogue::objective::prototype::{self, SecondStage};
use crate::recipe::catalogue::training;
use crate::training::error::TrainError;
use crate::training::loss_scale::LossScale;
use crate::training::optimiser::Optimiser;
use crate::training::schedule::PhaseLength;
use crate::training::teacher::Teacher;

impl Trainer {
    /// Whether the recipe asks for an evaluation where the run stands.
    pub fn evaluation_is_due(&self) -> bool {
        self.is_done() || self.has_new_teacher() || self.asks_for_evaluation(self.step)
    }

    /// The steps before this one at which the recipe asked for an evaluation of the network that it makes. That of a
    /// teacher is not among them: older programs made none.
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

    /// Whether the run stands between its teacher's last step and its student's first.
    pub fn has_new_teacher(&self) -> bool {
        self.phase == Phase::Student && self.phase_step == 0 && self.length_of(Phase::Teacher).steps > 0
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

    /// Steps that one pass over the labelled training scenes takes.
    pub fn epoch_steps(&self) -> u64 {
        self.length_of(Phase::Student).epoch_steps
    }

    pub(super) fn length_of(&self, phase: Phase) -> PhaseLength {
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

    /// Freezes the teacher and begins the student from its own first weights.
    pub(super) fn begin_student(&mut self) -> Result<(), TrainError> {
        let mut teacher = Teacher::freeze(&self.setup, &self.teacher_recipe, &self.network, self.step)?;
        teacher.card.changed.clone_from(&self.changed);
        self.teacher = Some(teacher);
        let (network, loaded) = self.setup.build_to_train(&self.recipe, Phase::Student, &mut unwatched)?;
        self.network = network;
        self.optimiser = Optimiser::new(&self.recipe);
        self.loss_scale = LossScale::default();
        self.carried.clear();
        self.phase = Phase::Student;
        self.phase_step = 0;
        self.notes.add(loaded);
        Ok(())
    }

    /// Goes on with the same network on scenes of both domains; the optimiser and the schedule begin anew, as in the
    /// paper's code, the schedule at stage 2's own rate where it has one.
    pub(super) fn begin_adaptation(&mut self) {
        if self.recipe.get(prototype::SECOND_STAGE) == SecondStage::Overwrite {
            self.carried.remove(PROTOTYPES);
            self.carried.remove(PROTOTYPES_AGE);
        }
        // The scale of the loss suits this network and stays.
        self.optimiser = Optimiser::new(&self.recipe);
        self.phase = Phase::Adaptation;
        self.phase_step = 0;
        // The next step starts one that draws from both domains.
        if let Some(loader) = self.loader.take() {
            self.notes.add(loader.take_notes());
        }
    }
}
