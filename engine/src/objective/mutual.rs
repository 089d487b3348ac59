//! Masked mutual learning: two heads teach each other, each where it is sure.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, sigmoid, softmax};

use super::labels::Targets;
use crate::kernels::{self, MASK_SCALE};
pub use crate::kernels::{MaskMode, Masks, Mutual};

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

/// L_MML (cross-spectral UDA, Eqs. 4 to 6): what the first head loses against the second, and the second against the
/// first, each `[1]` and unweighted.
///
/// # Shapes
/// - heads: logits `[batch, classes, height, width]`
/// - targets: the same batch, classes, height and width; pixels that do not count are left out
///
/// A head that does not learn ([`Mutual::learns`]) loses nothing.
///
/// The first learns where the second's mask is on, and the other way round: KL(softmax(z₂·M₂) ‖ softmax(z₁·M₂)), summed
/// over the classes, mean over the counted pixels. The teaching side and the masks get no gradient.
///
/// On the CPU, values and gradients come from a kernel; elsewhere from the tensor library.
pub fn mutual(heads: [&Tensor<4>; 2], targets: &Targets, settings: Mutual) -> [Tensor<1>; 2] {
    if targets.counted() == 0 {
        return heads.map(|head| Tensor::zeros([1], &head.device()));
    }
    kernels::mutual(heads, targets.truth(), settings).unwrap_or_else(|| on_device(heads, targets, settings))
}

/// The maps behind the masks, for looking at and for devices other than the CPU.
pub fn uncertainty(heads: [&Tensor<4>; 2], targets: &Targets, masks: Masks) -> Uncertainty {
    let loss = heads.map(|head| {
        let log_probabilities = log_softmax(head.clone().inner(), 1);
        (log_probabilities * targets.one_hot()).sum_dim(1).neg()
    });
    let intra = loss.clone().map(|loss| (sigmoid(loss).neg() + 1.0) * MASK_SCALE);
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
    let by_mask = [second, first];
    [0, 1].map(|place| {
        if settings.learns[place] {
            learned(heads[place], heads[1 - place], by_mask[place].clone())
        } else {
            Tensor::zeros([1], &heads[place].device())
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::IGNORE;
    use crate::objective::Labels;
    use crate::objective::check::{
        cases, close, device, gradient, labels, logits, scalar, some_labels, targets_of, wave_tensor,
    };
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
                        let (value, slope) = of(student, &heads, &targets, Mutual { masks, mode, learns: [true; 2] });
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
        compare(Labels { ids, batch: 2, height: 20, width: 31 }, 5, 0.9);
    }

    proptest! {
        #![proptest_config(cases(32))]

        #[test]
        fn host_and_device_agree_whatever_the_scenes((labels, classes) in some_labels(1..=8), phase in 0.0..6.0_f64) {
            compare(labels, classes, phase);
        }
    }

    fn compare(labels: Labels, classes: usize, phase: f64) {
        let shape = [labels.batch, classes, labels.height, labels.width];
        let (targets, heads) = (targets_of(labels, classes), [phase, 2.0].map(|phase| wave_tensor(shape, phase)));
        for (_, masks) in ALL {
            for (_, mode) in MODES {
                let settings = Mutual { masks, mode, learns: [true; 2] };
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
                let settings = Mutual { masks, mode, learns: [true; 2] };
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
    fn a_head_that_learns_alone_loses_what_it_would_beside_the_other() {
        let targets = targets_of(labels(), 4);
        let heads = [logits(), wave_tensor([2, 4, 2, 3], 2.1)];
        for (_, mode) in MODES {
            let settings = |learns| Mutual { masks: Masks::Both, mode, learns };
            for own in [0, 1] {
                let alone = settings([0, 1].map(|place| place == own));
                assert_eq!(of(own, &heads, &targets, alone), of(own, &heads, &targets, settings([true; 2])));
                let (value, slope) = of(1 - own, &heads, &targets, alone);
                assert!(value == 0.0 && slope.iter().all(|&slope| slope == 0.0));
                let on_device = on_device([&heads[0], &heads[1]], &targets, alone);
                assert_eq!(scalar(&on_device[1 - own]), 0.0);
                close(scalar(&on_device[own]), of(own, &heads, &targets, alone).0, 2e-6);
            }
        }
    }

    #[test]
    fn pixels_without_a_label_and_a_batch_without_any_have_no_say() {
        let settings = Mutual { masks: Masks::Both, mode: MaskMode::Logits, learns: [true; 2] };
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
        let settings = Mutual { masks: Masks::Both, mode: MaskMode::Logits, learns: [true; 2] };
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
