//! Which terms recipes ask for, and that their sum reaches what it depends on.

use super::ogp_net::guiding_head;
use super::*;
use crate::data::IGNORE;
use crate::network::Noise;
use crate::objective::check::{close, device, scalar, wave_tensor};
use crate::objective::{SegmentationWeights, segmentation};
use crate::random::Streams;

/// A two-sensor output with every part, all of it following from one tensor that gradients are asked for.
fn output(root: &Tensor<4>) -> Output {
    let map = |shape: [usize; 4], phase| wave_tensor(shape, phase) * root.clone();
    let unit = |map: Tensor<4>| map.clone() / map.square().sum_dim(1).sqrt();
    let logits = |phase| map([2, 4, 4, 6], phase);
    let stages = |phase: f64| (0..5).map(|stage| map([2, 3, 2, 2], phase + f64::from(stage))).collect();
    Output {
        heads: vec![
            ("fused".to_owned(), logits(0.3)),
            ("colour".to_owned(), logits(1.3)),
            ("thermal".to_owned(), logits(2.3)),
        ],
        auxiliary: vec![map([2, 4, 1, 1], 3.3), map([2, 4, 1, 1], 4.3)],
        stages: vec![stages(0.4), stages(1.4)],
        decoded: vec![map([2, 3, 1, 2], 5.3), map([2, 3, 1, 2], 6.3)],
        embeddings: vec![
            vec![unit(map([2, 3, 2, 3], 0.7)), unit(map([2, 3, 2, 3], 1.7))],
            vec![unit(map([2, 3, 1, 2], 2.7)), unit(map([2, 3, 1, 2], 3.7))],
        ],
        projected: vec![map([2, 3, 2, 3], 0.9), map([2, 3, 2, 3], 1.9)],
        penalties: vec![("exchange.channel.sparsity".to_owned(), root.clone().sum())],
        ..Output::default()
    }
}

fn root() -> Tensor<4> {
    Tensor::ones([1, 1, 1, 1], &device()).require_grad()
}

fn teacher() -> Output {
    let Output { mut heads, mut stages, mut decoded, .. } = output(&(root() * 1.5));
    heads.drain(..1);
    heads.truncate(1);
    stages.truncate(1);
    decoded.truncate(1);
    Output { heads, stages, decoded, ..Output::default() }
}

fn labels() -> Labels {
    Labels { ids: (0..48).map(|pixel| [0, 1, 2, IGNORE, 1][pixel % 5]).collect(), batch: 2, height: 4, width: 6 }
}

fn recipe(settings: &[(&str, &str)]) -> Recipe {
    let mut recipe = Recipe::defaults("r");
    for (key, value) in settings {
        recipe.set_text(key, value).unwrap();
    }
    recipe
}

fn evaluated(
    settings: &[(&str, &str)],
    phase: Phase,
    output: &Output,
    teacher: Option<&Output>,
    labels: &Labels,
    sampling: &mut ChaCha8Rng,
) -> Terms {
    let inputs = Inputs { noise: Noise::of(Streams::new(1), 0), ..Inputs::new(Vec::new()) };
    let scene =
        Scene { phase, inputs: &inputs, output, teacher, labels, ids: &[], tags: &[], classes: &[], vectors: None };
    evaluate(&recipe(settings), &scene, sampling)
}

/// The terms and the gradient with respect to the root.
fn run(settings: &[(&str, &str)], phase: Phase, labels: &Labels) -> (Terms, f32) {
    let root = root();
    let mut random = Streams::new(1).stream("sampling", 0);
    let terms = evaluated(settings, phase, &output(&root), Some(&teacher()), labels, &mut random);
    let slope =
        if terms.total.is_tracked() { root.grad(&terms.total.backward()).map(Tensor::into_scalar) } else { None };
    (terms, slope.unwrap_or(0.0))
}

fn names(terms: &Terms) -> Vec<&str> {
    terms.terms.iter().map(|(name, _)| name.as_str()).collect()
}

const OFF: [(&str, &str); 4] = [
    ("objective.auxiliary.enabled", "off"),
    ("objective.relation.enabled", "off"),
    ("objective.feature.enabled", "off"),
    ("objective.contrast.enabled", "off"),
];

#[test]
fn each_phase_has_its_terms() {
    let (student, _) = run(&[("exchange.channel.sparsity", "0.01")], Phase::Student, &labels());
    let heads = ["segmentation.fused", "segmentation.colour", "segmentation.thermal"];
    let others = ["auxiliary", "relation", "feature", "contrast", "exchange.channel.sparsity"];
    assert_eq!(names(&student), [&heads[..], &others[..]].concat());
    let (teacher, _) = run(&[], Phase::Teacher, &labels());
    assert_eq!(names(&teacher), [&heads[..], &["auxiliary"]].concat());
}

#[test]
fn the_total_is_the_weighted_sum_of_the_terms() {
    let weights = [
        ("auxiliary", "objective.auxiliary.weight", "0.4"),
        ("relation", "objective.relation.weight", "2"),
        ("feature", "objective.feature.weight", "0.5"),
        ("contrast", "objective.contrast.weight", "3"),
        ("exchange.channel.sparsity", "exchange.channel.sparsity", "0.01"),
    ];
    let settings: Vec<_> = weights.iter().map(|&(_, key, weight)| (key, weight)).collect();
    let (terms, slope) = run(&settings, Phase::Student, &labels());
    let weight_of = |name: &str| {
        weights.iter().find(|(term, ..)| *term == name).map_or(1.0, |(.., weight)| weight.parse::<f32>().unwrap())
    };
    let sum: f32 = terms.terms.iter().map(|(name, term)| weight_of(name) * scalar(term)).sum();
    close(scalar(&terms.total), sum, 1e-6);
    assert!(slope.is_finite() && slope != 0.0);
}

