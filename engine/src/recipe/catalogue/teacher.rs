//! The teacher of distillation.

use crate::recipe::component::{Component, settings};
use crate::recipe::key::{integer, text};

settings! {
    STEPS: u64 = "teacher.steps", "Steps", Structural, integer(0, 0, 10_000_000),
        "Steps of the teacher phase; 0 takes as many as the student";
    RUN: String = "teacher.run", "From run", Structural, text(""),
        "A run folder whose teacher is used in place of training one; empty trains it";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "teacher",
    title: "Teacher",
    group: "Training",
    source: "OGP-Net training step 1, Eq. 1",
    summary: "A network on the guiding sensor alone, trained first and then frozen, from which the student distils",
    watch: "The teacher phase's curve: a weak teacher teaches weakly",
    settings: SETTINGS,
    serves: |settings| settings.get(STEPS) > 0,
    ..Component::BLANK
};
