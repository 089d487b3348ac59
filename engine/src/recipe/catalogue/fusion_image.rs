//! The fusion image (AMDANet, after MRFS).

use crate::recipe::component::{Component, settings};
use crate::recipe::key::{integer, switch};

settings! {
    ENABLED: bool = "fusion_image.enabled", "Fusion image", Structural, switch(false),
        "Build the head; evaluations then measure its pictures (EN, SD, SF, SCD)";
    CHANNELS: usize = "fusion_image.channels", "Channels", Structural, integer(16, 1, 128),
        "Channels that each level of each sensor is brought to";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "fusion_image",
    title: "Fusion image",
    group: "Decoder",
    source: "AMDANet §3.4, after MRFS (CVPR 2024)",
    formula: "F = σ(conv[levels of all sensors, images])",
    summary: "A head that makes one colour picture out of all sensors' levels and images",
    watch: "The picture at night: people as in thermal, signs as in colour",
    curve: "fusion_image.salient",
    probes: &["fusion.image"],
    settings: SETTINGS,
    ..Component::BLANK
};
