//! Fog.

use super::image::Image;

/// β times the far end of the range, at severity 1.
const DEPTH: f32 = 5.0;
/// The share of values that the fog's own light surpasses.
const AIRLIGHT: f32 = 0.95;

/// Koschmieder's law: light of a distance d is e^−βd of itself, and the rest is the fog's. `distances` has a value a
/// pixel, 0 near to 1 far.
pub(super) fn fog(image: &mut Image, severity: f32, distances: &[f32]) {
    let airlight = Image::quantile(&image.values, AIRLIGHT);
    let width = image.size.width;
    image.change(|[row, column], value| {
        let passed = (-severity * DEPTH * distances[row * width + column]).exp();
        value * passed + airlight * (1.0 - passed)
    });
}
