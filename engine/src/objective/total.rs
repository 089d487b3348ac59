//! The weighted sum of all terms that a recipe asks for.

use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use super::adaptation;
use super::amdanet_terms::amdanet_terms;
use super::contrast::{Contrast, Pool, contrast};
use super::entries::{Drawn, Entries, EntryKind};
use super::feature::{Reduction, feature};
use super::labels::{Labels, Targets};
use super::language::{Averaging, Direction, Divergence, inter_modal, intra_modal};
use super::multimodal_contrast::{across, embeddings, within};
use super::ohem::{Hard, hard_pixels};
use super::relation::{RelationInput, relation};
use super::sampling::Sampling;
use super::segmentation::{SegmentationWeights, segmentation};
use crate::network::encoders::Encoder;
use crate::network::{Carried, FUSED, Inputs, Output};
use crate::protocol::Phase;
use crate::recipe::Recipe;

/// One batch and what the networks said to it: everything that a term may look at.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The phase of training.
    pub phase: Phase,
    /// What went in: images, the pass's noise, and what the step before left behind.
    pub inputs: &'a Inputs,
    /// What came out; its first sensor is the guiding one.
    pub output: &'a Output,
    /// The frozen teacher's output on the same batch; without it the distillation terms are left out.
    pub teacher: Option<&'a Output>,
    /// `[batch, height, width]` at the heads' size.
    pub labels: &'a Labels,
    /// The samples' ids.
    pub ids: &'a [String],
    /// The samples' condition tags.
    pub tags: &'a [Vec<String>],
    /// Class names by id.
    pub classes: &'a [String],
    /// What a vision-language model says to the samples and classes; without it those terms are left out.
    pub vectors: Option<&'a LanguageVectors>,
}

/// What a vision-language model says to a batch and to the classes, as cosines.
#[derive(Clone, Debug, Default)]
pub struct LanguageVectors {
    /// Of each sample's images to its caption, in the order of the network's sensors; `None` for samples without vectors.
    pub correlations: Vec<Option<Vec<f64>>>,
    /// Between class names, `[classes, classes]` row by row; `None` where some class has no vector.
    pub likeness: Option<Vec<f64>>,
}

/// What one step minimises, and the figures for the curves.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The weighted sum, `[1]`; its backward pass reaches every parameter that a term depends on.
    pub total: Tensor<1>,
    /// Each term's value before its weight, `[1]`, without a graph. A term with weight 0 or switched off is not computed.
    pub terms: Vec<(String, Tensor<1>)>,
    /// Plain figures beside the terms, such as the size of a sample.
    pub figures: Vec<(String, f32)>,
    /// What the next step shall find in [`Inputs::carried`], beside what the network itself leaves there.
    pub carried: Carried,
}

/// All terms that the recipe switches on: in the teacher phase those of OGP-Net Eq. 1, in the others all.
///
/// Every setting is read here, so live settings hold from this step on. `sampling` is the generator of OGP-Net's contrast; other
/// terms draw from the pass's noise.
pub fn evaluate(recipe: &Recipe, scene: &Scene<'_>, sampling: &mut ChaCha8Rng) -> Terms {
    let Scene { phase, output, teacher, labels, .. } = *scene;
    let mut sum = Sum::default();
    // All heads have one size, so they share what is made from the labels.
    let targets = output.main_head().map(|(_, logits)| Targets::for_logits(labels, logits));
    segmentation_terms(recipe, output, labels, targets.as_ref(), &mut sum);
    if phase != Phase::Teacher {
        if let Some(teacher) = teacher {
            distillation_terms(recipe, output, teacher, targets.as_ref(), &mut sum);
        }
        contrast_term(recipe, output, labels, sampling, &mut sum);
        multimodal_terms(recipe, scene, &mut sum);
        if let Some(vectors) = scene.vectors {
            language_terms(recipe, output, labels, vectors, &mut sum);
        }
        amdanet_terms(recipe, scene, targets.as_ref(), &mut sum);
        for (name, penalty) in &output.penalties {
            // The network names a penalty after the setting that weighs it.
            sum.add(name, recipe.number(name), || Some(penalty.clone()));
        }
        adaptation::terms(recipe, scene, targets.as_ref(), &mut sum);
    }
    let device = output.main_head().map_or_else(Device::flex, |(_, logits)| logits.device());
    let Sum { total, terms, figures, carried } = sum;
    Terms { total: total.unwrap_or_else(|| Tensor::zeros([1], &device)), terms, figures, carried }
}

