//! Consistency of a prediction from masked features: L_cr.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, softmax};

use super::labels::Targets;

/// Cross-entropy of the masked prediction under the clean one: mean of −Σ p · log q over the counted pixels, `[1]`
/// (AMDANet Eq. 13).
///
/// p is the softmax of the clean logits and gets no gradient; the paper does not say which of the two is the target.
/// AMDANet's code never compares the two: it takes the ground truth as target, which is [`super::cross_entropy()`].
///
/// # Shapes
/// - masked, clean: logits `[batch, classes, height, width]`
/// - targets: the same batch, classes, height and width; only which pixels count is read
///
/// 0, with zero gradient, when no pixel counts.
pub fn consistency(masked: &Tensor<4>, clean: &Tensor<4>, targets: &Targets) -> Tensor<1> {
    let target = softmax(clean.clone().inner(), 1) * targets.valid();
    let counted = targets.counted().max(1) as f32;
    (log_softmax(masked.clone(), 1) * target).sum() * (-1.0 / counted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IGNORE;
    use crate::objective::Labels;
    use crate::objective::check::{
        close, differentiates, drawn, draws, equals_reference, gradient, scalar, targets_of,
    };
    use crate::objective::cross_entropy::cross_entropy;

    /// Printed by `reference/fusion.py`.
    const REFERENCE: &str = include_str!("reference/fusion.txt");

    /// Masked and clean logits of four classes, and labels without class 3 that leave a third of the pixels out.
    fn case(case: u64) -> (Tensor<4>, Tensor<4>, Targets) {
        let logits = |index| drawn([2, 4, 3, 4], 100 + 2 * case + index) * 6.0 - 3.0;
        let pixels = draws(24, 200 + case).into_iter().zip(draws(24, 300 + case));
        let ids = pixels.map(|(id, kept)| if kept < 1.0 / 3.0 { IGNORE } else { (id * 3.0) as u8 }).collect();
        (logits(0), logits(1), targets_of(Labels { ids, batch: 2, height: 3, width: 4 }, 4))
    }

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        for index in 0..3 {
            let (masked, clean, targets) = case(index);
            assert!(targets.pixels()[3] == 0 && targets.counted() < 24);
            let loss = |masked: Tensor<4>| consistency(&masked, &clean, &targets);
            equals_reference(REFERENCE, &format!("consistency.clean.{index}"), loss, masked.clone());
            let loss = |masked| cross_entropy(log_softmax(masked, 1), &targets);
            equals_reference(REFERENCE, &format!("consistency.labels.{index}"), loss, masked);
        }
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences_and_spares_the_clean_prediction() {
        let (masked, clean, targets) = case(0);
        differentiates(|masked| consistency(&masked, &clean, &targets), masked.clone());
        let (_, slope) = gradient(|clean| consistency(&masked, &clean, &targets), clean.clone());
        assert!(slope.iter().all(|&slope| slope == 0.0));
    }

    #[test]
    fn equal_predictions_have_no_slope_and_ignored_pixels_no_say() {
        let (masked, clean, targets) = case(1);
        let (value, slope) = gradient(|masked| consistency(&masked, &clean, &targets), clean.clone());
        assert!(value > 0.0 && slope.iter().all(|slope| slope.abs() < 1e-6));
        let ignored = Labels { ids: vec![IGNORE; 24], batch: 2, height: 3, width: 4 };
        close(scalar(&consistency(&masked, &clean, &targets_of(ignored, 4))), 0.0, 0.0);
    }
}
