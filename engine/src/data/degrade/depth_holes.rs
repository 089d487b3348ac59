//! Places where the distance could not be measured.

use rand_chacha::ChaCha8Rng;

use super::image::Image;
use super::patches::{highest, patches};
use crate::data::align::Size;

/// The share of pixels at severity 1.
const SHARE: f32 = 0.9;
/// A patch, of the longer side.
const PATCH: f32 = 0.1;
/// How much likelier an edge is than a patch, and how large a step of the range makes one.
const EDGE: f32 = 0.8;
const STEP: f32 = 0.03;

/// The likeliest places lose their measurement: edges, patches, and the far end of the range.
pub(super) fn depth_holes(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let Size { height, width } = image.size;
    let mut scores = patches(image.size, PATCH * height.max(width) as f32, random);
    let first = image.values.iter().copied().take(height * width).collect::<Vec<f32>>();
    for row in 0..height {
        for column in 0..width {
            let own = first[row * width + column];
            let differs = |row: usize, column: usize| {
                let other = first[row.min(height - 1) * width + column.min(width - 1)];
                own.is_nan() != other.is_nan() || (own - other).abs() > STEP
            };
            let score = &mut scores[row * width + column];
            if differs(row + 1, column) || differs(row, column + 1) {
                *score += EDGE;
            }
            *score += if own.is_nan() { 0.0 } else { 0.3 * own };
        }
    }
    let lost = highest(&scores, severity * SHARE);
    let nothing = image.nothing();
    image.change(|[row, column], value| if lost[row * width + column] { nothing } else { value });
}
