//! A recipe's network, measured: shapes, parameters, multiply-adds.

use burn::tensor::{Device, Tensor};
use serde::Serialize;

use super::DataShape;
use crate::network::{Inputs, Mode, Network, NetworkError, Output, ParameterKind, Probes, named_parameters};
use crate::random::Streams;
use crate::recipe::Recipe;
use crate::recipe::catalogue::encoder::{self, Sharing};
use crate::recipe::catalogue::training;
use crate::tally;

/// So many of something in one part of the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The part, as parameters' names begin.
    pub part: String,
    /// How many.
    pub count: usize,
}

/// One map on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// What it is.
    pub map: String,
    /// Channels, height, width.
    pub shape: [usize; 3],
}

pub(super) struct Measured {
    pub(super) shapes: Vec<Shape>,
    pub(super) parameters: Vec<Part>,
    pub(super) running_statistics: usize,
    pub(super) unused_elsewhere: usize,
    pub(super) multiply_adds: Vec<Part>,
}

pub(super) fn measure(recipe: &Recipe, data: &DataShape) -> Result<Measured, NetworkError> {
    let device = Device::flex();
    let streams = Streams::new(recipe.get(training::SEED));
    let network = Network::build(recipe, &data.sensors, data.classes, &streams, &device)?;
    let [height, width] = data.size;
    let images = data.sensors.iter().map(|_| Some(Tensor::zeros([1, 3, height, width], &device))).collect();
    let run = || network.forward(&Inputs::new(images), recipe, Mode::Infer, &mut Probes::off());
    let (output, costs) = tally::counted(run);
    let mut parameters = Vec::new();
    let mut running_statistics = 0;
    for parameter in named_parameters(&network) {
        let count = parameter.shape.iter().product();
        if parameter.kind == ParameterKind::Running {
            running_statistics += count;
        } else {
            add(&mut parameters, part_of(&parameter.name), count);
        }
    }
    let multiply_adds =
        costs.iter().map(|cost| Part { part: cost.part.to_owned(), count: cost.multiply_adds as usize }).collect();
    let unused_elsewhere = unused_elsewhere(recipe, data.sensors.len());
    Ok(Measured { shapes: shapes(data, &output), parameters, running_statistics, unused_elsewhere, multiply_adds })
}

/// What the unused heads of all of the encoder's copies have in numbers.
fn unused_elsewhere(recipe: &Recipe, sensors: usize) -> usize {
    let [input, output] = recipe.get(encoder::FAMILY).facts().unused_head.unwrap_or_default();
    let (convolutions, norms) = match recipe.get(encoder::SHARING) {
        Sharing::Separate => (sensors, sensors),
        Sharing::Convolutions => (1, sensors),
        Sharing::All => (1, 1),
    };
    input * output * convolutions + 2 * output * norms
}

/// A parameter's first word; two where the first says only that sensors meet.
fn part_of(name: &str) -> &str {
    let words = if name.starts_with("interactions.") { 2 } else { 1 };
    name.match_indices('.').nth(words - 1).map_or(name, |(end, _)| &name[..end])
}

fn add(parts: &mut Vec<Part>, part: &str, count: usize) {
    match parts.iter_mut().find(|known| known.part == part) {
        Some(known) => known.count += count,
        None => parts.push(Part { part: part.to_owned(), count }),
    }
}

fn shapes(data: &DataShape, output: &Output) -> Vec<Shape> {
    let shape = |map: String, tensor: &Tensor<4>| {
        let [_, channels, height, width] = tensor.dims();
        Shape { map, shape: [channels, height, width] }
    };
    let [height, width] = data.size;
    let mut shapes = vec![Shape { map: format!("image, {} times", data.sensors.len()), shape: [3, height, width] }];
    // All sensors' branches have the same shapes. Stages end with 5; encoders without a stem begin with 2.
    let stages = output.features.stages.first().map_or(&[][..], Vec::as_slice);
    shapes.extend(
        stages.iter().enumerate().map(|(index, map)| shape(format!("stage {}", index + 6 - stages.len()), map)),
    );
    shapes.extend(
        output.features.levels.iter().enumerate().map(|(index, map)| shape(format!("fused level {}", index + 1), map)),
    );
    shapes.extend(
        output
            .features
            .decoded
            .first()
            .map(|map| shape(format!("decoder map, {} times", output.features.decoded.len()), map)),
    );
    shapes.extend(output.features.agnostic.iter().map(|map| shape("modality-agnostic map".to_owned(), map)));
    shapes.extend(output.image.iter().map(|map| shape("fusion image".to_owned(), map)));
    shapes.extend(output.heads.iter().map(|(name, map)| shape(format!("head {name}"), map)));
    shapes
}
