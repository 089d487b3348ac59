//! Cross-entropy and Dice on one head: L_seg.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::cross_entropy::cross_entropy;
use super::dice::{EPSILON, dice};
use super::host::{BLOCK, Block, softmax_block};
use super::labels::Targets;
use super::slope::scalar_with_gradient;

/// How the two halves of L_seg are weighted; 1 and 1 in the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SegmentationWeights {
    /// Weight of the cross-entropy.
    pub cross_entropy: f32,
    /// Weight of the Dice loss.
    pub dice: f32,
}

/// Weighted cross-entropy plus Dice of one head: `[1]` (OGP-Net Eqs. 1 and 12).
///
/// # Shapes
/// - logits: `[batch, classes, height, width]`
/// - targets: the same batch, classes, height and width
///
/// On the CPU, value and gradient come from two passes over the logits (`on_host`); elsewhere from the tensor library.
pub fn segmentation(logits: &Tensor<4>, targets: &Targets, weights: SegmentationWeights) -> Tensor<1> {
    if targets.counted() == 0 || (weights.cross_entropy == 0.0 && weights.dice == 0.0) {
        return Tensor::zeros([1], &logits.device());
    }
    if logits.device() != Device::flex() {
        return on_device(logits, targets, weights);
    }
    let data = logits.clone().inner().into_data();
    match data.as_slice::<f32>() {
        Ok(values) => {
            let (value, gradient) = on_host(values, targets, weights);
            let gradient = Tensor::from_data(TensorData::new(gradient, logits.shape()), &logits.device().inner());
            scalar_with_gradient(value, logits, gradient)
        }
        Err(_other_precision) => on_device(logits, targets, weights),
    }
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

/// What one scene adds to the sums over the batch.
struct SceneSums {
    cross_entropy: f64,
    /// Σ p·y by class.
    overlap: Vec<f64>,
    /// Σ p over counted pixels by class.
    mass: Vec<f64>,
}

/// Value and gradient with respect to the logits, scene by scene in parallel; sums are joined in the scenes' order.
fn on_host(logits: &[f32], targets: &Targets, weights: SegmentationWeights) -> (f32, Vec<f32>) {
    let labels = targets.labels();
    let (classes, area) = (targets.classes(), labels.height * labels.width);
    let mut buffer = vec![0.0_f32; logits.len()];
    let scenes: Vec<SceneSums> = buffer
        .par_chunks_mut(classes * area)
        .zip(logits.par_chunks(classes * area))
        .zip(labels.ids.par_chunks(area))
        .map(|((probabilities, logits), ids)| softmax_scene(logits, ids, classes, probabilities))
        .collect();

    let counted = targets.counted() as f64;
    let over_scenes = |of: &dyn Fn(&SceneSums) -> f64| scenes.iter().map(of).sum::<f64>();
    let cross_entropy = over_scenes(&|scene| scene.cross_entropy) / counted;
    let mut dice = 0.0;
    // The derivative of the Dice loss by p is `at_label·y + everywhere`, one pair a class.
    let (mut at_label, mut everywhere) = (vec![0.0_f32; classes], vec![0.0_f32; classes]);
    for class in (0..classes).filter(|&class| targets.pixels()[class] > 0) {
        let overlap = over_scenes(&|scene| scene.overlap[class]);
        let mass = over_scenes(&|scene| scene.mass[class]) + targets.pixels()[class] as f64;
        let mass = mass.max(f64::from(EPSILON));
        dice += (1.0 - 2.0 * overlap / mass) / classes as f64;
        let scale = f64::from(weights.dice) * 2.0 / (mass * classes as f64);
        at_label[class] = -scale as f32;
        everywhere[class] = (scale * overlap / mass) as f32;
    }
    let pull = (f64::from(weights.cross_entropy) / counted) as f32;
    buffer
        .par_chunks_mut(classes * area)
        .zip(labels.ids.par_chunks(area))
        .for_each(|(scene, ids)| slope_scene(scene, ids, pull, &at_label, &everywhere));
    let value = f64::from(weights.cross_entropy) * cross_entropy + f64::from(weights.dice) * dice;
    (value as f32, buffer)
}

/// Fills `probabilities` with the softmax of one scene `[classes, area]` and sums what the loss needs.
fn softmax_scene(logits: &[f32], ids: &[u8], classes: usize, probabilities: &mut [f32]) -> SceneSums {
    let mut sums = SceneSums { cross_entropy: 0.0, overlap: vec![0.0; classes], mass: vec![0.0; classes] };
    for block in Block::all(ids.len()) {
        let (largest, total) = softmax_block(logits, classes, block, probabilities);
        let mut counts = [0.0_f32; BLOCK];
        for (place, class) in labelled(ids, classes, block) {
            let at_label = block.of_class(class).start + place;
            let log_total = f64::from(largest[place]) + f64::from(total[place].ln());
            sums.cross_entropy += log_total - f64::from(logits[at_label]);
            sums.overlap[class] += f64::from(probabilities[at_label]);
            counts[place] = 1.0;
        }
        for class in 0..classes {
            let values = &probabilities[block.of_class(class)];
            sums.mass[class] +=
                f64::from(values.iter().zip(&counts).map(|(value, counts)| value * counts).sum::<f32>());
        }
    }
    sums
}

/// Turns one scene's probabilities `[classes, area]` into the gradient with respect to its logits.
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

/// The counted pixels of a block: their place in it and their class.
fn labelled(ids: &[u8], classes: usize, block: Block) -> impl Iterator<Item = (usize, usize)> {
    let ids = ids[block.pixels()].iter().enumerate();
    ids.map(|(place, &id)| (place, usize::from(id))).filter(move |&(_, class)| class < classes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IGNORE;
    use crate::objective::Labels;
    use crate::objective::check::{
        close, device, differentiates, gradient, labels, logits, scalar, targets_of, wave_tensor,
    };

    const BOTH: SegmentationWeights = SegmentationWeights { cross_entropy: 1.0, dice: 1.0 };

    #[test]
    fn host_and_device_agree_in_value_and_gradient() {
        // More than one block of pixels, and a last one that is not full.
        let ids: Vec<u8> = (0..2 * 20 * 31).map(|pixel| [0, 1, 2, 4, IGNORE, 2, 9][pixel % 7]).collect();
        let targets = targets_of(Labels { ids, batch: 2, height: 20, width: 31 }, 5);
        for weights in [
            BOTH,
            SegmentationWeights { cross_entropy: 0.7, dice: 0.0 },
            SegmentationWeights { cross_entropy: 0.0, dice: 2.5 },
        ] {
            let at = wave_tensor([2, 5, 20, 31], 0.9);
            let (value, slope) = gradient(|logits| segmentation(&logits, &targets, weights), at.clone());
            let (twin, twin_slope) = gradient(|logits| on_device(&logits, &targets, weights), at);
            close(value, twin, 2e-6);
            let largest = twin_slope.iter().fold(0.0_f32, |largest, slope| largest.max(slope.abs()));
            for (slope, twin) in slope.iter().zip(&twin_slope) {
                assert!((slope - twin).abs() <= 1e-5 * largest, "{slope} and {twin} of {largest}");
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
