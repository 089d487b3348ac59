//! Masked mutual learning: both directions' divergences and gradients from one pass over both heads' logits.

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use super::operands::{Truth, expect_alike};
use super::slope::scalar_with_gradient;
use crate::kernels::extension::Packed;
use crate::kernels::scene::{Block, softmax_block};
use crate::kernels::wide::widely;
use crate::stopwatch::kernel;

/// α of Eq. 5: brings the intra-spectral mask to the range 0 to 1.
pub const MASK_SCALE: f32 = 2.0;

/// Which uncertainty masks are multiplied (Table III of cross-spectral UDA).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masks {
    /// Every pixel teaches fully: plain two-way distillation.
    None,
    /// How small a head's own loss is (Eq. 5).
    Intra,
    /// How much smaller than the other head's it is (Eq. 4).
    Inter,
    /// The product of the two (Eq. 6).
    Both,
}

/// Where the mask enters the divergence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskMode {
    /// It multiplies both sides' logits, as the authors' code does: a temperature by pixel.
    Logits,
    /// It multiplies both sides' probabilities, as Eq. 6 reads, which weighs each pixel's divergence.
    LossWeight,
}

/// How two heads learn from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutual {
    /// The masks.
    pub masks: Masks,
    /// Where they enter.
    pub mode: MaskMode,
    /// Which of the two learn; what the other would lose is not computed, and 0.
    pub learns: [bool; 2],
}

/// `objective::mutual` of two heads' logits `[batch, classes, height, width]`; `None` where the kernels do not work.
pub fn mutual(heads: [&Tensor<4>; 2], truth: Truth<'_>, settings: Mutual) -> Option<[Tensor<1>; 2]> {
    let (first, second) = (Packed::of(heads[0])?, Packed::of(heads[1])?);
    expect_alike("mutual learning", heads);
    truth.expect("mutual learning", heads[0].dims());
    let pass = || values_and_gradients([first.numbers(), second.numbers()], truth, settings);
    let (values, [first, second]) = kernel("mutual learning", pass);
    let joined = |place: usize, gradient: Vec<f32>| {
        let head = heads[place];
        if !settings.learns[place] {
            return Tensor::zeros([1], &head.device());
        }
        let gradient = Tensor::from_data(TensorData::new(gradient, head.shape()), &head.device().inner());
        scalar_with_gradient(values[place], head, gradient)
    };
    Some([joined(0, first), joined(1, second)])
}

/// What one scene adds, and what it gives back.
struct Scene {
    /// Σ over counted pixels of each direction's divergence.
    sums: [f64; 2],
    /// By head, `[classes, area]`; empty for one that does not learn.
    slopes: [Vec<f32>; 2],
}

/// Values and gradients, scene by scene in parallel; sums are joined in the scenes' order.
fn values_and_gradients(heads: [&[f32]; 2], truth: Truth<'_>, settings: Mutual) -> ([f32; 2], [Vec<f32>; 2]) {
    let (classes, area) = (truth.pixels.len(), truth.area);
    let counted = truth.pixels.iter().sum::<usize>() as f64;
    let scenes: Vec<Scene> = heads[0]
        .par_chunks(classes * area)
        .zip(heads[1].par_chunks(classes * area))
        .zip(truth.ids.par_chunks(area))
        .map(|((first, second), ids)| {
            widely(
                #[inline(always)]
                || scene([first, second], ids, classes, settings, counted.recip() as f32),
            )
        })
        .collect();
    let value = |place: usize| (scenes.iter().map(|scene| scene.sums[place]).sum::<f64>() / counted) as f32;
    let values = [value(0), value(1)];
    let mut slopes = heads.map(|head| Vec::with_capacity(head.len()));
    for scene in scenes {
        for (all, own) in slopes.iter_mut().zip(scene.slopes) {
            all.extend(own);
        }
    }
    (values, slopes)
}