#[test]
fn a_component_that_is_off_or_weighs_nothing_equals_the_baseline_exactly() {
    let (baseline, baseline_slope) = run(&OFF, Phase::Student, &labels());
    let heads = output(&root()).heads;
    let targets = Targets::for_logits(&labels(), &heads[0].1);
    let weights = SegmentationWeights { cross_entropy: 1.0, dice: 1.0 };
    let plain = heads.iter().map(|(_, logits)| segmentation(logits, &targets, weights));
    assert_eq!(scalar(&plain.reduce(|sum, term| sum + term).unwrap()), scalar(&baseline.total));
    for (name, weight) in [
        ("objective.auxiliary", "objective.auxiliary.weight"),
        ("objective.relation", "objective.relation.weight"),
        ("objective.feature", "objective.feature.weight"),
        ("objective.contrast", "objective.contrast.weight"),
    ] {
        let enabled = format!("{name}.enabled");
        let mut settings = OFF.to_vec();
        settings.retain(|(key, _)| *key != enabled);
        let (alone, alone_slope) = run(&settings, Phase::Student, &labels());
        assert_ne!(
            (scalar(&alone.total), alone_slope),
            (scalar(&baseline.total), baseline_slope),
            "{name} does nothing"
        );
        settings.push((weight, "0"));
        let (weightless, slope) = run(&settings, Phase::Student, &labels());
        assert_eq!((scalar(&weightless.total), slope), (scalar(&baseline.total), baseline_slope), "{name}");
        assert_eq!(names(&weightless), names(&baseline));
    }
}

#[test]
fn each_part_of_multi_modal_contrast_has_a_switch_and_a_weight() {
    const ALL: [&str; 3] = ["cross", "visible", "auxiliary"];
    let found = |changes: &[(&str, &str)]| {
        let enabled = ("objective.multimodal_contrast", "on");
        let all = ("objective.multimodal_contrast.smallest", "1");
        let (terms, _) = run(&[&OFF[..], &[enabled, all], changes].concat(), Phase::Student, &labels());
        let parts = terms
            .terms
            .iter()
            .filter_map(|(name, term)| Some((name.strip_prefix("multimodal_contrast.")?.to_owned(), scalar(term))));
        (parts.collect::<Vec<_>>(), scalar(&terms.total), terms.figures)
    };
    let (all, total, figures) = found(&[]);
    assert_eq!(all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ALL);
    assert_eq!(figures.iter().map(|figure| figure.value).collect::<Vec<_>>(), [5.0, 1.0]);
    let mut sum = found(&KEYS.map(|[switch, _]| (switch, "off"))).1;
    for ((name, value), [switch, weight]) in all.iter().zip(KEYS) {
        let (without, _, _) = found(&[(switch, "off")]);
        assert!(without.len() == 2 && without.iter().all(|(other, _)| other != name));
        assert_eq!(without, found(&[(weight, "0")]).0);
        sum += 0.05 * value;
    }
    close(total, sum, 1e-6);
}

/// The switch and the weight of each part of multi-modal contrast.
const KEYS: [[&str; 2]; 3] = [
    ["objective.multimodal_contrast.cross", "objective.multimodal_contrast.cross_weight"],
    ["objective.multimodal_contrast.visible", "objective.multimodal_contrast.visible_weight"],
    ["objective.multimodal_contrast.auxiliary", "objective.multimodal_contrast.auxiliary_weight"],
];

#[test]
fn without_a_teacher_nothing_is_distilled() {
    let mut random = Streams::new(1).stream("sampling", 0);
    let terms = evaluated(&[], Phase::Student, &output(&root()), None, &labels(), &mut random);
    assert!(!names(&terms).iter().any(|name| ["relation", "feature"].contains(name)));
}

#[test]
fn a_batch_without_any_label_costs_nothing_and_pulls_nowhere() {
    let ignored = Labels { ids: vec![IGNORE; 48], ..labels() };
    for sampling in ["semi-hard", "hard-anchor", "random"] {
        let (terms, slope) = run(&[("objective.contrast.sampling", sampling)], Phase::Student, &ignored);
        for (name, term) in &terms.terms {
            assert_eq!(scalar(term), 0.0, "{name}");
        }
        assert_eq!((scalar(&terms.total), slope), (0.0, 0.0));
    }
    let (terms, slope) = run(&OFF, Phase::Student, &ignored);
    assert_eq!((scalar(&terms.total), slope), (0.0, 0.0));
}

#[test]
fn every_choice_of_a_setting_is_followed() {
    for (key, choice) in [
        ("objective.relation.input", "logits"),
        ("objective.feature.reduction", "sum"),
        ("objective.contrast.sampling", "hard-anchor"),
        ("objective.contrast.sampling", "random"),
        ("objective.contrast.temperature", "0.5"),
        ("objective.contrast.fraction", "0.9"),
        ("objective.contrast.anchors", "16"),
        ("objective.contrast.pool", "all"),
        ("objective.segmentation.cross_entropy", "0"),
        ("objective.segmentation.dice", "0"),
    ] {
        let (usual, _) = run(&[], Phase::Student, &labels());
        let (other, _) = run(&[(key, choice)], Phase::Student, &labels());
        assert_ne!(scalar(&usual.total), scalar(&other.total), "{key} = {choice}");
    }
}

#[test]
fn a_lone_sensors_head_is_the_guiding_one() {
    let mut single = output(&root());
    assert_eq!(guiding_head(&single).unwrap().to_data(), single.heads[1].1.to_data());
    single.heads.drain(..1);
    single.heads.truncate(1);
    assert_eq!(guiding_head(&single).unwrap().to_data(), single.heads[0].1.to_data());
}
