//! Rain.

use rand_chacha::ChaCha8Rng;

use super::image::{Image, normal};
use crate::data::align::Size;
use crate::random::unit;

/// Pixels a streak, at severity 1, of a picture 240 high.
const AREA_PX: f32 = 150.0;
/// The height in which that is counted.
const HEIGHT_PX: f32 = 240.0;
/// What the veil leaves out of the contrast, at severity 1.
const VEIL: f32 = 0.33;
/// How bright a drop is, and how much of it a streak shows.
const BRIGHT: f32 = 0.85;
const OPAQUE: f32 = 0.55;

/// Bright streaks of one slant before a veil. More severe is more streaks: those of less are among them.
pub(super) fn rain(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let Size { height, width } = image.size;
    let scale = height as f32 / HEIGHT_PX;
    let slant = 0.25 * normal(random);
    let most = (image.size.area() as f32 / (AREA_PX * scale * scale).max(1.0)).ceil() as usize;
    let mut covered = vec![0.0_f32; image.size.area()];
    let count = (most as f32 * severity).round() as usize;
    for _ in 0..count {
        let (x, y) = (unit(random) * width as f32, unit(random) * height as f32);
        let (length, opaque) = (height as f32 * (0.04 + 0.06 * unit(random)), OPAQUE * (0.5 + 0.5 * unit(random)));
        for step in 0..=length as usize {
            let (row, column) = (y as usize + step, (x + slant * step as f32).max(0.0) as usize);
            if row < height && column < width {
                let place = &mut covered[row * width + column];
                *place = place.max(opaque);
            }
        }
    }
    let veil = Image::mean_of(&image.values);
    image.change(|[row, column], value| {
        let veiled = value + severity * VEIL * (veil - value);
        veiled + covered[row * width + column] * (BRIGHT - veiled)
    });
}