/// One scene's logits `[classes, area]` of both heads; `share` is what one pixel counts for.
#[inline(always)]
fn scene(heads: [&[f32]; 2], ids: &[u8], classes: usize, settings: Mutual, share: f32) -> Scene {
    let area = ids.len();
    let mut probabilities = vec![0.0_f32; classes * area];
    let losses = heads.map(|head| losses(head, ids, classes, &mut probabilities));
    let masks: [Vec<f32>; 2] = [0, 1].map(|own| {
        let pairs = losses[own].iter().zip(&losses[1 - own]);
        pairs.map(|(&own, &other)| mask(own, other, settings.masks)).collect()
    });
    let learned = |student: usize| {
        let mask = &masks[1 - student];
        if !settings.learns[student] {
            return (0.0, Vec::new());
        }
        learn([heads[student], heads[1 - student]], mask, ids, classes, settings.mode, share)
    };
    let [(first, first_slope), (second, second_slope)] = [learned(0), learned(1)];
    Scene { sums: [first, second], slopes: [first_slope, second_slope] }
}

/// The cross-entropy of each pixel, 0 where it has no label.
#[inline(always)]
fn losses(logits: &[f32], ids: &[u8], classes: usize, probabilities: &mut [f32]) -> Vec<f32> {
    let mut losses = vec![0.0_f32; ids.len()];
    for block in Block::all(ids.len()) {
        let (largest, total) = softmax_block(logits, classes, block, probabilities);
        for (place, pixel) in block.pixels().enumerate() {
            let class = usize::from(ids[pixel]);
            if class < classes {
                losses[pixel] = largest[place] + total[place].ln() - logits[class * ids.len() + pixel];
            }
        }
    }
    losses
}

#[inline(always)]
fn mask(own: f32, other: f32, masks: Masks) -> f32 {
    let intra = || MASK_SCALE / (1.0 + own.exp());
    let inter = || 1.0 / (1.0 + (own - other).exp());
    match masks {
        Masks::None => 1.0,
        Masks::Intra => intra(),
        Masks::Inter => inter(),
        Masks::Both => intra() * inter(),
    }
}

/// The student's divergence from its teacher summed over the scene's counted pixels, and `share` times its gradient.
#[inline(always)]
fn learn(
    [student, teacher]: [&[f32]; 2],
    mask: &[f32],
    ids: &[u8],
    classes: usize,
    mode: MaskMode,
    share: f32,
) -> (f64, Vec<f32>) {
    let area = ids.len();
    let temper = |pixel: usize| if mode == MaskMode::Logits { mask[pixel] } else { 1.0 };
    let tempered = |logits: &[f32]| -> Vec<f32> {
        let value = |(place, &logit): (usize, &f32)| logit * temper(place % area);
        logits.iter().enumerate().map(value).collect()
    };
    let (ours, theirs) = (tempered(student), tempered(teacher));
    let (mut slope, mut target) = (vec![0.0_f32; classes * area], vec![0.0_f32; classes * area]);
    let mut sum = 0.0;
    for block in Block::all(area) {
        let (our_largest, our_total) = softmax_block(&ours, classes, block, &mut slope);
        let (their_largest, their_total) = softmax_block(&theirs, classes, block, &mut target);
        for (place, pixel) in block.pixels().enumerate() {
            let counts = usize::from(ids[pixel]) < classes;
            let weight = if mode == MaskMode::Logits { 1.0 } else { mask[pixel] };
            let apart = our_largest[place] + our_total[place].ln() - their_largest[place] - their_total[place].ln();
            let pull = if counts { temper(pixel) * weight * share } else { 0.0 };
            let mut divergence = 0.0;
            for at in (pixel..classes * area).step_by(area) {
                divergence += target[at] * (theirs[at] - ours[at] + apart);
                slope[at] = pull * (slope[at] - target[at]);
            }
            if counts {
                sum += f64::from(divergence * weight);
            }
        }
    }
    (sum, slope)
}
