//! Online hard example mining: the cross-entropy looks only at pixels that are not yet learnt.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use super::labels::{Labels, Targets};
use crate::data::IGNORE;
use crate::readback;

/// Which pixels are hard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hard {
    /// Pixels whose class has a lower probability than this; 0.7 in the code that Any2Seg runs in.
    pub below: f32,
    /// At least this share of the labelled pixels, the hardest ones; 1/16 there.
    pub share: f32,
}

/// The labels of the hard pixels alone. The mean cross-entropy over them is OHEM cross-entropy; they are drawn without
/// a graph.
///
/// # Shapes
/// - logits: `[batch, classes, height, width]`
/// - targets: the same batch, classes, height and width
pub fn hard_pixels(logits: &Tensor<4>, targets: &Targets, hard: Hard) -> Targets {
    let losses = (log_softmax(logits.clone().inner(), 1) * targets.one_hot()).sum_dim(1).neg();
    let losses = readback::numbers(losses);
    let limit = -hard.below.ln();
    let fewest = (f64::from(hard.share) * targets.counted() as f64).floor() as usize;
    let mut counted: Vec<usize> = (0..losses.len()).filter(|&pixel| targets.class_of(pixel).is_some()).collect();
    // A loss that is not a number is kept: it has to show.
    let is_easy = |pixel: usize| losses[pixel] <= limit;
    let found = counted.iter().filter(|&&pixel| !is_easy(pixel)).count();
    if found < fewest {
        // The sort is stable: among equals the first pixels are kept, on every machine.
        counted.sort_by(|&one, &other| losses[other].total_cmp(&losses[one]));
        counted.truncate(fewest);
    } else {
        counted.retain(|&pixel| !is_easy(pixel));
    }
    let labels = targets.labels();
    let mut ids = vec![IGNORE; labels.ids.len()];
    for pixel in counted {
        ids[pixel] = labels.ids[pixel];
    }
    Targets::new(Labels { ids, ..labels.clone() }, targets.classes(), &logits.device())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check::{close, device, gradient, labels, logits, scalar, targets_of, wave_tensor};
    use crate::objective::recorded::{Recorded, agree};
    use crate::objective::segmentation::{SegmentationWeights, segmentation};

    const HARD: Hard = Hard { below: 0.7, share: 1.0 / 16.0 };
    const PLAIN: SegmentationWeights = SegmentationWeights { cross_entropy: 1.0, dice: 0.0 };

    fn ohem(logits: &Tensor<4>, targets: &Targets, hard: Hard) -> Tensor<1> {
        segmentation(logits, &hard_pixels(logits, targets, hard), PLAIN)
    }

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let recorded = Recorded::read(include_str!("reference/language.txt"));
        for case in ["case0", "case1", "case2"] {
            let labels = recorded.labels(&format!("{case}.labels"));
            let logits = recorded.tensor::<4>(&format!("{case}.logits"));
            for (name, hard) in [("threshold", HARD), ("share", Hard { below: 0.01, share: 0.25 })] {
                let what = format!("{case}.ohem.{name}");
                let targets = targets_of(labels.clone(), logits.dims()[1]);
                let (value, slope) = gradient(|logits| ohem(&logits, &targets, hard), logits.clone());
                agree(&[value], recorded.numbers(&what), &what);
                agree(&slope, recorded.numbers(&format!("{what}.slope")), &what);
            }
        }
    }

    #[test]
    fn everything_is_hard_where_the_limit_is_high() {
        let targets = targets_of(labels(), 4);
        let all = ohem(&logits(), &targets, Hard { below: 1.0, share: 0.0 });
        close(scalar(&all), scalar(&segmentation(&logits(), &targets, PLAIN)), 1e-6);
    }

    #[test]
    fn easy_pixels_get_no_gradient_and_none_may_be_left() {
        let targets = targets_of(labels(), 4);
        let learnt = targets.one_hot().autodiff() * 50.0;
        let (value, slope) = gradient(|logits| ohem(&logits, &targets, HARD), learnt);
        assert_eq!(value, 0.0);
        assert!(slope.iter().all(|&slope| slope == 0.0));
    }

    #[test]
    fn a_loss_that_is_no_number_is_kept() {
        let targets = targets_of(labels(), 4);
        let broken = wave_tensor([2, 4, 2, 3], 0.3) + Tensor::full([1, 1, 1, 1], f32::NAN, &device());
        assert!(scalar(&ohem(&broken, &targets, HARD)).is_nan());
    }
}
