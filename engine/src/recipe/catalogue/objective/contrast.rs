//! Pixel contrast (OGP-Net).

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{integer, integers, number, switch};

choice! {
    /// Which pixels are contrasted.
    pub enum Sampling {
        SemiHard = "semi-hard":
            "Per anchor, the most similar tenth of the negatives and the least similar tenth of the positives",
        HardAnchor = "hard-anchor": "Anchors half mistaken, half correct, against all others (ContrastiveSeg's code)",
        Random = "random": "Anchors and partners at random",
    }
}

choice! {
    /// Which views of a class attract each other; both sensors always do.
    pub enum Pool {
        Stage = "stage": "Pixels of one stage meet each other; the stages' losses are averaged",
        All = "all": "Pixels of all stages meet in one pool, as the paper's views suggest",
    }
}

choice! {
    /// How many anchors each stage gives to a pool of all.
    pub enum Quota {
        Pixels = "pixels": "As its pixels come: of stages 2 to 5 three quarters are from the finest",
        Stages = "stages": "Every stage the same number",
    }
}

choice! {
    /// How four widths meet one head.
    pub enum Projection {
        Adapters = "adapters": "A 1×1 adapter per stage, then one shared head",
        Concat = "concat": "Stages resized to an eighth and joined, then one head",
    }
}

settings! {
    ENABLED: bool = "objective.contrast.enabled", "Pixel contrast", Structural, switch(true),
        "Build the projection head and train with contrast";
    WEIGHT: f64 = "objective.contrast.weight", "Weight", Live, number(1.0, 0.0, 10.0), "Weight in the total";
    TEMPERATURE: f64 = "objective.contrast.temperature", "Temperature τ", Live, number(0.1, 0.01, 2.0),
        "Smaller looks harder at the nearest negatives; the paper does not say";
    SAMPLING: Sampling = "objective.contrast.sampling", "Sampling", Live, Sampling::SemiHard.by_default(),
        "Which pixels are contrasted";
    FRACTION: f64 = "objective.contrast.fraction", "Fraction", Live, number(0.1, 0.01, 1.0),
        "Share of negatives and positives kept by semi-hard sampling";
    ANCHORS: usize = "objective.contrast.anchors", "Anchors", Live, integer(1024, 16, 2048),
        "At most this many pixels a pool and batch";
    POOL: Pool = "objective.contrast.pool", "Pool", Live, Pool::Stage.by_default(),
        "Which views of a class attract each other; both sensors always do";
    QUOTA: Quota = "objective.contrast.quota", "Quota", Live, Quota::Pixels.by_default(),
        "With a pool of all stages: how many anchors each stage gives";
    STAGES: Vec<usize> = "objective.contrast.stages", "Stages", Structural, integers(&[2, 3, 4, 5], 1, 5),
        "Encoder stages that are contrasted";
    WIDTH: usize = "objective.contrast.width", "Embedding width", Structural, integer(256, 8, 1024),
        "Channels of the embedding";
    PROJECTION: Projection = "objective.contrast.projection", "Projection", Structural,
        Projection::Adapters.by_default(),
        "How four widths meet one head";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.contrast",
    title: "Pixel contrast (L_CL)",
    group: "Objective",
    source: "OGP-Net Eq. 4, distillation with multi-view contrastive (DMC; denominator read as InfoNCE), after ContrastiveSeg (ICCV 2021)",
    formula: "ℓ_ij = −log( r_ij / (r_ij + Σ_k r_ik) ),  r = exp(cos / τ)",
    summary: "Pixels of one class attract each other across both sensors, pixels of other classes repel",
    watch: "The sensors' own heads in the subset table: what pulls both views together shows where one sensor is dropped",
    curve: "contrast",
    variants: &[
        variant(
            "paper",
            "Semi-hard pairs out of one pool of both sensors and all stages, each of which gives as many pixels",
            &[
                ("objective.contrast.sampling", "semi-hard"),
                ("objective.contrast.fraction", "0.1"),
                ("objective.contrast.temperature", "0.1"),
                ("objective.contrast.pool", "all"),
                ("objective.contrast.quota", "stages"),
            ],
        ),
        variant(
            "code",
            "ContrastiveSeg's code: half mistaken, half correct anchors against all others, one map at a time",
            &[
                ("objective.contrast.sampling", "hard-anchor"),
                ("objective.contrast.fraction", "0.1"),
                ("objective.contrast.temperature", "0.1"),
                ("objective.contrast.pool", "stage"),
                ("objective.contrast.quota", "pixels"),
            ],
        ),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
