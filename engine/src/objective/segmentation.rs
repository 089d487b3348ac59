//! Cross-entropy and Dice on one head: L_seg.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use super::cross_entropy::cross_entropy;
use super::dice::dice;
use super::labels::Targets;
use crate::kernels;
pub use crate::kernels::SegmentationWeights;

/// Weighted cross-entropy plus Dice of one head: `[1]` (OGP-Net Eqs. 1 and 12).
///
/// # Shapes
/// - logits: `[batch, classes, height, width]`
/// - targets: the same batch, classes, height and width
///
/// On the CPU, value and gradient come from a kernel; elsewhere from the tensor library.
pub fn segmentation(logits: &Tensor<4>, targets: &Targets, weights: SegmentationWeights) -> Tensor<1> {
    if targets.counted() == 0 || (weights.cross_entropy == 0.0 && weights.dice == 0.0) {
        return Tensor::zeros([1], &logits.device());
    }
    let by_kernel = kernels::segmentation(logits, targets.truth(), weights);
    by_kernel.unwrap_or_else(|| on_device(logits, targets, weights))
}

/// By tensor operations, the log-softmax shared by both halves.
fn on_device(logits: &Tensor<4>, targets: &Targets, weights: SegmentationWeights) -> Tensor<1> {
    let log_probabilities = log_softmax(logits.clone(), 1);
    let mut loss = Tensor::zeros([1], &logits.device());
    if weights.cross_entropy != 0.0 {
        loss = loss + cross_entropy(log_probabilities.clone(), targets) * weights.cross_entropy;
    }
    if weights.dice != 0.0 {
        loss = loss + dice(log_probabilities.exp(), targets) * weights.dice;
    }
    loss
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::IGNORE;
    use crate::objective::Labels;
    use crate::objective::check::{
        cases, close, device, differentiates, gradient, labels, logits, scalar, some_labels, targets_of, wave_tensor,
    };

    const BOTH: SegmentationWeights = SegmentationWeights { cross_entropy: 1.0, dice: 1.0 };

    #[test]
    fn host_and_device_agree_in_value_and_gradient() {
        // More than one block of pixels, and a last one that is not full.
        let ids: Vec<u8> = (0..2 * 20 * 31).map(|pixel| [0, 1, 2, 4, IGNORE, 2, 9][pixel % 7]).collect();
        compare(Labels { ids, batch: 2, height: 20, width: 31 }, 5, 0.9);
    }

    proptest! {
        #![proptest_config(cases(48))]

        #[test]
        fn host_and_device_agree_whatever_the_scenes((labels, classes) in some_labels(1..=8), phase in 0.0..6.0_f64) {
            compare(labels, classes, phase);
        }
    }

    fn compare(labels: Labels, classes: usize, phase: f64) {
        let Labels { batch, height, width, .. } = labels;
        let targets = targets_of(labels, classes);
        for weights in [
            BOTH,
            SegmentationWeights { cross_entropy: 0.7, dice: 0.0 },
            SegmentationWeights { cross_entropy: 0.0, dice: 2.5 },
        ] {
            let at = wave_tensor([batch, classes, height, width], phase);
            let (value, slope) = gradient(|logits| segmentation(&logits, &targets, weights), at.clone());
            let (twin, twin_slope) = gradient(|logits| on_device(&logits, &targets, weights), at);
            close(value, twin, 2e-6);
            let largest = twin_slope.iter().fold(0.0_f32, |largest, slope| largest.max(slope.abs()));
            for (slope, twin) in slope.iter().zip(&twin_slope) {
                assert!((slope - twin).abs() <= 1e-5 * largest + 1e-8, "{slope} and {twin} of {largest}");
            }
        }
    }

    #[test]
    fn equals_the_sum_of_its_halves() {
        let targets = targets_of(labels(), 4);
        let halves = |cross_entropy, dice| {
            scalar(&segmentation(&logits(), &targets, SegmentationWeights { cross_entropy, dice }))
        };
        close(halves(2.0, 3.0), 2.0 * halves(1.0, 0.0) + 3.0 * halves(0.0, 1.0), 1e-6);
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        let targets = targets_of(labels(), 4);
        differentiates(|logits| segmentation(&logits, &targets, BOTH), logits());
    }

    #[test]
    fn one_pixel_and_one_class_do_no_harm() {
        let one = Labels { ids: vec![0], batch: 1, height: 1, width: 1 };
        let targets = targets_of(one.clone(), 1);
        let (value, slope) =
            gradient(|logits| segmentation(&logits, &targets, BOTH), Tensor::ones([1, 1, 1, 1], &device()));
        assert_eq!((value, slope), (0.0, vec![0.0]));
        let targets = targets_of(one, 3);
        differentiates(|logits| segmentation(&logits, &targets, BOTH), wave_tensor([1, 3, 1, 1], 0.2));
    }

    #[test]
    fn a_batch_without_counted_pixels_costs_nothing() {
        let mut ignored = labels();
        ignored.ids.fill(IGNORE);
        let targets = targets_of(ignored, 4);
        let (value, slope) = gradient(|logits| segmentation(&logits, &targets, BOTH), logits());
        assert_eq!(value, 0.0);
        assert!(slope.iter().all(|&slope| slope == 0.0));
    }

    #[test]
    fn ignored_pixels_get_no_gradient() {
        let targets = targets_of(labels(), 4);
        let (_, slope) = gradient(|logits| segmentation(&logits, &targets, BOTH), logits());
        for class in 0..4 {
            assert_eq!(slope[class * 6 + 4], 0.0);
            assert_eq!(slope[(4 + class) * 6 + 3], 0.0);
        }
    }

    #[test]
    fn a_logit_that_is_not_a_number_shows_in_the_value() {
        let targets = targets_of(labels(), 4);
        let broken = logits() + Tensor::full([1, 1, 1, 1], f32::NAN, &device());
        assert!(scalar(&segmentation(&broken, &targets, BOTH)).is_nan());
    }
}
