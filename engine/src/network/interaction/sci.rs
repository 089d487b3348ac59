//! Semantic consistency inference (AMDANet §3.1).

use burn::module::{Module, Param};
use burn::tensor::{Tensor, activation};

use crate::network::layers::{Conv, ConvShape, Init};
use crate::network::probes::{Probes, Range};
use crate::recipe::Recipe;
use crate::recipe::catalogue::sci::{self, Gate, Lambda};

/// Keeps the cosine of two zero vectors finite, as in PyTorch.
const EPSILON: f32 = 1e-8;
/// What AMDANet's code multiplies the similarity with before it looks at the threshold.
const CODE_SCALE: f32 = 0.1;
/// λ at the start (AMDANet's code).
const LAMBDA: f32 = 0.5;

/// One unit a level: blends the sensors' features where they contradict each other.
#[derive(Module, Debug)]
pub struct Sci {
    per_level: Vec<Unit>,
}

/// What a level of [`Sci`] makes of a pair.
#[derive(Clone, Debug)]
pub struct Blended {
    /// The pair, visible first, `[batch, channels, h, w]`.
    pub maps: [Tensor<4>; 2],
    /// The share of samples, or places, that were blended: `[1]`, without a graph.
    pub open: Tensor<1>,
}

/// The mask's perceptron, and how much of what it finds is taken away.
#[derive(Module, Debug)]
struct Unit {
    hidden: Conv,
    mask: Conv,
    /// λ, `[1]`.
    lambda: Param<Tensor<1>>,
}

impl Sci {
    /// For two sensors whose levels have these widths.
    pub fn new(widths: &[usize; 4], init: &Init<'_>) -> Self {
        let unit = |(level, &width): (usize, &usize)| {
            let init = init.at(format_args!("level{}", level + 1));
            let (hidden, mask) =
                (ConvShape::pointwise(2 * width, width).biased(), ConvShape::pointwise(width, 1).biased());
            Unit {
                hidden: Conv::with_deviation(hidden, (width as f64).recip().sqrt(), &init.at("hidden")),
                mask: Conv::with_deviation(mask, (width as f64).recip().sqrt(), &init.at("mask")),
                lambda: Param::from_tensor(Tensor::full([1], LAMBDA, init.device)),
            }
        };
        Self { per_level: widths.iter().enumerate().map(unit).collect() }
    }

    /// `F′ᵢₙ = Fᵢₙ + λM(Fᵥᵢ − Fᵢₙ)`, `F′ᵥᵢ = Fᵥᵢ + λM(Fᵢₙ − Fᵥᵢ)` with `M = σ(MLP[Fᵢₙ, Fᵥᵢ])`, for samples whose
    /// similarity lies below `sci.threshold` (Eqs. 1–5, written out).
    ///
    /// `sci.gate` says whose similarity: each sample's own mean cosine (`sample`, the paper), or a tenth of it, in any
    /// sample for all (`batch`, AMDANet's code: a tenth of a cosine never reaches 0.4, so that gate is always open), or
    /// each place's own (`place`, ours).
    ///
    /// # Shapes
    /// - maps: `[batch, channels, h, w]`, visible first
    ///
    /// Probes: `sci.mask.levelN` (M) and `sci.cosine.levelN` as maps; the numbers `sci.similarity.levelN` (S_m, mean
    /// over the batch), `sci.open.levelN` (share of samples, or places, that are blended) and `sci.lambda.levelN`.
    pub fn forward(&self, level: usize, maps: [Tensor<4>; 2], recipe: &Recipe, probes: &mut Probes) -> Blended {
        let Unit { hidden, mask, lambda } = &self.per_level[level];
        let [visible, infrared] = maps;
        let cosines = cosine(visible.clone().inner(), infrared.clone().inner());
        let similarity = cosines.clone().mean_dim(3).mean_dim(2);
        let threshold = recipe.get(sci::THRESHOLD);
        let open = match recipe.get(sci::GATE) {
            Gate::Batch => (similarity.clone() * CODE_SCALE).lower_scalar(threshold).float().max_dim(0),
            Gate::Sample => similarity.clone().lower_scalar(threshold).float(),
            Gate::Place => cosines.clone().lower_scalar(threshold).float(),
        };
        let joined = Tensor::cat(vec![infrared.clone(), visible.clone()], 1);
        let mask = activation::sigmoid(mask.forward(activation::relu(hidden.forward(joined))));
        let lambda = lambda.val();
        let lambda = match recipe.get(sci::LAMBDA) {
            Lambda::Trained => lambda,
            Lambda::Frozen => lambda.detach(),
        };

        let name = |what: &str| format!("sci.{what}.level{}", level + 1);
        probes.record(&name("mask"), || mask.clone());
        probes.record_scalar(&name("cosine"), Range::plain(-1.0, 1.0), || cosines.clone());
        probes.fact(&name("similarity"), || similarity.clone().mean().into_scalar());
        let share = open.clone().mean();
        probes.fact(&name("open"), || share.clone().into_scalar());
        probes.fact(&name("lambda"), || lambda.clone().into_scalar());

        let towards_visible = (visible.clone() - infrared.clone()) * (mask * lambda.reshape([1, 1, 1, 1]) * open);
        Blended { maps: [visible - towards_visible.clone(), infrared + towards_visible], open: share }
    }
}

