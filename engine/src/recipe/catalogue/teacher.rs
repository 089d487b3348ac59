//! The teacher of distillation.

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings};
use crate::recipe::key::{integer, text};

choice! {
    /// Which sensors the student sees.
    pub enum Student {
        All = "all": "All sensors, the teacher's among them: its branch distils",
        Others = "others":
            "All but the teacher's: of two sensors a network on the second alone distils (Table 3, its IR rows)",
    }
}

impl Student {
    /// How many of the first sensors the student does not see.
    pub fn unseen(self) -> usize {
        match self {
            Self::All => 0,
            Self::Others => 1,
        }
    }
}

settings! {
    STEPS: u64 = "teacher.steps", "Steps", Structural, integer(0, 0, 10_000_000),
        "Steps of the teacher phase; 0 takes as many as the student";
    RUN: String = "teacher.run", "From run", Structural, text(""),
        "A run folder whose teacher is used in place of training one; empty trains it";
    STUDENT: Student = "teacher.student", "Student", Structural, Student::All.by_default(),
        "Which sensors the student sees";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "teacher",
    title: "Teacher",
    group: "Training",
    source: "OGP-Net training step 1, Eq. 1; Table 3",
    summary: "A network on the guiding sensor alone, trained first and then frozen, from which the student distils",
    watch: "The teacher phase's curve, and the teacher's evaluation at its end: a weak teacher teaches weakly",
    settings: SETTINGS,
    serves: |settings| settings.get(STEPS) > 0,
    ..Component::BLANK
};
