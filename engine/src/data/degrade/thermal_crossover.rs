//! Things as warm as what is behind them.

use rand_chacha::ChaCha8Rng;

use super::image::{Image, normal};

/// The contrast that is gone at severity 1, and the deviation of the sensor's noise, which then shows.
const GONE: f32 = 0.95;
const NOISE: f32 = 0.02;

/// Differences from the scene's mean shrink; noise stays.
pub(super) fn thermal_crossover(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let mean = Image::mean_of(&image.values);
    for value in &mut image.values {
        *value = (*value + severity * (GONE * (mean - *value) + NOISE * normal(random))).clamp(0.0, 1.0);
    }
}
