//! The assembly: one network out of encoder, decoders, fusion and heads, as a recipe asks.

mod forward;
mod kept;
mod masked;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

pub use self::kept::Kept;
use super::contract::Inputs;
use super::decoders::{Decoder, FusionImage, Projection, Projector};
use super::encoders::Encoder;
use super::error::NetworkError;
use super::fusion::{Beside, Fusion, Pass, Plan, Site};
use super::interaction::{Interactions, exchangeable};
use super::layers::{Conv, ConvShape, Init, NormFamily, Norms, Statistics};
use super::probes::Probes;
use super::taps::TapSite;
use crate::random::Streams;
use crate::recipe::Recipe;
use crate::recipe::catalogue::decoder::{self, Norm, Norms as DecoderNorms, Sharing as DecoderSharing};
use crate::recipe::catalogue::fusion::{self, Level};
use crate::recipe::catalogue::{encoder, fusion_image, objective};

/// The name of the head that predicts from all sensors.
pub const FUSED: &str = "fused";

/// A segmentation network for one, two or more sensors.
#[derive(Module, Debug)]
pub struct Network {
    encoder: Encoder,
    /// What stands between two sensors' branches in the encoder.
    interactions: Option<Interactions>,
    /// One a sensor, or one for all.
    decoders: Vec<Decoder>,
    /// Where there are several sensors.
    fusion: Option<Fusion>,
    auxiliary: Option<Conv>,
    projection: Option<Projection>,
    /// One a sensor, on the deepest level as it is before the sensors meet there (SMMCL).
    projectors: Vec<Projector>,
    fusion_image: Option<FusionImage>,
    #[module(skip)]
    sensors: Vec<String>,
    #[module(skip)]
    classes: usize,
}

impl Network {
    /// Builds a network; every initial weight follows from the streams' seed and the weight's name.
    pub fn build(
        recipe: &Recipe,
        sensors: &[String],
        classes: usize,
        streams: &Streams,
        device: &Device,
    ) -> Result<Self, NetworkError> {
        Self::of(recipe, sensors, classes, &Init::new(streams, device))
    }

    /// Builds a network that is yet to be filled from a file, and takes no memory before.
    pub fn blank(recipe: &Recipe, sensors: &[String], classes: usize, device: &Device) -> Result<Self, NetworkError> {
        Self::of(recipe, sensors, classes, &Init::blank(device))
    }

    fn of(recipe: &Recipe, sensors: &[String], classes: usize, init: &Init<'_>) -> Result<Self, NetworkError> {
        let impossible = |key: &str, reason: String| NetworkError::Impossible { key: key.to_owned(), reason };
        if sensors.is_empty() {
            return Err(impossible("sensors.use", "names no sensor; a network needs at least one".to_owned()));
        }
        if classes == 0 {
            return Err(impossible(
                "sensors.use",
                "the data set has no classes; a network needs at least one".to_owned(),
            ));
        }
        let interacts = Interactions::SWITCHES.into_iter().find(|&switch| recipe.get(switch));
        if let Some(switch) = interacts.filter(|_| sensors.len() > 2) {
            let count = sensors.len();
            let reason = format!("works between exactly two sensors, found {count}; switch it off or name two sensors");
            return Err(impossible(switch.id(), reason));
        }
        let encoder = Encoder::of(recipe, sensors.len(), &init.at("encoder"))?;
        let stages = encoder.channels();
        let widths = encoder.widths();
        let level = recipe.get(fusion::LEVEL);
        let fuses_levels = sensors.len() > 1 && level == Level::Levels;
        let shares_decoder = fuses_levels || recipe.get(decoder::SHARING) == DecoderSharing::Shared;
        let tells_apart = !fuses_levels && shares_decoder && recipe.get(decoder::NORMS) == DecoderNorms::Separate;
        let norms = Norms {
            family: match recipe.get(decoder::NORM) {
                Norm::Torch => NormFamily::TORCH,
                Norm::Cmx => NormFamily::CMX,
                Norm::Mrfs => NormFamily::MRFS,
            },
            sensors: if tells_apart { sensors.len() } else { 1 },
        };
        let of_decoders = init.at("decoder").with_norms(norms);
        let decoder = |index| Decoder::new(widths, classes, recipe, &of_decoders.copy(index));
        let decoders: Vec<Decoder> = (0..if shares_decoder { 1 } else { sensors.len() }).map(decoder).collect();
        let plan = Plan {
            kind: recipe.get(fusion::KIND),
            level,
            sensors: sensors.len(),
            classes,
            channels: decoders[0].width(),
            widths,
            read: Decoder::reads(recipe),
            shares_decoder,
            reduction: recipe.get(fusion::REDUCTION).places(),
            start: recipe.get(fusion::INIT),
        };
        let contrasts = recipe.get(objective::contrast::ENABLED) && sensors.len() > 1;
        let contrasted = recipe.get(objective::contrast::STAGES);
        if let Some(stage) = contrasted.iter().find(|&&stage| contrasts && Encoder::stage(&stages, stage).is_none()) {
            let reason = format!("`{}` has no stage {stage}; choose among 2 to 5", recipe.get(encoder::FAMILY).word());
            return Err(impossible(objective::contrast::STAGES.id(), reason));
        }
        let projects = sensors.len() > 1 && recipe.get(objective::multimodal_contrast::ENABLED);
        let projector = |sensor| {
            let width = recipe.get(objective::multimodal_contrast::WIDTH);
            Projector::new(widths[3], width, &init.at("projectors").copy(sensor))
        };
        Ok(Self {
            interactions: (sensors.len() == 2).then(|| Interactions::new(widths, recipe, &init.at("interactions"))),
            fusion: Fusion::build(&plan, init)?,
            decoders,
            auxiliary: recipe
                .get(objective::auxiliary::ENABLED)
                .then(|| auxiliary_head(widths[2], classes, &init.at("auxiliary"))),
            projection: contrasts.then(|| Projection::new(&stages, recipe, &init.at("projection"))),
            projectors: (0..if projects { sensors.len() } else { 0 }).map(projector).collect(),
            fusion_image: recipe.get(fusion_image::ENABLED).then(|| {
                let channels = recipe.get(fusion_image::CHANNELS);
                FusionImage::new(&widths, sensors.len(), channels, &init.at("fusion_image"))
            }),
            encoder,
            sensors: sensors.to_vec(),
            classes,
        })
    }

