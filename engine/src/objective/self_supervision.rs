//! Prototypical self-supervision: on scenes without labels the prototypes' answer follows the decoder's.

use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{Int, Tensor, TensorData};

use super::prototype::{Prototypes, cosines};
use crate::kernels;
use crate::network::layers::resize_bilinear;
pub use crate::recipe::catalogue::objective::self_supervision::Normalised;

/// Keeps the logarithm of a probability finite.
const SMALLEST: f32 = 1e-30;

/// L_PSL (cross-spectral UDA, Eq. 7): KL(decoder ‖ prototypes) over the classes that the decoder finds in a scene:
/// `[1]`, unweighted.
///
/// # Shapes
/// - map: features `[batch, channels, h, w]` of unlabelled scenes, the only thing that gets a gradient
/// - logits: `[batch, classes, height, width]`, the decoder's answer to the same scenes
///
/// The prototypes' answer is the softmax of the cosines over a temperature (1 in paper and code), brought to the
/// logits' size bilinearly. Both answers are multiplied by the presence mask of their scene: 1 for classes that are the
/// decoder's first choice anywhere. Sum over the classes, mean over all pixels.
pub fn self_supervision(
    map: &Tensor<4>,
    logits: &Tensor<4>,
    prototypes: &Prototypes,
    (normalised, temperature): (Normalised, f64),
) -> Tensor<1> {
    let [batch, _, height, width] = logits.dims();
    let pixels = batch * height * width;
    if pixels == 0 {
        return Tensor::zeros([1], &map.device());
    }
    divergence(&answers(map, logits, prototypes, temperature), normalised).sum() / pixels as f32
}

/// The two answers that L_PSL compares, class probabilities `[batch, classes, height, width]` where the classes that the
/// decoder finds nowhere in a scene are 0.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The prototypes', which learn.
    pub student: Tensor<4>,
    /// The decoder's, without a graph.
    pub target: Tensor<4>,
}

/// Both answers; see [`self_supervision`] for the shapes.
pub fn answers(map: &Tensor<4>, logits: &Tensor<4>, prototypes: &Prototypes, temperature: f64) -> Answers {
    let logits = logits.clone().inner();
    let [_, _, height, width] = logits.dims();
    let presence = presence(&logits);
    let cosines = cosines(map, prototypes) / temperature;
    let student = softmax(resize_bilinear(cosines, [height, width]), 1) * presence.clone();
    Answers { student, target: softmax(logits, 1) * presence }
}

/// The divergence of each pixel, class by class: `[batch, classes, height, width]`.
pub fn divergence(Answers { student, target }: &Answers, normalised: Normalised) -> Tensor<4> {
    let (student, target) = (student.clone(), target.clone());
    let (target, log_target, log_student) = match normalised {
        Normalised::Double => (softmax(target.clone(), 1), log_softmax(target, 1), log_softmax(student, 1)),
        Normalised::Single => {
            let target = target.clone() / target.sum_dim(1);
            let student = student.clone() / student.sum_dim(1);
            let log = |probability: Tensor<4>| probability.clamp_min(SMALLEST).log();
            (target.clone(), log(target), log(student))
        }
    };
    target * (log_target - log_student)
}

/// `[batch, classes, 1, 1]`: 1 for classes that are the first choice of any of a scene's pixels, else 0.
fn presence(logits: &Tensor<4>) -> Tensor<4> {
    if kernels::fits(logits) { presence_on_the_host(logits) } else { presence_where_it_lies(logits) }
}

/// In a single walk over the classes.
fn presence_on_the_host(logits: &Tensor<4>) -> Tensor<4> {
    let [batch, classes, height, width] = logits.dims();
    let ids = logits.clone().argmax(1).into_data();
    let mut present = vec![0.0_f32; batch * classes];
    for (pixel, id) in ids.iter::<i64>().enumerate() {
        let class = usize::try_from(id).unwrap_or(0).min(classes - 1);
        present[pixel / (height * width) * classes + class] = 1.0;
    }
    Tensor::from_data(TensorData::new(present, [batch, classes, 1, 1]), &logits.device())
}

