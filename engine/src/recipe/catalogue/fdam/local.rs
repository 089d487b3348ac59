//! Local alignment of two sensors (AMDANet).

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::switch;

choice! {
    /// What the weights are made from.
    pub enum Kind {
        Joint = "joint": "One unit for both sensors (AMDANet's code)",
        Separate = "separate": "A unit a sensor, which does not see the other (the paper)",
    }
}

choice! {
    /// What weights begin with.
    pub enum Start {
        Authors = "authors":
            "Linear layers with a deviation of 0.02, so that the gate and channel weights begin near one half; the spatial weights are convolutions, by fan-out (AMDANet's code)",
        FanIn = "fan-in": "By fan-in: a third to a half of the channel weights begin beyond 0.05 or 0.95",
    }
}

settings! {
    ENABLED: bool = "fdam.local.enabled", "Local alignment", Structural, switch(false),
        "Build a unit at each of the four levels; needs two sensors";
    ACTIVE: bool = "fdam.local.active", "In use", Live, switch(true), "Off lets the features pass unchanged";
    INIT: Start = "fdam.local.init", "Initial weights", Structural, Start::Authors.by_default(),
        "What weights begin with";
    KIND: Kind = "fdam.local.kind", "Kind", Structural, Kind::Joint.by_default(), "What the weights are made from";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "fdam.local",
    title: "Local alignment (FDAM)",
    group: "Exchange",
    source: "AMDANet §3.2.1, Eqs. 6–9",
    formula: "Fᶜʰ = σ(A ⊙ F − F) ⊙ F + F",
    summary: "Channel and spatial weights press down what the two sensors disagree in, level by level",
    watch: "The gate and the spatial weights over people at night",
    probes: &[
        "fdam.gate.level1",
        "fdam.gate.level2",
        "fdam.gate.level3",
        "fdam.gate.level4",
        "fdam.channel.level1.first",
        "fdam.channel.level1.second",
        "fdam.channel.level2.first",
        "fdam.channel.level2.second",
        "fdam.channel.level3.first",
        "fdam.channel.level3.second",
        "fdam.channel.level4.first",
        "fdam.channel.level4.second",
        "fdam.spatial.level1.first",
        "fdam.spatial.level1.second",
        "fdam.spatial.level2.first",
        "fdam.spatial.level2.second",
        "fdam.spatial.level3.first",
        "fdam.spatial.level3.second",
        "fdam.spatial.level4.first",
        "fdam.spatial.level4.second",
    ],
    variants: &[
        variant("paper", "Like CBAM, each sensor by itself (Eqs. 6–9)", &[("fdam.local.kind", "separate")]),
        variant(
            "code",
            "A gate and weights from both sensors together, applied across them",
            &[("fdam.local.kind", "joint")],
        ),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
