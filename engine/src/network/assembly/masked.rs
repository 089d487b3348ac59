//! A second pass over masked features: mutual feature mask learning (AMDANet §3.3).

use burn::tensor::Tensor;
use rand::Rng as _;

use super::{Network, fused_levels};
use crate::network::contract::{Inputs, Mode, Output};
use crate::network::fusion::{Beside, Pass};
use crate::network::layers::{Statistics, resize_bilinear};
use crate::network::noise::Noise;
use crate::network::probes::Probes;
use crate::random::Streams;
use crate::recipe::Recipe;
use crate::recipe::catalogue::mfml::{self, Dropout, Target};
use crate::recipe::catalogue::training;

/// What the second pass takes over from the first.
#[derive(Clone, Copy)]
pub(super) struct FirstPass<'a> {
    /// `levels[branch][level]`, after all interaction.
    pub levels: &'a [&'a [Tensor<4>]],
    /// `unaligned[branch][level]`, before the local alignment.
    pub unaligned: &'a [Vec<Tensor<4>>],
    /// The sensors' images, 0 to 1; empty where one is missing.
    pub units: &'a [Tensor<4>],
    /// Whether the branches meet in the encoder.
    pub meets: bool,
    /// Recipe, inputs, sensors and the branches that ran.
    pub pass: Pass<'a>,
}

/// What loses elements in this pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Masking {
    /// What is read to predict: the fused levels, or the decoder maps before they are fused.
    Fused,
    /// Every sensor's levels on their way to the fusion image.
    Picture,
    /// One branch's levels before local alignment, fusion and decoder.
    Branch(usize),
}

impl Masking {
    /// Draws what is masked; `None` where nothing is or nothing is random.
    fn draw(recipe: &Recipe, noise: Noise, branches: usize, has_picture: bool) -> Option<Self> {
        if !recipe.get(mfml::ENABLED) {
            return None;
        }
        let number = noise.rng("mfml.choice")?.next_u32();
        Some(match recipe.get(mfml::TARGET) {
            Target::Sensor => Self::Branch(number as usize % branches.max(1)),
            // Without a picture there is nothing to do but predict.
            Target::Fused if has_picture && number % 2 == 1 => Self::Picture,
            Target::Fused => Self::Fused,
        })
    }
}

/// The masks of one pass.
struct Masks {
    noise: Noise,
    keep: f64,
}

impl Masks {
    fn new(recipe: &Recipe, noise: Noise) -> Self {
        Self { noise, keep: 1.0 - recipe.get(mfml::RATIO) }
    }

    /// Sets elements to 0, each by itself and without rescaling the others.
    fn apply(&self, name: &str, map: &Tensor<4>) -> Tensor<4> {
        match self.noise.keep(&format!("mfml.{name}"), map.dims(), self.keep, &map.device().inner()) {
            Some(mask) => map.clone() * mask,
            None => map.clone(),
        }
    }

    fn levels(&self, name: &str, levels: &[Tensor<4>]) -> Vec<Tensor<4>> {
        levels.iter().enumerate().map(|(level, map)| self.apply(&format!("{name}.level{}", level + 1), map)).collect()
    }
}

/// Offers a mask such as training draws, the first channel's at the first map that is masked: `mfml.mask`.
pub(super) fn show(recipe: &Recipe, output: &Output, probes: &mut Probes) {
    let map = output.features.levels.first().or(output.features.decoded.first());
    if let Some(map) = map.filter(|_| recipe.get(mfml::ENABLED)) {
        probes.record("mfml.mask", || {
            let noise = Noise::of(Streams::new(recipe.get(training::SEED)), 0);
            let ones = map.clone().inner().narrow(1, 0, 1).ones_like();
            Masks::new(recipe, noise).apply("shown", &ones)
        });
    }
}

