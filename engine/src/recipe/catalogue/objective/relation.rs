//! Relation distillation (OGP-Net, after DIST).

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{number, switch};

choice! {
    /// What is correlated.
    pub enum Input {
        Softmax = "softmax": "Class probabilities (DIST's code)",
        Logits = "logits": "Raw class scores (the paper's wording)",
    }
}

settings! {
    ENABLED: bool = "objective.relation.enabled", "Relation distillation", Live, switch(true),
        "Match the teacher's relations between classes";
    WEIGHT: f64 = "objective.relation.weight", "Weight", Live, number(1.0, 0.0, 10.0), "Weight in the total";
    INPUT: Input = "objective.relation.input", "Input", Live, Input::Softmax.by_default(), "What is correlated";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.relation",
    title: "Relation distillation (L_D1)",
    group: "Objective",
    source: "OGP-Net Eqs. 5–6, after DIST (NeurIPS 2022)",
    formula: "L_D1 = (1 − ρ̄ over pixels) + (1 − ρ̄ over classes)",
    summary: "The student's optical branch correlates its class probabilities with those of the frozen teacher",
    watch: "The IoU of rare classes, and the term's own curve: at 0 the student repeats its teacher's relations between classes",
    curve: "relation",
    variants: &[
        variant("paper", "The text says logits", &[("objective.relation.input", "logits")]),
        variant("code", "DIST's code takes the softmax first", &[("objective.relation.input", "softmax")]),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
