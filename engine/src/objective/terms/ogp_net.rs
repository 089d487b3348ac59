//! OGP-Net's terms: segmentation and auxiliary heads (Eqs. 1 and 12), distillation (Eqs. 5 and 6), pixel contrast (Eq. 4).

use burn::tensor::Tensor;
use rand_chacha::ChaCha8Rng;

use super::{Sum, sensor_heads};
use crate::network::encoders::Encoder;
use crate::network::{FUSED, Output};
use crate::objective::contrast::{Contrast, Pool, contrast};
use crate::objective::feature::{Reduction, feature};
use crate::objective::labels::{Labels, Targets};
use crate::objective::ohem::{Hard, hard_pixels};
use crate::objective::relation::{RelationInput, relation};
use crate::objective::sampling::Sampling;
use crate::objective::segmentation::{SegmentationWeights, segmentation};
use crate::recipe::Recipe;

/// Every head's segmentation loss, and the auxiliary heads'.
pub(super) fn segmentation_terms(
    recipe: &Recipe,
    output: &Output,
    labels: &Labels,
    targets: Option<&Targets>,
    sum: &mut Sum,
) {
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
    if !recipe.switch("objective.auxiliary.enabled") || output.training.auxiliary.is_empty() {
        return;
    }
    sum.add("auxiliary", recipe.number("objective.auxiliary.weight"), || {
        let targets = Targets::for_logits(labels, output.training.auxiliary.first()?);
        let each = output.training.auxiliary.iter().map(|logits| segmentation(logits, &targets, weights));
        each.reduce(|sum, term| sum + term).map(|sum| sum / output.training.auxiliary.len() as f32)
    });
}

/// What the guiding sensor learns from a frozen teacher: relations between logits, and features.
pub(super) fn distillation_terms(
    recipe: &Recipe,
    output: &Output,
    teacher: &Output,
    targets: Option<&Targets>,
    sum: &mut Sum,
) {
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

/// Pixel contrast of the embeddings.
pub(super) fn contrast_term(recipe: &Recipe, output: &Output, labels: &Labels, random: &mut ChaCha8Rng, sum: &mut Sum) {
    if !recipe.switch("objective.contrast.enabled") || output.training.embeddings.is_empty() {
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
        contrast(&output.training.embeddings, labels, &predictions, settings, random)
    });
}

/// The logits of the guiding sensor's own head.
pub(super) fn guiding_head(output: &Output) -> Option<&Tensor<4>> {
    sensor_heads(output).first().map(|(_, logits)| logits)
}

/// Stage 4, stage 5 and the decoder map of the guiding sensor.
fn guiding_maps(output: &Output) -> Vec<&Tensor<4>> {
    let stages = output.features.stages.first().map(|stages| Encoder::levels(stages)[2..].iter()).into_iter().flatten();
    stages.chain(output.features.decoded.first()).collect()
}

/// The most probable class of each pixel.
fn prediction(logits: &Tensor<4>) -> Labels {
    let [batch, _, height, width] = logits.dims();
    let ids = logits.clone().inner().argmax(1).into_data_as::<i64>();
    let ids = ids.as_slice::<i64>().map(|ids| ids.iter().map(|&id| id as u8).collect()).unwrap_or_default();
    Labels { ids, batch, height, width }
}
