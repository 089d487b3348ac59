//! Relation distillation: correlations along classes and along pixels from one pass over both sides' scores.

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use super::operands::{Truth, expect_alike};
use super::slope::scalar_with_gradient;
use crate::kernels::extension::Packed;
use crate::kernels::scene::{BLOCK, Block, softmax_block};
use crate::kernels::wide::widely;
use crate::stopwatch::kernel;

/// As in DIST's code: keeps the quotient of a correlation finite.
pub const RELATION_EPSILON: f32 = 1e-8;
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

/// `objective::relation` of these logits, both `[batch, classes, height, width]`; `None` where the kernels do not work.
pub fn relation(student: &Tensor<4>, teacher: &Tensor<4>, truth: Truth<'_>, input: RelationInput) -> Option<Tensor<1>> {
    let (ours, theirs) = (Packed::of(student)?, Packed::of(teacher)?);
    expect_alike("relation", [student, teacher]);
    truth.expect("relation", student.dims());
    let pass = || value_and_gradient(ours.numbers(), theirs.numbers(), truth, input);
    let (value, gradient) = kernel("relation", pass);
    let gradient = Tensor::from_data(TensorData::new(gradient, student.shape()), &student.device().inner());
    Some(scalar_with_gradient(value, student, gradient))
}

/// Value and gradient with respect to the student's logits, scene by scene in parallel; sums are joined in the scenes'
/// order.
fn value_and_gradient(student: &[f32], teacher: &[f32], truth: Truth<'_>, input: RelationInput) -> (f32, Vec<f32>) {
    let (classes, area) = (truth.pixels.len(), truth.area);
    let (mut ours, mut theirs) = (vec![0.0_f32; student.len()], vec![0.0_f32; teacher.len()]);
    let logits = student.par_chunks(classes * area).zip(teacher.par_chunks(classes * area));
    let scenes: Vec<Scene> = ours
        .par_chunks_mut(classes * area)
        .zip(theirs.par_chunks_mut(classes * area))
        .zip(logits)
        .zip(truth.ids.par_chunks(area))
        .map(|(((ours, theirs), logits), ids)| {
            widely(
                #[inline(always)]
                || read_scene((&mut *ours, &mut *theirs), logits, ids, classes, input),
            )
        })
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
    ours.par_chunks_mut(classes * area).zip(theirs.par_chunks(classes * area)).zip(scenes.par_iter()).for_each(
        |((ours, theirs), scene)| {
            widely(
                #[inline(always)]
                || slope_scene(ours, theirs, scene, rows, &slopes, input),
            );
        },
    );
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
    #[inline(always)]
    fn of(ours: f32, theirs: f32, counts: f32) -> Self {
        let (count, ours, theirs) = (f64::from(counts), f64::from(ours * counts), f64::from(theirs * counts));
        let (our_squares, their_squares) = (ours * ours, theirs * theirs);
        Self { count, ours, theirs, our_squares, their_squares, products: ours * theirs }
    }

    #[inline(always)]
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
    #[inline(always)]
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
        let flat = norms <= f64::from(RELATION_EPSILON);
        let inverse = (norms + f64::from(RELATION_EPSILON)).recip();
        let value = (self.products - self.ours * their_mean) * inverse;
        let shrink = value * inverse * their_norm / our_norm;
        (!flat).then_some(Correlation { value, our_mean, their_mean, inverse, shrink })
    }
}

impl Slope {
    #[inline(always)]
    fn at(self, ours: f32, theirs: f32) -> f32 {
        self.by_theirs * theirs + self.by_ours * ours + self.constant
    }
}

impl Correlation {
    /// `scale` times the derivative with respect to our scores.
    #[inline(always)]
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

/// Makes one scene's scores `[classes, area]`, ours and theirs, from its logits, and takes their sums along classes and
/// pixels.
#[inline(always)]
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
#[inline(always)]
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
