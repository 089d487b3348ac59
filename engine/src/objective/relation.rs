//! Relation distillation: the student's class scores correlate with the teacher's.

use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::host::{BLOCK, Block, softmax_block};
use super::labels::Targets;
use super::slope::scalar_with_gradient;

/// As in DIST's code: keeps the quotient of a correlation finite.
const EPSILON: f32 = 1e-8;
/// Sums of squares that differ by less than this share of themselves are equal.
const ROUNDING: f64 = 1e-11;

/// What is correlated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationInput {
    /// Class probabilities (DIST's code).
    Softmax,
    /// Raw class scores (the paper's wording).
    Logits,
}

/// L_D1, DIST: 1 − the mean correlation over pixels (across classes), plus 1 − the mean correlation over classes (across all
/// counted pixels of the batch): `[1]` (OGP-Net Eqs. 5–6).
///
/// # Shapes
/// - student, teacher: logits `[batch, classes, height, width]`; the teacher gets no gradient
/// - targets: the same batch, classes, height and width; pixels that do not count are left out
///
/// A pixel or class whose scores do not vary (for student or teacher) has no correlation and is left out of its mean, so one
/// class, one pixel and no counted pixel give finite values: a half without any correlation is 0, with zero gradient.
///
/// On the CPU, value and gradient come from two passes over the logits (`on_host`); elsewhere from the tensor library.
pub fn relation(student: &Tensor<4>, teacher: &Tensor<4>, targets: &Targets, input: RelationInput) -> Tensor<1> {
    if targets.counted() == 0 {
        return Tensor::zeros([1], &student.device());
    }
    if student.device() != Device::flex() {
        return on_device(student, teacher, targets, input);
    }
    let (ours, theirs) = (student.clone().inner().into_data(), teacher.clone().inner().into_data());
    match (ours.as_slice::<f32>(), theirs.as_slice::<f32>()) {
        (Ok(ours), Ok(theirs)) if ours.len() == theirs.len() => {
            let (value, gradient) = on_host(ours, theirs, targets, input);
            let gradient = Tensor::from_data(TensorData::new(gradient, student.shape()), &student.device().inner());
            scalar_with_gradient(value, student, gradient)
        }
        _ => on_device(student, teacher, targets, input),
    }
}

/// By tensor operations.
fn on_device(student: &Tensor<4>, teacher: &Tensor<4>, targets: &Targets, input: RelationInput) -> Tensor<1> {
    let prepared = |logits: Tensor<4>| match input {
        RelationInput::Softmax => softmax(logits, 1),
        RelationInput::Logits => logits,
    };
    let (student, teacher) = (prepared(student.clone()), prepared(teacher.clone().inner()));
    let valid = targets.valid();
    let counted = targets.counted() as f32;

    let across_classes = |scores: &Tensor<4>| (scores.clone() - scores.clone().mean_dim(1)) * valid.clone();
    let over_pixels = disagreement(across_classes(&student), across_classes(&teacher), &[1]);

    let across_pixels = |scores: Tensor<4>| {
        let mean = (scores.clone() * valid.clone()).sum_dims(&[0, 2, 3]) / counted;
        (scores - mean) * valid.clone()
    };
    let over_classes = disagreement(across_pixels(student), across_pixels(teacher), &[0, 2, 3]);
    over_pixels + over_classes
}

/// 1 − the mean correlation of two centred tensors along `dims`, over the rows that have one.
fn disagreement(student: Tensor<4>, teacher: Tensor<4>, dims: &[usize]) -> Tensor<1> {
    let norm = |centred: &Tensor<4>| centred.clone().square().sum_dims(dims).clamp_min(1e-30).sqrt();
    let norms = norm(&student) * norm(&teacher);
    let defined = norms.clone().inner().greater_elem(EPSILON).float();
    let rows = defined.clone().sum().clamp_min(1.0);
    let correlation = (student * teacher).sum_dims(dims) / (norms + EPSILON);
    ((correlation.neg() + 1.0) * defined).sum() / rows
}

