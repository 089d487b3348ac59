//! Masked mutual learning: two heads teach each other, each where it is sure.

use burn::tensor::activation::{log_softmax, sigmoid, softmax};
use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::host::{Block, softmax_block};
use super::labels::Targets;
use super::slope::scalar_with_gradient;

/// α of Eq. 5: brings the intra-spectral mask to the range 0 to 1.
const ALPHA: f32 = 2.0;

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
}

/// What the masks are made of, each `[batch, 1, height, width]` for the first and the second head, without a graph.
#[derive(Clone, Debug)]
pub struct Uncertainty {
    /// Cross-entropy of each pixel, in nats; 0 where it has no label.
    pub loss: [Tensor<4>; 2],
    /// Eq. 5, 0 to 1.
    pub intra: [Tensor<4>; 2],
    /// Eq. 4, 0 to 1; the two sum to 1.
    pub inter: [Tensor<4>; 2],
    /// What [`Masks`] chose, 0 to 1.
    pub mask: [Tensor<4>; 2],
}

/// L_MML (cross-spectral UDA, Eqs. 4 to 6): what the first head loses against the second, and the second against the first,
/// each `[1]` and unweighted.
///
/// # Shapes
/// - heads: logits `[batch, classes, height, width]`
/// - targets: the same batch, classes, height and width; pixels that do not count are left out
///
/// The first learns where the second's mask is on, and the other way round: KL(softmax(z₂·M₂) ‖ softmax(z₁·M₂)), summed over the
/// classes, mean over the counted pixels. The teaching side and the masks get no gradient.
///
/// On the CPU, values and gradients come from one pass over the logits (`on_host`); elsewhere from the tensor library.
pub fn mutual(heads: [&Tensor<4>; 2], targets: &Targets, settings: Mutual) -> [Tensor<1>; 2] {
    if targets.counted() == 0 {
        return heads.map(|head| Tensor::zeros([1], &head.device()));
    }
    if heads.iter().any(|head| head.device() != Device::flex()) {
        return on_device(heads, targets, settings);
    }
    let data = heads.map(|head| head.clone().inner().into_data());
    match (data[0].as_slice::<f32>(), data[1].as_slice::<f32>()) {
        (Ok(first), Ok(second)) if first.len() == second.len() => {
            let (values, [first, second]) = on_host([first, second], targets, settings);
            let joined = |place: usize, gradient: Vec<f32>| {
                let head = heads[place];
                let gradient = Tensor::from_data(TensorData::new(gradient, head.shape()), &head.device().inner());
                scalar_with_gradient(values[place], head, gradient)
            };
            [joined(0, first), joined(1, second)]
        }
        _ => on_device(heads, targets, settings),
    }
}

/// The maps behind the masks, for looking at and for devices other than the CPU.
pub fn uncertainty(heads: [&Tensor<4>; 2], targets: &Targets, masks: Masks) -> Uncertainty {
    let loss = heads.map(|head| {
        let log_probabilities = log_softmax(head.clone().inner(), 1);
        (log_probabilities * targets.one_hot()).sum_dim(1).neg()
    });
    let intra = loss.clone().map(|loss| (sigmoid(loss).neg() + 1.0) * ALPHA);
    let first = sigmoid(loss[1].clone() - loss[0].clone());
    let second = sigmoid(loss[0].clone() - loss[1].clone());
    let inter = [first, second];
    let ones = || [loss[0].ones_like(), loss[1].ones_like()];
    let mask = match masks {
        Masks::None => ones(),
        Masks::Intra => intra.clone(),
        Masks::Inter => inter.clone(),
        Masks::Both => [0, 1].map(|place| intra[place].clone() * inter[place].clone()),
    };
    Uncertainty { loss, intra, inter, mask }
}

/// By tensor operations.
fn on_device(heads: [&Tensor<4>; 2], targets: &Targets, settings: Mutual) -> [Tensor<1>; 2] {
    let [first, second] = uncertainty(heads, targets, settings.masks).mask;
    let valid = targets.valid();
    let counted = targets.counted() as f32;
    let learned = |student: &Tensor<4>, teacher: &Tensor<4>, mask: Tensor<4>| {
        let (temper, weight) = match settings.mode {
            MaskMode::Logits => (mask, valid.clone()),
            MaskMode::LossWeight => (valid.ones_like(), valid.clone() * mask),
        };
        let teacher = teacher.clone().inner() * temper.clone();
        let probabilities = softmax(teacher.clone(), 1);
        let apart = log_softmax(teacher, 1) - log_softmax(student.clone() * temper, 1);
        (probabilities * apart * weight).sum() / counted
    };
    [learned(heads[0], heads[1], second), learned(heads[1], heads[0], first)]
}

