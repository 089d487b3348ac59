//! Degradations of training scenes: which happen, and how much of each, is drawn scene by scene.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::around::Around;
use super::step::{Step, carry_out};
use crate::data::dataset::Dataset;
use crate::data::error::DataError;
use crate::data::sample::Sample;
use crate::random::{Streams, unit};
use crate::recipe::Recipe;
use crate::recipe::catalogue::data::degrade;

/// The recipe's `data.degrade`.
#[derive(Clone, Debug)]
pub(crate) struct Degrading {
    rules: Vec<Ruled>,
}

#[derive(Clone, Debug)]
struct Ruled {
    step: Step,
    severities: [f32; 2],
    probability: f32,
}

impl Degrading {
    /// Rules that are known to fit the sensors in use, which are at these places.
    pub(crate) fn from_recipe(recipe: &Recipe, dataset: &Dataset, sensors: &[usize]) -> Result<Self, DataError> {
        let mut rules = Vec::new();
        for rule in degrade::rules(recipe.get(degrade::RULES)) {
            let step = Step::new(dataset, sensors, &rule.sensor, rule.kind)?;
            rules.push(Ruled { step, severities: rule.severities, probability: rule.probability });
        }
        Ok(Self { rules })
    }

    /// A scene with what happens to it by these draws: the same count of them whatever happens.
    pub(crate) fn degrade(
        &self,
        sample: Sample,
        sensors: &[usize],
        random: &mut ChaCha8Rng,
        around: &Around<'_>,
    ) -> Result<Sample, DataError> {
        if self.rules.is_empty() {
            return Ok(sample);
        }
        let streams = Streams::new(random.next_u64());
        let mut steps = Vec::with_capacity(self.rules.len());
        for Ruled { step, severities: [low, high], probability } in &self.rules {
            let (happens, share) = (unit(random) < *probability, unit(random));
            steps.push((step, if happens { low + (high - low) * share } else { 0.0 }));
        }
        carry_out(&steps, sample, sensors, streams, around)
    }
}
