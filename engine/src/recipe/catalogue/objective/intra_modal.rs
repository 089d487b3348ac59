//! Intra-modal distillation (Any2Seg).

use super::language::Direction;
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings};
use crate::recipe::key::{number, switch};

choice! {
    /// What is averaged to a class's representation.
    pub enum Averaging {
        Batch = "batch": "All pixels of a class in the batch",
        Image = "image": "Those of each image; the images' losses are averaged",
    }
}

settings! {
    ENABLED: bool = "objective.intra_modal.enabled", "Intra-modal distillation", Live, switch(false),
        "Match the likeness of class names";
    WEIGHT: f64 = "objective.intra_modal.weight", "Weight", Live, number(1.0, 0.0, 1e6), "Weight in the total";
    TEMPERATURE: f64 = "objective.intra_modal.temperature", "Temperature T", Live, number(1.0, 0.001, 100.0),
        "Divides the cosines before the softmax over a row";
    DIRECTION: Direction = "objective.intra_modal.direction", "Direction", Live, Direction::Teacher.by_default(),
        "Which distribution the divergence is taken from; the teacher never gets a gradient";
    AVERAGING: Averaging = "objective.intra_modal.averaging", "Class means over", Live, Averaging::Batch.by_default(),
        "What is averaged to a class's representation";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.intra_modal",
    title: "Intra-modal distillation (L_se)",
    group: "Objective",
    source: "Any2Seg Eqs. 4–5",
    formula: "1/|P| Σ_i KL( softmax cos(E_C,i, E_C) ‖ softmax cos(e_i, e) )",
    summary: "Classes are as like each other in the modality-agnostic map as their names are to a text encoder",
    watch: "Classes that are taken for each other in the confusion matrix: like names may stay near, unlike ones part",
    curve: "intra_modal",
    probes: &["objective.intra_modal.features", "objective.intra_modal.names"],
    settings: SETTINGS,
    ..Component::BLANK
};
