//! Too much and too little light.

use super::image::Image;

/// Stops at severity 1.
const OVER: f32 = 4.0;
const UNDER: f32 = 8.0;
/// Values are light to the power 1 / 2.2.
const GAMMA: f32 = 2.2;
/// Steps that stored values have.
const STEPS: f32 = 255.0;

/// Light times 2^stops, cut off at white.
pub(super) fn over(image: &mut Image, severity: f32) {
    let factor = (severity * OVER / GAMMA).exp2();
    image.values.iter_mut().for_each(|value| *value = (*value * factor).clamp(0.0, 1.0));
}

/// Light over 2^stops, in whole steps of 8 bits.
pub(super) fn under(image: &mut Image, severity: f32) {
    let factor = (-severity * UNDER / GAMMA).exp2();
    image.values.iter_mut().for_each(|value| *value = (*value * factor * STEPS).round() / STEPS);
}
