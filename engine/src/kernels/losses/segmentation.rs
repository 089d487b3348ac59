//! Cross-entropy and Dice: two passes over the logits, one for the sums and one for the gradient.

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use super::operands::Truth;
use super::slope::scalar_with_gradient;
use crate::kernels::extension::Packed;
use crate::kernels::lanes::Sums;
use crate::kernels::scene::{BLOCK, Block, labelled, softmax_block};
use crate::kernels::wide::widely;
use crate::stopwatch::kernel;

/// Keeps the Dice quotient finite for classes without any mass.
pub const DICE_EPSILON: f32 = 1e-7;
/// Far from overflow, times the largest sum of a softmax.
const MUCH: f64 = 1e200;

/// How the two halves of L_seg are weighted; 1 and 1 in the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SegmentationWeights {
    /// Weight of the cross-entropy.
    pub cross_entropy: f32,
    /// Weight of the Dice loss.
    pub dice: f32,
}

/// `objective::segmentation` of logits `[batch, classes, height, width]` with at least one pixel that counts; `None`
/// where the kernels do not work.
pub fn segmentation(logits: &Tensor<4>, truth: Truth<'_>, weights: SegmentationWeights) -> Option<Tensor<1>> {
    let numbers = Packed::of(logits)?;
    truth.expect("cross-entropy and Dice", logits.dims());
    let (value, gradient) = kernel("cross-entropy and Dice", || value_and_gradient(numbers.numbers(), truth, weights));
    let gradient = Tensor::from_data(TensorData::new(gradient, logits.shape()), &logits.device().inner());
    Some(scalar_with_gradient(value, logits, gradient))
}

/// What one scene adds to the sums over the batch.
struct SceneSums {
    cross_entropy: f64,
    /// Σ p·y by class.
    overlap: Vec<f64>,
    /// Σ p over counted pixels by class.
    mass: Vec<f64>,
}

/// Value and gradient with respect to the logits, scene by scene in parallel; sums are joined in the scenes' order.
fn value_and_gradient(logits: &[f32], truth: Truth<'_>, weights: SegmentationWeights) -> (f32, Vec<f32>) {
    let (classes, area) = (truth.pixels.len(), truth.area);
    let mut buffer = vec![0.0_f32; logits.len()];
    let scenes: Vec<SceneSums> = buffer
        .par_chunks_mut(classes * area)
        .zip(logits.par_chunks(classes * area))
        .zip(truth.ids.par_chunks(area))
        .map(|((probabilities, logits), ids)| {
            widely(
                #[inline(always)]
                || softmax_scene(logits, ids, classes, probabilities),
            )
        })
        .collect();

    let counted = truth.pixels.iter().sum::<usize>() as f64;
    let over_scenes = |of: &dyn Fn(&SceneSums) -> f64| scenes.iter().map(of).sum::<f64>();
    let cross_entropy = over_scenes(&|scene| scene.cross_entropy) / counted;
    let mut dice = 0.0;
    // The derivative of the Dice loss by p is `at_label·y + everywhere`, one pair a class.
    let (mut at_label, mut everywhere) = (vec![0.0_f32; classes], vec![0.0_f32; classes]);
    for class in (0..classes).filter(|&class| truth.pixels[class] > 0) {
        let overlap = over_scenes(&|scene| scene.overlap[class]);
        let mass = over_scenes(&|scene| scene.mass[class]) + truth.pixels[class] as f64;
        let mass = mass.max(f64::from(DICE_EPSILON));
        dice += (1.0 - 2.0 * overlap / mass) / classes as f64;
        let scale = f64::from(weights.dice) * 2.0 / (mass * classes as f64);
        at_label[class] = -scale as f32;
        everywhere[class] = (scale * overlap / mass) as f32;
    }
    let pull = (f64::from(weights.cross_entropy) / counted) as f32;
    buffer.par_chunks_mut(classes * area).zip(truth.ids.par_chunks(area)).for_each(|(scene, ids)| {
        widely(
            #[inline(always)]
            || slope_scene(scene, ids, pull, &at_label, &everywhere),
        );
    });
    let value = f64::from(weights.cross_entropy) * cross_entropy + f64::from(weights.dice) * dice;
    (value as f32, buffer)
}

/// Fills `probabilities` with the softmax of one scene `[classes, area]` and sums what the loss needs.
#[inline(always)]
fn softmax_scene(logits: &[f32], ids: &[u8], classes: usize, probabilities: &mut [f32]) -> SceneSums {
    let mut sums = SceneSums { cross_entropy: 0.0, overlap: vec![0.0; classes], mass: vec![0.0; classes] };
    for block in Block::all(ids.len()) {
        let (largest, total) = softmax_block(logits, classes, block, probabilities);
        let mut counts = [0.0_f32; BLOCK];
        // The logarithm of a product in place of a sum of logarithms: one for many pixels.
        let mut product = 1.0_f64;
        for (place, class) in labelled(ids, classes, block) {
            let at_label = block.of_class(class).start + place;
            sums.cross_entropy += f64::from(largest[place]) - f64::from(logits[at_label]);
            product *= f64::from(total[place]);
            if product > MUCH {
                sums.cross_entropy += product.ln();
                product = 1.0;
            }
            sums.overlap[class] += f64::from(probabilities[at_label]);
            counts[place] = 1.0;
        }
        sums.cross_entropy += product.ln();
        for class in 0..classes {
            let mut mass = Sums::new();
            mass.add(&probabilities[block.of_class(class)], &counts[..block.count], |value, counts| value * counts);
            sums.mass[class] += f64::from(mass.total());
        }
    }
    sums
}

/// Turns one scene's probabilities `[classes, area]` into the gradient with respect to its logits.
#[inline(always)]
fn slope_scene(scene: &mut [f32], ids: &[u8], pull: f32, at_label: &[f32], everywhere: &[f32]) {
    let classes = everywhere.len();
    for block in Block::all(ids.len()) {
        // Softmax backward takes the mean of the derivatives under p away.
        let (mut mean, mut own, mut counts) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK], [0.0_f32; BLOCK]);
        for class in 0..classes {
            for (mean, value) in mean.iter_mut().zip(&scene[block.of_class(class)]) {
                *mean += value * everywhere[class];
            }
        }
        for (place, class) in labelled(ids, classes, block) {
            own[place] = scene[block.of_class(class).start + place] * at_label[class];
            mean[place] += own[place];
            counts[place] = 1.0;
        }
        for class in 0..classes {
            let level = pull + everywhere[class];
            for (value, (mean, counts)) in scene[block.of_class(class)].iter_mut().zip(mean.iter().zip(&counts)) {
                *value *= (level - mean) * counts;
            }
        }
        for (place, class) in labelled(ids, classes, block) {
            scene[block.of_class(class).start + place] += own[place] - pull;
        }
    }
}