/// The terms so far and their weighted sum.
#[derive(Default)]
pub(super) struct Sum {
    total: Option<Tensor<1>>,
    terms: Vec<(String, Tensor<1>)>,
    figures: Vec<(String, f32)>,
    pub(super) carried: Carried,
}

impl Sum {
    /// Adds a term, which is not even computed where its weight is 0. `None` counts as 0.
    pub(super) fn add(&mut self, name: &str, weight: f64, term: impl FnOnce() -> Option<Tensor<1>>) {
        if weight == 0.0 {
            return;
        }
        let Some(term) = term() else {
            self.terms.push((name.to_owned(), Tensor::zeros([1], &Device::flex())));
            return;
        };
        self.terms.push((name.to_owned(), term.clone().inner()));
        // Multiplying by 1 is exact, but not free.
        let weighted = if weight == 1.0 { term } else { term * weight };
        self.total = Some(match self.total.take() {
            Some(total) => total + weighted,
            None => weighted,
        });
    }
}

fn segmentation_terms(recipe: &Recipe, output: &Output, labels: &Labels, targets: Option<&Targets>, sum: &mut Sum) {
    let weights = SegmentationWeights {
        cross_entropy: recipe.number("objective.segmentation.cross_entropy") as f32,
        dice: recipe.number("objective.segmentation.dice") as f32,
    };
    let hard = (recipe.text("objective.segmentation.mining") == "ohem").then(|| Hard {
        below: recipe.number("objective.segmentation.mining_below") as f32,
        share: recipe.number("objective.segmentation.mining_share") as f32,
    });
    for (name, logits) in &output.heads {
        let key = if name == FUSED { "objective.segmentation.fused" } else { "objective.segmentation.sensors" };
        sum.add(&format!("segmentation.{name}"), recipe.number(key), || {
            let Some(hard) = hard else { return Some(segmentation(logits, targets?, weights)) };
            let hard = hard_pixels(logits, targets?, hard);
            let dice = segmentation(logits, targets?, SegmentationWeights { cross_entropy: 0.0, ..weights });
            Some(segmentation(logits, &hard, SegmentationWeights { dice: 0.0, ..weights }) + dice)
        });
    }
    if !recipe.switch("objective.auxiliary.enabled") || output.auxiliary.is_empty() {
        return;
    }
    sum.add("auxiliary", recipe.number("objective.auxiliary.weight"), || {
        let targets = Targets::for_logits(labels, output.auxiliary.first()?);
        let each = output.auxiliary.iter().map(|logits| segmentation(logits, &targets, weights));
        each.reduce(|sum, term| sum + term).map(|sum| sum / output.auxiliary.len() as f32)
    });
}

fn distillation_terms(recipe: &Recipe, output: &Output, teacher: &Output, targets: Option<&Targets>, sum: &mut Sum) {
    if recipe.switch("objective.relation.enabled") {
        let input = match recipe.text("objective.relation.input") {
            "logits" => RelationInput::Logits,
            _ => RelationInput::Softmax,
        };
        sum.add("relation", recipe.number("objective.relation.weight"), || {
            let (student, teacher) = (guiding_head(output)?, guiding_head(teacher)?);
            Some(relation(student, teacher, targets?, input))
        });
    }
    if recipe.switch("objective.feature.enabled") {
        let reduction = match recipe.text("objective.feature.reduction") {
            "sum" => Reduction::Sum,
            _ => Reduction::Mean,
        };
        sum.add("feature", recipe.number("objective.feature.weight"), || {
            let pairs: Vec<_> = guiding_maps(output).into_iter().zip(guiding_maps(teacher)).collect();
            feature(&pairs, targets?, reduction)
        });
    }
}