/// Value and gradient with respect to the student's logits, scene by scene in parallel; sums are joined in the scenes' order.
fn on_host(student: &[f32], teacher: &[f32], targets: &Targets, input: RelationInput) -> (f32, Vec<f32>) {
    let labels = targets.labels();
    let (classes, area) = (targets.classes(), labels.height * labels.width);
    let (mut ours, mut theirs) = (vec![0.0_f32; student.len()], vec![0.0_f32; teacher.len()]);
    let logits = student.par_chunks(classes * area).zip(teacher.par_chunks(classes * area));
    let scenes: Vec<Scene> = ours
        .par_chunks_mut(classes * area)
        .zip(theirs.par_chunks_mut(classes * area))
        .zip(logits)
        .zip(labels.ids.par_chunks(area))
        .map(|((scores, logits), ids)| read_scene(scores, logits, ids, classes, input))
        .collect();

    let rows = scenes.iter().map(|scene| scene.rows).sum::<usize>();
    let over_pixels = scenes.iter().map(|scene| scene.disagreement).sum::<f64>() / rows.max(1) as f64;
    let by_class: Vec<Option<Correlation>> = (0..classes)
        .map(|class| scenes.iter().fold(Moments::default(), |sum, scene| sum.and(scene.classes[class])).correlation())
        .collect();
    let defined = by_class.iter().flatten().count().max(1) as f64;
    let over_classes = by_class.iter().flatten().map(|row| 1.0 - row.value).sum::<f64>() / defined;
    let slopes: Vec<Slope> =
        by_class.iter().map(|row| row.as_ref().map_or(Slope::default(), |row| row.slope(-1.0 / defined))).collect();
    ours.par_chunks_mut(classes * area)
        .zip(theirs.par_chunks(classes * area))
        .zip(scenes.par_iter())
        .for_each(|((ours, theirs), scene)| slope_scene(ours, theirs, scene, rows, &slopes, input));
    ((over_pixels + over_classes) as f32, ours)
}

/// Sums from which one correlation follows; in double precision, where the differences of squares keep their digits.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    ours: f64,
    theirs: f64,
    our_squares: f64,
    their_squares: f64,
    products: f64,
}

/// A correlation and what its derivative needs.
#[derive(Clone, Copy, Debug)]
struct Correlation {
    value: f64,
    our_mean: f64,
    their_mean: f64,
    /// 1 / (‖ours‖·‖theirs‖ + ε).
    inverse: f64,
    /// correlation · inverse · ‖theirs‖ / ‖ours‖.
    shrink: f64,
}

/// A derivative that is linear in both scores: `by_theirs·theirs + by_ours·ours + constant`.
#[derive(Clone, Copy, Debug, Default)]
struct Slope {
    by_theirs: f32,
    by_ours: f32,
    constant: f32,
}

impl Moments {
    /// Of one pair of scores; `counts` is 1, or 0 for a pixel that does not count.
    fn of(ours: f32, theirs: f32, counts: f32) -> Self {
        let (count, ours, theirs) = (f64::from(counts), f64::from(ours * counts), f64::from(theirs * counts));
        let (our_squares, their_squares) = (ours * ours, theirs * theirs);
        Self { count, ours, theirs, our_squares, their_squares, products: ours * theirs }
    }

    fn and(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            ours: self.ours + other.ours,
            theirs: self.theirs + other.theirs,
            our_squares: self.our_squares + other.our_squares,
            their_squares: self.their_squares + other.their_squares,
            products: self.products + other.products,
        }
    }

    /// `None` where one side does not vary.
    fn correlation(self) -> Option<Correlation> {
        let count = self.count.max(1.0);
        let (our_mean, their_mean) = (self.ours / count, self.theirs / count);
        let norm = |squares: f64, sum: f64, mean: f64| {
            let variation = squares - sum * mean;
            // What is left of equal numbers is rounding. A variation that is not a number stays one.
            if variation <= ROUNDING * squares { 0.0 } else { variation.sqrt() }
        };
        let our_norm = norm(self.our_squares, self.ours, our_mean);
        let their_norm = norm(self.their_squares, self.theirs, their_mean);
        let norms = our_norm * their_norm;
        let flat = norms <= f64::from(EPSILON);
        let inverse = (norms + f64::from(EPSILON)).recip();
        let value = (self.products - self.ours * their_mean) * inverse;
        let shrink = value * inverse * their_norm / our_norm;
        (!flat).then_some(Correlation { value, our_mean, their_mean, inverse, shrink })
    }
}

impl Slope {
    fn at(self, ours: f32, theirs: f32) -> f32 {
        self.by_theirs * theirs + self.by_ours * ours + self.constant
    }
}

impl Correlation {
    /// `scale` times the derivative with respect to our scores.
    fn slope(&self, scale: f64) -> Slope {
        Slope {
            by_theirs: (scale * self.inverse) as f32,
            by_ours: (-scale * self.shrink) as f32,
            constant: (scale * (self.shrink * self.our_mean - self.inverse * self.their_mean)) as f32,
        }
    }
}

/// What the first pass finds in one scene.
struct Scene {
    /// Sum over the pixels that have a correlation of 1 − it.
    disagreement: f64,
    /// How many pixels have one.
    rows: usize,
    /// By pixel, unscaled; zero where there is no correlation.
    slopes: Vec<Slope>,
    /// Whether a pixel counts: 1 or 0.
    counts: Vec<f32>,
    /// By class, over counted pixels.
    classes: Vec<Moments>,
}

