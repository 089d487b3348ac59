//! What a two-sensor network does with one sensor.

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};

choice! {
    /// How the missing branch is filled.
    pub enum Single {
        Both = "both": "Feed the present sensor's image to both branches (default reading of the paper)",
        Zeros = "zeros": "Feed zeros to the missing branch",
        Copy = "copy":
            "The present sensor's map, or its levels, stands for both: no image goes through another sensor's branch",
        Branch = "branch": "Use the present branch's own head, without exchange (OGP-Net-IR)",
    }
}

settings! {
    SINGLE: Single = "inference.single", "With one sensor", Live, Single::Both.by_default(),
        "How the missing branch is filled";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "inference",
    title: "One sensor only",
    group: "Fusion",
    source: "OGP-Net, Tables 1 and 3",
    summary: "What a two-sensor network does when one sensor is dropped",
    watch: "The subset table after an evaluation, which names the choice: they differ by several points. Of the \
            methods whose papers test no single sensor, SMMCL copies, for `both` would send a colour image through a \
            thermal encoder; AMDANet's streams have parts of their own, and its levels in both places leave nothing",
    variants: &[
        variant(
            "paper",
            "OGP-Net-IR of Table 1: the only single-sensor pass that the paper describes in full",
            &[("inference.single", "branch")],
        ),
        variant(
            "code",
            "DisOptNet's code, from which OGP-Net descends: the missing branch runs on the present image",
            &[("inference.single", "both")],
        ),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
