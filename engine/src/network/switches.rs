//! Settings that act on a network which is only asked, and asking it by others for one time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::model::Model;
use crate::recipe::catalogue::fusion::Kind;
use crate::recipe::catalogue::{coefficients, exchange, fdam, fusion, inference, mff, sci};
use crate::recipe::{RecipeError, Value};

impl Model {
    /// The keys of the live settings that act on this network while it is asked, in the catalogue's order: those of
    /// parts that it has. What acts in training alone is not among them.
    pub fn switches(&self) -> Vec<&'static str> {
        let recipe = &self.recipe;
        let is_of_two = self.sensors.len() == 2;
        let fuses = |kind| self.sensors.len() > 1 && recipe.get(fusion::KIND) == kind;
        let exchange = [
            exchange::channel::ENABLED.id(),
            exchange::channel::THRESHOLD.id(),
            exchange::channel::COMPARISON.id(),
            exchange::spatial::ENABLED.id(),
            exchange::spatial::SITE.id(),
            exchange::spatial::COLUMNS.id(),
        ];
        let sci = [sci::ACTIVE.id(), sci::POSITION.id(), sci::GATE.id(), sci::THRESHOLD.id(), sci::LAMBDA.id()];
        let coefficients = [coefficients::SPATIAL.id(), coefficients::CHANNEL.id(), coefficients::FACTOR.id()];
        let mff = [
            mff::REWEIGHT.id(),
            mff::SELECTION.id(),
            mff::RESIDUAL.id(),
            mff::BALANCE.id(),
            mff::ADDED.id(),
            mff::INNER_ITERATIONS.id(),
        ];
        let parts: [(bool, &[&'static str]); 7] = [
            (is_of_two, &exchange),
            (is_of_two && recipe.get(sci::ENABLED), &sci),
            (is_of_two && recipe.get(fdam::local::ENABLED), &[fdam::local::ACTIVE.id()]),
            (is_of_two && recipe.get(coefficients::ENABLED), &coefficients),
            (fuses(Kind::Fdam), &[fusion::CARRIER.id()]),
            (is_of_two && self.network.needs_two(), &[inference::SINGLE.id()]),
            (fuses(Kind::Mff), &mff),
        ];
        parts.into_iter().filter(|(is_there, _)| *is_there).flat_map(|(_, keys)| keys.iter().copied()).collect()
    }

    /// The same network, asked by these settings in place of the recipe's. Weights are shared, and nothing of this one
    /// changes. Fails where a setting does not act on it ([`Model::switches`]) or a value is none that it takes.
    pub fn supposing(&self, settings: &BTreeMap<String, Value>) -> Result<Cow<'_, Self>, RecipeError> {
        if settings.is_empty() {
            return Ok(Cow::Borrowed(self));
        }
        let switches = self.switches();
        let mut recipe = self.recipe.clone();
        for (key, value) in settings {
            if !switches.contains(&key.as_str()) {
                let known = if switches.is_empty() { "none do".to_owned() } else { switches.join(", ") };
                let reason = format!("does not act on this network while it is asked; those that do: {known}");
                return Err(RecipeError::Impossible { key: key.clone(), reason });
            }
            recipe.set(key, value.clone())?;
        }
        Ok(Cow::Owned(Self { recipe, ..self.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use burn::tensor::Device;

    use super::*;
    use crate::network::Mode;
    use crate::network::probes::Probes;
    use crate::network::testing::{inputs, values};
    use crate::recipe::{Change, setting};
    use crate::training::open_model;

    fn demo() -> Model {
        let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/demo.safetensors");
        open_model(Path::new(demo), &Device::flex()).unwrap().0
    }

    #[test]
    fn what_can_be_switched_is_live_and_of_parts_that_the_network_has() {
        let mut model = demo();
        let of_ogp_net = model.switches();
        assert!(of_ogp_net.contains(&"exchange.channel.enabled") && of_ogp_net.contains(&"inference.single"));
        assert!(!of_ogp_net.iter().any(|key| key.starts_with("mff.") || key.starts_with("sci.")), "{of_ogp_net:?}");
        model.recipe.set_text("fusion.kind", "mff").unwrap();
        model.recipe.set_text("sci", "on").unwrap();
        let all = model.switches();
        assert!(all.contains(&"mff.selection") && all.contains(&"sci.active"));
        for key in of_ogp_net.iter().chain(&all) {
            assert_eq!(setting(key).map(|setting| setting.change), Some(Change::Live), "{key}");
        }
        model.sensors.pop();
        assert_eq!(model.switches(), [""; 0], "one sensor meets none");
    }

    /// The demo's way of holding scales against θ is there so that there is something to switch off.
    #[test]
    fn channel_exchange_acts_in_the_shipped_model() {
        let model = demo();
        let seen = |model: &Model| {
            let inputs = inputs(&[true, true], [120, 160], &model.device);
            model.network.forward(&inputs, &model.recipe, Mode::Infer, &mut Probes::off())
        };
        let on = seen(&model);
        let told = on.training.figures.iter().find(|figure| figure.name == "exchange.channel.share").unwrap();
        assert!((0.05..=0.4).contains(&told.value), "{}", told.value);
        let off = BTreeMap::from([("exchange.channel.enabled".to_owned(), Value::Switch(false))]);
        let off = seen(&model.supposing(&off).unwrap());
        assert_ne!(values(on.heads[0].1.clone()), values(off.heads[0].1.clone()));
    }

    #[test]
    fn another_way_of_asking_is_for_one_time_and_what_does_not_act_is_refused() {
        let model = demo();
        let off = BTreeMap::from([("exchange.channel.enabled".to_owned(), Value::Switch(false))]);
        let asked = model.supposing(&off).unwrap();
        assert!(!asked.recipe.get(exchange::channel::ENABLED) && model.recipe.get(exchange::channel::ENABLED));
        assert_eq!((&asked.changed, asked.step), (&model.changed, model.step), "nothing of it is noted");
        for (key, value) in [
            ("training.learning_rate", Value::Number(0.1)),
            ("mff.selection", Value::Switch(false)),
            ("exchange.channel.enabled", Value::Text("perhaps".to_owned())),
        ] {
            let error = model.supposing(&BTreeMap::from([(key.to_owned(), value)])).unwrap_err();
            assert!(error.to_string().contains(key), "{error}");
        }
    }
}
