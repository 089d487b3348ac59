//! The assembly: one network out of encoder, decoders, fusion and heads, as a recipe asks.

mod masked;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use self::masked::FirstPass;
use super::contract::{Inputs, Mode, Output};
use super::decoders::{Decoder, FusionImage, PROJECTION, Projection, Projector, SIMILARITY};
use super::encoders::Encoder;
use super::error::NetworkError;
use super::feeding::Feeding;
use super::fusion::{Agnostic, Concat, Gsu, LevelFusion, Pass, correlations, joins_two};
use super::interaction::{Between, Exchange, Interactions, sparsity};
use super::layers::{Conv, ConvShape, Init, resize_bilinear};
use super::noise::Noise;
use super::probes::Probes;
use crate::random::Streams;
use crate::recipe::Recipe;
use crate::tally;

/// The name of the head that predicts from all sensors.
pub const FUSED: &str = "fused";

/// A segmentation network for one, two or more sensors.
#[derive(Module, Debug)]
pub struct Network {
    encoder: Encoder,
    /// What stands between two sensors' branches in the encoder.
    interactions: Option<Interactions>,
    /// Fuses the levels, for one decoder to read.
    levels: Option<LevelFusion>,
    /// One a sensor, or one for all.
    decoders: Vec<Decoder>,
    gsu: Option<Gsu>,
    concat: Option<Concat>,
    /// Modality-agnostic fusion, of the levels, the decoder maps or the class scores.
    agnostic: Option<Agnostic>,
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
        let family = recipe.text("encoder.family");
        let kind = recipe.text("fusion.kind");
        let fuses_two = sensors.len() > 1 && joins_two(kind);
        if fuses_two && sensors.len() != 2 {
            let count = sensors.len();
            let reason =
                format!("`{kind}` joins exactly two sensors, found {count}; choose `average` or name two sensors");
            return Err(impossible("fusion.kind", reason));
        }
        let interacts = Interactions::SWITCHES.into_iter().find(|&switch| recipe.get(switch));
        if let Some(switch) = interacts.filter(|_| sensors.len() > 2) {
            let count = sensors.len();
            let reason = format!("works between exactly two sensors, found {count}; switch it off or name two sensors");
            return Err(impossible(switch.id(), reason));
        }
        let init = Init::new(streams, device);
        let encoder = Encoder::of(recipe, sensors.len(), &init.at("encoder"))?;
        let stages = encoder.channels();
        let widths = encoder.widths();
        let fuses_levels = sensors.len() > 1 && recipe.text("fusion.level") == "levels";
        let fuses_two = fuses_two && !fuses_levels;
        let shares_decoder = fuses_levels || recipe.text("decoder.sharing") == "shared";
        let decoder = |index| Decoder::new(widths, classes, recipe, &init.at("decoder").copy(index));
        let decoders: Vec<Decoder> = (0..if shares_decoder { 1 } else { sensors.len() }).map(decoder).collect();
        let channels = decoders[0].width();
        let on_scores = recipe.text("fusion.level") == "logits";
        let gsu = |init: Init<'_>| {
            if on_scores { Gsu::on_scores(classes, &init) } else { Gsu::on_maps(channels, classes, &init) }
        };
        let contrasts = recipe.switch("objective.contrast.enabled") && sensors.len() > 1;
        let contrasted = recipe.integers("objective.contrast.stages");
        if let Some(stage) = contrasted.iter().find(|&&stage| contrasts && Encoder::stage(&stages, stage).is_none()) {
            let reason = format!("`{family}` has no stage {stage}; choose among 2 to 5");
            return Err(impossible("objective.contrast.stages", reason));
        }
        let projects = sensors.len() > 1 && recipe.switch("objective.multimodal_contrast.enabled");
        let projector = |sensor| {
            let width = recipe.integer("objective.multimodal_contrast.width");
            Projector::new(widths[3], width, &init.at("projectors").copy(sensor))
        };
        let agnostic = |init: Init<'_>| {
            let own_head = !fuses_levels && !on_scores && !shares_decoder;
            if own_head { Agnostic::with_head(channels, classes, &init) } else { Agnostic::plain() }
        };
        Ok(Self {
            interactions: (sensors.len() == 2).then(|| Interactions::new(widths, recipe, &init.at("interactions"))),
            levels: fuses_levels.then(|| LevelFusion::new(widths, recipe, &init.at("levels"))),
            decoders,
            gsu: (fuses_two && kind == "gsu").then(|| gsu(init.at("gsu"))),
            concat: (fuses_two && kind == "concat").then(|| Concat::new(channels, classes, &init.at("concat"))),
            agnostic: (sensors.len() > 1 && kind == "mff").then(|| agnostic(init.at("agnostic"))),
            auxiliary: recipe
                .switch("objective.auxiliary.enabled")
                .then(|| auxiliary_head(widths[2], classes, &init.at("auxiliary"))),
            projection: contrasts.then(|| Projection::new(&stages, recipe, &init.at("projection"))),
            projectors: (0..if projects { sensors.len() } else { 0 }).map(projector).collect(),
            fusion_image: recipe.switch("fusion_image.enabled").then(|| {
                let channels = recipe.integer("fusion_image.channels");
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

    /// The heads: the sensor's own for one sensor, else `fused` and then each sensor's; `fused` alone where levels are fused.
    pub fn heads(&self) -> Vec<String> {
        let fused = (self.sensors.len() > 1).then(|| FUSED.to_owned());
        let own = self.sensors.iter().filter(|_| self.levels.is_none());
        fused.into_iter().chain(own.cloned()).collect()
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// One forward pass; live settings are read from the recipe.
    ///
    /// Any size from one pixel up will do. Where every sensor is dropped the output is empty.
    pub fn forward(&self, inputs: &Inputs, recipe: &Recipe, mode: Mode, probes: &mut Probes) -> Output {
        let mut output = Output::default();
        let Some(feeding) = Feeding::of(inputs, recipe, self.sensors.len(), self.needs_two(recipe)) else {
            return output;
        };
        let Feeding { branches, images, present, meets, fuses } = feeding;
        let [_, _, height, width] = images[0].dims();
        let exchange =
            if meets { Exchange::plan(&self.encoder, recipe, &images[0].device()) } else { Exchange::none() };
        exchange.report(&mut output);
        let interactions = self.interactions.as_ref().filter(|_| meets);
        let mut between = Between::new(exchange, interactions, recipe, inputs.noise);
        let stages = tally::part("encoder", || self.encoder.forward(images, &branches, mode, &mut between, probes));
        let met = between.met();
        output.raw = present.iter().map(|&position| met.raw[position].clone()).collect();
        output.stages = present.iter().map(|&position| stages[position].clone()).collect();
        let full = |scores: Tensor<4>| resize_bilinear(scores, [height, width]);
        let names: Vec<&str> = present.iter().map(|&position| self.sensors[branches[position]].as_str()).collect();
        let pass = Pass { recipe, inputs, mode, sensors: &names, level: None };
        let levels: Vec<&[Tensor<4>]> = stages.iter().map(|stages| Encoder::levels(stages)).collect();
        if let Some(fusion) = &self.levels {
            output.levels = tally::part("levels", || self.fused_levels(fusion, &levels, pass, probes, &mut output));
            let (decoded, scores) = tally::part("decoder", || {
                let decoded = self.decoders[0].forward(&output.levels, mode, inputs.noise);
                let scores = self.decoders[0].scores(&decoded, mode);
                (decoded, scores)
            });
            output.agnostic.get_or_insert_with(|| scores.clone());
            output.heads.push((FUSED.to_owned(), full(scores)));
            output.decoded.push(decoded);
        } else {
            let (decoded, scores) = tally::part("decoder", || self.decode(&branches, &levels, mode, inputs.noise));
            let of_present = |maps: &[Tensor<4>]| present.iter().map(|&at| maps[at].clone()).collect::<Vec<_>>();
            let own = of_present(&scores);
            output.decoded = of_present(&decoded);
            let fused = tally::part("fusion", || match &self.agnostic {
                Some(unit) if fuses => self.fuse_agnostic(unit, &own, pass, probes, &mut output),
                _ => fuses.then(|| self.fuse(&decoded, &scores, &own, probes)),
            });
            if output.agnostic.is_none() {
                output.agnostic = fused.as_ref().or(own.first()).cloned();
            }
            if let Some(agnostic) = output.agnostic.as_ref().filter(|_| mode == Mode::Train && own.len() > 1)
                && output.correlations.is_none()
                && recipe.switch("objective.inter_modal.enabled")
            {
                // Some decoders' scores are larger than the maps that a unit fuses.
                let [_, _, rows, columns] = agnostic.dims();
                let own: Vec<_> = own.iter().map(|map| resize_bilinear(map.clone(), [rows, columns])).collect();
                output.correlations = Some(correlations(&own, agnostic));
            }
            output.heads.extend(fused.map(|scores| (FUSED.to_owned(), full(scores))));
            output.heads.extend(names.iter().zip(own).map(|(&name, scores)| (name.to_owned(), full(scores))));
        }
        // The picture is of all sensors or it is not made.
        let head = self.fusion_image.as_ref().filter(|_| present.len() == self.sensors.len());
        let units = head.map_or_else(Vec::new, |_| inputs.unit_images());
        output.image = head.map(|head| tally::part("fusion image", || head.forward(&levels, &units, mode)));
        if let Some(image) = &output.image {
            probes.record_image("fusion.image", || image.clone());
        }
        masked::show(recipe, &output, probes);
        if mode == Mode::Train {
            let first = FirstPass {
                branches: &branches,
                levels: &levels,
                unaligned: &met.unaligned,
                units: &units,
                meets,
                pass,
            };
            self.second_pass(&first, &mut output);
            self.train_heads(meets, recipe, &mut output);
        }
        if let Some(head) = self.projection.as_ref().filter(|_| mode == Mode::Train || probes.wants(PROJECTION)) {
            output.embeddings = head.forward(&output.stages, mode);
        }
        if !self.projectors.is_empty() && (mode == Mode::Train || probes.wants(SIMILARITY)) {
            let project = |(&position, levels): (&usize, &Vec<Tensor<4>>)| {
                let deepest = levels.last()?.clone();
                Some(self.projectors[branches[position]].forward(deepest, mode))
            };
            output.projected = present.iter().zip(&output.raw).filter_map(project).collect();
        }
        output
    }

    /// What losses need beside predictions.
    fn train_heads(&self, meets: bool, recipe: &Recipe, output: &mut Output) {
        if let Some(head) = &self.auxiliary {
            output.auxiliary =
                output.stages.iter().map(|stages| head.forward(Encoder::levels(stages)[2].clone())).collect();
        }
        if meets && recipe.number("exchange.channel.sparsity") > 0.0 {
            let penalty = sparsity(&self.encoder, recipe);
            output.penalties.extend(penalty.map(|penalty| ("exchange.channel.sparsity".to_owned(), penalty)));
        }
    }

    /// The decoder map and the class scores of every branch that ran, from its levels. A decoder that is shared sees all branches
    /// as one batch.
    fn decode(
        &self,
        branches: &[usize],
        levels: &[&[Tensor<4>]],
        mode: Mode,
        noise: Noise,
    ) -> (Vec<Tensor<4>>, Vec<Tensor<4>>) {
        if let ([decoder], true) = (self.decoders.as_slice(), levels.len() > 1) {
            let level = |level: usize| levels.iter().map(|levels| levels[level].clone()).collect();
            let joined: Vec<_> = (0..4).map(|at| Tensor::cat(level(at), 0)).collect();
            let map = decoder.forward(&joined, mode, noise);
            let scores = decoder.scores(&map, mode);
            let each = |joined: Tensor<4>| joined.chunk(levels.len(), 0);
            return (each(map), each(scores));
        }
        let last = self.decoders.len() - 1;
        let decode = |(&branch, levels): (&usize, &&[Tensor<4>])| {
            let decoder = &self.decoders[branch.min(last)];
            let map = decoder.forward(levels, mode, noise.of_sensor(branch));
            let scores = decoder.scores(&map, mode);
            (map, scores)
        };
        branches.iter().zip(levels).map(decode).unzip()
    }

    /// Whether a prediction takes both of two sensors.
    fn needs_two(&self, recipe: &Recipe) -> bool {
        let levels = self.levels.is_some() && joins_two(recipe.text("fusion.kind"));
        levels || self.gsu.is_some() || self.concat.is_some()
    }

    /// Class scores from all branches that ran; the mean is over those of present sensors, `own`. A unit for two maps takes a
    /// single one for both.
    fn fuse(&self, decoded: &[Tensor<4>], scores: &[Tensor<4>], own: &[Tensor<4>], probes: &mut Probes) -> Tensor<4> {
        let pair = |maps: &[Tensor<4>]| [maps[0].clone(), maps[maps.len() - 1].clone()];
        if let Some(gsu) = &self.gsu {
            return gsu.forward(pair(if gsu.takes_scores() { scores } else { decoded }), probes);
        }
        if let Some(concat) = &self.concat {
            return concat.forward(pair(decoded));
        }
        own[1..].iter().fold(own[0].clone(), |sum, scores| sum + scores.clone()) / own.len() as f64
    }

    /// The levels of all branches as one map each, by modality-agnostic fusion or by a unit a level.
    fn fused_levels(
        &self,
        fusion: &LevelFusion,
        levels: &[&[Tensor<4>]],
        pass: Pass<'_>,
        probes: &mut Probes,
        output: &mut Output,
    ) -> Vec<Tensor<4>> {
        let Some(unit) = &self.agnostic else {
            return fusion.forward(levels, pass.recipe, pass.inputs.noise, probes);
        };
        let fuse = |level: usize| {
            let maps: Vec<Tensor<4>> = levels.iter().map(|levels| levels[level].clone()).collect();
            unit.fuse(&maps, Pass { level: Some(level), ..pass }, probes, output)
        };
        (0..4).filter_map(fuse).collect()
    }

    /// Class scores from the present sensors' own, or from their decoder maps, by modality-agnostic fusion.
    fn fuse_agnostic(
        &self,
        unit: &Agnostic,
        own: &[Tensor<4>],
        pass: Pass<'_>,
        probes: &mut Probes,
        output: &mut Output,
    ) -> Option<Tensor<4>> {
        if pass.recipe.text("fusion.level") == "logits" {
            return unit.fuse(own, pass, probes, output);
        }
        let decoded = output.decoded.clone();
        let map = unit.fuse(&decoded, pass, probes, output)?;
        Some(unit.scores(&map).unwrap_or_else(|| self.decoders[0].scores(&map, pass.mode)))
    }

    /// The encoder, for loading pretrained weights.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }
}

/// A 1×1 classifier on stage 4.
fn auxiliary_head(channels: usize, classes: usize, init: &Init<'_>) -> Conv {
    Conv::with_deviation(ConvShape::pointwise(channels, classes).biased(), (channels as f64).recip().sqrt(), init)
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let expected = output.stages.iter().map(|stages| values(head.forward(stages[3].clone())));
        assert_eq!(output.auxiliary.iter().cloned().map(values).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        assert!(pass(Mode::Infer).auxiliary.is_empty());
    }
}
