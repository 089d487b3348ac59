//! What a recipe file of an earlier version means by leaving a setting out.

use super::error::RecipeError;
use super::store::Recipe;

/// Settings that version 2 added or whose default it changed, with what a file of version 1 did in their place.
///
/// A run's own recipe names every setting that its program knew, so these say what such a run computed; a run resumed,
/// repeated or opened from version 1 gives the same numbers as then.
const BEFORE_2: &[(&str, &str)] = &[
    ("exchange.spatial.site", "output"),
    ("fdam.local.init", "fan-in"),
    ("mfml.dropout", "shared"),
    ("objective.fusion_image.valid", "sources"),
];

impl Recipe {
    /// The catalogue's defaults as a file of this version means them.
    pub(super) fn defaults_of(version: i64, name: &str) -> Result<Self, RecipeError> {
        let mut recipe = Self::defaults(name);
        if version < 2 {
            for (key, text) in BEFORE_2 {
                recipe.set_text(key, text)?;
            }
        }
        Ok(recipe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::catalogue::exchange::spatial::{self, Site};

    #[test]
    fn what_an_earlier_version_left_out_is_what_its_program_did() {
        let read = |text: &str| Recipe::from_toml(text, "r").unwrap();
        assert_eq!(read("version = 1").get(spatial::SITE), Site::Output);
        assert_eq!(read("").get(spatial::SITE), Site::Input, "without a version: as of today");
        let named = read("exchange.spatial.site = \"input\"\nversion = 1");
        assert_eq!(named.get(spatial::SITE), Site::Input, "what a file names counts, wherever its version stands");
        let written = read(&read("version = 1").to_toml());
        assert_eq!(written.get(spatial::SITE), Site::Output, "and stays when it is written anew");
    }

    /// What presets of version 1 left to the catalogue's defaults of that time.
    #[test]
    fn a_run_s_recipe_of_version_1_keeps_its_numbers() {
        let text = "version = 1\nmfml.enabled = true\nfdam.local.enabled = true\nfusion_image.enabled = true";
        let recipe = Recipe::from_toml(text, "r").unwrap();
        for (key, expected) in [
            ("exchange.spatial.site", "output"),
            ("exchange.channel.comparison", "absolute"),
            ("fdam.local.init", "fan-in"),
            ("fusion.reduction", "8"),
            ("fusion.carrier", "second"),
            ("mfml.dropout", "shared"),
            ("objective.fusion_image.valid", "sources"),
            ("objective.relation.kind", "dist"),
            ("objective.feature.maps", "exchanged"),
            ("objective.contrast.quota", "pixels"),
            ("objective.mutual.distillation", "two-way"),
            ("objective.prototype.maps", "decoded"),
            ("objective.self_supervision.temperature", "1"),
            ("objective.multimodal_contrast.group", "0"),
            ("decoder.norms", "joint"),
            ("decoder.norm", "pytorch"),
            ("teacher.student", "all"),
            ("adaptation.learning_rate", "0"),
            ("adaptation.warmup_steps", "0"),
            ("data.crop_height", "0"),
        ] {
            assert_eq!(recipe.value(key).map(ToString::to_string).as_deref(), Some(expected), "{key}");
        }
    }

    #[test]
    fn every_earlier_meaning_is_of_the_catalogue_and_is_not_the_default() {
        for &(key, text) in BEFORE_2 {
            let mut recipe = Recipe::defaults("r");
            recipe.set_text(key, text).unwrap();
            assert_ne!(recipe, Recipe::defaults("r"), "{key} = {text} is what it means today");
        }
    }
}
