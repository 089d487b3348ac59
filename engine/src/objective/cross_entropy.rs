//! Cross-entropy over the pixels that count.

use burn::tensor::Tensor;

use super::labels::Targets;

/// Mean of −log p(label) over the counted pixels: `[1]` (OGP-Net Eqs. 1 and 12, the first half of L_seg).
///
/// # Shapes
/// - log-probabilities: `[batch, classes, height, width]`, from a log-softmax over the classes
/// - targets: the same batch, classes, height and width
///
/// 0, with zero gradient, when no pixel counts.
pub fn cross_entropy(log_probabilities: Tensor<4>, targets: &Targets) -> Tensor<1> {
    let counted = targets.counted().max(1) as f32;
    (log_probabilities * targets.one_hot()).sum() * (-1.0 / counted)
}

#[cfg(test)]
mod tests {
    use burn::tensor::activation::log_softmax;

    use super::*;
    use crate::data::IGNORE;
    use crate::objective::check::{close, differentiates, gradient, labels, logits, scalar, targets_of};

    fn of(logits: Tensor<4>, targets: &Targets) -> Tensor<1> {
        cross_entropy(log_softmax(logits, 1), targets)
    }

    #[test]
    fn equals_the_reference() {
        // reference/losses.py: cross_entropy
        close(scalar(&of(logits(), &targets_of(labels(), 4))), 1.691_407_7, 1e-5);
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        let targets = targets_of(labels(), 4);
        differentiates(|logits| of(logits, &targets), logits());
    }

    #[test]
    fn ignored_pixels_have_no_say() {
        let mut ignored = labels();
        ignored.ids.fill(IGNORE);
        let targets = targets_of(ignored, 4);
        let (value, slope) = gradient(|logits| of(logits, &targets), logits());
        assert_eq!(value, 0.0);
        assert!(slope.iter().all(|&slope| slope == 0.0));
    }

    #[test]
    fn a_sure_and_right_prediction_costs_nothing_and_a_wrong_one_stays_finite() {
        let targets = targets_of(labels(), 4);
        assert_eq!(scalar(&of(targets.one_hot() * 200.0, &targets)).abs(), 0.0);
        close(scalar(&of(targets.one_hot() * -200.0, &targets)), 200.0 + 3.0_f32.ln(), 1e-3);
    }
}
