//! The weighted sum of all terms that a recipe asks for, method by method.

mod any2seg;
mod ogp_net;

pub(super) mod adaptation;
mod amdanet;
mod scene;
pub(super) mod smmcl;
mod sum;
pub(super) mod taught;

#[cfg(test)]
mod tests;

use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use self::amdanet::amdanet_terms;
use self::any2seg::language_terms;
use self::ogp_net::{contrast_term, distillation_terms, segmentation_terms};
pub use self::scene::{LanguageVectors, Scene, Seen};
use self::smmcl::multimodal_terms;
use self::sum::{Sum, sensor_heads};
use super::labels::Targets;
use crate::network::{Carried, LateFigures};
use crate::protocol::{Figure, Phase};
use crate::recipe::Recipe;

/// What one step minimises, and the figures for the curves.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The weighted sum, `[1]`; its backward pass reaches every parameter that a term depends on.
    pub total: Tensor<1>,
    /// Each term's value before its weight, `[1]`, without a graph. A term with weight 0 or switched off is not
    /// computed.
    pub terms: Vec<(String, Tensor<1>)>,
    /// Figures beside the terms that are no losses, such as the size of a sample.
    pub figures: Vec<Figure>,
    /// Further ones whose numbers are on the device.
    pub late: Vec<LateFigures>,
    /// What the next step shall find in [`Inputs::carried`](crate::network::Inputs::carried), beside what the network
    /// itself leaves there.
    pub carried: Carried,
}

/// All terms that the recipe switches on: in the teacher phase those of OGP-Net Eq. 1, in the others all.
///
/// Every setting is read here, so live settings hold from this step on. `sampling` is the generator of OGP-Net's
/// contrast; other terms draw from the pass's noise.
pub fn evaluate(recipe: &Recipe, scene: &Scene<'_>, sampling: &mut ChaCha8Rng) -> Terms {
    let Scene { phase, output, teacher, labels, .. } = *scene;
    let mut sum = Sum::default();
    // All heads have one size, so they share what is made from the labels.
    let targets = output.main_head().map(|(_, logits)| Targets::for_logits(labels, logits));
    segmentation_terms(recipe, scene, targets.as_ref(), &mut sum);
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
        for (weight, penalty) in &output.training.penalties {
            sum.add(weight.id(), recipe.get(*weight), || Some(penalty.clone()));
        }
        adaptation::terms(recipe, scene, targets.as_ref(), &mut sum);
    }
    let device = output.main_head().map_or_else(Device::flex, |(_, logits)| logits.device());
    let Sum { total, terms, figures, late, carried } = sum;
    Terms { total: total.unwrap_or_else(|| Tensor::zeros([1], &device)), terms, figures, late, carried }
}
