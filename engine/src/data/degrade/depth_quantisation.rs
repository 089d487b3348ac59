//! Distances in coarse steps.

use super::image::Image;
use crate::data::sample::ModalityKind;

/// The step at severity 1: of a disparity's range, and of a distance's inverse.
const DISPARITY: f32 = 0.25;
const INVERSE: f32 = 1.0;
/// What is added to a distance before its inverse is taken, of the range: what is nearer has one step.
const NEAREST: f32 = 0.05;

/// Disparities in whole steps; distances are the inverse of such.
pub(super) fn depth_quantisation(image: &mut Image, severity: f32) {
    let is_inverse = image.kind != ModalityKind::Disparity;
    for value in &mut image.values {
        *value = if is_inverse {
            let step = severity * INVERSE;
            (1.0 / (step * (1.0 / ((*value + NEAREST) * step)).round()) - NEAREST).clamp(0.0, 1.0)
        } else {
            let step = severity * DISPARITY;
            ((*value / step).round() * step).clamp(0.0, 1.0)
        };
    }
}