    /// The sensors, in the order of [`Inputs`].
    pub fn sensors(&self) -> &[String] {
        &self.sensors
    }

    /// The heads: the sensor's own for one sensor, else `fused` and then each sensor's; `fused` alone where levels are
    /// fused.
    pub fn heads(&self) -> Vec<String> {
        let fused = (self.sensors.len() > 1).then(|| FUSED.to_owned());
        let own = self.sensors.iter().filter(|_| self.level_fusion().is_none());
        fused.into_iter().chain(own.cloned()).collect()
    }

    /// Whether sensors are joined before anything is decoded, so that none has a decoder map of its own.
    pub fn fuses_levels(&self) -> bool {
        self.level_fusion().is_some()
    }

    /// Whether it joins exactly two sensors, so that it has to fill in for one that is missing.
    pub fn needs_two(&self) -> bool {
        self.fusion.as_ref().is_some_and(Fusion::needs_two)
    }

    /// How many channels a recipe lets exchange, of both sensors together; 0 where there are not two.
    pub fn exchangeable(&self, recipe: &Recipe) -> usize {
        if self.sensors.len() == 2 { exchangeable(&self.encoder, recipe) } else { 0 }
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The decoder map and the class scores of every branch that ran, from its levels. A decoder that is shared sees
    /// all branches as one batch, or one after the other, as `decoder.norms` says; what one made by itself may be kept.
    fn decode(
        &self,
        levels: &[&[Tensor<4>]],
        pass: Pass<'_>,
        probes: &mut Probes,
        mut kept: Option<&mut Kept>,
    ) -> (Vec<Tensor<4>>, Vec<Tensor<4>>) {
        let Pass { mode, branches, inputs: &Inputs { noise, .. }, .. } = pass;
        let joins = match pass.recipe.get(decoder::NORMS) {
            // Outside of training it is all the same, and what is tapped is of one branch.
            DecoderNorms::Joint => levels.len() > 1 && !probes.is_tapping(),
            DecoderNorms::Alternating | DecoderNorms::Separate => false,
        };
        if let ([decoder], true) = (self.decoders.as_slice(), joins) {
            let level = |level: usize| levels.iter().map(|levels| levels[level].clone()).collect();
            let joined: Vec<_> = (0..4).map(|at| Tensor::cat(level(at), 0)).collect();
            let map = decoder.forward(&joined, mode, noise);
            let scores = decoder.scores(&map, mode);
            let each = |joined: Tensor<4>| joined.chunk(levels.len(), 0);
            return (each(map), each(scores));
        }
        let last = self.decoders.len() - 1;
        let decode = |(&branch, levels): (&usize, &&[Tensor<4>])| {
            let mut make = || {
                let (decoder, statistics) = (&self.decoders[branch.min(last)], Statistics { mode, sensor: branch });
                let map = decoder.forward(levels, statistics, noise.of_sensor(branch));
                let map = probes.tap(TapSite::Decoded, &[branch], vec![map]).remove(0);
                let scores = decoder.scores(&map, statistics);
                [map, scores]
            };
            let [map, scores] = match kept.as_deref_mut() {
                Some(kept) => kept.decoded(branch, make),
                None => make(),
            };
            (map, scores)
        };
        branches.iter().zip(levels).map(decode).unzip()
    }

    /// The decoder map and the class scores of fused levels.
    fn read(&self, levels: &[Tensor<4>], pass: Pass<'_>, probes: &mut Probes) -> (Tensor<4>, Tensor<4>) {
        let decoder = &self.decoders[0];
        let map = probes.tap_fused(decoder.forward(levels, pass.mode, pass.inputs.noise));
        let scores = decoder.scores(&map, pass.mode);
        (map, scores)
    }

    /// The fusion, where it fuses levels and one decoder reads what comes out.
    fn level_fusion(&self) -> Option<&Fusion> {
        self.fusion.as_ref().filter(|fusion| fusion.site() == Site::Levels)
    }

    /// The class scores that count, from the decoder map and the class scores of every branch that ran.
    fn fused_scores(
        &self,
        fusion: &Fusion,
        decoded: &[Tensor<4>],
        scores: &[Tensor<4>],
        pass: Pass<'_>,
        probes: &mut Probes,
        beside: &mut Beside,
    ) -> Option<Tensor<4>> {
        if fusion.site() == Site::Scores {
            return fusion.fuse(scores, pass, probes, beside);
        }
        let map = fusion.fuse(decoded, pass, probes, beside)?;
        let map = probes.tap_fused(map);
        probes.record("features.decoder.fused", || map.clone());
        Some(fusion.scores(&map).unwrap_or_else(|| self.decoders[0].scores(&map, pass.mode)))
    }

    /// The encoder, for loading pretrained weights.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }
}

/// One map a level from those of all branches, `levels[branch][level]`.
fn fused_levels(
    fusion: &Fusion,
    levels: &[&[Tensor<4>]],
    pass: Pass<'_>,
    probes: &mut Probes,
    beside: &mut Beside,
) -> Vec<Tensor<4>> {
    let fuse = |level: usize| {
        let maps: Vec<Tensor<4>> = levels.iter().map(|levels| levels[level].clone()).collect();
        fusion.fuse(&maps, Pass { level: Some(level), ..pass }, probes, beside)
    };
    (0..4).filter_map(fuse).collect()
}

/// A 1×1 classifier on stage 4.
fn auxiliary_head(channels: usize, classes: usize, init: &Init<'_>) -> Conv {
    Conv::with_deviation(ConvShape::pointwise(channels, classes).biased(), (channels as f64).recip().sqrt(), init)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::contract::Mode;
    use crate::network::testing::{Reference, agrees, are_finite, inputs, network, recipe, values, waved, waves};

    /// Constants printed by `reference/parts.py`.
    #[test]
    fn the_auxiliary_head_equals_that_of_pytorch() {
        let device = Device::flex().autodiff();
        let head = waved(auxiliary_head(3, 2, &Init::new(&Streams::new(1), &device)), 1.0);
        let reference = Reference {
            outputs: &[2.25123, 2.03825, 0.067211, 0.902733, 0.272113, 1.10652, 0.277364, -0.338118],
            inputs: &[
                0.289906, 0.736160, -0.313701, 0.421170, -0.769769, -0.091903, -0.005657, -0.551595, 0.639344,
                -0.066209, 0.983651, 0.450316,
            ],
            parameters: &[2.69667, 0.133199],
        };
        let forward = |maps: Vec<Tensor<4>>| vec![head.forward(maps[0].clone())];
        agrees(&head, waves([[2, 3, 1, 2]], &device), forward, &reference);
        are_finite(forward(waves([[1, 3, 1, 1]], &device)), &[[1, 2, 1, 1]]);
    }

    #[test]
    fn the_auxiliary_head_sees_stage_four_of_each_sensor_in_training_only() {
        let (device, recipe) = (Device::flex(), recipe(&[]));
        let network = network(&recipe, 2, &device);
        let pass = |mode| network.forward(&inputs(&[true, true], [32, 48], &device), &recipe, mode, &mut Probes::off());
        let output = pass(Mode::Train);
        let head = network.auxiliary.as_ref().unwrap();
        let expected = output.features.stages.iter().map(|stages| values(head.forward(stages[3].clone())));
        assert_eq!(
            output.training.auxiliary.iter().cloned().map(values).collect::<Vec<_>>(),
            expected.collect::<Vec<_>>()
        );
        assert!(pass(Mode::Infer).training.auxiliary.is_empty());
    }
}
