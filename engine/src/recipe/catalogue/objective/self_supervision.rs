//! Prototypical self-supervision (cross-spectral UDA).

use super::prototype;
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::error::RecipeError;
use crate::recipe::key::{number, switch};
use crate::recipe::settings::Settings;

choice! {
    /// How the two answers become distributions.
    pub enum Normalised {
        Double = "double": "A second softmax over the masked probabilities, which flattens both (code)",
        Single = "single": "Masked probabilities, divided by their sum",
    }
}

settings! {
    ENABLED: bool = "objective.self_supervision.enabled", "Self-supervision", Live, switch(false),
        "Learn from target scenes without labels";
    WEIGHT: f64 = "objective.self_supervision.weight", "Weight λ₃", Live, number(20.0, 0.0, 1000.0),
        "Weight in the total";
    SOFTMAX: Normalised = "objective.self_supervision.softmax", "Softmax", Live, Normalised::Double.by_default(),
        "How the two answers become distributions";
    TEMPERATURE: f64 = "objective.self_supervision.temperature", "Temperature", Live, number(1.0, 0.01, 2.0),
        "Divides the cosines of the prototypes' answer; at 1, as in paper and code, it stays flat and the term pulls without end";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.self_supervision",
    title: "Prototypical self-supervision (L_PSL)",
    group: "Objective",
    source: "Cross-spectral UDA, Eq. 7",
    formula: "KL(softmax(z) ‖ softmax(cos(f, η))) over the classes that occur in softmax(z)",
    summary: "In stage 2, on target scenes without labels, what prototypes see follows what the decoder says",
    watch: "The target domain's IoU, class by class, from the first step of stage 2 on",
    curve: "self_supervision",
    probes: &["psl.prototypes.*", "psl.decoder.*", "psl.loss.*"],
    variants: &[
        variant(
            "paper",
            "Eq. 7: one softmax, divided anew after the presence mask",
            &[("objective.self_supervision.softmax", "single"), ("objective.self_supervision.temperature", "1")],
        ),
        variant(
            "code",
            "The authors' code: a second softmax over masked probabilities",
            &[("objective.self_supervision.softmax", "double"), ("objective.self_supervision.temperature", "1")],
        ),
    ],
    settings: SETTINGS,
    check,
    ..Component::BLANK
};

fn check(settings: &Settings) -> Result<(), RecipeError> {
    if settings.get(ENABLED) && !settings.get(prototype::ENABLED) {
        return ENABLED.impossible("it compares with prototypes; switch `objective.prototype.enabled` on");
    }
    Ok(())
}
