//! Components that are switched on and yet do nothing, and why: from the recipe, the data set and the newest step.

use fusionscope_engine::protocol::Phase;
use fusionscope_engine::recipe::catalogue::adaptation;
use fusionscope_engine::recipe::{Component, Value};

use super::Store;
use crate::look;

/// What works between two sensors, by component.
const BETWEEN_SENSORS: [&str; 8] =
    ["exchange.channel", "exchange.spatial", "sci", "fdam.local", "coefficients", "fusion", "mff", "mfml"];
/// Weights of second terms, whose keys do not say so.
const OTHER_WEIGHTS: [&str; 2] = ["objective.consistency.dice", "objective.fusion_image.masked"];
/// What works in stage 2 of domain adaptation alone.
const IN_STAGE_TWO: [&str; 1] = ["objective.self_supervision"];
const EXCHANGED: &str = "exchange.channel.share";

/// Why a component that is on does nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// In a word or two, for its row.
    pub words: String,
    /// In a sentence, for the pointer.
    pub why: String,
}

impl Idle {
    fn new(words: impl Into<String>, why: impl Into<String>) -> Self {
        Self { words: words.into(), why: why.into() }
    }
}

impl Store {
    /// Why a component that is on does nothing; `None` where it works, or where nothing is known yet.
    pub fn idle(&self, component: &Component) -> Option<Idle> {
        match component.switch().map(|switch| self.recipe.value(switch.key)) {
            None => self.idle_in_data(component),
            Some(Some(Value::Switch(true))) => self
                .idle_by_remark(component)
                .or_else(|| self.idle_by_recipe(component))
                .or_else(|| self.idle_in_data(component))
                .or_else(|| self.idle_in_step(component)),
            Some(_) => None,
        }
    }

    fn none_of_channels(&self) -> String {
        match self.network.as_ref().map_or(0, |network| network.exchangeable) {
            0 => "0 channels exchanged".to_owned(),
            all => format!("0 of {} channels exchanged", look::count(all)),
        }
    }

    fn idle_by_remark(&self, component: &Component) -> Option<Idle> {
        let findings = self.findings();
        let is_own = |key: &str| component.settings.iter().any(|setting| setting.key == key);
        findings.remarks.iter().find(|(key, _)| is_own(key)).map(|(_, why)| Idle::new("no effect", *why))
    }

    fn idle_by_recipe(&self, component: &Component) -> Option<Idle> {
        let mut weights = component.settings.iter().map(|setting| setting.key).filter(|key| is_weight(key)).peekable();
        let is_zero = |key| matches!(self.recipe.value(key), Some(Value::Number(weight)) if *weight == 0.0);
        if weights.peek().is_some() && weights.all(is_zero) {
            return Some(Idle::new("weight 0", "Its weight is 0, so it adds nothing to the total"));
        }
        let has_stage_two = self.recipe.get(adaptation::STEPS) + self.recipe.get(adaptation::EPOCHS) > 0;
        if IN_STAGE_TWO.contains(&component.id) && !has_stage_two {
            let why =
                "It works in stage 2 of domain adaptation, which has 0 steps (`adaptation.steps`, `adaptation.epochs`)";
            return Some(Idle::new("phase of 0 steps", why));
        }
        let serves = self.recipe.uses(component);
        (!serves).then(|| Idle::new("no effect", "What it works for is not there in this recipe"))
    }

    fn idle_in_data(&self, component: &Component) -> Option<Idle> {
        let sensors = &self.dataset.as_ref()?.modalities;
        let used = sensors.iter().filter(|sensor| self.recipe_uses(&sensor.name)).count();
        (BETWEEN_SENSORS.contains(&component.id) && used == 1)
            .then(|| Idle::new("one sensor", "It works between two sensors, and the recipe uses one"))
    }

    /// What the newest step tells, if that step was taken with the component on.
    fn idle_in_step(&self, component: &Component) -> Option<Idle> {
        let last = self.curves.progress().last()?;
        let was_on = self.in_force.as_ref().is_some_and(|in_force| in_force.uses(component));
        if !was_on || component.curve.is_empty() || last.phase == Phase::Teacher {
            return None;
        }
        let value = last.term(component.curve)?;
        let step = look::count(last.step);
        if component.curve == EXCHANGED {
            let stages: Vec<&str> = last
                .terms
                .iter()
                .filter(|term| term.value == 0.0)
                .filter_map(|term| term.name.strip_prefix("exchange.channel.stage")?.strip_suffix(".share"))
                .collect();
            let stages = stages.join(", ");
            return match (value, stages.as_str()) {
                (0.0, _) => {
                    let why =
                        format!("No channel was exchanged at step {step}: no scale of a norm is below the threshold");
                    Some(Idle::new(self.none_of_channels(), why))
                }
                (_, "") => None,
                (_, stages) => {
                    let why = format!("At step {step} no channel was exchanged in stage {stages}");
                    Some(Idle::new(format!("none in stage {stages}"), why))
                }
            };
        }
        // A term that finds nothing to act on is reported as exactly 0.
        (value == 0.0).then(|| {
            let why =
                format!("At step {step} it was 0: the batch had nothing that it acts on, such as pairs of pixels");
            Idle::new("nothing to act on", why)
        })
    }
}