/// Where reading the classes would wait for the device.
fn presence_where_it_lies(logits: &Tensor<4>) -> Tensor<4> {
    let [batch, classes, height, width] = logits.dims();
    let ids = Tensor::<1, Int>::arange(0..classes as i64, &logits.device()).reshape([1, classes, 1]);
    let first = logits.clone().argmax(1).reshape([batch, 1, height * width]);
    let is_first = first.expand([batch, classes, height * width]).equal(ids.expand([batch, classes, height * width]));
    is_first.float().max_dim(2).reshape([batch, classes, 1, 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check::{close, device, gradient, scalar, wave_tensor};
    use crate::objective::recorded::{Recorded, agree};

    const BOTH: [(&str, Normalised); 2] = [("double", Normalised::Double), ("single", Normalised::Single)];

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let recorded = Recorded::uda();
        for name in ["case0", "case1", "case2"] {
            let vectors = recorded.tensor::<2>(&format!("{name}.prototype.batch")).inner();
            let seen = recorded.tensor::<1>(&format!("{name}.prototype.seen")).inner();
            let age = (seen - 1.0).reshape([vectors.dims()[0], 1]);
            let prototypes = Prototypes { vectors, age };
            let logits = recorded.tensor(&format!("{name}.night"));
            for (word, normalised) in BOTH {
                let what = format!("{name}.psl.{word}");
                let loss = |map| self_supervision(&map, &logits, &prototypes, (normalised, 1.0));
                let (value, slope) = gradient(loss, recorded.tensor(&format!("{name}.features.t")));
                agree(&[value], recorded.numbers(&what), &what);
                agree(&slope, recorded.numbers(&format!("{what}.slope")), &what);
            }
        }
    }

    fn prototypes() -> Prototypes {
        let vectors = wave_tensor([4, 3, 1, 1], 0.7).inner().reshape([4, 3]);
        Prototypes { age: Tensor::zeros([4, 1], &vectors.device()), vectors }
    }

    #[test]
    fn the_decoder_gets_no_gradient() {
        let map = wave_tensor([2, 3, 2, 2], 1.1);
        for (_, normalised) in BOTH {
            let loss = |logits| self_supervision(&map, &logits, &prototypes(), (normalised, 1.0));
            let (value, slope) = gradient(loss, wave_tensor([2, 4, 4, 4], 0.2));
            assert!(value > 0.0 && slope.iter().all(|&slope| slope == 0.0));
        }
    }

    #[test]
    fn a_decoder_that_says_what_the_prototypes_say_costs_nothing() {
        let map = wave_tensor([2, 3, 2, 2], 1.1);
        let logits = resize_bilinear(cosines(&map, &prototypes()), [4, 4]);
        for (_, normalised) in BOTH {
            close(scalar(&self_supervision(&map, &logits, &prototypes(), (normalised, 1.0))), 0.0, 1e-6);
        }
    }

    /// Without a temperature even the decoder's own surest answer pulls, for a cosine is 1 at most; with one it may
    /// rest.
    #[test]
    fn a_temperature_lets_prototypes_be_as_sure_as_the_decoder() {
        let map = wave_tensor([2, 3, 2, 2], 1.1);
        let logits = resize_bilinear(cosines(&map, &prototypes()), [4, 4]) / 0.1;
        let pull = |temperature| {
            let loss = |map| self_supervision(&map, &logits, &prototypes(), (Normalised::Single, temperature));
            let (value, slope) = gradient(loss, map.clone());
            (value, slope.iter().fold(0.0_f32, |largest, slope| largest.max(slope.abs())))
        };
        let (value, slope) = pull(0.1);
        assert!(value.abs() < 1e-5 && slope < 1e-3, "{value} {slope}");
        let (value, slope) = pull(1.0);
        assert!(value > 0.1 && slope > 1e-2, "{value} {slope}");
    }

    #[test]
    fn classes_that_are_no_pixels_first_choice_are_masked_out() {
        let logits = Tensor::<4>::from_floats([[[[3.0, 0.0]], [[0.0, 2.0]], [[1.0, 1.0]]]], &device());
        for presence in [presence_on_the_host, presence_where_it_lies] {
            assert_eq!(presence(&logits).into_data().as_slice::<f32>().unwrap(), [1.0, 1.0, 0.0]);
            let [two, other] = [logits.clone(), logits.clone().flip([1])].map(Tensor::inner);
            let both = presence(&Tensor::cat(vec![two, other], 0));
            assert_eq!(both.into_data().as_slice::<f32>().unwrap(), [1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
        }
    }

    #[test]
    fn a_sure_decoder_and_dark_features_stay_finite() {
        let logits = wave_tensor([1, 4, 4, 4], 0.2) * 200.0;
        for (_, normalised) in BOTH {
            let loss = |map| self_supervision(&map, &logits, &prototypes(), (normalised, 1.0));
            let (value, slope) = gradient(loss, Tensor::zeros([1, 3, 2, 2], &device()));
            assert!(value.is_finite() && slope.iter().all(|slope| slope.is_finite()), "{value} {slope:?}");
        }
    }
}
