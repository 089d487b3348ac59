//! How long a run is, phase by phase.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::TrainError;
use super::teacher::needs_teacher;
use crate::data::{Dataset, Loader, Mix, sensors_in_use};
use crate::progress::Progress;
use crate::recipe::catalogue::{adaptation, teacher, training};
use crate::recipe::{Key, Recipe, RecipeError};

/// The split that is trained on.
const SPLIT: &str = "train";
/// The most steps that a recipe may ask for.
const MOST: u64 = 10_000_000;

/// One of each phase of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phases<T> {
    /// Of the teacher's.
    pub teacher: T,
    /// Of the student's.
    pub student: T,
    /// Of stage 2 of adaptation.
    pub adaptation: T,
}

/// Steps of each phase; 0 where a run has no such phase.
pub type Lengths = Phases<u64>;

impl Lengths {
    /// What a recipe comes to on a data set. Refuses one whose scenes could not be drawn.
    pub fn of(recipe: &Recipe, dataset: &Arc<Dataset>, progress: &mut Progress<'_>) -> Result<Self, TrainError> {
        let epoch = Loader::try_mix(dataset, SPLIT, recipe, Mix::Labelled, progress)?;
        let mixed = mixed_epoch_steps(recipe, dataset, progress)?;
        Ok(Self::with(recipe, sensors_in_use(recipe, dataset)?.len(), epoch, mixed))
    }

    /// [`Lengths::of`] with so many sensors, steps in an epoch, and steps in an epoch of both domains.
    pub(crate) fn with(recipe: &Recipe, sensors: usize, epoch: u64, mixed: u64) -> Self {
        let steps_of = |steps: Key<u64>, epochs: Key<u64>, epoch: u64| match recipe.get(steps) {
            0 => recipe.get(epochs) * epoch,
            steps => steps,
        };
        let student = steps_of(training::STEPS, training::EPOCHS, epoch);
        let trains_teacher = needs_teacher(recipe, sensors) && recipe.get(teacher::RUN).is_empty();
        let teacher = match recipe.get(teacher::STEPS) {
            _ if !trains_teacher => 0,
            0 => student,
            steps => steps,
        };
        Self { teacher, student, adaptation: steps_of(adaptation::STEPS, adaptation::EPOCHS, mixed) }
    }

    /// All of them.
    pub fn total(self) -> u64 {
        self.teacher + self.student + self.adaptation
    }

    /// Phases in the same proportion that take so many seconds together and not more, one step each at the least;
    /// `secs` are those of a step.
    #[must_use]
    pub fn within(self, seconds: f64, secs: Phases<f64>) -> Self {
        let Self { teacher, student, adaptation } = self;
        let pairs = [(teacher, secs.teacher), (student, secs.student), (adaptation, secs.adaptation)];
        let all: f64 = pairs.iter().map(|(steps, secs)| *steps as f64 * secs).sum();
        let fit = |steps: u64| match steps {
            0 => 0,
            // What took no time that could be measured may take as many as a recipe allows.
            steps => ((steps as f64 * (seconds / all)) as u64).clamp(1, MOST),
        };
        Self { teacher: fit(teacher), student: fit(student), adaptation: fit(adaptation) }
    }

    /// Writes them into a recipe, whose epochs then count no more. A phase of no steps is left as it is.
    pub fn put_into(self, recipe: &mut Recipe) -> Result<(), RecipeError> {
        let Self { teacher, student, adaptation } = self;
        let phases = [(teacher::STEPS, teacher), (training::STEPS, student), (adaptation::STEPS, adaptation)];
        phases.into_iter().filter(|(_, steps)| *steps > 0).try_for_each(|(key, steps)| recipe.put(key, steps))
    }
}

/// Steps of one pass over both domains' scenes; 0 for a run without stage 2. Refuses one that could not begin.
pub(super) fn mixed_epoch_steps(
    recipe: &Recipe,
    dataset: &Arc<Dataset>,
    progress: &mut Progress<'_>,
) -> Result<u64, TrainError> {
    let has_second_stage = recipe.get(adaptation::STEPS) + recipe.get(adaptation::EPOCHS) > 0;
    Ok(if has_second_stage { Loader::try_mix(dataset, SPLIT, recipe, Mix::Domains, progress)? } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{TinyData, open_tiny_data, tiny_recipe, write_tiny_data};
    use crate::progress::unwatched;

    fn phases<T>(teacher: T, student: T, adaptation: T) -> Phases<T> {
        Phases { teacher, student, adaptation }
    }

    #[test]
    fn phases_are_as_long_as_the_recipe_and_the_data_say() {
        let folder = tempfile::tempdir().unwrap();
        write_tiny_data(folder.path(), &TinyData::default()).unwrap();
        let dataset = Arc::new(open_tiny_data(folder.path()).unwrap());
        let with = |settings: &[(&str, &str)]| {
            let mut recipe = tiny_recipe().unwrap();
            for (key, value) in settings {
                recipe.set_text(key, value).unwrap();
            }
            Lengths::of(&recipe, &dataset, &mut unwatched).unwrap()
        };
        assert_eq!(with(&[]), phases(2, 4, 0));
        assert_eq!(with(&[("teacher.steps", "0")]), phases(4, 4, 0));
        assert_eq!(with(&[("teacher.run", "elsewhere")]), phases(0, 4, 0));
        assert_eq!(with(&[("sensors.use", "thermal")]), phases(0, 4, 0));
        // Six scenes in batches of two.
        assert_eq!(with(&[("training.steps", "0"), ("training.epochs", "5")]), phases(2, 15, 0));
        assert_eq!(with(&[]).total(), 6);
    }

    #[test]
    fn seconds_are_shared_out_in_the_recipe_s_proportion_and_not_overdrawn() {
        let secs = phases(0.5, 1.0, 2.0);
        let lengths = phases(20, 40, 0).within(25.0, secs);
        assert_eq!(lengths, phases(10, 20, 0));
        assert_eq!(phases(1000, 10, 10).within(0.001, secs), phases(1, 1, 1));
        assert_eq!(phases(0, 3, 5).within(13.9, secs), phases(0, 3, 5));
        assert_eq!(phases(0, 3, 0).within(1.0, phases(0.0, 0.0, 0.0)).student, MOST);
        let mut recipe = tiny_recipe().unwrap();
        let before = recipe.get(teacher::STEPS);
        phases(0, 7, 0).put_into(&mut recipe).unwrap();
        assert_eq!((recipe.get(teacher::STEPS), recipe.get(training::STEPS)), (before, 7));
    }
}
