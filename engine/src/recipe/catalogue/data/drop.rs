//! Sensors that are missing in training.

use super::degrade::{not_in_use, probability};
use crate::failure::short;
use crate::recipe::catalogue::sensors;
use crate::recipe::choice::choice;
use crate::recipe::component::{Component, Remark, settings};
use crate::recipe::error::RecipeError;
use crate::recipe::key::{integer, texts};
use crate::recipe::settings::Settings;

choice! {
    /// What stands in for a sensor that a training scene misses: what evaluations have (`evaluation.missing`), but for a
    /// branch that is not run, which would be so for the whole batch, and a mean image, which is known after a pass over
    /// the split only.
    pub enum StandIn {
        Zeros = "zeros": "Zeros after normalisation",
        Black = "black": "A black image before normalisation",
        Copy = "copy": "The image of the first sensor that the scene has",
    }
}

settings! {
    RULES: Vec<String> = "data.drop", "Dropped sensors", Live, texts(),
        "Which sensors a training scene may miss, each as SENSOR@PROBABILITY, such as thermal@0.3. Each scene draws for itself, and one sensor at least stays";
    STAND_IN: StandIn = "data.drop_stand_in", "In its place", Live, StandIn::Zeros.by_default(),
        "What the network is given in place of a dropped sensor's image";
    STEPS: u64 = "data.drop_steps", "Rises over", Live, integer(0, 0, 10_000_000),
        "Steps of a phase over which the probabilities rise from 0: at first scenes are whole, then ever fewer; 0 has them at once";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "data.drop",
    title: "Missing sensors",
    group: "Data",
    source: "ModDrop, Neverova et al., IEEE TPAMI 2016",
    summary: "Training scenes without some of their sensors, so that a network learns to answer with what is left. The teacher sees every sensor",
    watch: "The rows of single sensors in the subset table, and what all together lose by it",
    settings: SETTINGS,
    check,
    remark,
    serves: |settings| !settings.get(RULES).is_empty(),
    ..Component::BLANK
};

/// A sensor and in which share of the scenes it is missing, 0 to 1; the error says what is wrong with the text.
pub fn parse(text: &str) -> Result<(&str, f32), String> {
    let form = || format!("found `{}`, expected SENSOR@PROBABILITY, such as thermal@0.3", short(text));
    let (sensor, share) = text.rsplit_once('@').ok_or_else(form)?;
    let sensor = sensor.trim();
    if sensor.is_empty() { Err(form()) } else { Ok((sensor, probability(share)?)) }
}

fn remark(settings: &Settings) -> Option<Remark> {
    let is_alone = settings.get(sensors::USE).len() == 1 && !settings.get(RULES).is_empty();
    is_alone.then_some((RULES.id(), "the only sensor in use always stays"))
}

fn check(settings: &Settings) -> Result<(), RecipeError> {
    let mut seen: Vec<&str> = Vec::new();
    for text in settings.get(RULES) {
        let sensor = match parse(text) {
            Ok((sensor, _)) => sensor,
            Err(reason) => return RULES.impossible(&reason),
        };
        if let Some(reason) = not_in_use(sensor, settings) {
            return RULES.impossible(&reason);
        }
        if seen.contains(&sensor) {
            return RULES.impossible(&format!("found `{sensor}` twice, expected each sensor once"));
        }
        seen.push(sensor);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    #[test]
    fn what_cannot_be_dropped_is_refused_by_its_key_with_what_is_expected() {
        assert_eq!(parse("far @ infra @ 0.25"), Ok(("far @ infra", 0.25)));
        for (rules, words) in [
            ("thermal", "`data.drop`: found `thermal`, expected SENSOR@PROBABILITY"),
            ("@0.5", "SENSOR@PROBABILITY"),
            ("thermal@2", "from 0 to 1"),
            ("thermal@0.1,thermal@0.2", "`thermal` twice"),
            ("depth@0.1", "in `sensors.use`, colour, thermal"),
        ] {
            let mut recipe = Recipe::defaults("r");
            recipe.set_text("sensors.use", "colour,thermal").unwrap();
            recipe.set_text("data.drop", rules).unwrap();
            let message = recipe.check().unwrap_err().to_string();
            assert!(message.contains(words), "{rules}: {message}");
        }
        let mut recipe = Recipe::defaults("r");
        recipe.set_text("data.drop", "colour@0.2,thermal@1").unwrap();
        recipe.check().unwrap();
        assert!(recipe.remarks().iter().all(|(key, _)| *key != "data.drop"));
        recipe.set_text("data.drop", "thermal@1").unwrap();
        recipe.set_text("sensors.use", "thermal").unwrap();
        assert!(recipe.remarks().iter().any(|(key, _)| *key == "data.drop"));
    }
}
