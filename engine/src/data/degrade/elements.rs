//! Values here and there: lost, or at the image's extremes (RMM and NM of Liao et al., CVPR Workshops 2025).
//!
//! The functions that protocols use too work on values of any kind: a unit range as well as normalised images.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::image::{Image, normal};
use crate::data::sample::ModalityKind;
use crate::random::unit;

/// NM's high: the share of values at the extremes, and the deviation on a normalised image.
const DENSITY: f32 = 0.2;
const DEVIATION: f32 = 0.5;
/// ImageNet's mean deviation, which brings that to the unit range.
const IMAGENET: f32 = 0.226;

/// Each value is `lost` with this probability, by a draw of its own.
pub fn lose_elements(values: &mut [f32], probability: f32, lost: f32, random: &mut ChaCha8Rng) {
    for value in values {
        if unit(random) < probability {
            *value = lost;
        }
    }
}

/// Sets ⌈density · n / 2⌉ values to the largest and as many to the smallest, places being drawn with replacement, in
/// turn, so that a lower density takes the first of a higher one's.
fn salt_and_pepper(values: &mut [f32], density: f32, random: &mut ChaCha8Rng) {
    let measured = || values.iter().copied().filter(|value| !value.is_nan());
    let (largest, smallest) = (measured().fold(f32::NEG_INFINITY, f32::max), measured().fold(f32::INFINITY, f32::min));
    let count = if values.is_empty() { 0 } else { (density * values.len() as f32 / 2.0).ceil() as usize };
    for _ in 0..count {
        for extreme in [largest, smallest] {
            let place = (random.next_u64() % values.len() as u64) as usize;
            if !values[place].is_nan() {
                values[place] = extreme;
            }
        }
    }
}

/// Adds Gaussian noise of mean 0 and this deviation.
pub fn add_gauss(values: &mut [f32], deviation: f32, random: &mut ChaCha8Rng) {
    for value in values {
        *value += deviation * normal(random);
    }
}

/// Lost values are holes, or their channel's mean.
pub(super) fn element_loss(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let has_holes = image.has_holes;
    for channel in image.values.chunks_mut(image.size.area().max(1)) {
        let lost = if has_holes { f32::NAN } else { Image::mean_of(channel) };
        lose_elements(channel, severity, lost, random);
    }
}

/// Extremes over the whole image, then noise on all but events.
pub(super) fn noisy(image: &mut Image, severity: f32, salt: &mut ChaCha8Rng, gauss: &mut ChaCha8Rng) {
    salt_and_pepper(&mut image.values, severity * DENSITY, salt);
    if image.kind != ModalityKind::Event {
        add_gauss(&mut image.values, severity * DEVIATION * IMAGENET, gauss);
        image.values.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
    }
}
