//! Shot and read noise.

use rand_chacha::ChaCha8Rng;

use super::image::{Image, normal};

/// Deviations at severity 1: of white's shot noise, and of the read noise.
const SHOT: f32 = 0.2;
const READ: f32 = 0.12;

/// Poisson and Gaussian noise, the former by the Gaussian of its variance.
pub(super) fn noise(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    for value in &mut image.values {
        let (shot, read) = (normal(random), normal(random));
        *value = (*value + severity * (SHOT * value.sqrt() * shot + READ * read)).clamp(0.0, 1.0);
    }
}
