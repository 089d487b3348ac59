//! Semantic consistency inference (AMDANet).

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{number, switch};

choice! {
    /// Where in a level the features are blended.
    pub enum Position {
        Embedding = "embedding": "Between a level's embedding and its blocks (AMDANet's code)",
        Output = "output": "After a level's blocks, before the local alignment (the paper)",
    }
}

choice! {
    /// Whose similarity decides.
    pub enum Gate {
        Sample = "sample": "Each sample by its own mean cosine (the paper)",
        Place = "place": "Each place by its own cosine: where the sensors agree, nothing is blended (ours)",
        Batch = "batch":
            "All samples where a tenth of any one's mean cosine is below τ: always, from τ = 0.1 on (AMDANet's code)",
    }
}

choice! {
    /// Whether λ learns.
    pub enum Lambda {
        Trained = "trained": "One number a level, learned from 0.5 on (the paper)",
        Frozen = "frozen": "Stays where it is, 0.5 from the start (AMDANet's code)",
    }
}

settings! {
    ENABLED: bool = "sci.enabled", "SCI", Structural, switch(false),
        "Build a unit at each of the four levels; needs two sensors";
    ACTIVE: bool = "sci.active", "In use", Live, switch(true), "Off lets the features pass unchanged";
    POSITION: Position = "sci.position", "Position", Live, Position::Embedding.by_default(),
        "Where in a level the features are blended";
    GATE: Gate = "sci.gate", "Gate", Live, Gate::Sample.by_default(), "Whose similarity decides";
    THRESHOLD: f64 = "sci.threshold", "Threshold τ", Live, number(0.4, -1.0, 1.0),
        "Features whose similarity lies below it are blended";
    LAMBDA: Lambda = "sci.lambda", "Strength λ", Live, Lambda::Trained.by_default(), "Whether λ learns";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "sci",
    title: "Semantic consistency inference (SCI)",
    group: "Exchange",
    source: "AMDANet §3.1, Eqs. 1–5",
    formula: "Fᵃᵢₙ = Fᵢₙ + λM(Fᵥᵢ − Fᵢₙ),  M = σ(MLP[Fᵢₙ, Fᵥᵢ])  where S_m < τ",
    summary: "Where two sensors' features contradict each other, each is blended with the other's before they are aligned",
    watch: "The similarity S_m of each level against τ, the share that is blended, and where the mask M is bright",
    curve: "sci.open.level1",
    probes: &[
        "sci.mask.level1",
        "sci.mask.level2",
        "sci.mask.level3",
        "sci.mask.level4",
        "sci.cosine.level1",
        "sci.cosine.level2",
        "sci.cosine.level3",
        "sci.cosine.level4",
    ],
    variants: &[
        variant(
            "paper",
            "On the encoder's outputs, each sample by its own similarity, λ learned",
            &[("sci.position", "output"), ("sci.gate", "sample"), ("sci.lambda", "trained")],
        ),
        variant(
            "code",
            "On the patch embeddings, a gate that is always open, and a λ that no optimiser is given",
            &[("sci.position", "embedding"), ("sci.gate", "batch"), ("sci.lambda", "frozen")],
        ),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
