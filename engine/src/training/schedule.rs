//! The learning rate over a phase.

use std::f64::consts::PI;

use crate::recipe::Recipe;

/// Exponent of the poly schedule.
const POWER: f64 = 0.9;

/// The learning rate of the step that follows `step` finished ones, of `total_steps` in this phase.
///
/// Over the first `training.warmup_steps` it rises linearly from 0; after them it follows `training.schedule`, whose clock runs
/// from the start of the phase, not from the end of the warm-up: `lr·(1 − t/T)^0.9`, half a cosine, or no change. From
/// `total_steps` on, poly and cosine stay at 0.
pub fn learning_rate_at(recipe: &Recipe, step: u64, total_steps: u64) -> f64 {
    let peak = recipe.number("training.learning_rate");
    let warmup = recipe.integer("training.warmup_steps") as u64;
    if step < warmup {
        return peak * step as f64 / warmup as f64;
    }
    let gone = (step as f64 / total_steps.max(1) as f64).min(1.0);
    match recipe.text("training.schedule") {
        "constant" => peak,
        "cosine" => peak * 0.5 * (1.0 + (PI * gone).cos()),
        _ => peak * (1.0 - gone).powf(POWER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(schedule: &str, warmup: &str) -> Recipe {
        let mut recipe = Recipe::defaults("r");
        recipe.set_text("training.learning_rate", "0.5").unwrap();
        recipe.set_text("training.schedule", schedule).unwrap();
        recipe.set_text("training.warmup_steps", warmup).unwrap();
        recipe
    }

    fn rates(schedule: &str, warmup: &str, steps: &[u64]) -> Vec<f64> {
        steps.iter().map(|&step| learning_rate_at(&recipe(schedule, warmup), step, 100)).collect()
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
        assert!(learning_rate_at(&recipe("poly", "0"), 0, 0).is_finite());
        assert!(learning_rate_at(&recipe("cosine", "5"), 0, 0).is_finite());
    }
}
