//! Dirt on the lens.

use rand_chacha::ChaCha8Rng;

use super::image::Image;
use super::patches::{highest, patches};

/// The share of the image at severity 1.
const SHARE: f32 = 0.8;
/// A patch, of the longer side.
const PATCH: f32 = 0.3;

/// Patches that are dark, or holes. More severe is more of them: those of less are among them.
pub(super) fn occlusion(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let scores = patches(image.size, PATCH * image.size.height.max(image.size.width) as f32, random);
    let covered = highest(&scores, severity * SHARE);
    let (nothing, width) = (image.nothing(), image.size.width);
    image.change(|[row, column], value| if covered[row * width + column] { nothing } else { value });
}
