//! Where a run stands in its phases, what is due there, and how one phase follows another.

use super::Trainer;
use crate::data::Loader;
use crate::objective::{PROTOTYPES, PROTOTYPES_AGE};
use crate::progress::unwatched;
use crate::protocol::Phase;
use crate::recipe::catalogue::objective::prototype::{self, SecondStage};
use crate::recipe::catalogue::training;
use crate::training::error::TrainError;
use crate::training::optimiser::Optimiser;
use crate::training::schedule::PhaseLength;
use crate::training::teacher::Teacher;

impl Trainer {
    /// Whether the recipe asks for an evaluation where the run stands: as often as it says, and at the end of each
    /// phase: what a teacher knows bounds what it can teach, and where stage 2 begins is worth knowing.
    pub fn evaluation_is_due(&self) -> bool {
        let every = self.recipe.get(training::EVALUATE_EVERY);
        let is_turn = every > 0 && self.phase_step > 0 && self.phase_step.is_multiple_of(every);
        let before_stage_two = self.phase == Phase::Adaptation && self.phase_step == 0;
        self.is_done() || before_stage_two || self.has_new_teacher() || is_turn && self.phase != Phase::Teacher
    }

    /// The steps before this one at which the recipe asked for an evaluation of the network that it makes. That of a
    /// teacher is not among them: older programs made none.
    pub fn evaluations_before(&self) -> Vec<u64> {
        let every = self.recipe.get(training::EVALUATE_EVERY);
        let turns = |from: u64, steps: u64| {
            let turns = (1..).map(move |turn| turn * every).take_while(move |&step| every > 0 && step < steps);
            turns.map(move |step| from + step)
        };
        let [teacher, student, adaptation] =
            [Phase::Teacher, Phase::Student, Phase::Adaptation].map(|phase| self.length_of(phase).steps);
        let of_student = turns(teacher, student);
        let of_adaptation = std::iter::once(teacher + student).chain(turns(teacher + student, adaptation));
        let all = of_student.chain(of_adaptation.filter(|_| adaptation > 0));
        all.take_while(|&step| step < self.step).collect()
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
    pub(super) fn begin_adaptation(&mut self) {
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
