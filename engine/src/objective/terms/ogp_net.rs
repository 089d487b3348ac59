//! OGP-Net's terms: segmentation and auxiliary heads (Eqs. 1 and 12); distillation for uni-modal retention (DUR, Eqs. 5
//! and 6, and what Table 3 holds beside it); distillation with multi-view contrastive (DMC, Eqs. 3 and 4).

use burn::tensor::{Tensor, TensorData, Transaction};
use rand_chacha::ChaCha8Rng;

use super::adaptation::learns_without_labels;
use super::{Scene, Sum, sensor_heads};
use crate::network::encoders::Encoder;
use crate::network::{FUSED, Output};
use crate::objective::contrast::{Contrast, contrast};
use crate::objective::divergence::{channelwise, pixelwise};
use crate::objective::feature::feature;
use crate::objective::labels::{Labels, Targets};
use crate::objective::ohem::{Hard, hard_pixels};
use crate::objective::relation::{RelationInput, relation};
use crate::objective::segmentation::{SegmentationWeights, segmentation};
use crate::protocol::Phase;
use crate::readback;
use crate::recipe::Recipe;
use crate::recipe::catalogue::objective::relation::{Input, Kind};
use crate::recipe::catalogue::objective::{self, contrast::Sampling, segmentation::Mining};

/// Every head's segmentation loss, and the auxiliary heads'. A teacher has one head, which counts once (Eq. 1) whatever
/// the student's weigh.
pub(super) fn segmentation_terms(recipe: &Recipe, scene: &Scene<'_>, targets: Option<&Targets>, sum: &mut Sum) {
    let Scene { phase, output, labels, .. } = *scene;
    let weights = SegmentationWeights {
        cross_entropy: recipe.get(objective::segmentation::CROSS_ENTROPY) as f32,
        dice: recipe.get(objective::segmentation::DICE) as f32,
    };
    let hard = match recipe.get(objective::segmentation::MINING) {
        Mining::All => None,
        Mining::Ohem => Some(Hard {
            below: recipe.get(objective::segmentation::MINING_BELOW) as f32,
            share: recipe.get(objective::segmentation::MINING_SHARE) as f32,
        }),
    };
    let taught = learns_without_labels(recipe, output).filter(|_| phase != Phase::Teacher);
    for (name, logits) in output.heads.iter().filter(|(name, _)| Some(name.as_str()) != taught) {
        let weight = if phase == Phase::Teacher {
            1.0
        } else if name == FUSED {
            recipe.get(objective::segmentation::FUSED)
        } else {
            recipe.get(objective::segmentation::SENSORS)
        };
        sum.add(&format!("segmentation.{name}"), weight, || {
            let Some(hard) = hard else { return Some(segmentation(logits, targets?, weights)) };
            let hard = hard_pixels(logits, targets?, hard);
            let dice = segmentation(logits, targets?, SegmentationWeights { cross_entropy: 0.0, ..weights });
            Some(segmentation(logits, &hard, SegmentationWeights { dice: 0.0, ..weights }) + dice)
        });
    }
    if !recipe.get(objective::auxiliary::ENABLED) || output.training.auxiliary.is_empty() {
        return;
    }
    sum.add("auxiliary", recipe.get(objective::auxiliary::WEIGHT), || {
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
    if recipe.get(objective::relation::ENABLED) {
        let input = relation_input(recipe);
        let temperature = recipe.get(objective::relation::TEMPERATURE);
        sum.add("relation", recipe.get(objective::relation::WEIGHT), || {
            let (student, teacher) = (guiding_head(output)?, guiding_head(teacher)?);
            Some(match recipe.get(objective::relation::KIND) {
                Kind::Dist => relation(student, teacher, targets?, input),
                Kind::Kl => pixelwise(student, teacher, targets?, temperature),
                Kind::Cwd => channelwise(student, teacher, targets?, temperature),
            })
        });
    }
    if recipe.get(objective::feature::ENABLED) {
        let reduction = recipe.get(objective::feature::REDUCTION);
        sum.add("feature", recipe.get(objective::feature::WEIGHT), || {
            let pairs: Vec<_> = guiding_maps(output).into_iter().zip(guiding_maps(teacher)).collect();
            feature(&pairs, targets?, reduction)
        });
    }
}

/// Pixel contrast of the embeddings.
pub(super) fn contrast_term(recipe: &Recipe, output: &Output, labels: &Labels, random: &mut ChaCha8Rng, sum: &mut Sum) {
    if !recipe.get(objective::contrast::ENABLED) || output.training.embeddings.is_empty() {
        return;
    }
    let settings = Contrast {
        temperature: recipe.get(objective::contrast::TEMPERATURE),
        sampling: recipe.get(objective::contrast::SAMPLING),
        fraction: recipe.get(objective::contrast::FRACTION),
        anchors: recipe.get(objective::contrast::ANCHORS),
        pool: recipe.get(objective::contrast::POOL),
        quota: recipe.get(objective::contrast::QUOTA),
    };
    sum.add("contrast", recipe.get(objective::contrast::WEIGHT), || {
        let predictions: Vec<Labels> = match settings.sampling {
            Sampling::HardAnchor => predictions(sensor_heads(output)),
            Sampling::SemiHard | Sampling::Random => Vec::new(),
        };
        contrast(&output.training.embeddings, labels, &predictions, settings, random)
    });
}

/// What relations are found between.
pub(super) fn relation_input(recipe: &Recipe) -> RelationInput {
    match recipe.get(objective::relation::INPUT) {
        Input::Softmax => RelationInput::Softmax,
        Input::Logits => RelationInput::Logits,
    }
}

/// The logits of the guiding sensor's own head.
pub(super) fn guiding_head(output: &Output) -> Option<&Tensor<4>> {
    sensor_heads(output).first().map(|(_, logits)| logits)
}

/// Stage 4, stage 5 and the decoder map of the guiding sensor; the stages before their columns changed places where
/// the network kept them so.
pub(super) fn guiding_maps(output: &Output) -> Vec<&Tensor<4>> {
    let levels = match (output.features.own.first(), output.features.stages.first()) {
        (Some(own), _) => own.as_slice(),
        (None, Some(stages)) => Encoder::levels(stages),
        (None, None) => &[],
    };
    levels.iter().skip(2).chain(output.features.decoded.first()).collect()
}

/// The most probable class of each pixel, head by head.
fn predictions(heads: &[(String, Tensor<4>)]) -> Vec<Labels> {
    if heads.is_empty() {
        return Vec::new();
    }
    let ids = heads.iter().map(|(_, logits)| logits.clone().inner().argmax(1));
    let ids = readback::read(ids.fold(Transaction::default(), Transaction::register));
    let of_head = |((_, logits), ids): (&(String, Tensor<4>), TensorData)| {
        let [batch, _, height, width] = logits.dims();
        Labels { ids: ids.iter::<i64>().map(|id| id as u8).collect(), batch, height, width }
    };
    heads.iter().zip(ids).map(of_head).collect()
}
