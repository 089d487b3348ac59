//! A light that shines into the lens.

use rand_chacha::ChaCha8Rng;

use super::image::Image;
use crate::random::unit;

/// Where the veil has half of its strength, of the diagonal.
const HALF: f32 = 0.2;
/// What of it lies on the whole image.
const EVERYWHERE: f32 = 0.25;

/// A veil about a source in the upper half that falls with the square of the distance from it.
pub(super) fn glare(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let [height, width] = [image.size.height as f32, image.size.width as f32];
    let (x, y) = (width * (0.1 + 0.8 * unit(random)), height * 0.5 * unit(random));
    let half = HALF * height.hypot(width);
    image.change(|[row, column], value| {
        let away = (row as f32 - y).hypot(column as f32 - x) / half;
        value + severity * (EVERYWHERE + (1.0 - EVERYWHERE) / (1.0 + away * away)) * (1.0 - value)
    });
}
