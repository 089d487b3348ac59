//! Rows and columns that answer nothing.

use rand_chacha::ChaCha8Rng;

use super::image::Image;
use crate::random::unit;

/// The share of lines at severity 1, of rows as of columns: 1 - 0.75², about 44 %, of the pixels.
const SHARE: f32 = 0.25;

/// Lines that read black, white or, where the sensor knows holes, nothing. More severe is more lines: those of less are
/// among them.
pub(super) fn dead_lines(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let stuck = |nothing: f32, random: &mut ChaCha8Rng| {
        let (drawn, white) = (unit(random), unit(random) < 0.5);
        let reads = if white && !nothing.is_nan() { 1.0 } else { nothing };
        (drawn < severity * SHARE).then_some(reads)
    };
    let nothing = image.nothing();
    let rows: Vec<Option<f32>> = (0..image.size.height).map(|_| stuck(nothing, random)).collect();
    let columns: Vec<Option<f32>> = (0..image.size.width).map(|_| stuck(nothing, random)).collect();
    image.change(|[row, column], value| rows[row].or(columns[column]).unwrap_or(value));
}
