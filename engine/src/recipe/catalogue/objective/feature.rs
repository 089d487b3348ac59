//! Feature distillation (OGP-Net).

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{number, switch};

choice! {
    /// How the three maps' errors are joined.
    pub enum Reduction {
        Mean = "mean": "Mean of the three errors (DisOptNet's code)",
        Sum = "sum": "Sum of the three errors (Eq. 3)",
    }
}

choice! {
    /// Which maps of the student's encoder are held against the teacher's, where columns change places behind stages.
    pub enum Maps {
        Exchanged = "exchanged": "As they go on: half of their columns are the other sensor's",
        Own = "own": "As they were before their columns changed places",
    }
}

settings! {
    ENABLED: bool = "objective.feature.enabled", "Feature distillation", Live, switch(true),
        "Match the teacher's features";
    WEIGHT: f64 = "objective.feature.weight", "Weight", Live, number(1.0, 0.0, 10.0), "Weight in the total";
    REDUCTION: Reduction = "objective.feature.reduction", "Reduction", Live, Reduction::Mean.by_default(),
        "How the three maps' errors are joined";
    MAPS: Maps = "objective.feature.maps", "Maps", Live, Maps::Exchanged.by_default(),
        "With `exchange.spatial.site` output: which maps are held against the teacher's; the paper does not say";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.feature",
    title: "Feature distillation (L_D2)",
    group: "Objective",
    source: "OGP-Net Eq. 3, distillation with multi-view contrastive (DMC)",
    formula: "mean of MSE(F₄), MSE(F₅), MSE(F_d)",
    summary: "The student's optical features stay near those of the frozen teacher at stage 4, stage 5 and the decoder",
    watch: "Whether it fights the segmentation loss late in training",
    curve: "feature",
    probes: &["feature.difference.*"],
    variants: &[
        variant("paper", "Eq. 3 sums the three maps", &[("objective.feature.reduction", "sum")]),
        variant("code", "DisOptNet's code divides by their number", &[("objective.feature.reduction", "mean")]),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
