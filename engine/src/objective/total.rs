//! The weighted sum of all terms that a recipe asks for.

use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use super::contrast::{Contrast, contrast};
use super::feature::{Reduction, feature};
use super::labels::{Labels, Targets};
use super::relation::{RelationInput, relation};
use super::sampling::Sampling;
use super::segmentation::{SegmentationWeights, segmentation};
use crate::network::Output;
use crate::protocol::Phase;
use crate::recipe::Recipe;

/// What one step minimises, and the figures for the curves.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The weighted sum, `[1]`; its backward pass reaches every parameter that a term depends on.
    pub total: Tensor<1>,
    /// Each term's value before its weight, `[1]`, without a graph. A term with weight 0 or switched off is not computed.
    pub terms: Vec<(String, Tensor<1>)>,
}

/// All terms of OGP-Net Eq. 12 (student phase) or Eq. 1 (teacher phase) that the recipe switches on.
///
/// # Shapes
/// - output: as [`Output`] says; its first sensor is the guiding one
/// - teacher: the frozen teacher's output on the same batch; without it the two distillation terms are left out
/// - labels: `[batch, height, width]` at the heads' size
///
/// Every setting is read here, so live settings hold from this step on. Nothing random is drawn but for the contrast.
pub fn evaluate(
    recipe: &Recipe,
    phase: Phase,
    output: &Output,
    teacher: Option<&Output>,
    labels: &Labels,
    sampling: &mut ChaCha8Rng,
) -> Terms {
    let mut sum = Sum { total: None, terms: Vec::new() };
    segmentation_terms(recipe, output, labels, &mut sum);
    if phase == Phase::Student {
        if let Some(teacher) = teacher {
            distillation_terms(recipe, output, teacher, labels, &mut sum);
        }
        contrast_term(recipe, output, labels, sampling, &mut sum);
        for (name, penalty) in &output.penalties {
            // The network names a penalty after the setting that weighs it.
            sum.add(name, recipe.number(name), || Some(penalty.clone()));
        }
    }
    let device = output.main_head().map_or_else(Device::flex, |(_, logits)| logits.device());
    Terms { total: sum.total.unwrap_or_else(|| Tensor::zeros([1], &device)), terms: sum.terms }
}

struct Sum {
    total: Option<Tensor<1>>,
    terms: Vec<(String, Tensor<1>)>,
}

impl Sum {
    /// Adds a term, which is not even computed where its weight is 0. `None` counts as 0.
    fn add(&mut self, name: &str, weight: f64, term: impl FnOnce() -> Option<Tensor<1>>) {
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

fn segmentation_terms(recipe: &Recipe, output: &Output, labels: &Labels, sum: &mut Sum) {
    let weights = SegmentationWeights {
        cross_entropy: recipe.number("objective.segmentation.cross_entropy") as f32,
        dice: recipe.number("objective.segmentation.dice") as f32,
    };
    let targets = output.main_head().map(|(_, logits)| Targets::for_logits(labels, logits));
    for (name, logits) in &output.heads {
        sum.add(&format!("segmentation.{name}"), 1.0, || Some(segmentation(logits, targets.as_ref()?, weights)));
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

fn distillation_terms(recipe: &Recipe, output: &Output, teacher: &Output, labels: &Labels, sum: &mut Sum) {
    if recipe.switch("objective.relation.enabled") {
        let input = match recipe.text("objective.relation.input") {
            "logits" => RelationInput::Logits,
            _ => RelationInput::Softmax,
        };
        sum.add("relation", recipe.number("objective.relation.weight"), || {
            let (student, teacher) = (guiding_head(output)?, guiding_head(teacher)?);
            Some(relation(student, teacher, &Targets::for_logits(labels, student), input))
        });
    }
    if recipe.switch("objective.feature.enabled") {
        let reduction = match recipe.text("objective.feature.reduction") {
            "sum" => Reduction::Sum,
            _ => Reduction::Mean,
        };
        sum.add("feature", recipe.number("objective.feature.weight"), || {
            let pairs: Vec<_> = guiding_maps(output).into_iter().zip(guiding_maps(teacher)).collect();
            feature(&pairs, reduction)
        });
    }
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

/// The heads of single sensors, in the sensors' order.
fn sensor_heads(output: &Output) -> &[(String, Tensor<4>)] {
    match output.heads.split_first() {
        Some(((name, _), sensors)) if name == "fused" => sensors,
        _ => &output.heads,
    }
}

/// The logits of the guiding sensor's own head.
fn guiding_head(output: &Output) -> Option<&Tensor<4>> {
    sensor_heads(output).first().map(|(_, logits)| logits)
}

/// Stage 4, stage 5 and the decoder map of the guiding sensor.
fn guiding_maps(output: &Output) -> Vec<&Tensor<4>> {
    let stages = output.stages.first().map(|stages| stages.iter().skip(3)).into_iter().flatten();
    stages.chain(output.decoded.first()).collect()
}

/// The most probable class of each pixel.
fn prediction(logits: &Tensor<4>) -> Labels {
    let [batch, _, height, width] = logits.dims();
    let ids = logits.clone().inner().argmax(1).into_data_as::<i64>();
    let ids = ids.as_slice::<i64>().map(|ids| ids.iter().map(|&id| id as u8).collect()).unwrap_or_default();
    Labels { ids, batch, height, width }
}
