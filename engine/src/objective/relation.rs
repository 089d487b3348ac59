//! Relation distillation: the student's class scores correlate with the teacher's.

use burn::tensor::Tensor;
use burn::tensor::activation::softmax;

use super::labels::Targets;
pub use crate::kernels::RelationInput;
use crate::kernels::{self, RELATION_EPSILON};

/// L_D1, DIST: 1 − the mean correlation over pixels (across classes), plus 1 − the mean correlation over classes
/// (across all counted pixels of the batch): `[1]` (OGP-Net Eqs. 5–6).
///
/// # Shapes
/// - student, teacher: logits `[batch, classes, height, width]`; the teacher gets no gradient
/// - targets: the same batch, classes, height and width; pixels that do not count are left out
///
/// A pixel or class whose scores do not vary (for student or teacher) has no correlation and is left out of its mean,
/// so one class, one pixel and no counted pixel give finite values: a half without any correlation is 0, with zero
/// gradient.
///
/// On the CPU, value and gradient come from a kernel; elsewhere from the tensor library.
pub fn relation(student: &Tensor<4>, teacher: &Tensor<4>, targets: &Targets, input: RelationInput) -> Tensor<1> {
    if targets.counted() == 0 {
        return Tensor::zeros([1], &student.device());
    }
    let by_kernel = kernels::relation(student, teacher, targets.truth(), input);
    by_kernel.unwrap_or_else(|| on_device(student, teacher, targets, input))
}

/// By tensor operations.
fn on_device(student: &Tensor<4>, teacher: &Tensor<4>, targets: &Targets, input: RelationInput) -> Tensor<1> {
    let Correlations { pixels, classes } = correlations(student, teacher, targets, input);
    pixels.disagreement() + classes.disagreement()
}

/// How scores correlate, along each row that has a correlation.
#[derive(Clone, Debug)]
pub struct Correlation {
    /// Pearson's coefficient.
    pub values: Tensor<4>,
    /// 1 for rows that have one, else 0; without a graph.
    pub defined: Tensor<4>,
}

/// The two kinds of correlation that L_D1 is made of.
#[derive(Clone, Debug)]
pub struct Correlations {
    /// Of each pixel across the classes, `[batch, 1, height, width]`.
    pub pixels: Correlation,
    /// Of each class across all counted pixels of the batch, `[1, classes, 1, 1]`.
    pub classes: Correlation,
}

/// The correlations of student and teacher; see [`relation`] for the shapes.
pub fn correlations(student: &Tensor<4>, teacher: &Tensor<4>, targets: &Targets, input: RelationInput) -> Correlations {
    let prepared = |logits: Tensor<4>| match input {
        RelationInput::Softmax => softmax(logits, 1),
        RelationInput::Logits => logits,
    };
    let (student, teacher) = (prepared(student.clone()), prepared(teacher.clone().inner()));
    let valid = targets.valid();
    let counted = targets.counted() as f32;

    let across_classes = |scores: &Tensor<4>| (scores.clone() - scores.clone().mean_dim(1)) * valid.clone();
    let pixels = Correlation::of(across_classes(&student), across_classes(&teacher), &[1]);

    let across_pixels = |scores: Tensor<4>| {
        let mean = (scores.clone() * valid.clone()).sum_dims(&[0, 2, 3]) / counted;
        (scores - mean) * valid.clone()
    };
    let classes = Correlation::of(across_pixels(student), across_pixels(teacher), &[0, 2, 3]);
    Correlations { pixels, classes }
}

impl Correlation {
    /// Of two centred tensors along `dims`.
    fn of(student: Tensor<4>, teacher: Tensor<4>, dims: &[usize]) -> Self {
        let norm = |centred: &Tensor<4>| centred.clone().square().sum_dims(dims).clamp_min(1e-30).sqrt();
        let norms = norm(&student) * norm(&teacher);
        let defined = norms.clone().inner().greater_elem(RELATION_EPSILON).float();
        Self { values: (student * teacher).sum_dims(dims) / (norms + RELATION_EPSILON), defined }
    }

