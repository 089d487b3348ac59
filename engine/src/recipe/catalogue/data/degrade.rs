//! Sensors that are worse in training than their files.

use super::degradation::{Degradation, parts, severity};
use crate::failure::short;
use crate::recipe::catalogue::sensors;
use crate::recipe::component::{Component, settings};
use crate::recipe::error::RecipeError;
use crate::recipe::key::texts;
use crate::recipe::settings::Settings;

settings! {
    RULES: Vec<String> = "data.degrade", "Degradations", Structural, texts(),
        "What happens to training scenes before they are resized and cropped, each as SENSOR=KIND:SEVERITY@PROBABILITY, such as colour=fog:0.2..0.8@0.5: fog in one half of the scenes, of a severity between 0.2 and 0.8. Without @ it happens to every scene; one after the other in this order";
}

/// The entry.
pub(in crate::recipe) const COMPONENT: Component = Component {
    id: "data.degrade",
    title: "Degraded sensors",
    group: "Data",
    source: "Hendrycks and Dietterich, ICLR 2019; DELIVER, CVPR 2023",
    summary: "Training scenes whose sensors are worse than their files, so that a network learns not to lean on one alone",
    watch: "The protocol `severity` with and without it: flatter curves, at some cost at severity 0",
    settings: SETTINGS,
    check,
    serves: |settings| !settings.get(RULES).is_empty(),
    ..Component::BLANK
};

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The sensor's name.
    pub sensor: String,
    /// What happens to it.
    pub kind: Degradation,
    /// Between which severities, 0 to 1.
    pub severities: [f32; 2],
    /// In which share of the scenes, 0 to 1.
    pub probability: f32,
}

impl Rule {
    /// A rule from its text; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (sensor, kind, rest) = parts(text)?;
        let (range, share) = rest.split_once('@').unwrap_or((rest, "1"));
        let severities = match range.split_once("..") {
            Some((low, high)) => [severity(low)?, severity(high)?],
            None => [severity(range)?; 2],
        };
        if severities[0] > severities[1] {
            let [low, high] = severities;
            return Err(format!("found the severities {low}..{high}, expected the lower one first"));
        }
        Ok(Self { sensor: sensor.to_owned(), kind, severities, probability: probability(share)? })
    }
}

/// The rules of a recipe's list, which has been checked.
pub fn rules(texts: &[String]) -> Vec<Rule> {
    texts.iter().filter_map(|text| Rule::parse(text).ok()).collect()
}

/// A share of scenes, 0 to 1.
pub(super) fn probability(text: &str) -> Result<f32, String> {
    let number = text.trim().parse::<f32>().ok().filter(|share| (0.0..=1.0).contains(share));
    number.ok_or_else(|| format!("found the probability `{}`, expected a number from 0 to 1", short(text.trim())))
}

/// Why a sensor cannot be named, where the recipe names those in use.
pub(super) fn not_in_use(sensor: &str, settings: &Settings) -> Option<String> {
    let sensors = settings.get(sensors::USE);
    let is_known = sensors.is_empty() || sensors.iter().any(|known| known == sensor);
    (!is_known)
        .then(|| format!("found the sensor `{}`, expected one in `sensors.use`, {}", short(sensor), sensors.join(", ")))
}

fn check(settings: &Settings) -> Result<(), RecipeError> {
    let mut seen: Vec<Rule> = Vec::new();
    for text in settings.get(RULES) {
        let rule = match Rule::parse(text) {
            Ok(rule) => rule,
            Err(reason) => return RULES.impossible(&reason),
        };
        if let Some(reason) = not_in_use(&rule.sensor, settings) {
            return RULES.impossible(&reason);
        }
        if seen.iter().any(|other| other.sensor == rule.sensor && other.kind == rule.kind) {
            let (sensor, kind) = (&rule.sensor, rule.kind.word());
            return RULES.impossible(&format!("found `{sensor}={kind}` twice, expected each once"));
        }
        seen.push(rule);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    #[test]
    fn a_rule_reads_as_it_is_written() {
        let rule = Rule::parse("colour=fog:0.2..0.8@0.5").unwrap();
        assert_eq!((rule.sensor.as_str(), rule.kind), ("colour", Degradation::Fog));
        assert_eq!((rule.severities, rule.probability), ([0.2, 0.8], 0.5));
        let rule = Rule::parse("thermal = noise : 0.3").unwrap();
        assert_eq!((rule.severities, rule.probability), ([0.3, 0.3], 1.0));
    }

    #[test]
    fn rules_that_cannot_be_are_refused_by_their_key_with_what_is_expected() {
        for (rules, words) in [
            ("colour", "SENSOR=KIND:SEVERITY"),
            ("colour=smoke:0.5", "no degradation named `smoke`"),
            ("colour=fog:0.8..0.2", "the lower one first"),
            ("colour=fog:0..2", "from 0 to 1"),
            ("colour=fog:0.5@50", "found the probability `50`"),
            ("colour=fog:0.5,colour=fog:0.7", "`colour=fog` twice"),
            ("lidar=beam-loss:0.5", "expected one in `sensors.use`, colour, thermal"),
        ] {
            let mut recipe = Recipe::defaults("r");
            recipe.set_text("sensors.use", "colour,thermal").unwrap();
            recipe.set_text("data.degrade", rules).unwrap();
            let message = recipe.check().unwrap_err().to_string();
            assert!(message.contains("`data.degrade`") && message.contains(words), "{rules}: {message}");
        }
        let mut recipe = Recipe::defaults("r");
        recipe.set_text("data.degrade", "colour=fog:0..0.5@0.3,thermal=thermal-drift:1").unwrap();
        recipe.check().unwrap();
        assert_eq!(Recipe::from_toml(&recipe.to_toml(), "r").unwrap(), recipe);
    }
}
