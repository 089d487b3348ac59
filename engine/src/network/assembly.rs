//! The assembly: one network out of encoder, decoders, fusion and heads, as a recipe asks.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::contract::{Inputs, Mode, Output, Probes};
use super::decoders::{Decoder, Projection};
use super::encoders::{Encoder, Sharing};
use super::error::NetworkError;
use super::fusion::{Concat, Gsu};
use super::interaction::{Exchange, sparsity};
use super::layers::{Conv, ConvShape, Init, resize_bilinear};
use crate::random::Streams;
use crate::recipe::Recipe;

/// The name of the head that predicts from all sensors.
pub const FUSED: &str = "fused";

/// A segmentation network for one, two or more sensors.
#[derive(Module, Debug)]
pub struct Network {
    encoder: Encoder,
    decoders: Vec<Decoder>,
    gsu: Option<Gsu>,
    concat: Option<Concat>,
    auxiliary: Option<Conv>,
    projection: Option<Projection>,
    #[module(skip)]
    sensors: Vec<String>,
    #[module(skip)]
    classes: usize,
}

/// Which image each branch is fed, and what becomes of branches that have none.
struct Feeding {
    /// The branches that run.
    branches: Vec<usize>,
    /// Their images.
    images: Vec<Tensor<4>>,
    /// The branches whose sensor is present, as positions in `branches`.
    present: Vec<usize>,
    /// Whether the two branches exchange.
    exchanges: bool,
    /// Whether there is a fused prediction.
    fuses: bool,
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
        let fuses_two = sensors.len() > 1 && kind != "average";
        if fuses_two && sensors.len() != 2 {
            let count = sensors.len();
            let reason =
                format!("`{kind}` joins exactly two sensors, found {count}; choose `average` or name two sensors");
            return Err(impossible("fusion.kind", reason));
        }
        let init = Init::new(streams, device);
        let sharing = Sharing::of(recipe.text("encoder.sharing"));
        let encoder = Encoder::new(family, sharing, sensors.len(), &init.at("encoder"))
            .ok_or_else(|| impossible("encoder.family", format!("found `{family}`, which no encoder is called")))?;
        let widths = encoder.channels();
        let levels = [widths[1], widths[2], widths[3], widths[4]];
        let decoder = |index| Decoder::new(levels, classes, recipe, &init.at("decoder").copy(index));
        let decoders: Vec<Decoder> = (0..sensors.len()).map(decoder).collect();
        let channels = decoders[0].width();
        let on_scores = recipe.text("fusion.level") == "logits";
        let gsu = |init: Init<'_>| {
            if on_scores { Gsu::on_scores(classes, &init) } else { Gsu::on_maps(channels, classes, &init) }
        };
        let contrasts = recipe.switch("objective.contrast.enabled");
        Ok(Self {
            decoders,
            gsu: (fuses_two && kind == "gsu").then(|| gsu(init.at("gsu"))),
            concat: (fuses_two && kind == "concat").then(|| Concat::new(channels, classes, &init.at("concat"))),
            auxiliary: recipe
                .switch("objective.auxiliary.enabled")
                .then(|| auxiliary_head(widths[3], classes, &init.at("auxiliary"))),
            projection: (contrasts && sensors.len() > 1)
                .then(|| Projection::new(widths, recipe, &init.at("projection"))),
            encoder,
            sensors: sensors.to_vec(),
            classes,
        })
    }

    /// The sensors, in the order of [`Inputs`].
    pub fn sensors(&self) -> &[String] {
        &self.sensors
    }

    /// The heads: the sensor's own for one sensor, else `fused` and then each sensor's.
    pub fn heads(&self) -> Vec<String> {
        let fused = (self.sensors.len() > 1).then(|| FUSED.to_owned());
        fused.into_iter().chain(self.sensors.iter().cloned()).collect()
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
        let Some(feeding) = self.feeding(inputs, recipe) else { return output };
        let Feeding { branches, images, present, exchanges, fuses } = feeding;
        let [_, _, height, width] = images[0].dims();
        let exchange =
            if exchanges { Exchange::plan(&self.encoder, recipe, &images[0].device()) } else { Exchange::none() };
        let stages = self.encoder.forward(images, &branches, mode, &exchange, probes);
        exchange.report(&mut output);
        let decoded: Vec<Tensor<4>> = branches
            .iter()
            .zip(&stages)
            .map(|(&branch, stages)| self.decoders[branch].forward(&stages[1..], mode))
            .collect();
        let scores: Vec<Tensor<4>> =
            branches.iter().zip(&decoded).map(|(&branch, map)| self.decoders[branch].scores(map, mode)).collect();
        let full = |scores: Tensor<4>| resize_bilinear(scores, [height, width]);
        if fuses {
            output.heads.push((FUSED.to_owned(), full(self.fuse(&decoded, &scores, &present, probes))));
        }
        for &position in &present {
            output.heads.push((self.sensors[branches[position]].clone(), full(scores[position].clone())));
        }
        output.decoded = present.iter().map(|&position| decoded[position].clone()).collect();
        output.stages = present.iter().map(|&position| stages[position].clone()).collect();
        if mode == Mode::Train {
            if let Some(head) = &self.auxiliary {
                output.auxiliary = output.stages.iter().map(|stages| head.forward(stages[3].clone())).collect();
            }
            if let Some(projection) = &self.projection {
                output.embeddings = projection.forward(&output.stages, mode);
            }
            if exchanges && recipe.number("exchange.channel.sparsity") > 0.0 {
                let penalty = sparsity(&self.encoder, recipe);
                output.penalties.extend(penalty.map(|penalty| ("exchange.channel.sparsity".to_owned(), penalty)));
            }
        }
        output
    }

    /// Decides which image goes into which branch (OGP-Net, Tables 1 and 3); `None` where no sensor is present.
    fn feeding(&self, inputs: &Inputs, recipe: &Recipe) -> Option<Feeding> {
        let present: Vec<usize> = (0..self.sensors.len()).filter(|&sensor| image(inputs, sensor).is_some()).collect();
        let images: Vec<Tensor<4>> = present.iter().filter_map(|&sensor| image(inputs, sensor).cloned()).collect();
        let first = images.first()?.clone();
        let two = self.sensors.len() == 2;
        if present.len() == self.sensors.len() || !two || (self.gsu.is_none() && self.concat.is_none()) {
            let exchanges = two && present.len() == 2;
            let positions = (0..present.len()).collect();
            return Some(Feeding {
                branches: present,
                images,
                present: positions,
                exchanges,
                fuses: self.sensors.len() > 1,
            });
        }
        // Two branches, a unit that needs both, and one image.
        let alone = |fuses| Feeding {
            branches: present.clone(),
            images: images.clone(),
            present: vec![0],
            exchanges: false,
            fuses,
        };
        let both = |stand_in: Tensor<4>| Feeding {
            branches: vec![0, 1],
            images: if present[0] == 0 { vec![first.clone(), stand_in] } else { vec![stand_in, first.clone()] },
            present: present.clone(),
            exchanges: true,
            fuses: true,
        };
        Some(match recipe.text("inference.single") {
            "branch" => alone(false),
            "copy" => alone(true),
            "zeros" => both(first.zeros_like()),
            _ => both(first.clone()),
        })
    }

    /// Class scores from all branches that ran. A unit for two maps takes a single one for both.
    fn fuse(&self, decoded: &[Tensor<4>], scores: &[Tensor<4>], present: &[usize], probes: &mut Probes) -> Tensor<4> {
        let pair = |maps: &[Tensor<4>]| [maps[0].clone(), maps[maps.len() - 1].clone()];
        if let Some(gsu) = &self.gsu {
            return gsu.forward(pair(if gsu.takes_scores() { scores } else { decoded }), probes);
        }
        if let Some(concat) = &self.concat {
            return concat.forward(pair(decoded));
        }
        let sum = present[1..].iter().fold(scores[present[0]].clone(), |sum, &position| sum + scores[position].clone());
        sum / present.len() as f64
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

fn image(inputs: &Inputs, sensor: usize) -> Option<&Tensor<4>> {
    inputs.images.get(sensor).and_then(Option::as_ref)
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
