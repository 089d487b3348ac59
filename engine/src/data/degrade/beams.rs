//! A LiDAR's beams: those that bring nothing back, and those that shake.

use rand_chacha::ChaCha8Rng;

use super::image::{Image, normal};
use crate::random::unit;

/// Beams, each a band of rows.
const BEAMS: usize = 64;
/// At severity 1: the share of beams, and of the single returns of those left, that stay away.
const LOST_BEAMS: f32 = 0.9;
const LOST_RETURNS: f32 = 0.3;
/// Deviations at severity 1: of a beam's turn, of the width, and of a return's range.
const TURN: f32 = 0.03;
const RANGE: f32 = 0.05;

/// Beams and single returns stay away. More severe is more of them: those of less are among them.
pub(super) fn beam_loss(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let beams: Vec<bool> = (0..BEAMS).map(|_| unit(random) < severity * LOST_BEAMS).collect();
    let returns: Vec<bool> = (0..image.size.area()).map(|_| unit(random) < severity * LOST_RETURNS).collect();
    let (nothing, height, width) = (image.nothing(), image.size.height, image.size.width);
    image.change(|[row, column], value| {
        let is_lost = beams[row * BEAMS / height] || returns[row * width + column];
        if is_lost { nothing } else { value }
    });
}

/// Each beam is turned by an amount of its own, and each return is nearer or farther.
pub(super) fn lidar_jitter(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let (height, width) = (image.size.height, image.size.width);
    let turns: Vec<f32> = (0..BEAMS).map(|_| severity * TURN * width as f32 * normal(random)).collect();
    let errors: Vec<f32> = (0..image.size.area()).map(|_| severity * RANGE * normal(random)).collect();
    *image = image.warped(|row, column| (column as f32 + turns[row * BEAMS / height], row as f32));
    image.change(|[row, column], value| (value + errors[row * width + column]).clamp(0.0, 1.0));
}