fn language_terms(recipe: &Recipe, output: &Output, labels: &Labels, vectors: &LanguageVectors, sum: &mut Sum) {
    let divergence = |component: &str| Divergence {
        temperature: recipe.number(&format!("{component}.temperature")),
        direction: match recipe.text(&format!("{component}.direction")) {
            "student" => Direction::Student,
            _ => Direction::Teacher,
        },
    };
    if recipe.switch("objective.inter_modal.enabled")
        && let Some(student) = &output.correlations
        && vectors.correlations.iter().any(Option::is_some)
    {
        sum.add("inter_modal", recipe.number("objective.inter_modal.weight"), || {
            inter_modal(student, &vectors.correlations, divergence("objective.inter_modal"))
        });
        sum.figures.extend(correlation_figures(output, student, &vectors.correlations));
    }
    if recipe.switch("objective.intra_modal.enabled")
        && let (Some(map), Some(names)) = (&output.agnostic, &vectors.likeness)
    {
        let averaging = match recipe.text("objective.intra_modal.averaging") {
            "image" => Averaging::Image,
            _ => Averaging::Batch,
        };
        sum.add("intra_modal", recipe.number("objective.intra_modal.weight"), || {
            intra_modal(map, labels, names, averaging, divergence("objective.intra_modal"))
        });
    }
}

/// Each sensor's correlation, the student's and the teacher's, as means over the scenes that have vectors.
fn correlation_figures(output: &Output, student: &Tensor<2>, teacher: &[Option<Vec<f64>>]) -> Vec<(String, f32)> {
    let sensors = student.dims()[1];
    let student = student.clone().inner().into_data_as::<f32>();
    let rows = student.as_slice::<f32>().unwrap_or_default().chunks(sensors).zip(teacher);
    let known: Vec<(&[f32], &Vec<f64>)> = rows.filter_map(|(row, taught)| Some((row, taught.as_ref()?))).collect();
    let names = sensor_heads(output);
    let count = known.len().max(1) as f64;
    let figures = |sensor: usize| {
        let name = names.get(sensor).map_or_else(|| format!("sensor{}", sensor + 1), |(name, _)| name.clone());
        let own = known.iter().map(|(row, _)| f64::from(row[sensor])).sum::<f64>() / count;
        let taught = known.iter().filter_map(|(_, row)| row.get(sensor)).sum::<f64>() / count;
        [(format!("inter_modal.student.{name}"), own as f32), (format!("inter_modal.teacher.{name}"), taught as f32)]
    };
    (0..sensors).flat_map(figures).collect()
}

fn contrast_term(recipe: &Recipe, output: &Output, labels: &Labels, random: &mut ChaCha8Rng, sum: &mut Sum) {
    if !recipe.switch("objective.contrast.enabled") || output.embeddings.is_empty() {
        return;
    }
    let settings = Contrast {
        temperature: recipe.number("objective.contrast.temperature"),
        sampling: match recipe.text("objective.contrast.sampling") {
            "hard-anchor" => Sampling::HardAnchor,
            "random" => Sampling::Random,
            _ => Sampling::SemiHard,
        },
        fraction: recipe.number("objective.contrast.fraction"),
        anchors: recipe.integer("objective.contrast.anchors"),
        pool: match recipe.text("objective.contrast.pool") {
            "all" => Pool::All,
            _ => Pool::Stage,
        },
    };
    sum.add("contrast", recipe.number("objective.contrast.weight"), || {
        let predictions: Vec<Labels> = if settings.sampling == Sampling::HardAnchor {
            sensor_heads(output).iter().map(|(_, logits)| prediction(logits)).collect()
        } else {
            Vec::new()
        };
        contrast(&output.embeddings, labels, &predictions, settings, random)
    });
}

