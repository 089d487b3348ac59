//! Distillation of class scores by divergences: pixel by pixel (KL), or class by class over an image (CWD).

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use super::labels::Targets;

/// Takes pixels that do not count out of a softmax over an image.
const NOWHERE: f32 = 1e30;

/// T² · KL( softmax(teacher / T) ‖ softmax(student / T) ) over the classes, mean over the pixels that count: `[1]`
/// (Hinton et al., 2015; pixel-wise distillation of Liu et al., CVPR 2019). Table 3 of OGP-Net names it KL.
///
/// # Shapes
/// - student, teacher: logits `[batch, classes, height, width]`; the teacher gets no gradient
/// - targets: the same batch, classes, height and width
///
/// 0, with zero gradient, when no pixel counts.
pub fn pixelwise(student: &Tensor<4>, teacher: &Tensor<4>, targets: &Targets, temperature: f64) -> Tensor<1> {
    let log = |logits: Tensor<4>| log_softmax(logits / temperature, 1);
    let (student, teacher) = (log(student.clone()), log(teacher.clone().inner()));
    let each = teacher.clone().exp() * (teacher - student) * targets.valid();
    each.sum() * (temperature * temperature / targets.counted().max(1) as f64)
}

/// T² · KL of the same two as distributions over an image's pixels that count, one a class; mean over classes and
/// images: `[1]` (channel-wise distillation, Shu et al., ICCV 2021). Table 3 of OGP-Net names it CWD.
///
/// Shapes as of [`pixelwise`]. An image without a pixel that counts adds 0.
pub fn channelwise(student: &Tensor<4>, teacher: &Tensor<4>, targets: &Targets, temperature: f64) -> Tensor<1> {
    let [batch, classes, height, width] = student.dims();
    let nowhere = (targets.valid() - 1.0) * NOWHERE;
    let log = |logits: Tensor<4>| {
        let rows: Tensor<3> = (logits / temperature + nowhere.clone()).reshape([batch, classes, height * width]);
        log_softmax(rows, 2)
    };
    let (student, teacher) = (log(student.clone()), log(teacher.clone().inner()));
    let each = teacher.clone().exp() * (teacher - student);
    each.sum() * (temperature * temperature / (batch * classes).max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IGNORE;
    use crate::objective::check::{close, differentiates, gradient, labels, logits, scalar, targets_of, wave_tensor};

    type Loss = fn(&Tensor<4>, &Tensor<4>, &Targets, f64) -> Tensor<1>;
    const BOTH: [Loss; 2] = [pixelwise, channelwise];

    fn teacher() -> Tensor<4> {
        wave_tensor([2, 4, 2, 3], 2.1)
    }

    #[test]
    fn equals_the_reference() {
        // reference/losses.py: divergence
        let targets = targets_of(labels(), 4);
        for (temperature, expected) in [(1.0, [1.692_323_2, 1.490_518_7]), (4.0, [2.204_896_1, 2.129_283_1])] {
            for (loss, expected) in BOTH.into_iter().zip(expected) {
                close(scalar(&loss(&logits(), &teacher(), &targets, temperature)), expected, 1e-5);
            }
        }
    }

    #[test]
    fn their_gradients_are_those_of_finite_differences_and_spare_the_teacher() {
        let targets = targets_of(labels(), 4);
        for loss in BOTH {
            differentiates(|student| loss(&student, &teacher(), &targets, 2.0), logits());
            let (_, slope) = gradient(|taught| loss(&logits(), &taught, &targets, 2.0), teacher());
            assert!(slope.iter().all(|&slope| slope == 0.0));
        }
    }

    #[test]
    fn the_teacher_itself_costs_nothing_and_ignored_pixels_have_no_say() {
        let targets = targets_of(labels(), 4);
        let elsewhere = (targets.valid().neg() + 1.0) * wave_tensor([2, 4, 2, 3], 7.0) * 3.0;
        let mut ignored = labels();
        ignored.ids.fill(IGNORE);
        let none = targets_of(ignored, 4);
        for loss in BOTH {
            close(scalar(&loss(&teacher(), &teacher(), &targets, 4.0)), 0.0, 1e-6);
            let (value, slope) = gradient(|student| loss(&student, &teacher(), &targets, 4.0), logits());
            for class in 0..4 {
                assert_eq!((slope[class * 6 + 4], slope[(4 + class) * 6 + 3]), (0.0, 0.0));
            }
            close(scalar(&loss(&(logits() + elsewhere.clone()), &teacher(), &targets, 4.0)), value, 1e-5);
            let (value, slope) = gradient(|student| loss(&student, &teacher(), &none, 4.0), logits());
            assert!(value == 0.0 && slope.iter().all(|&slope| slope == 0.0), "{value} {slope:?}");
        }
    }

    #[test]
    fn a_constant_added_to_all_classes_is_no_difference_pixel_by_pixel_and_to_all_pixels_none_class_by_class() {
        let targets = targets_of(labels(), 4);
        let (by_pixel, by_class) = (wave_tensor([2, 1, 2, 3], 0.9), wave_tensor([2, 4, 1, 1], 0.4));
        let shifted = |loss: Loss, by: Tensor<4>| scalar(&loss(&(teacher() + by), &teacher(), &targets, 1.0));
        close(shifted(pixelwise, by_pixel.clone()), 0.0, 1e-5);
        close(shifted(channelwise, by_class.clone()), 0.0, 1e-5);
        assert!(shifted(pixelwise, by_class) > 0.1 && shifted(channelwise, by_pixel) > 0.1);
    }
}