    /// 1 − the mean, over the rows that have one: `[1]`.
    fn disagreement(self) -> Tensor<1> {
        let rows = self.defined.clone().sum().clamp_min(1.0);
        ((self.values.neg() + 1.0) * self.defined).sum() / rows
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::IGNORE;
    use crate::objective::Labels;
    use crate::objective::check::{
        cases, close, differentiates, gradient, labels, logits, scalar, some_labels, targets_of, wave_tensor,
    };

    const INPUTS: [RelationInput; 2] = [RelationInput::Softmax, RelationInput::Logits];

    fn teacher() -> Tensor<4> {
        wave_tensor([2, 4, 2, 3], 2.1)
    }

    #[test]
    fn equals_the_reference() {
        // reference/losses.py: relation
        let targets = targets_of(labels(), 4);
        for (input, expected) in INPUTS.into_iter().zip([2.532_276_7, 2.437_834]) {
            close(scalar(&relation(&logits(), &teacher(), &targets, input)), expected, 1e-5);
        }
    }

    #[test]
    fn host_and_device_agree_in_value_and_gradient() {
        // More than one block of pixels, a last one that is not full, and a class that is absent.
        let ids: Vec<u8> = (0..2 * 20 * 31).map(|pixel| [0, 1, 2, 4, IGNORE, 2, 9][pixel % 7]).collect();
        compare(Labels { ids, batch: 2, height: 20, width: 31 }, 5, 0.9, 2e-5);
    }

    // Of two classes or two pixels every correlation is 1 or −1, and every gradient rounding.
    proptest! {
        #![proptest_config(cases(48))]

        #[test]
        fn host_and_device_agree_whatever_the_scenes((labels, classes) in some_labels(3..=8), phase in 0.0..2.0_f64) {
            prop_assume!(targets_of(labels.clone(), classes).counted() > 2);
            // Few pixels that hardly differ leave the twin, which has single precision, few digits.
            compare(labels, classes, phase, 1e-3);
        }
    }

    fn compare(labels: Labels, classes: usize, phase: f64, tolerance: f32) {
        let shape = [labels.batch, classes, labels.height, labels.width];
        let (targets, teacher) = (targets_of(labels, classes), wave_tensor(shape, 2.1));
        for input in INPUTS {
            let at = wave_tensor(shape, phase);
            let (value, slope) = gradient(|student| relation(&student, &teacher, &targets, input), at.clone());
            let (twin, twin_slope) = gradient(|student| on_device(&student, &teacher, &targets, input), at);
            close(value, twin, tolerance / 10.0);
            let largest = twin_slope.iter().fold(0.0_f32, |largest, slope| largest.max(slope.abs()));
            for (slope, twin) in slope.iter().zip(&twin_slope) {
                assert!((slope - twin).abs() <= tolerance * largest, "{slope} and {twin} of {largest}");
            }
        }
    }

    #[test]
    fn a_logit_that_is_not_a_number_shows_in_the_value() {
        let targets = targets_of(labels(), 4);
        let broken = logits() + Tensor::full([1, 1, 1, 1], f32::NAN, &logits().device());
        for input in INPUTS {
            assert!(scalar(&relation(&broken, &teacher(), &targets, input)).is_nan());
        }
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences_and_spares_the_teacher() {
        let targets = targets_of(labels(), 4);
        for input in INPUTS {
            differentiates(|student| relation(&student, &teacher(), &targets, input), logits());
            let (_, slope) = gradient(|taught| relation(&logits(), &taught, &targets, input), teacher());
            assert!(slope.iter().all(|&slope| slope == 0.0));
        }
    }

    #[test]
    fn the_teacher_itself_costs_nothing_and_its_opposite_costs_four() {
        let targets = targets_of(labels(), 4);
        close(scalar(&relation(&teacher(), &teacher(), &targets, RelationInput::Softmax)), 0.0, 1e-5);
        close(scalar(&relation(&teacher().neg(), &teacher(), &targets, RelationInput::Logits)), 4.0, 1e-5);
        // Probabilities so sure that whole classes are exactly 0 everywhere.
        let sure = targets.one_hot() * 300.0;
        close(scalar(&relation(&sure, &sure, &targets, RelationInput::Softmax)), 0.0, 1e-5);
    }

    #[test]
    fn ignored_pixels_have_no_say() {
        let targets = targets_of(labels(), 4);
        let (value, slope) =
            gradient(|student| relation(&student, &teacher(), &targets, RelationInput::Softmax), logits());
        for class in 0..4 {
            assert_eq!((slope[class * 6 + 4], slope[(4 + class) * 6 + 3]), (0.0, 0.0));
        }
        let elsewhere = (targets.valid().neg() + 1.0) * wave_tensor([2, 4, 2, 3], 7.0) * 3.0;
        close(scalar(&relation(&(logits() + elsewhere), &teacher(), &targets, RelationInput::Softmax)), value, 1e-6);
        let mut ignored = labels();
        ignored.ids.fill(IGNORE);
        let targets = targets_of(ignored, 4);
        assert_eq!(scalar(&relation(&logits(), &teacher(), &targets, RelationInput::Softmax)), 0.0);
    }

    #[test]
    fn one_pixel_one_class_and_scores_without_variation_stay_finite() {
        for (shape, ids) in [([1, 3, 1, 1], vec![1]), ([1, 1, 1, 2], vec![0, 0]), ([1, 1, 1, 1], vec![0])] {
            let targets = targets_of(Labels { ids, batch: 1, height: 1, width: shape[3] }, shape[1]);
            for student in [wave_tensor(shape, 0.3), Tensor::zeros(shape, &wave_tensor(shape, 0.0).device())] {
                for input in INPUTS {
                    let loss = |student| relation(&student, &wave_tensor(shape, 2.1), &targets, input);
                    let (value, slope) = gradient(loss, student.clone());
                    assert!(value.is_finite() && (0.0..=4.0).contains(&value), "{shape:?} {input:?}: {value}");
                    assert!(slope.iter().all(|slope| slope.is_finite()), "{shape:?} {input:?}: {slope:?}");
                }
            }
        }
    }
}
