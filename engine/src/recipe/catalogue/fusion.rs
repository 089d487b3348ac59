//! How sensors become one prediction.

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::error::RecipeError;
use crate::recipe::key::number;
use crate::recipe::settings::Settings;

choice! {
    /// What joins the sensors.
    pub enum Kind {
        Gsu = "gsu": "Gated spectral unit (the paper's choice)",
        Fdam = "fdam": "Self-attention and attention across the sensors and back, on the levels (AMDANet)",
        Concat = "concat": "A 1×1 convolution on the concatenated maps: the unit removed (Table 5)",
        Average = "average": "The plain mean of the sensors' logits: no fusion parameters at all",
        Mff = "mff": "Modality-agnostic feature fusion of any number of sensors (Any2Seg)",
        Weighted = "weighted": "A learned weight for each sensor and place: a 1×1 convolution a sensor, softmax over those present",
    }
}

choice! {
    /// Where the unit works.
    pub enum Level {
        Decoder = "decoder": "On the decoder maps, then a 1×1 head (matches the paper's parameter count)",
        Logits = "logits": "On the class scores, without a further head",
        Levels = "levels": "On each of the encoder's four levels; one decoder reads what comes out",
    }
}

choice! {
    /// For how many places of a side a key and a value of `fdam` stand at the four levels.
    pub enum Reduction {
        Eight = "8": "8, 4, 2 and 1, as in MiT and AMDANet: 300 of each at 480 × 640, 15 at 120 × 160",
        Four = "4": "4, 2, 1 and 1",
        Two = "2": "2, 1, 1 and 1: about 300 of each at 120 × 160",
        One = "1": "1: every place by itself",
    }
}

choice! {
    /// Whose features of `fdam` go through unasked, and so at full resolution.
    pub enum Carrier {
        Second = "second": "The second sensor's, which asks last (AMDANet's Eq. 11 and code: the infrared one)",
        First = "first": "The first sensor's: the two change parts",
    }
}

choice! {
    /// What the weights of `fdam` begin with.
    pub enum Start {
        Authors = "authors":
            "Linear layers with a deviation of 0.02, the convolution that reduces by fan-out (AMDANet's code)",
        FanIn = "fan-in": "By fan-in, so that a step leaves the size of its features about as it was",
    }
}

impl Reduction {
    /// At the first level; each deeper one has half of it, but at least 1.
    pub const fn places(self) -> usize {
        match self {
            Self::Eight => 8,
            Self::Four => 4,
            Self::Two => 2,
            Self::One => 1,
        }
    }
}

impl Kind {
    /// Why the unit cannot stand there; `None` where it can.
    pub const fn refuses(self, level: Level) -> Option<&'static str> {
        match self {
            Self::Fdam if !matches!(level, Level::Levels) => {
                Some("`fdam` aligns the encoder's levels; choose `levels`")
            }
            Self::Concat | Self::Average if matches!(level, Level::Logits) => {
                Some("`concat` and `average` do not work on logits; choose `decoder` or another `fusion.kind`")
            }
            Self::Gsu | Self::Fdam | Self::Concat | Self::Average | Self::Mff | Self::Weighted => None,
        }
    }
}

settings! {
    KIND: Kind = "fusion.kind", "Kind", Structural, Kind::Gsu.by_default(), "What joins the sensors";
    LEVEL: Level = "fusion.level", "Level", Structural, Level::Decoder.by_default(), "Where the unit works";
    REDUCTION: Reduction = "fusion.reduction", "Reduction", Structural, Reduction::Eight.by_default(),
        "For how many places of a side a key and a value of `fdam` stand at the four levels";
    INIT: Start = "fusion.init", "Initial weights", Structural, Start::FanIn.by_default(),
        "What the weights of `fdam` begin with";
    CARRIER: Carrier = "fusion.carrier", "Carried sensor", Live, Carrier::Second.by_default(),
        "Whose features of `fdam` go through unasked, and so at full resolution";
    DROPOUT: f64 = "fusion.dropout", "Attention dropout", Live, number(0.0, 0.0, 0.9),
        "Share of attention weights that `fdam` sets to 0 in training; AMDANet's Eq. 10 prints a dropout without a rate, its code has none";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "fusion",
    title: "Fusion",
    group: "Fusion",
    source: "OGP-Net Eqs. 7–11, Table 5",
    formula: "Z₁ ⊙ tanh(W₁F_I) + Z₂ ⊙ tanh(W₂F_O) + Z₃ ⊙ tanh(W₃(F_I + F_O)),  Z_k = σ(W′_k[F_I, F_O, F_S])",
    summary: "How the sensors' decoder maps become one prediction; the gated spectral unit weighs them per channel and place",
    watch: "The gate pictures over a dark part of a night scene",
    curve: "segmentation.fused",
    probes: &[
        "gsu.gate.first",
        "gsu.gate.second",
        "gsu.gate.sum",
        "fdam.attention.level1",
        "fdam.attention.level2",
        "fdam.attention.level3",
        "fdam.attention.level4",
        "weighted.weights.*",
        "features.decoder.fused",
    ],
    variants: &[variant(
        "paper",
        "The gated spectral unit (GSU) on the decoder maps; no code of it was released",
        &[("fusion.kind", "gsu"), ("fusion.level", "decoder")],
    )],
    settings: SETTINGS,
    check,
    ..Component::BLANK
};

fn check(settings: &Settings) -> Result<(), RecipeError> {
    match settings.get(KIND).refuses(settings.get(LEVEL)) {
        Some(reason) => LEVEL.impossible(reason),
        None => Ok(()),
    }
}
