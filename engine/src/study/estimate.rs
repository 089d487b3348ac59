//! How long runs take, from the time of a step.

use crate::recipe::Recipe;
use crate::recipe::catalogue::{adaptation, sensors, training};
use crate::training::Lengths;

/// Seconds of a step, by what is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepSecs {
    /// The teacher, which sees one sensor.
    pub teacher: f64,
    /// The student, and whatever has no teacher.
    pub student: f64,
}

impl StepSecs {
    /// Seconds of all steps of a recipe's run, evaluations left out; `None` where its length is in epochs, whose steps
    /// only a data set tells.
    pub fn of_run(self, recipe: &Recipe) -> Option<f64> {
        let [teacher, student] = steps_of(recipe)?;
        Some(teacher as f64 * self.teacher + student as f64 * self.student)
    }
}

/// The steps of a recipe's teacher, and of all that follows it; `None` where a length is in epochs.
pub fn steps_of(recipe: &Recipe) -> Option<[u64; 2]> {
    let is_in_epochs =
        recipe.get(training::STEPS) == 0 || (recipe.get(adaptation::STEPS) == 0 && recipe.get(adaptation::EPOCHS) > 0);
    if is_in_epochs {
        return None;
    }
    // Of sensors that the data set tells there are several.
    let sensors = match recipe.get(sensors::USE).len() {
        0 => 2,
        named => named,
    };
    let Lengths { teacher, student, adaptation } = Lengths::with(recipe, sensors, 0, 0);
    Some([teacher, student + adaptation])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::preset;

    #[test]
    fn a_run_takes_its_teacher_s_steps_and_its_own() {
        let mut recipe = preset("ogp-net-demo").unwrap();
        recipe.set_text("training.steps", "100").unwrap();
        recipe.set_text("teacher.steps", "40").unwrap();
        assert_eq!(steps_of(&recipe), Some([40, 100]));
        let secs = StepSecs { teacher: 0.5, student: 2.0 };
        assert_eq!(secs.of_run(&recipe), Some(220.0));
        recipe.set_text("teacher.steps", "0").unwrap();
        assert_eq!(steps_of(&recipe), Some([100, 100]));
        recipe.set_text("objective.relation", "off").unwrap();
        recipe.set_text("objective.feature", "off").unwrap();
        assert_eq!(steps_of(&recipe), Some([0, 100]));
        recipe.set_text("training.steps", "0").unwrap();
        assert_eq!((steps_of(&recipe), secs.of_run(&recipe)), (None, None), "a length in epochs");
    }
}
