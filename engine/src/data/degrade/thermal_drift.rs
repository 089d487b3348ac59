//! A thermal camera that has not been calibrated for long.

use rand_chacha::ChaCha8Rng;

use super::image::{Image, normal, sign};
use crate::random::unit;

/// At severity 1: how far the level moves, the gradient across the image, and the deviations of columns and of pixels.
const LEVEL: f32 = 0.2;
const GRADIENT: f32 = 0.2;
const COLUMNS: f32 = 0.08;
const PIXELS: f32 = 0.05;

/// Offsets of the whole, of a gradient, of columns and of pixels.
pub(super) fn thermal_drift(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let [height, width] = [image.size.height, image.size.width];
    let level = LEVEL * sign(random);
    let (down, across) = (std::f32::consts::TAU * unit(random)).sin_cos();
    let columns: Vec<f32> = (0..width).map(|_| COLUMNS * normal(random)).collect();
    let pixels: Vec<f32> = (0..height * width).map(|_| PIXELS * normal(random)).collect();
    image.change(|[row, column], value| {
        let place = [row as f32 / height as f32 - 0.5, column as f32 / width as f32 - 0.5];
        let gradient = GRADIENT * (place[0] * down + place[1] * across);
        let offset = level + gradient + columns[column] + pixels[row * width + column];
        (value + severity * offset).clamp(0.0, 1.0)
    });
}
