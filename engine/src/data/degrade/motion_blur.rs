//! A camera that moves while it exposes.

use rand_chacha::ChaCha8Rng;

use super::image::Image;
use crate::random::unit;

/// The path at severity 1, of the longer side.
const PATH: f32 = 0.1;
/// The most points of the path that are looked at.
const POINTS: usize = 32;

/// The mean along a straight path about each pixel.
pub(super) fn motion_blur(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let (down, across) = (std::f32::consts::PI * unit(random)).sin_cos();
    let length = severity * PATH * image.size.height.max(image.size.width) as f32;
    let points = (length.ceil() as usize + 1).clamp(2, POINTS);
    let mut sums = vec![0.0; image.values.len()];
    let mut counts = vec![0.0; image.values.len()];
    for point in 0..points {
        let along = length * (point as f32 / (points - 1) as f32 - 0.5);
        let seen = image.warped(|row, column| (column as f32 + along * across, row as f32 + along * down));
        for ((sum, count), value) in sums.iter_mut().zip(&mut counts).zip(&seen.values) {
            if !value.is_nan() {
                *sum += value;
                *count += 1.0;
            }
        }
    }
    for ((value, sum), count) in image.values.iter_mut().zip(sums).zip(counts) {
        // A hole stays one: nobody measures it because its neighbours move.
        if !value.is_nan() && count > 0.0 {
            *value = sum / count;
        }
    }
}
