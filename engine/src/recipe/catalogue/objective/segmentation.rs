//! The segmentation loss.

use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings};
use crate::recipe::error::RecipeError;
use crate::recipe::key::number;
use crate::recipe::settings::Settings;

choice! {
    /// Which pixels the cross-entropy looks at; Dice looks at all.
    pub enum Mining {
        All = "all": "The cross-entropy is the mean over all labelled pixels",
        Ohem = "ohem": "Over the hard ones only (OHEM, as in the code that Any2Seg runs in)",
    }
}

settings! {
    CROSS_ENTROPY: f64 = "objective.segmentation.cross_entropy", "Cross-entropy", Live, number(1.0, 0.0, 10.0),
        "Weight of the cross-entropy";
    DICE: f64 = "objective.segmentation.dice", "Dice", Live, number(1.0, 0.0, 10.0), "Weight of the Dice loss";
    FUSED: f64 = "objective.segmentation.fused", "Fused head", Live, number(1.0, 0.0, 10.0),
        "Weight of the loss on the fused head";
    SENSORS: f64 = "objective.segmentation.sensors", "Sensors' heads", Live, number(1.0, 0.0, 10.0),
        "Weight of the loss on each sensor's own head";
    MINING: Mining = "objective.segmentation.mining", "Pixels", Live, Mining::All.by_default(),
        "Which pixels the cross-entropy looks at; Dice looks at all";
    MINING_BELOW: f64 = "objective.segmentation.mining_below", "Hard below", Live, number(0.7, 0.01, 1.0),
        "With OHEM: a pixel is hard while its class has a lower probability";
    MINING_SHARE: f64 = "objective.segmentation.mining_share", "Hard at least", Live, number(0.0625, 0.0, 1.0),
        "With OHEM: at least this share of the labelled pixels counts, the hardest ones";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.segmentation",
    title: "Segmentation loss",
    group: "Objective",
    source: "OGP-Net Eqs. 1, 12",
    formula: "L_seg = CE + Dice",
    summary: "Cross-entropy and multi-class Dice on every head",
    watch: "Whether the fused head learns faster than the single ones",
    curve: "segmentation.fused",
    settings: SETTINGS,
    check,
    ..Component::BLANK
};

fn check(settings: &Settings) -> Result<(), RecipeError> {
    if settings.get(CROSS_ENTROPY) + settings.get(DICE) == 0.0 {
        return CROSS_ENTROPY.impossible("cross-entropy and Dice cannot both weigh 0: no head would learn");
    }
    Ok(())
}
