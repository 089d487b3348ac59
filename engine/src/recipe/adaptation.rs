//! What cannot combine in cross-spectral adaptation.

use super::error::RecipeError;
use super::store::Recipe;

/// Refuses combinations of `adaptation.*` and the losses that belong to it which no run could satisfy.
pub(super) fn check(recipe: &Recipe) -> Result<(), RecipeError> {
    let impossible =
        |key: &str, reason: &str| Err(RecipeError::Impossible { key: key.to_owned(), reason: reason.to_owned() });
    let (source, target) = (recipe.text("adaptation.source"), recipe.text("adaptation.target"));
    let second_stage = ["adaptation.steps", "adaptation.epochs"].into_iter().find(|key| recipe.integer(key) > 0);
    if recipe.switch("adaptation.enabled") {
        if target.is_empty() {
            return impossible("adaptation.target", "names no tag: nothing tells which scenes have no label");
        }
        if source == target {
            return impossible(
                "adaptation.source",
                "is the same tag as `adaptation.target`: no labelled scene would be left",
            );
        }
        let (sensor, sensors) = (recipe.text("adaptation.sensor").to_owned(), recipe.texts("sensors.use"));
        if !sensor.is_empty() && !sensors.is_empty() && !sensors.contains(&sensor) {
            return impossible("adaptation.sensor", "names a sensor that is not in `sensors.use`");
        }
        if second_stage.is_some() && recipe.integer("data.batch_size") < 2 {
            return impossible(
                "data.batch_size",
                "stage 2 takes scenes of both domains in each batch; choose 2 or more",
            );
        }
    } else if let Some(key) = second_stage {
        return impossible(key, "stage 2 needs `adaptation.enabled`; switch it on or set this to 0");
    }
    if recipe.switch("objective.self_supervision.enabled") && !recipe.switch("objective.prototype.enabled") {
        return impossible(
            "objective.self_supervision.enabled",
            "it compares with prototypes; switch `objective.prototype.enabled` on",
        );
    }
    if recipe.switch("objective.mutual.enabled") {
        let (heads, sensors) = (recipe.texts("objective.mutual.heads"), recipe.texts("sensors.use"));
        if ![0, 2].contains(&heads.len()) {
            return impossible("objective.mutual.heads", "mutual learning takes exactly two heads; name two, or none");
        }
        if sensors.len() == 1 {
            return impossible("objective.mutual.enabled", "it needs two heads, and `sensors.use` names one sensor");
        }
        if recipe.text("fusion.level") == "levels" {
            return impossible(
                "objective.mutual.enabled",
                "it needs two heads, and levels that are fused have one; choose another `fusion.level`",
            );
        }
        let known = |head: &String| head == "fused" || sensors.is_empty() || sensors.contains(head);
        if !heads.iter().all(known) {
            return impossible("objective.mutual.heads", "names a head that is neither `fused` nor a sensor in use");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(settings: &[(&str, &str)]) -> String {
        let mut recipe = Recipe::defaults("r");
        for (key, value) in settings {
            recipe.set_text(key, value).unwrap();
        }
        recipe.check().unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_combine_is_refused_by_its_key() {
        let on = ("adaptation.enabled", "on");
        let mutual = ("objective.mutual.enabled", "on");
        for (settings, key) in [
            (vec![("adaptation.steps", "5")], "adaptation.steps"),
            (vec![("adaptation.epochs", "5")], "adaptation.epochs"),
            (vec![on, ("adaptation.target", "")], "adaptation.target"),
            (vec![on, ("adaptation.sensor", "lidar"), ("sensors.use", "colour,thermal")], "adaptation.sensor"),
            (vec![on, ("adaptation.target", "day")], "adaptation.source"),
            (vec![on, ("adaptation.steps", "5"), ("data.batch_size", "1")], "data.batch_size"),
            (vec![("objective.self_supervision", "on")], "objective.self_supervision.enabled"),
            (vec![mutual, ("objective.mutual.heads", "colour")], "objective.mutual.heads"),
            (
                vec![mutual, ("objective.mutual.heads", "colour,depth"), ("sensors.use", "colour,thermal")],
                "objective.mutual.heads",
            ),
            (vec![mutual, ("sensors.use", "thermal")], "objective.mutual.enabled"),
            (vec![mutual, ("fusion.kind", "average"), ("fusion.level", "levels")], "objective.mutual.enabled"),
        ] {
            let message = refused(&settings);
            assert!(message.contains(&format!("`{key}`")), "{settings:?}: {message}");
        }
    }
}
