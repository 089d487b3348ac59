//! Inter-modal distillation (Any2Seg).

use super::language::{self, Direction};
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, Remark, settings, variant};
use crate::recipe::key::{number, switch};
use crate::recipe::settings::Settings;

choice! {
    /// What the sensors' maps are compared with; without modality-agnostic fusion, the fused scores.
    pub enum Reference {
        Anchor = "anchor": "The anchor of the fusion (the authors' code)",
        Agnostic = "agnostic": "The modality-agnostic map that comes out",
    }
}

settings! {
    ENABLED: bool = "objective.inter_modal.enabled", "Inter-modal distillation", Live, switch(false),
        "Match the teacher's correlations between sensors; needs a file of teacher vectors";
    WEIGHT: f64 = "objective.inter_modal.weight", "Weight", Live, number(1.0, 0.0, 1e6), "Weight in the total";
    TEMPERATURE: f64 = "objective.inter_modal.temperature", "Temperature T", Live, number(1.0, 0.001, 100.0),
        "Divides the cosines before the softmax; smaller sharpens, and lets the term weigh more";
    DIRECTION: Direction = "objective.inter_modal.direction", "Direction", Live, Direction::Teacher.by_default(),
        "Which distribution the divergence is taken from; the teacher never gets a gradient";
    REFERENCE: Reference = "objective.inter_modal.reference", "Reference", Live, Reference::Anchor.by_default(),
        "What the sensors' maps are compared with; without modality-agnostic fusion, the fused scores";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.inter_modal",
    title: "Inter-modal distillation (L_cr)",
    group: "Objective",
    source: "Any2Seg Eqs. 1–3",
    formula: "KL( softmax cos(E_m, E_S) ‖ softmax cos(f_m, f_ma) )",
    summary: "The sensors' likeness to the modality-agnostic map follows the likeness of their embeddings to that of the scene's caption",
    watch: "The correlations in the facts: their spread should near the teacher's. The term is tiny, for cosines differ little",
    curve: "inter_modal",
    variants: &[
        variant(
            "paper",
            "Eq. 3 as PyTorch's kl_div reads it, to the modality-agnostic map itself",
            &[("objective.inter_modal.reference", "agnostic"), ("objective.inter_modal.direction", "teacher")],
        ),
        variant(
            "code",
            "The authors' code hands out the cosines to the anchor",
            &[("objective.inter_modal.reference", "anchor"), ("objective.inter_modal.direction", "teacher")],
        ),
    ],
    settings: SETTINGS,
    remark,
    ..Component::BLANK
};

fn remark(settings: &Settings) -> Option<Remark> {
    let lacks_vectors = settings.get(ENABLED) && settings.get(language::VECTORS).is_empty();
    lacks_vectors.then_some((
        ENABLED.id(),
        "Inter-modal distillation is off: it needs embeddings of every image, and `objective.language.vectors` names no file. \
         Make one with assets/tools/export_teacher_vectors.py",
    ))
}
