//! Multi-class Dice over the whole batch.

use burn::tensor::Tensor;

use super::labels::Targets;
use crate::kernels::DICE_EPSILON;

/// Mean over the classes of 1 − 2·Σ p·y / (Σ p + Σ y): `[1]` (the second half of L_seg, OGP-Net Eqs. 1 and 12).
///
/// Sums run over the counted pixels of the whole batch, one value a class. A class that is absent from the batch
/// contributes 0 and still counts in the mean over all classes, as in segmentation_models_pytorch.
///
/// # Shapes
/// - probabilities: `[batch, classes, height, width]`, from a softmax over the classes
/// - targets: the same batch, classes, height and width
///
/// 0, with zero gradient, when no pixel counts.
pub fn dice(probabilities: Tensor<4>, targets: &Targets) -> Tensor<1> {
    let one_hot = targets.one_hot();
    let overlap = (probabilities.clone() * one_hot.clone()).sum_dims(&[0, 2, 3]);
    let mass = (probabilities * targets.valid()).sum_dims(&[0, 2, 3]) + one_hot.sum_dims(&[0, 2, 3]);
    let score = overlap * 2.0 / mass.clamp_min(DICE_EPSILON);
    ((score.neg() + 1.0) * targets.present()).mean()
}

#[cfg(test)]
mod tests {
    use burn::tensor::activation::softmax;

    use super::*;
    use crate::data::IGNORE;
    use crate::objective::check::{close, differentiates, gradient, labels, logits, scalar, targets_of};

    fn of(logits: Tensor<4>, targets: &Targets) -> Tensor<1> {
        dice(softmax(logits, 1), targets)
    }

    #[test]
    fn equals_the_reference() {
        // reference/losses.py: dice
        close(scalar(&of(logits(), &targets_of(labels(), 4))), 0.472_512_35, 1e-5);
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        let targets = targets_of(labels(), 4);
        differentiates(|logits| of(logits, &targets), logits());
    }

    #[test]
    fn an_absent_class_adds_nothing_to_the_sum_and_one_to_the_count() {
        let mut absent = labels();
        for id in absent.ids.iter_mut().filter(|id| **id != 2) {
            *id = IGNORE;
        }
        let targets = targets_of(absent, 4);
        let sure_but_wrong = Tensor::zeros([2, 4, 2, 3], &logits().device()) + targets.one_hot() * -200.0;
        close(scalar(&of(sure_but_wrong, &targets)), 0.25, 1e-6);
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
    fn a_sure_and_right_prediction_costs_nothing() {
        let targets = targets_of(labels(), 4);
        close(scalar(&of(targets.one_hot() * 200.0, &targets)), 0.0, 1e-6);
    }
}
