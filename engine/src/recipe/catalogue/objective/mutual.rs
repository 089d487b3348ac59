//! Masked mutual learning (cross-spectral UDA).

use crate::recipe::catalogue::{fusion, sensors};
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::error::RecipeError;
use crate::recipe::key::{number, switch, texts};
use crate::recipe::settings::Settings;

choice! {
    /// Which uncertainty masks are multiplied.
    pub enum Masks {
        None = "none": "Every pixel teaches: two-way distillation (Table III, w/o mask)",
        Intra = "intra": "Where the teaching head's own loss is small (Eq. 5)",
        Inter = "inter": "Where it is smaller than the other head's (Eq. 4)",
        Both = "both": "The product of the two",
    }
}

choice! {
    /// Where the mask enters.
    pub enum Mode {
        Logits = "logits": "The mask multiplies both sides' logits, a temperature by pixel (code)",
        LossWeight = "loss-weight": "The mask weighs each pixel's divergence (Eq. 6 as it reads)",
    }
}

choice! {
    /// Who learns from whom.
    pub enum Distillation {
        TwoWay = "two-way": "Each head learns from the other, and both from the labels",
        OneWay = "one-way":
            "Labels teach the first head, and it alone teaches the second, as in MS-UDA (Table IV, first row)",
    }
}

settings! {
    ENABLED: bool = "objective.mutual.enabled", "Mutual learning", Live, switch(false),
        "Let two heads learn from each other";
    WEIGHT: f64 = "objective.mutual.weight", "Weight λ₂", Live, number(20.0, 0.0, 1000.0), "Weight in the total";
    DISTILLATION: Distillation = "objective.mutual.distillation", "Distillation", Live,
        Distillation::TwoWay.by_default(),
        "Who learns from whom";
    MASKS: Masks = "objective.mutual.masks", "Masks", Live, Masks::Both.by_default(),
        "Which uncertainty masks are multiplied";
    MODE: Mode = "objective.mutual.mode", "Mask mode", Live, Mode::Logits.by_default(), "Where the mask enters";
    HEADS: Vec<String> = "objective.mutual.heads", "Heads", Live, texts(),
        "The two heads by name, `fused` among them; empty takes those of the first two sensors";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.mutual",
    title: "Masked mutual learning (L_MML)",
    group: "Objective",
    source: "Cross-spectral UDA, Eqs. 4–6, Table IV",
    formula: "KL(P_T M_T ‖ P_R M_T) + KL(P_R M_R ‖ P_T M_R),  M = 2(1 − σ(L)) ⊙ softmax(−L)",
    summary: "Two heads teach each other, each where its own loss is small and smaller than the other's",
    watch: "The masks: bicycles, which are hardly warm, are colour's to teach; persons are thermal's where the ground is \
            cooler than they are, so hardly on sunlit asphalt",
    curve: "mutual.thermal",
    probes: &["mml.loss.*", "mml.mask.*"],
    variants: &[
        variant(
            "paper",
            "Eq. 6: masks multiply probabilities, weight 20",
            &[
                ("objective.mutual.distillation", "two-way"),
                ("objective.mutual.mode", "loss-weight"),
                ("objective.mutual.weight", "20"),
            ],
        ),
        variant(
            "code",
            "The authors' code: masks multiply logits, weight 1",
            &[
                ("objective.mutual.distillation", "two-way"),
                ("objective.mutual.mode", "logits"),
                ("objective.mutual.weight", "1"),
            ],
        ),
    ],
    settings: SETTINGS,
    check,
    ..Component::BLANK
};

fn check(settings: &Settings) -> Result<(), RecipeError> {
    if !settings.get(ENABLED) {
        return Ok(());
    }
    let (heads, sensors) = (settings.get(HEADS), settings.get(sensors::USE));
    if ![0, 2].contains(&heads.len()) {
        return HEADS.impossible("mutual learning takes exactly two heads; name two, or none");
    }
    if sensors.len() == 1 {
        return ENABLED.impossible("it needs two heads, and `sensors.use` names one sensor");
    }
    if settings.get(fusion::LEVEL) == fusion::Level::Levels {
        return ENABLED
            .impossible("it needs two heads, and levels that are fused have one; choose another `fusion.level`");
    }
    let is_known = |head: &String| head == "fused" || sensors.is_empty() || sensors.contains(head);
    if !heads.iter().all(is_known) {
        return HEADS.impossible("names a head that is neither `fused` nor a sensor in use");
    }
    Ok(())
}