/// Makes one scene's scores `[classes, area]`, ours and theirs, from its logits, and takes their sums along classes and pixels.
fn read_scene(
    (ours, theirs): (&mut [f32], &mut [f32]),
    (our_logits, their_logits): (&[f32], &[f32]),
    ids: &[u8],
    classes: usize,
    input: RelationInput,
) -> Scene {
    let mut scene = Scene {
        disagreement: 0.0,
        rows: 0,
        slopes: vec![Slope::default(); ids.len()],
        counts: ids.iter().map(|&id| f32::from(u8::from(usize::from(id) < classes))).collect(),
        classes: vec![Moments::default(); classes],
    };
    for block in Block::all(ids.len()) {
        for (scores, logits) in [(&mut *ours, our_logits), (&mut *theirs, their_logits)] {
            if input == RelationInput::Softmax {
                softmax_block(logits, classes, block, scores);
            } else {
                (0..classes).for_each(|class| {
                    scores[block.of_class(class)].copy_from_slice(&logits[block.of_class(class)]);
                });
            }
        }
        let counts = &scene.counts[block.pixels()];
        let mut pixels = [Moments::default(); BLOCK];
        for class in 0..classes {
            let mut sums = Moments::default();
            let scores = ours[block.of_class(class)].iter().zip(&theirs[block.of_class(class)]);
            for (((&ours, &theirs), &counts), pixel) in scores.zip(counts).zip(&mut pixels) {
                let term = Moments::of(ours, theirs, counts);
                *pixel = pixel.and(term);
                sums = sums.and(term);
            }
            scene.classes[class] = scene.classes[class].and(sums);
        }
        for (slope, moments) in scene.slopes[block.pixels()].iter_mut().zip(&pixels[..block.count]) {
            if moments.count > 0.0
                && let Some(row) = moments.correlation()
            {
                *slope = row.slope(1.0);
                scene.disagreement += 1.0 - row.value;
                scene.rows += 1;
            }
        }
    }
    scene
}

/// Turns our scores `[classes, area]` into the gradient with respect to our logits.
fn slope_scene(ours: &mut [f32], theirs: &[f32], scene: &Scene, rows: usize, by_class: &[Slope], input: RelationInput) {
    let share = -1.0 / rows.max(1) as f32;
    let mut slopes = vec![[0.0_f32; BLOCK]; by_class.len()];
    for block in Block::all(scene.counts.len()) {
        let counts = &scene.counts[block.pixels()];
        // Softmax backward takes the mean of the derivatives under p away.
        let mut mean = [0.0_f32; BLOCK];
        for (class, &whole) in by_class.iter().enumerate() {
            let scores = ours[block.of_class(class)].iter().zip(&theirs[block.of_class(class)]);
            let pixels = scene.slopes[block.pixels()].iter().zip(counts);
            let outputs = slopes[class].iter_mut().zip(&mut mean);
            for (((&ours, &theirs), (&pixel, counts)), (slope, mean)) in scores.zip(pixels).zip(outputs) {
                *slope = share * pixel.at(ours, theirs) + counts * whole.at(ours, theirs);
                *mean += *slope * ours;
            }
        }
        for (class, slopes) in slopes.iter().enumerate() {
            for (value, (slope, mean)) in ours[block.of_class(class)].iter_mut().zip(slopes.iter().zip(&mean)) {
                *value = match input {
                    RelationInput::Softmax => *value * (slope - mean),
                    RelationInput::Logits => *slope,
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IGNORE;
    use crate::objective::Labels;
    use crate::objective::check::{close, differentiates, gradient, labels, logits, scalar, targets_of, wave_tensor};

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
        let targets = targets_of(Labels { ids, batch: 2, height: 20, width: 31 }, 5);
        let teacher = wave_tensor([2, 5, 20, 31], 2.1);
        for input in INPUTS {
            let at = wave_tensor([2, 5, 20, 31], 0.9);
            let (value, slope) = gradient(|student| relation(&student, &teacher, &targets, input), at.clone());
            let (twin, twin_slope) = gradient(|student| on_device(&student, &teacher, &targets, input), at);
            close(value, twin, 2e-6);
            let largest = twin_slope.iter().fold(0.0_f32, |largest, slope| largest.max(slope.abs()));
            for (slope, twin) in slope.iter().zip(&twin_slope) {
                assert!((slope - twin).abs() <= 2e-5 * largest, "{slope} and {twin} of {largest}");
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
