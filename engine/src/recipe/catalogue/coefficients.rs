//! Coefficient modules (SMMCL).

use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{number, switch};

settings! {
    ENABLED: bool = "coefficients.enabled", "Coefficient modules", Structural, switch(false),
        "Build a module a level between two sensors";
    SPATIAL: bool = "coefficients.spatial", "Spatial coefficients S", Live, switch(true),
        "Use one number a place, from both sensors' features there";
    CHANNEL: bool = "coefficients.channel", "Channel coefficients c", Live, switch(true),
        "Use one number a channel, from both sensors' averages and maxima";
    FACTOR: f64 = "coefficients.factor", "Factor s", Live, number(0.5, 0.0, 2.0),
        "Multiplies S and c; 1 in the paper, 0.5 in its code";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "coefficients",
    title: "Coefficient modules",
    group: "Exchange",
    source: "SMMCL Eqs. 1–2, Table 1",
    formula: "F′_vis = F_vis + s·S ⊙ F_aux + s·c ⊙ F_aux,  F′_aux likewise with the same S and c",
    summary: "After each of the four levels both sensors' features take from each other, weighed by place and by channel",
    watch: "The maps of S over dark places: where one sensor sees nothing, it should take from the other",
    probes: &[
        "coefficients.spatial.level1",
        "coefficients.spatial.level2",
        "coefficients.spatial.level3",
        "coefficients.spatial.level4",
        "coefficients.channel.level1",
        "coefficients.channel.level2",
        "coefficients.channel.level3",
        "coefficients.channel.level4",
    ],
    variants: &[
        variant("paper", "Eqs. 1–2 add S and c as they are", &[("coefficients.factor", "1")]),
        variant("code", "The released code halves both, as CMX does", &[("coefficients.factor", "0.5")]),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
