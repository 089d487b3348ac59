//! The learning rate over a phase.

use std::f64::consts::PI;

use crate::protocol::Phase;
use crate::recipe::Recipe;
use crate::recipe::catalogue::adaptation;
use crate::recipe::catalogue::training::{self, Schedule};

/// How long a phase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseLength {
    /// Steps of the whole phase.
    pub steps: u64,
    /// Steps of one pass over its scenes.
    pub epoch_steps: u64,
}

/// Exponent of the poly schedule.
const POWER: f64 = 0.9;

/// The learning rate of the step that follows `step` finished ones of a phase.
///
/// In stage 2 of adaptation `adaptation.learning_rate` and `adaptation.warmup_steps` count where they are not 0.
///
/// Over the first `training.warmup_steps` it rises linearly from a share of the rate, `training.warmup_from`; after
/// them it follows `training.schedule`, whose clock runs from the start of the phase, not from the end of the warm-up:
/// `lr·(1 − t/T)^0.9`, half a cosine, a factor `training.decay` for each finished epoch, or no change. T is
/// `training.horizon` times the phase's steps; from there on, poly and cosine stay at 0.
pub fn learning_rate_at(recipe: &Recipe, phase: Phase, step: u64, length: PhaseLength) -> f64 {
    let (mut peak, mut warmup) = (recipe.get(training::LEARNING_RATE), recipe.get(training::WARMUP_STEPS));
    if phase == Phase::Adaptation {
        let own = (recipe.get(adaptation::LEARNING_RATE), recipe.get(adaptation::WARMUP_STEPS));
        peak = if own.0 > 0.0 { own.0 } else { peak };
        warmup = if own.1 > 0 { own.1 } else { warmup };
    }
    if step < warmup {
        let from = recipe.get(training::WARMUP_FROM);
        return peak * (from + (1.0 - from) * (step as f64 / warmup as f64));
    }
    let planned = length.steps.max(1) as f64 * recipe.get(training::HORIZON).max(1.0);
    let gone = (step as f64 / planned).min(1.0);
    match recipe.get(training::SCHEDULE) {
        Schedule::Constant => peak,
        Schedule::Exponential => {
            let epochs = i32::try_from(step / length.epoch_steps.max(1)).unwrap_or(i32::MAX);
            peak * recipe.get(training::DECAY).powi(epochs)
        }
        Schedule::Cosine => peak * 0.5 * (1.0 + (PI * gone).cos()),
        Schedule::Poly => peak * (1.0 - gone).powf(POWER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warm_up_may_begin_at_a_share_of_the_rate() {
        let mut recipe = recipe("constant", "10");
        recipe.set_text("training.warmup_from", "0.1").unwrap();
        let found = [0, 5, 10].map(|step| in_student(&recipe, step, PhaseLength { steps: 100, epoch_steps: 10 }));
        for (found, expected) in found.into_iter().zip([0.05, 0.275, 0.5]) {
            assert!((found - expected).abs() < 1e-12, "{found}");
        }
    }

    fn in_student(recipe: &Recipe, step: u64, length: PhaseLength) -> f64 {
        learning_rate_at(recipe, Phase::Student, step, length)
    }

    #[test]
    fn stage_two_has_a_rate_and_a_warm_up_of_its_own_where_it_names_them() {
        let length = PhaseLength { steps: 100, epoch_steps: 10 };
        let mut named = recipe("poly", "10");
        let at = |recipe: &Recipe, phase| [0, 2, 4, 5, 50].map(|step| learning_rate_at(recipe, phase, step, length));
        near(&at(&named, Phase::Adaptation), &at(&named, Phase::Student));
        for (key, value) in [("adaptation.learning_rate", "0.1"), ("adaptation.warmup_steps", "4")] {
            named.set_text(key, value).unwrap();
        }
        near(&at(&named, Phase::Student), &at(&recipe("poly", "10"), Phase::Student));
        let falling = |step: f64| 0.1 * (1.0 - step / 100.0).powf(0.9);
        near(&at(&named, Phase::Adaptation), &[0.0, 0.05, falling(4.0), falling(5.0), falling(50.0)]);
    }

    fn recipe(schedule: &str, warmup: &str) -> Recipe {
        let mut recipe = Recipe::defaults("r");
        recipe.set_text("training.learning_rate", "0.5").unwrap();
        recipe.set_text("training.schedule", schedule).unwrap();
        recipe.set_text("training.warmup_steps", warmup).unwrap();
        recipe
    }

    fn rates(schedule: &str, warmup: &str, steps: &[u64]) -> Vec<f64> {
        let phase = PhaseLength { steps: 100, epoch_steps: 10 };
        steps.iter().map(|&step| in_student(&recipe(schedule, warmup), step, phase)).collect()
    }

    #[test]
    fn a_far_horizon_leaves_the_rate_half_way_down() {
        let mut far = recipe("poly", "0");
        far.set_text("training.horizon", "2").unwrap();
        let phase = PhaseLength { steps: 100, epoch_steps: 10 };
        near(&[in_student(&far, 100, phase)], &rates("poly", "0", &[50]));
    }

    #[track_caller]
    fn near(found: &[f64], expected: &[f64]) {
        let apart = found.iter().zip(expected).any(|(found, expected)| (found - expected).abs() > 1e-12);
        assert!(!apart && found.len() == expected.len(), "{found:?}, expected {expected:?}");
    }

    #[test]
    fn warm_up_rises_from_zero_and_hands_over_to_the_running_clock() {
        near(&rates("poly", "10", &[0, 1, 5, 9]), &[0.0, 0.05, 0.25, 0.45]);
        // 0.5 · (1 − 10/100)^0.9
        near(&rates("poly", "10", &[10]), &[0.454_766_288_041_481_1]);
    }

    #[test]
    fn poly_cosine_and_constant_have_their_known_values() {
        near(&rates("poly", "0", &[0, 50, 100, 200]), &[0.5, 0.5 * 0.5_f64.powf(0.9), 0.0, 0.0]);
        near(&rates("cosine", "0", &[0, 25, 50, 100, 200]), &[0.5, 0.25 + 0.125 * 2.0_f64.sqrt(), 0.25, 0.0, 0.0]);
        near(&rates("constant", "0", &[0, 50, 200]), &[0.5, 0.5, 0.5]);
    }

    #[test]
    fn a_phase_without_steps_has_a_finite_rate() {
        let nothing = PhaseLength { steps: 0, epoch_steps: 0 };
        for schedule in ["poly", "cosine", "exponential"] {
            assert!(in_student(&recipe(schedule, "0"), 0, nothing).is_finite(), "{schedule}");
        }
        assert!(in_student(&recipe("cosine", "5"), 0, nothing).is_finite());
    }

    #[test]
    fn an_exponential_schedule_falls_once_an_epoch() {
        near(
            &rates("exponential", "0", &[0, 9, 10, 25, 99]),
            &[0.5, 0.5, 0.5 * 0.99, 0.5 * 0.99 * 0.99, 0.5 * 0.99_f64.powi(9)],
        );
    }
}