/// What pixels multi-modal contrast draws.
pub(super) fn entries(recipe: &Recipe) -> Entries {
    Entries {
        of: match recipe.text("objective.multimodal_contrast.entries") {
            "batch" => EntryKind::Batch,
            _ => EntryKind::Image,
        },
        smallest: recipe.integer("objective.multimodal_contrast.smallest"),
        most: recipe.integer("objective.multimodal_contrast.most"),
        anchors: recipe.integer("objective.multimodal_contrast.anchors"),
    }
}

/// SMMCL's three terms, which share their sample and the embeddings.
fn multimodal_terms(recipe: &Recipe, scene: &Scene<'_>, sum: &mut Sum) {
    let weight = |name: &str| {
        let key = |suffix: &str| format!("objective.multimodal_contrast.{name}{suffix}");
        if recipe.switch(&key("")) { recipe.number(&key("_weight")) } else { 0.0 }
    };
    let weights = ["cross", "visible", "auxiliary"].map(|name| (name, weight(name)));
    let projected = &scene.output.projected;
    let (Some(map), Some(mut random)) = (projected.first(), scene.inputs.noise.rng("multimodal_contrast")) else {
        return;
    };
    let is_on = recipe.switch("objective.multimodal_contrast.enabled");
    if !is_on || weights.iter().all(|(_, weight)| *weight == 0.0) {
        return;
    }
    let [_, _, height, width] = map.dims();
    let labels = scene.labels.nearest(height, width);
    let drawn = Drawn::of(&labels, projected.len(), entries(recipe), &mut random);
    let embedded = drawn.as_ref().map(|drawn| embeddings(projected, drawn)).unwrap_or_default();
    let temperature = recipe.number("objective.multimodal_contrast.temperature");
    for (name, weight) in weights {
        sum.add(&format!("multimodal_contrast.{name}"), weight, || {
            let classes = &drawn.as_ref()?.classes;
            match name {
                "cross" => across(&embedded, classes, temperature),
                "visible" => within(&embedded[..1], classes, temperature),
                _ => within(&embedded[1..], classes, temperature),
            }
        });
    }
    let sizes = drawn.map_or([0, 0], |drawn| [drawn.entries, drawn.each]);
    let figures = [("multimodal_contrast.entries", sizes[0]), ("multimodal_contrast.pixels", sizes[1])];
    sum.figures.extend(figures.map(|(name, value)| (name.to_owned(), value as f32)));
}

/// The heads of single sensors, in the sensors' order.
pub(super) fn sensor_heads(output: &Output) -> &[(String, Tensor<4>)] {
    match output.heads.split_first() {
        Some(((name, _), sensors)) if name == FUSED => sensors,
        _ => &output.heads,
    }
}

/// The logits of the guiding sensor's own head.
fn guiding_head(output: &Output) -> Option<&Tensor<4>> {
    sensor_heads(output).first().map(|(_, logits)| logits)
}

/// Stage 4, stage 5 and the decoder map of the guiding sensor.
fn guiding_maps(output: &Output) -> Vec<&Tensor<4>> {
    let stages = output.stages.first().map(|stages| Encoder::levels(stages)[2..].iter()).into_iter().flatten();
    stages.chain(output.decoded.first()).collect()
}

/// The most probable class of each pixel.
fn prediction(logits: &Tensor<4>) -> Labels {
    let [batch, _, height, width] = logits.dims();
    let ids = logits.clone().inner().argmax(1).into_data_as::<i64>();
    let ids = ids.as_slice::<i64>().map(|ids| ids.iter().map(|&id| id as u8).collect()).unwrap_or_default();
    Labels { ids, batch, height, width }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IGNORE;
    use crate::network::Noise;
    use crate::objective::check::{close, device, scalar, wave_tensor};
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
        assert_eq!(figures.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [5.0, 1.0]);
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
}
