//! The shipped recipes, from `assets/recipes`.

use std::path::Path;

use super::error::RecipeError;
use super::store::Recipe;

/// The preset that everything begins with: the window, the command line, and the examples.
pub const FIRST_RECIPE: &str = "ogp-net-demo";

/// A shipped recipe.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// The name to ask for; demo-scale presets end in `-demo`.
    pub name: &'static str,
    /// One sentence for lists.
    pub summary: &'static str,
    text: &'static str,
}

macro_rules! preset_file {
    ($name:literal, $summary:literal) => {
        Preset {
            name: $name,
            summary: $summary,
            text: include_str!(concat!("../../../assets/recipes/", $name, ".toml")),
        }
    };
}

static PRESETS: &[Preset] = &[
    preset_file!("ogp-net-demo", "OGP-Net with the nano encoder, for the sample data on two CPU cores"),
    preset_file!("baseline-demo", "Two nano DeepLabV3+ branches, averaged: what fusion must beat"),
    preset_file!("ogp-net-few-labels-demo", "OGP-Net where a quarter of the scenes have labels: what it is better at"),
    preset_file!("baseline-few-labels-demo", "The averaged branches on the same quarter of the labels"),
    preset_file!("single-demo", "One nano DeepLabV3+ on one sensor"),
    preset_file!("smmcl-demo", "SMMCL with two nano encoders, for the sample data on two CPU cores"),
    preset_file!("smmcl-baseline-demo", "The network of smmcl-demo without its contrast"),
    preset_file!(
        "cross-spectral-uda-demo",
        "Cross-spectral adaptation from day to night with the nano encoder, on the sample data"
    ),
    preset_file!(
        "cross-spectral-uda-baseline-demo",
        "Pseudo-labels of day scenes alone: what cross-spectral adaptation must beat by night"
    ),
    preset_file!("amdanet-demo", "AMDANet with the nano encoder, for the sample data on two CPU cores"),
    preset_file!(
        "amdanet-baseline-demo",
        "AMDANet-demo without SCI, FDAM and MFML: its fused levels by 1×1 convolutions"
    ),
    preset_file!("any2seg-demo", "Any2Seg on four sensors of the sample data, with one small encoder for all"),
    preset_file!("any2seg-baseline-demo", "The same four sensors and encoder, their class scores averaged"),
    preset_file!("ogp-net", "OGP-Net as in its paper: EfficientNet-B3, every component on"),
    preset_file!(
        "cross-spectral-uda",
        "Cross-spectral adaptation as its authors' code trains it: two ResNet-50, one RTFNet decoder, pseudo-labels by day"
    ),
    preset_file!("smmcl", "SMMCL as its code trains it: SegNeXt-B, coefficient modules, multi-modal contrast"),
    preset_file!("baseline", "Two DeepLabV3+ branches, averaged, at the paper's scale"),
    preset_file!(
        "any2seg",
        "Any2Seg after its paper: MiT-B2 shared by four sensors, modality-agnostic fusion, distillation"
    ),
    preset_file!("amdanet", "AMDANet as its code trains it on MFNet, every component on"),
    preset_file!("single", "DeepLabV3+ on one sensor, at the paper's scale"),
];

/// All presets, demo scale first.
pub fn presets() -> &'static [Preset] {
    PRESETS
}

/// The preset of that name.
pub fn preset(name: &str) -> Result<Recipe, RecipeError> {
    let found = PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| RecipeError::UnknownPreset {
        name: name.to_owned(),
        known: PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", "),
    })?;
    Recipe::from_toml(found.text, name)
}

impl Recipe {
    /// A preset by name, else the file at that path.
    pub fn named_or_file(name: &str) -> Result<Self, RecipeError> {
        match preset(name) {
            Ok(recipe) => Ok(recipe),
            Err(unknown) => {
                let path = Path::new(name);
                if path.extension().is_some() || path.exists() { Self::read(path) } else { Err(unknown) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_reads_and_names_itself() {
        for shipped in presets() {
            assert_eq!(preset(shipped.name).unwrap().name, shipped.name);
        }
    }
}
