//! Mask consistency (AMDANet).

use crate::recipe::catalogue::mfml;
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{number, switch};

choice! {
    /// What the cross-entropy compares with.
    pub enum Target {
        Labels = "labels": "The ground truth (AMDANet's code)",
        Clean = "clean": "The clean prediction's probabilities, without gradient (the paper)",
    }
}

settings! {
    ENABLED: bool = "objective.consistency.enabled", "Mask consistency", Live, switch(false),
        "Train the prediction from masked features, where there is one";
    WEIGHT: f64 = "objective.consistency.weight", "Cross-entropy", Live, number(0.25, 0.0, 10.0),
        "Weight of the masked prediction's cross-entropy in the total";
    DICE: f64 = "objective.consistency.dice", "Dice", Live, number(0.5, 0.0, 10.0),
        "Weight of the masked prediction's Dice loss, always against the ground truth";
    TARGET: Target = "objective.consistency.target", "Target", Live, Target::Labels.by_default(),
        "What the cross-entropy compares with";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.consistency",
    title: "Mask consistency (L_cr)",
    group: "Objective",
    source: "AMDANet Eq. 13",
    formula: "CE(D{F}, D{Fᵐ})",
    summary: "The prediction from masked features must be right, or be that from clean ones; needs MFML",
    watch: "Its curve against the clean cross-entropy: the gap is what masking costs",
    curve: "consistency",
    variants: &[
        variant(
            "paper",
            "Against the clean prediction, weight 0.5, no Dice",
            &[
                ("objective.consistency.target", "clean"),
                ("objective.consistency.weight", "0.5"),
                ("objective.consistency.dice", "0"),
            ],
        ),
        variant(
            "code",
            "Against the ground truth: 0.25 of cross-entropy and 0.5 of Dice",
            &[
                ("objective.consistency.target", "labels"),
                ("objective.consistency.weight", "0.25"),
                ("objective.consistency.dice", "0.5"),
            ],
        ),
    ],
    settings: SETTINGS,
    serves: |settings| settings.get(mfml::ENABLED),
    ..Component::BLANK
};