impl Network {
    /// Fills `masked` and `masked_image` of [`Output::training`] where the recipe asks for it and the pass is random.
    ///
    /// Where the picture is what is masked, the prediction is made anew from the same maps: as in AMDANet's code, it
    /// then differs by dropout alone. Where the prediction is, the picture is the clean one.
    pub(super) fn second_pass(&self, first: &FirstPass<'_>, output: &mut Output) {
        let (recipe, noise) = (first.pass.recipe, first.pass.inputs.noise);
        let Some(masking) = Masking::draw(recipe, noise, first.pass.branches.len(), output.image.is_some()) else {
            return;
        };
        let masks = Masks::new(recipe, noise);
        let dropout = recipe.get(mfml::DROPOUT);
        let inputs = match dropout {
            Dropout::Own => Inputs { noise: noise.again(), ..first.pass.inputs.clone() },
            Dropout::Shared => first.pass.inputs.clone(),
        };
        let first = &FirstPass { pass: Pass { inputs: &inputs, ..first.pass }, ..*first };
        let clean = output.heads.first().cloned();
        let Some((name, logits)) = clean else { return };
        let [_, _, height, width] = logits.dims();
        let scores = match masking {
            Masking::Fused => self.scores_of_masked_maps(&masks, first, output),
            Masking::Branch(branch) => self.scores_without(branch, &masks, first),
            Masking::Picture if dropout == Dropout::Own && self.level_fusion().is_some() => {
                Some(self.read(&output.features.levels, first.pass, &mut Probes::off()).1)
            }
            Masking::Picture => None,
        };
        let logits = scores.map_or(logits, |scores| resize_bilinear(scores, [height, width]));
        output.training.masked.push((name, logits));
        output.training.masked_image = match (masking, &self.fusion_image) {
            (Masking::Picture, Some(head)) => {
                let mask =
                    |(branch, levels): (usize, &&[Tensor<4>])| masks.levels(&format!("picture.branch{branch}"), levels);
                let levels: Vec<Vec<Tensor<4>>> = first.levels.iter().enumerate().map(mask).collect();
                let levels: Vec<&[Tensor<4>]> = levels.iter().map(Vec::as_slice).collect();
                Some(head.forward(&levels, first.units, Mode::Train))
            }
            _ => output.image.clone(),
        };
    }

    /// Class scores from masked fused levels, or from masked decoder maps where levels are not fused.
    fn scores_of_masked_maps(&self, masks: &Masks, first: &FirstPass<'_>, output: &Output) -> Option<Tensor<4>> {
        if self.level_fusion().is_some() {
            return Some(self.read(&masks.levels("fused", &output.features.levels), first.pass, &mut Probes::off()).1);
        }
        let mask = |(branch, map)| masks.apply(&format!("decoded.branch{branch}"), map);
        let decoded: Vec<Tensor<4>> = output.features.decoded.iter().enumerate().map(mask).collect();
        let last = self.decoders.len() - 1;
        let scores = |(&branch, map): (&usize, &Tensor<4>)| {
            self.decoders[branch.min(last)].scores(map, Statistics { mode: Mode::Train, sensor: branch })
        };
        let scores: Vec<Tensor<4>> = first.pass.branches.iter().zip(&decoded).map(scores).collect();
        self.joined(&decoded, &scores, first.pass)
    }

    /// Class scores with one branch's levels masked, aligned, fused and decoded again.
    fn scores_without(&self, masked: usize, masks: &Masks, first: &FirstPass<'_>) -> Option<Tensor<4>> {
        let mut levels = first.unaligned.to_vec();
        levels[masked] = masks.levels("sensor", &levels[masked]);
        let interactions = self.interactions.as_ref().filter(|_| first.meets);
        if let (Some(interactions), [one, two]) = (interactions, levels.as_mut_slice()) {
            for (level, (one, two)) in one.iter_mut().zip(two).enumerate() {
                let pair = [one.clone(), two.clone()];
                [*one, *two] = interactions.align(level, pair, first.pass.recipe, &mut Probes::off());
            }
        }
        let levels: Vec<&[Tensor<4>]> = levels.iter().map(Vec::as_slice).collect();
        if let Some(fusion) = self.level_fusion() {
            let fused = fused_levels(fusion, &levels, first.pass, &mut Probes::off(), &mut Beside::default());
            return Some(self.read(&fused, first.pass, &mut Probes::off()).1);
        }
        let (decoded, scores) = self.decode(&levels, first.pass, &mut Probes::off(), None);
        self.joined(&decoded, &scores, first.pass)
    }

    /// The scores that count, from every branch's decoder map and scores. What fusion leaves beside them is the first
    /// pass's to say.
    fn joined(&self, decoded: &[Tensor<4>], scores: &[Tensor<4>], pass: Pass<'_>) -> Option<Tensor<4>> {
        match &self.fusion {
            Some(fusion) => {
                self.fused_scores(fusion, decoded, scores, pass, &mut Probes::off(), &mut Beside::default())
            }
            None => scores.first().cloned(),
        }
    }
}
