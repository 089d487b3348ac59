//! The weighted sum of all terms that a recipe asks for, method by method.

mod any2seg;
mod ogp_net;

pub(super) mod adaptation;
mod amdanet;
pub(super) mod smmcl;

#[cfg(test)]
mod tests;

use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use self::amdanet::amdanet_terms;
use self::any2seg::language_terms;
use self::ogp_net::{contrast_term, distillation_terms, segmentation_terms};
use self::smmcl::multimodal_terms;
use super::labels::{Labels, Targets};
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
        for (name, penalty) in &output.training.penalties {
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
struct Sum {
    total: Option<Tensor<1>>,
    terms: Vec<(String, Tensor<1>)>,
    figures: Vec<(String, f32)>,
    carried: Carried,
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

/// The heads of single sensors, in the sensors' order.
fn sensor_heads(output: &Output) -> &[(String, Tensor<4>)] {
    match output.heads.split_first() {
        Some(((name, _), sensors)) if name == FUSED => sensors,
        _ => &output.heads,
    }
}
