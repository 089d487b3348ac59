//! Distances in coarse steps.

use super::image::Image;
use crate::data::sample::ModalityKind;

/// Bits of the step that a low severity leaves: one is lost after the other, so that the values of each severity are
/// among those of a lower one, and no value comes nearer to its own again.
const BITS: f32 = 6.0;
/// The step at severity 1: of a disparity's range, and of a distance's inverse.
const DISPARITY: f32 = 0.25;
const INVERSE: f32 = 1.0;
/// What is added to a distance before its inverse is taken, of the range: what is nearer has one step.
const NEAREST: f32 = 0.05;

/// Disparities cut to whole steps; distances are the inverse of such.
pub(super) fn depth_quantisation(image: &mut Image, severity: f32) {
    let bits = (BITS * (1.0 - severity)).ceil();
    let is_inverse = image.kind != ModalityKind::Disparity;
    let step = 0.5_f32.powf(bits) * if is_inverse { INVERSE } else { DISPARITY };
    let cut = |value: f32| (value / step).floor() * step;
    for value in &mut image.values {
        // Without a whole step left something is infinitely far: at the end of the range.
        *value = if is_inverse { 1.0 / cut(1.0 / (*value + NEAREST)) - NEAREST } else { cut(*value) }.clamp(0.0, 1.0);
    }
}
