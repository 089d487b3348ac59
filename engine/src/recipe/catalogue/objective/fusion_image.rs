//! Image fusion (AMDANet, after MRFS).

use crate::recipe::catalogue::fusion_image;
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, settings, variant};
use crate::recipe::key::{number, switch};

choice! {
    /// What the picture's gradient is compared with.
    pub enum GradientTarget {
        Largest = "largest": "The larger of both images' gradients, with its sign (AMDANet's code)",
        Maximum = "maximum": "The gradient of the brighter of both images (the paper)",
    }
}

choice! {
    /// Where the picture counts.
    pub enum Valid {
        Crop = "crop": "Everywhere but in the padding of crops (AMDANet's code)",
        Sources = "sources": "Where any source is above 0, so that black pixels within an image do not count",
    }
}

settings! {
    ENABLED: bool = "objective.fusion_image.enabled", "Image fusion", Live, switch(false),
        "Train the fusion image, where there is one";
    WEIGHT: f64 = "objective.fusion_image.weight", "Weight", Live, number(0.5, 0.0, 10.0),
        "Weight of L_fus in the total";
    MASKED: f64 = "objective.fusion_image.masked", "Masked weight", Live, number(0.25, 0.0, 10.0),
        "Weight of L_fus for the picture from masked features (MFML)";
    INTENSITY: f64 = "objective.fusion_image.intensity", "Intensity", Live, number(0.5, 0.0, 10.0),
        "Weight of |F − max(vi, in)| in L_si; 0 in the paper";
    GRADIENT: f64 = "objective.fusion_image.gradient", "Gradient", Live, number(1.0, 0.0, 10.0),
        "Weight of the gradients' distance in L_si, the mean of both directions";
    COLOUR: f64 = "objective.fusion_image.colour", "Colour", Live, number(1.0, 0.0, 10.0),
        "Weight of L_co, the distance in Cr and Cb from the visible image";
    GRADIENT_TARGET: GradientTarget = "objective.fusion_image.gradient_target", "Gradient target", Live,
        GradientTarget::Largest.by_default(),
        "What the picture's gradient is compared with";
    VALID: Valid = "objective.fusion_image.valid", "Where it counts", Live, Valid::Crop.by_default(),
        "Where the picture counts";
    GAMMA: f64 = "objective.fusion_image.gamma", "Gamma", Live, number(0.8, 0.1, 5.0),
        "Exponent that brightens the visible image as a target (the paper's S)";
    CONTRAST: f64 = "objective.fusion_image.contrast", "Contrast", Live, number(1.0, 0.0, 5.0),
        "Contrast factor of the other sensor as a target; MRFS takes 1.7 on MFNet and 1.8 on PST900";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "objective.fusion_image",
    title: "Image fusion (L_si, L_co)",
    group: "Objective",
    source: "AMDANet Eq. 15, after MRFS (CVPR 2024)",
    formula: "L_fus = ‖∇F − ∇max(vi, in)‖₁ + ‖F_CrCb − S(vi)_CrCb‖₁",
    summary: "The fusion image keeps the edges and brightness of both sensors and the visible image's colour",
    watch: "EN, SD, SF and SCD in the evaluations, and the segmentation loss beside it",
    curve: "fusion_image.salient",
    variants: &[
        variant(
            "paper",
            "Gradients of the brighter of both images, no intensity term (Eq. 15)",
            &[
                ("objective.fusion_image.gradient_target", "maximum"),
                ("objective.fusion_image.intensity", "0"),
                ("objective.fusion_image.masked", "0"),
            ],
        ),
        variant(
            "code",
            "The larger of both gradients, half an intensity term, and all of it again for the masked pass",
            &[
                ("objective.fusion_image.gradient_target", "largest"),
                ("objective.fusion_image.intensity", "0.5"),
                ("objective.fusion_image.masked", "0.25"),
            ],
        ),
    ],
    settings: SETTINGS,
    serves: |settings| settings.get(fusion_image::ENABLED),
    ..Component::BLANK
};