/// What one scene adds, and what it gives back.
struct Scene {
    /// Σ over counted pixels of each direction's divergence.
    sums: [f64; 2],
    /// By head, `[classes, area]`.
    slopes: [Vec<f32>; 2],
}

/// Values and gradients, scene by scene in parallel; sums are joined in the scenes' order.
fn on_host(heads: [&[f32]; 2], targets: &Targets, settings: Mutual) -> ([f32; 2], [Vec<f32>; 2]) {
    let labels = targets.labels();
    let (classes, area) = (targets.classes(), labels.height * labels.width);
    let counted = targets.counted() as f64;
    let scenes: Vec<Scene> = heads[0]
        .par_chunks(classes * area)
        .zip(heads[1].par_chunks(classes * area))
        .zip(labels.ids.par_chunks(area))
        .map(|((first, second), ids)| scene([first, second], ids, classes, settings, counted.recip() as f32))
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
        learn([heads[student], heads[1 - student]], mask, ids, classes, settings.mode, share)
    };
    let [(first, first_slope), (second, second_slope)] = [learned(0), learned(1)];
    Scene { sums: [first, second], slopes: [first_slope, second_slope] }
}

/// The cross-entropy of each pixel, 0 where it has no label.
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

fn mask(own: f32, other: f32, masks: Masks) -> f32 {
    let intra = || ALPHA / (1.0 + own.exp());
    let inter = || 1.0 / (1.0 + (own - other).exp());
    match masks {
        Masks::None => 1.0,
        Masks::Intra => intra(),
        Masks::Inter => inter(),
        Masks::Both => intra() * inter(),
    }
}