fn is_weight(key: &str) -> bool {
    key.ends_with("weight") || OTHER_WEIGHTS.contains(&key)
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{DatasetSummary, Event, Figure, ModalitySummary, Quantity, StepReport};
    use fusionscope_engine::recipe::catalogue::objective::contrast;
    use fusionscope_engine::recipe::component;

    use super::*;

    fn words(store: &Store, id: &str) -> Option<String> {
        store.idle(component(id).unwrap()).map(|idle| idle.words)
    }

    /// A run of the recipe whose newest step told these figures.
    fn stepped(figures: &[(&str, f32)]) -> Store {
        let mut store = Store::default();
        store.apply(Event::Recipe(store.recipe.clone()));
        let terms = figures.iter().map(|&(name, value)| Figure::new(name, Quantity::Share, value)).collect();
        let step = StepReport { step: 9, phase_step: 9, total_steps: 90, terms, ..StepReport::default() };
        store.apply(Event::Steps(vec![step]));
        store
    }

    #[test]
    fn a_switch_without_anything_to_act_on_says_so_and_one_that_works_does_not() {
        let channel = |figures: &[(&str, f32)]| words(&stepped(figures), "exchange.channel");
        assert_eq!(channel(&[(EXCHANGED, 0.0)]).as_deref(), Some("0 channels exchanged"));
        assert_eq!(channel(&[(EXCHANGED, 0.25), ("exchange.channel.stage4.share", 0.25)]), None);
        let some = [(EXCHANGED, 0.25), ("exchange.channel.stage3.share", 0.0), ("exchange.channel.stage4.share", 0.5)];
        assert_eq!(channel(&some).as_deref(), Some("none in stage 3"));
        assert_eq!(words(&stepped(&[("contrast", 0.0)]), "objective.contrast").as_deref(), Some("nothing to act on"));
        assert_eq!(words(&stepped(&[("contrast", 0.7)]), "objective.contrast"), None);
        assert_eq!(words(&Store::default(), "objective.contrast"), None, "nothing is known yet");
    }

    #[test]
    fn a_weight_of_0_a_lone_sensor_and_a_phase_without_steps_are_said_before_any_step() {
        let mut store = Store::default();
        store.recipe.put(contrast::WEIGHT, 0.0).unwrap();
        assert_eq!(words(&store, "objective.contrast").as_deref(), Some("weight 0"));
        store.recipe.set("objective.contrast.enabled", Value::Switch(false)).unwrap();
        assert_eq!(words(&store, "objective.contrast"), None, "it is off");

        let sensor = |name: &str| ModalitySummary { name: name.to_owned(), ..ModalitySummary::default() };
        let one = DatasetSummary { modalities: vec![sensor("colour")], ..DatasetSummary::default() };
        store.apply(Event::Dataset(one));
        assert_eq!(words(&store, "exchange.channel").as_deref(), Some("one sensor"));
        assert_eq!(words(&store, "fusion").as_deref(), Some("one sensor"));
        let two = DatasetSummary { modalities: vec![sensor("colour"), sensor("depth")], ..DatasetSummary::default() };
        store.apply(Event::Dataset(two));
        assert_eq!(words(&store, "exchange.channel"), None);

        store.recipe.set("objective.self_supervision.enabled", Value::Switch(true)).unwrap();
        assert_eq!(words(&store, "objective.self_supervision").as_deref(), Some("phase of 0 steps"));
        store.recipe.put(adaptation::STEPS, 5).unwrap();
        assert_eq!(words(&store, "objective.self_supervision"), None);
    }

    #[test]
    fn the_components_that_are_known_by_name_exist() {
        for key in OTHER_WEIGHTS {
            assert!(fusionscope_engine::recipe::setting(key).is_some(), "{key}");
        }
        for id in BETWEEN_SENSORS.iter().chain(&IN_STAGE_TWO) {
            assert!(component(id).is_some(), "{id}");
        }
        assert_eq!(component("exchange.channel").unwrap().curve, EXCHANGED);
    }
}
