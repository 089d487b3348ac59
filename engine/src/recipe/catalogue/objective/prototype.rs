//! Cross-spectral prototypes (cross-spectral UDA).

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{number, switch};

choice! {
    /// What becomes of classes that a batch does not hold.
    pub enum Absent {
        Keep = "keep": "Their prototypes stay as they are",
        Shrink = "shrink": "Their prototypes shrink by the momentum (code)",
    }
}

choice! {
    /// What a batch's class means are divided by.
    pub enum Average {
        Pixels = "pixels": "Over the batch's pixels of a class (Eq. 2)",
        Scenes = "scenes": "The same, divided by the number of scenes that hold the class (code)",
    }
}

choice! {
    /// What stage 2 begins with.
    pub enum SecondStage {
        Keep = "keep": "Go on with those of stage 1",
        Overwrite = "overwrite": "Begin anew with the first batch (a slip in the code)",
    }
}

choice! {
    /// Which maps prototypes are the means of.
    pub enum Maps {
        Decoded = "decoded":
            "The decoder map: two stages before the scores with RTFNet's decoder, as in the paper; with all others what the classifier reads",
        Deepest = "deepest": "The encoder's deepest level: with all decoders some parts before the scores",
    }
}

settings! {
    ENABLED: bool = "objective.prototype.enabled", "Prototypes", Live, switch(false),
        "Keep prototypes and pull pixels towards them";
    WEIGHT: f64 = "objective.prototype.weight", "Weight λ₁", Live, number(0.2, 0.0, 100.0), "Weight in the total";
    MAPS: Maps = "objective.prototype.maps", "Maps", Structural, Maps::Decoded.by_default(),
        "Which maps prototypes are the means of";
    TEMPERATURE: f64 = "objective.prototype.temperature", "Temperature τ", Live, number(0.1, 0.01, 2.0),
        "What cosines are divided by";
    CONFIDENCE: f64 = "objective.prototype.confidence", "Confidence", Live, number(0.1, 0.0, 1.0),
        "Pixels whose own prediction is surer than this make prototypes";
    MOMENTUM: f64 = "objective.prototype.momentum", "Momentum", Live, number(0.9, 0.0, 1.0),
        "Share of the old prototype in the new";
    ABSENT: Absent = "objective.prototype.absent", "Absent classes", Live, Absent::Keep.by_default(),
        "What becomes of classes that a batch does not hold";
    AVERAGE: Average = "objective.prototype.average", "Average", Live, Average::Pixels.by_default(),
        "What a batch's class means are divided by";
    SECOND_STAGE: SecondStage = "objective.prototype.second_stage", "In stage 2", Structural,
        SecondStage::Keep.by_default(),
        "What stage 2 begins with";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.prototype",
    title: "Cross-spectral prototypes (L_η)",
    group: "Objective",
    source: "Cross-spectral UDA, Eqs. 2–3",
    formula: "η ← 0.9 η + 0.1 (η_R + η_T)/2,  L_η = CE(cos(f, η)/τ, y)",
    summary: "One vector a class, a moving mean over all sensors' decoder maps, attracts the pixels of its class",
    watch: "The classes that prototypes see against those of the decoder, and the ages of rare classes",
    curve: "prototype.thermal",
    probes: &["prototype.argmax.*", "prototype.cosines"],
    variants: &[
        variant(
            "paper",
            "τ = 1, plain means, prototypes kept in stage 2",
            &[
                ("objective.prototype.temperature", "1"),
                ("objective.prototype.absent", "keep"),
                ("objective.prototype.average", "pixels"),
                ("objective.prototype.second_stage", "keep"),
            ],
        ),
        variant(
            "code",
            "τ = 0.1; absent classes shrink, means divided by scenes, stage 2 begins anew by a slip",
            &[
                ("objective.prototype.temperature", "0.1"),
                ("objective.prototype.absent", "shrink"),
                ("objective.prototype.average", "scenes"),
                ("objective.prototype.second_stage", "overwrite"),
            ],
        ),
    ],
    settings: SETTINGS,
    ..Component::BLANK
};
