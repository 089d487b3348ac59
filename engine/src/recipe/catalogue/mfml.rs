//! Mutual feature mask learning (AMDANet).

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{number, switch};

choice! {
    /// Which maps lose elements in the second pass.
    pub enum Target {
        Fused = "fused":
            "The fused levels (without such, the decoder maps before fusion), or each sensor's levels on their way to the fusion image (AMDANet's code)",
        Sensor = "sensor": "All levels of one sensor before local alignment, fusion and decoder (the paper)",
    }
}

choice! {
    /// What dropout leaves out in the second pass.
    pub enum Dropout {
        Own = "own": "It draws anew, also where what is read is not masked (AMDANet's code)",
        Shared = "shared": "The same as in the first",
    }
}

settings! {
    ENABLED: bool = "mfml.enabled", "MFML", Live, switch(false),
        "Make the second pass in training; its losses are those of consistency and of the masked fusion image";
    TARGET: Target = "mfml.target", "What is masked", Live, Target::Fused.by_default(),
        "Which maps lose elements in the second pass";
    RATIO: f64 = "mfml.ratio", "Ratio", Live, number(0.15, 0.0, 0.95),
        "Share of elements set to 0, each by itself and without rescaling; the paper does not say";
    DROPOUT: Dropout = "mfml.dropout", "Dropout", Live, Dropout::Own.by_default(),
        "What dropout leaves out in the second pass";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "mfml",
    title: "Mutual feature mask learning (MFML)",
    group: "Fusion",
    source: "AMDANet §3.3, Eqs. 12–13",
    formula: "Fᵐ = F ⊙ M,  M ∈ {0, 1}",
    summary: "A second pass over masked features must predict the same: no sensor's features may be indispensable",
    watch: "The curve of mask consistency against the clean cross-entropy: the gap is what masking costs. `mfml.mask` is a \
            mask such as training draws. The subset table: whether a dropped sensor costs less",
    curve: "consistency",
    probes: &["mfml.mask"],
    variants: &[
        variant(
            "paper",
            "One sensor's features, drawn anew each step, before they are aligned",
            &[("mfml.target", "sensor")],
        ),
        variant(
            "code",
            "What the decoder reads, or else what the fusion-image head reads, with equal odds",
            &[("mfml.target", "fused")],
        ),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
