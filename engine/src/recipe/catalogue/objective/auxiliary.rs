//! The auxiliary head.

use crate::recipe::component::{Component, settings};
use crate::recipe::key::{number, switch};

settings! {
    ENABLED: bool = "objective.auxiliary.enabled", "Auxiliary head", Structural, switch(true),
        "Build and train the head on stage 4";
    WEIGHT: f64 = "objective.auxiliary.weight", "Weight", Live, number(1.0, 0.0, 10.0), "Weight in the total";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.auxiliary",
    title: "Auxiliary head",
    group: "Objective",
    source: "OGP-Net Eqs. 1, 12",
    formula: "L_seg(h_aux(F₄), y↓16)",
    summary: "A 1×1 head on stage 4 that is trained with the same loss against the label at a sixteenth of its size",
    watch: "Early steps: it shortens the way of the gradient into the encoder",
    curve: "auxiliary",
    settings: SETTINGS,
    ..Component::BLANK
};