/// The cosine over the channels of two maps, `[batch, 1, h, w]`.
fn cosine(first: Tensor<4>, second: Tensor<4>) -> Tensor<4> {
    let norm = |map: &Tensor<4>| map.clone().square().sum_dim(1).sqrt();
    let norms = norm(&first) * norm(&second);
    (first * second).sum_dim(1) / norms.clamp_min(EPSILON)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{agrees_with, are_finite, drawn, drawn_maps, recipe, values, waves};
    use crate::random::Streams;

    /// Printed by `reference/amdanet.py`.
    const REFERENCE: &str = include_str!("../reference/amdanet.txt");
    /// Lies between the similarities of the script's two samples.
    const BETWEEN: &str = "-0.38";

    fn sci(device: &Device) -> Sci {
        drawn(Sci::new(&[4, 1, 1, 1], &Init::new(&Streams::new(1), device)), 1.0)
    }

    fn both(sci: &Sci, maps: &[Tensor<4>], recipe: &Recipe) -> Vec<Tensor<4>> {
        sci.forward(0, [maps[0].clone(), maps[1].clone()], recipe, &mut Probes::off()).maps.into()
    }

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let (sci, recipe) = (sci(&device), recipe(&[("sci.threshold", BETWEEN)]));
        let maps = drawn_maps([[2, 4, 1, 3]; 2], &device);
        agrees_with(&sci, maps, |maps| both(&sci, &maps, &recipe), (REFERENCE, "sci"));
    }

    #[test]
    fn the_gate_closes_sample_by_sample_in_the_paper_and_never_in_the_code() {
        let device = Device::flex();
        let (sci, maps) = (sci(&device), drawn_maps([[2, 4, 1, 3]; 2], &device));
        let untouched = |settings: &[(&str, &str)]| -> Vec<bool> {
            let blended = both(&sci, &maps, &recipe(settings));
            let same = |sample: usize| {
                let of = |map: &Tensor<4>| values(map.clone().narrow(0, sample, 1));
                (0..2).all(|sensor| of(&blended[sensor]) == of(&maps[sensor]))
            };
            vec![same(0), same(1)]
        };
        assert_eq!(untouched(&[("sci.threshold", BETWEEN)]), [false, true]);
        assert_eq!(untouched(&[("sci.threshold", "-1")]), [true, true]);
        assert_eq!(untouched(&[("sci.threshold", "-0.038"), ("sci.gate", "batch")]), [false, false], "any opens all");
        assert_eq!(untouched(&[("sci.threshold", "-0.04"), ("sci.gate", "batch")]), [true, true]);
        let equal = [maps[0].clone(), maps[0].clone()];
        let mut probes = Probes::on();
        sci.forward(0, equal, &recipe(&[("sci.gate", "batch")]), &mut probes);
        let fact = |name: &str| probes.facts()[name];
        assert!((fact("sci.similarity.level1") - 1.0).abs() < 1e-6);
        assert_eq!(fact("sci.open.level1"), 1.0, "as in AMDANet's code, even for equal features");
        assert_eq!(fact("sci.lambda.level1"), values(sci.per_level[0].lambda.val())[0]);
        assert_eq!(probes.maps()["sci.mask.level1"].map.dims(), [2, 1, 1, 3]);
    }

    #[test]
    fn gated_by_place_only_places_that_disagree_are_blended() {
        let device = Device::flex();
        let (sci, maps) = (sci(&device), drawn_maps([[2, 4, 1, 3]; 2], &device));
        let mut probes = Probes::on();
        let settings = recipe(&[("sci.gate", "place"), ("sci.threshold", BETWEEN)]);
        let blended = sci.forward(0, [maps[0].clone(), maps[1].clone()], &settings, &mut probes).maps;
        let cosines = values(probes.maps()["sci.cosine.level1"].map.clone());
        let changed = values((blended[0].clone() - maps[0].clone()).abs().sum_dim(1));
        let threshold: f32 = BETWEEN.parse().unwrap();
        for (cosine, changed) in cosines.iter().zip(&changed) {
            assert_eq!(*cosine < threshold, *changed > 0.0, "{cosine} {changed}");
        }
        let open = cosines.iter().filter(|&&cosine| cosine < threshold).count();
        assert!((1..6).contains(&open), "{cosines:?}");
        assert!((probes.facts()["sci.open.level1"] - open as f32 / 6.0).abs() < 1e-6);
    }

    #[test]
    fn a_frozen_lambda_gets_no_gradient_and_the_mask_does() {
        let device = Device::flex().autodiff();
        let (sci, maps) = (sci(&device), drawn_maps([[2, 4, 1, 3]; 2], &device));
        let reached = |word: &str| {
            let blended = both(&sci, &maps, &recipe(&[("sci.lambda", word), ("sci.threshold", "1")]));
            let gradients = blended[0].clone().square().sum().backward();
            let unit = &sci.per_level[0];
            (unit.lambda.val().grad(&gradients).is_some(), unit.mask.weight.val().grad(&gradients).is_some())
        };
        assert_eq!(reached("trained"), (true, true));
        assert_eq!(reached("frozen"), (false, true));
    }

    #[test]
    fn lambda_begins_at_one_half_and_zeros_and_single_places_are_finite() {
        let device = Device::flex();
        let fresh = Sci::new(&[4, 1, 1, 1], &Init::new(&Streams::new(1), &device));
        assert_eq!(values(fresh.per_level[3].lambda.val()), [0.5]);
        let zeros = Tensor::zeros([1, 4, 2, 2], &device);
        are_finite(both(&fresh, &[zeros.clone(), zeros], &recipe(&[])), &[[1, 4, 2, 2]; 2]);
        are_finite(both(&fresh, &waves([[1, 4, 1, 1]; 2], &device), &recipe(&[])), &[[1, 4, 1, 1]; 2]);
    }
}
