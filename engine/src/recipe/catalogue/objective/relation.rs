//! Relation distillation (OGP-Net, after DIST), and what the paper holds beside it.

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{number, switch};

choice! {
    /// How the student's class scores follow the teacher's (Table 3).
    pub enum Kind {
        Dist = "dist": "Correlations between classes and between pixels (DIST, the paper's choice)",
        Kl = "kl": "The divergence of class probabilities, pixel by pixel (Table 3, KL)",
        Cwd = "cwd": "The divergence of each class's scores as a distribution over the image (Table 3, CWD)",
    }
}

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
    KIND: Kind = "objective.relation.kind", "Kind", Live, Kind::Dist.by_default(),
        "How the student's class scores follow the teacher's (Table 3)";
    INPUT: Input = "objective.relation.input", "Input", Live, Input::Softmax.by_default(),
        "With DIST: what is correlated";
    TEMPERATURE: f64 = "objective.relation.temperature", "Temperature T", Live, number(4.0, 0.1, 100.0),
        "With KL and CWD: divides the class scores, 4 in CWD's code; OGP-Net does not say";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.relation",
    title: "Relation distillation (L_D1)",
    group: "Objective",
    source: "OGP-Net Eqs. 5–6, distillation for uni-modal retention (DUR), after DIST (NeurIPS 2022); Table 3",
    formula: "L_D1 = (1 − ρ̄ over pixels) + (1 − ρ̄ over classes)",
    summary: "The student's optical branch correlates its class probabilities with those of the frozen teacher",
    watch: "The IoU of rare classes, and the term's own curve: at 0 the student repeats its teacher's relations between classes",
    curve: "relation",
    probes: &["teacher.prediction", "relation.pixels"],
    variants: &[
        variant(
            "paper",
            "The text says logits",
            &[("objective.relation.kind", "dist"), ("objective.relation.input", "logits")],
        ),
        variant(
            "code",
            "DIST's code takes the softmax first",
            &[("objective.relation.kind", "dist"), ("objective.relation.input", "softmax")],
        ),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
