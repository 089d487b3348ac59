//! Domain adaptation (cross-spectral UDA).

use crate::recipe::catalogue::{data, sensors};
use crate::recipe::component::{Component, settings};
use crate::recipe::error::RecipeError;
use crate::recipe::key::{integer, number, switch, text};
use crate::recipe::settings::Settings;

settings! {
    ENABLED: bool = "adaptation.enabled", "Domain adaptation", Structural, switch(false),
        "Never read labels of the target domain";
    SOURCE: String = "adaptation.source", "Source tag", Structural, text("day"),
        "Condition tag of the labelled scenes; empty takes all that are not of the target";
    TARGET: String = "adaptation.target", "Target tag", Structural, text("night"),
        "Condition tag of the scenes without labels";
    SENSOR: String = "adaptation.sensor", "Sensor", Structural, text(""),
        "The sensor that is adapted; empty takes the last one";
    STEPS: u64 = "adaptation.steps", "Steps of stage 2", Structural, integer(0, 0, 10_000_000),
        "Steps that follow the student phase, half of each batch from the target domain; 0 goes by epochs";
    EPOCHS: u64 = "adaptation.epochs", "Epochs of stage 2", Structural, integer(0, 0, 100_000),
        "Length of stage 2 in epochs of both domains, where its steps are 0; 0 leaves it out";
    LEARNING_RATE: f64 = "adaptation.learning_rate", "Learning rate of stage 2", Live, number(0.0, 0.0, 10.0),
        "The peak rate of stage 2, whose optimiser begins with empty moments; 0 takes `training.learning_rate`, as the authors' code does";
    WARMUP_STEPS: u64 = "adaptation.warmup_steps", "Warm-up of stage 2", Structural, integer(0, 0, 1_000_000),
        "Steps over which the rate of stage 2 rises linearly; 0 takes `training.warmup_steps`";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "adaptation",
    title: "Domain adaptation",
    group: "Training",
    source: "Cross-spectral UDA, Section III",
    summary: "Only scenes of the source domain are labelled; those of the target domain join in stage 2, without their labels",
    watch: "The rows of the target's tag in the subset table",
    settings: SETTINGS,
    check,
    ..Component::BLANK
};

fn check(settings: &Settings) -> Result<(), RecipeError> {
    let second_stage = [STEPS, EPOCHS].into_iter().find(|&length| settings.get(length) > 0);
    if !settings.get(ENABLED) {
        return match second_stage {
            Some(key) => key.impossible("stage 2 needs `adaptation.enabled`; switch it on or set this to 0"),
            None => Ok(()),
        };
    }
    let (source, target) = (settings.get(SOURCE), settings.get(TARGET));
    if target.is_empty() {
        return TARGET.impossible("names no tag: nothing tells which scenes have no label");
    }
    if source == target {
        return SOURCE.impossible("is the same tag as `adaptation.target`: no labelled scene would be left");
    }
    let (sensor, sensors) = (settings.get(SENSOR), settings.get(sensors::USE));
    if !sensor.is_empty() && !sensors.is_empty() && !sensors.iter().any(|known| known == sensor) {
        return SENSOR.impossible("names a sensor that is not in `sensors.use`");
    }
    if second_stage.is_some() && settings.get(data::BATCH_SIZE) < 2 {
        return data::BATCH_SIZE.impossible("stage 2 takes scenes of both domains in each batch; choose 2 or more");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::recipe::Recipe;

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