/// The student's divergence from its teacher summed over the scene's counted pixels, and `share` times its gradient.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IGNORE;
    use crate::objective::check::{close, device, gradient, labels, logits, scalar, targets_of, wave_tensor};
    use crate::objective::recorded::{Recorded, agree};

    const ALL: [(&str, Masks); 4] =
        [("none", Masks::None), ("intra", Masks::Intra), ("inter", Masks::Inter), ("both", Masks::Both)];
    const MODES: [(&str, MaskMode); 2] = [("logits", MaskMode::Logits), ("loss-weight", MaskMode::LossWeight)];

    /// Value and gradient of what one head learns.
    fn of(student: usize, heads: &[Tensor<4>; 2], targets: &Targets, settings: Mutual) -> (f32, Vec<f32>) {
        let loss = |head: Tensor<4>| {
            let mut heads = heads.clone();
            heads[student] = head;
            let [first, second] = mutual([&heads[0], &heads[1]], targets, settings);
            if student == 0 { first } else { second }
        };
        gradient(loss, heads[student].clone())
    }

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let recorded = Recorded::uda();
        for case in ["case0", "case1", "case2"] {
            let heads = ["r", "t"].map(|sensor| recorded.tensor::<4>(&format!("{case}.logits.{sensor}")));
            let [_, classes, ..] = heads[0].dims();
            let targets = targets_of(recorded.labels(&format!("{case}.labels")), classes);
            for (masks_name, masks) in ALL {
                for (mode_name, mode) in MODES {
                    for (student, sensor) in ["r", "t"].into_iter().enumerate() {
                        let name = format!("{case}.mutual.{masks_name}.{mode_name}.{sensor}");
                        let (value, slope) = of(student, &heads, &targets, Mutual { masks, mode });
                        agree(&[value], recorded.numbers(&name), &name);
                        agree(&slope, recorded.numbers(&format!("{name}.slope")), &name);
                    }
                }
            }
        }
    }

    #[test]
    fn the_masks_equal_those_of_pytorch() {
        let recorded = Recorded::uda();
        for case in ["case0", "case1", "case2"] {
            let heads = ["r", "t"].map(|sensor| recorded.tensor::<4>(&format!("{case}.logits.{sensor}")));
            let [_, classes, ..] = heads[0].dims();
            let targets = targets_of(recorded.labels(&format!("{case}.labels")), classes);
            let Uncertainty { loss, intra, inter, mask } = uncertainty([&heads[0], &heads[1]], &targets, Masks::Both);
            for (name, maps) in [("loss", loss), ("intra", intra), ("inter", inter), ("both", mask)] {
                for (sensor, map) in ["r", "t"].into_iter().zip(maps) {
                    let name = format!("{case}.mutual.{name}.{sensor}");
                    agree(map.into_data().as_slice::<f32>().unwrap(), recorded.numbers(&name), &name);
                }
            }
        }
    }

    #[test]
    fn host_and_device_agree_in_value_and_gradient() {
        // More than one block of pixels, and a last one that is not full.
        let ids: Vec<u8> = (0..2 * 20 * 31).map(|pixel| [0, 1, 2, 4, IGNORE, 2, 9][pixel % 7]).collect();
        let targets = targets_of(crate::objective::Labels { ids, batch: 2, height: 20, width: 31 }, 5);
        let heads = [wave_tensor([2, 5, 20, 31], 0.9), wave_tensor([2, 5, 20, 31], 2.0)];
        for (_, masks) in ALL {
            for (_, mode) in MODES {
                let settings = Mutual { masks, mode };
                let (value, slope) = of(0, &heads, &targets, settings);
                let twin = |head: Tensor<4>| {
                    let [first, _] = on_device([&head, &heads[1]], &targets, settings);
                    first
                };
                let (expected, expected_slope) = gradient(twin, heads[0].clone());
                close(value, expected, 2e-6);
                agree(&slope, &expected_slope, "slope");
            }
        }
    }

    #[test]
    fn heads_that_agree_teach_each_other_nothing_and_doubtful_ones_little() {
        let targets = targets_of(labels(), 4);
        for (_, masks) in ALL {
            for (_, mode) in MODES {
                let settings = Mutual { masks, mode };
                for term in mutual([&logits(), &logits()], &targets, settings) {
                    close(scalar(&term), 0.0, 1e-6);
                }
                // Where both are wrong for sure the masks are closed, unless there are none.
                let (wrong, other) =
                    (targets.one_hot() * -80.0, targets.one_hot() * -90.0 + wave_tensor([2, 4, 2, 3], 0.1));
                let [term, _] = mutual([&wrong, &other], &targets, settings);
                if matches!(masks, Masks::Intra | Masks::Both) {
                    close(scalar(&term), 0.0, 1e-6);
                }
            }
        }
    }

    #[test]
    fn pixels_without_a_label_and_a_batch_without_any_have_no_say() {
        let settings = Mutual { masks: Masks::Both, mode: MaskMode::Logits };
        let targets = targets_of(labels(), 4);
        let heads = [logits(), wave_tensor([2, 4, 2, 3], 2.1)];
        let (value, slope) = of(0, &heads, &targets, settings);
        for class in 0..4 {
            assert_eq!((slope[class * 6 + 4], slope[(4 + class) * 6 + 3]), (0.0, 0.0));
        }
        let elsewhere = (targets.valid().neg() + 1.0) * wave_tensor([2, 4, 2, 3], 7.0) * 3.0;
        let moved = [heads[0].clone() + elsewhere.clone(), heads[1].clone() - elsewhere];
        close(of(0, &moved, &targets, settings).0, value, 1e-6);
        let mut ignored = labels();
        ignored.ids.fill(IGNORE);
        let (value, slope) = of(1, &heads, &targets_of(ignored, 4), settings);
        assert_eq!(value, 0.0);
        assert!(slope.iter().all(|&slope| slope == 0.0));
    }

    #[test]
    fn the_teaching_side_gets_no_gradient_and_a_broken_logit_shows() {
        let settings = Mutual { masks: Masks::Both, mode: MaskMode::Logits };
        let targets = targets_of(labels(), 4);
        let teacher = wave_tensor([2, 4, 2, 3], 2.1);
        let (_, slope) = gradient(
            |teacher| {
                let [first, _] = mutual([&logits(), &teacher], &targets, settings);
                first
            },
            teacher.clone(),
        );
        assert!(slope.iter().all(|&slope| slope == 0.0));
        let broken = logits() + Tensor::full([1, 1, 1, 1], f32::NAN, &device());
        assert!(mutual([&broken, &teacher], &targets, settings).iter().all(|term| scalar(term).is_nan()));
    }
}
