//! Spatial exchange (OGP-Net).

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{integers, switch};

choice! {
    /// Which columns swap.
    pub enum Columns {
        Odd = "odd": "Columns 1, 3, 5, … (Eq. 2)",
        Even = "even": "Columns 0, 2, 4, … (open-cd)",
    }
}

settings! {
    ENABLED: bool = "exchange.spatial.enabled", "Spatial exchange", Live, switch(true),
        "Swap alternate columns of the deep stages";
    STAGES: Vec<usize> = "exchange.spatial.stages", "Stages", Structural, integers(&[4, 5], 1, 5),
        "Encoder stages whose output exchanges";
    COLUMNS: Columns = "exchange.spatial.columns", "Columns", Live, Columns::Odd.by_default(), "Which columns swap";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "exchange.spatial",
    title: "Spatial exchange",
    group: "Exchange",
    source: "OGP-Net Eq. 2",
    formula: "F′ᵐ = (1 − M) ⊙ Fᵐ + M ⊙ F¹⁻ᵐ",
    summary: "Every other column of the deep feature maps changes places between the two sensors",
    watch: "The exchange mask among the pictures, and what the subset table loses when it is off",
    probes: &["exchange.spatial.mask"],
    variants: &[
        variant(
            "paper",
            "Odd columns of the last two stages change places (Eq. 2)",
            &[("exchange.spatial.stages", "4,5"), ("exchange.spatial.columns", "odd")],
        ),
        variant(
            "code",
            "open-cd's code: the same operator on the even columns",
            &[("exchange.spatial.stages", "4,5"), ("exchange.spatial.columns", "even")],
        ),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
