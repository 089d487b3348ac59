//! One training step as a trial: does it fit, and how long does it take.

use std::time::Instant;

use burn::module::Module as _;
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng as _;
use serde::Serialize;

use super::DataShape;
use crate::data::IGNORE;
use crate::memory::peak_bytes;
use crate::network::{Inputs, Mode, Network, NetworkError, Noise, Probes};
use crate::objective::{self, Labels};
use crate::protocol::Phase;
use crate::random::Streams;
use crate::recipe::Recipe;
use crate::recipe::catalogue::{teacher, training};

/// What a forward and a backward pass over one scene took.
#[derive(Clone, Debug, Serialize)]
pub struct Trial {
    /// Whether intermediate results were made again in the backward pass in place of being kept.
    pub checkpointing: bool,
    /// Seconds of the forward pass and the losses.
    pub forward_secs: f64,
    /// Seconds of the backward pass.
    pub backward_secs: f64,
    /// The losses, before their weights.
    pub terms: Vec<(String, f32)>,
    /// Parameters that have a gradient, and all trained ones: numbers.
    pub reached: (usize, usize),
    /// The most memory that this process has held, in bytes, where the system tells.
    pub peak_bytes: Option<u64>,
}

impl Trial {
    /// Takes one step of the student phase, without the update, on a scene of random numbers and random labels, on the
    /// CPU. Where the recipe distils, a fresh network stands in for the teacher.
    pub fn take(recipe: &Recipe, data: &DataShape) -> Result<Self, NetworkError> {
        let plain = Device::flex();
        let checkpointing = recipe.get(training::CHECKPOINTING);
        let tape =
            if checkpointing { plain.clone().autodiff().gradient_checkpointing() } else { plain.clone().autodiff() };
        let streams = Streams::new(recipe.get(training::SEED));
        let network = Network::build(recipe, &data.sensors, data.classes, &streams, &tape)?;
        let images: Vec<Tensor<4>> =
            (0..data.sensors.len()).map(|sensor| image(data, streams, sensor, &tape)).collect();
        let labels = labels(data, streams);
        let inputs = Inputs { noise: Noise::of(streams, 0), ..Inputs::new(images.iter().cloned().map(Some).collect()) };
        let teaches = recipe.get(teacher::STEPS) > 0 && data.sensors.len() > 1;
        let taught = if teaches {
            let teacher = Network::build(recipe, &data.sensors[..1], data.classes, &streams, &plain)?.valid();
            let alone = Inputs::new(vec![Some(images[0].clone().without_autodiff())]);
            Some(teacher.forward(&alone, recipe, Mode::Infer, &mut Probes::off()))
        } else {
            None
        };
        let begun = Instant::now();
        let output = network.forward(&inputs, recipe, Mode::Train, &mut Probes::off());
        let (ids, tags) = (vec!["trial".to_owned()], vec![Vec::new()]);
        // Made-up vectors: each sensor a little less like the caption, classes like themselves alone.
        let cosines = (0..data.sensors.len()).map(|sensor| 1.0 / (sensor + 2) as f64).collect();
        let likeness = (0..data.classes.pow(2)).map(|at| f64::from(u8::from(at % (data.classes + 1) == 0))).collect();
        let vectors = objective::LanguageVectors { correlations: vec![Some(cosines)], likeness: Some(likeness) };
        let seen = objective::Scene {
            phase: Phase::Student,
            inputs: &inputs,
            output: &output,
            teacher: taught.as_ref(),
            labels: &labels,
            ids: &ids,
            tags: &tags,
            classes: &[],
            vectors: Some(&vectors),
        };
        let terms = objective::evaluate(recipe, &seen, &mut streams.stream("sampling", 0));
        let values = terms.terms.iter().map(|(name, value)| {
            (
                name.clone(),
                value.to_data().try_to_vec::<f32>().ok().and_then(|values| values.first().copied()).unwrap_or(f32::NAN),
            )
        });
        let values: Vec<(String, f32)> = values.collect();
        let forward_secs = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let total = terms.total;
        drop((output, terms.terms, terms.carried));
        let reached = if total.is_tracked() { reached(&network, &total.backward()) } else { (0, 0) };
        let backward_secs = begun.elapsed().as_secs_f64();
        Ok(Self { checkpointing, forward_secs, backward_secs, terms: values, reached, peak_bytes: peak_bytes() })
    }
}

/// Numbers from -1 to 1.
fn image(data: &DataShape, streams: Streams, sensor: usize, device: &Device) -> Tensor<4> {
    let [height, width] = data.size;
    let mut rng = streams.stream("trial.image", sensor as u64);
    let values: Vec<f32> =
        (0..3 * height * width).map(|_| (rng.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0).collect();
    Tensor::from_data(TensorData::new(values, [1, 3, height, width]), device)
}

/// Squares of an eighth of the shorter side, each of one class or ignored.
fn labels(data: &DataShape, streams: Streams) -> Labels {
    let [height, width] = data.size;
    let mut rng = streams.stream("trial.labels", 0);
    let side = (height.min(width) / 8).max(1);
    let columns = width.div_ceil(side);
    let squares: Vec<u8> = (0..height.div_ceil(side) * columns)
        .map(|_| match rng.next_u32() as usize % (data.classes + 1) {
            id if id < data.classes => u8::try_from(id).unwrap_or(IGNORE),
            _ => IGNORE,
        })
        .collect();
    let ids = (0..height * width).map(|place| squares[place / width / side * columns + place % width / side]).collect();
    Labels { ids, batch: 1, height, width }
}

/// Numbers with a gradient, and all trained numbers.
fn reached(network: &Network, gradients: &burn::tensor::Gradients) -> (usize, usize) {
    struct Counter<'a> {
        gradients: &'a burn::tensor::Gradients,
        found: (usize, usize),
    }
    impl burn::module::ModuleVisitor for Counter<'_> {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            let value = param.val();
            if value.is_require_grad() {
                let count = value.shape().num_elements();
                self.found.1 += count;
                self.found.0 += if value.grad(self.gradients).is_some() { count } else { 0 };
            }
        }
    }
    let mut counter = Counter { gradients, found: (0, 0) };
    network.visit(&mut counter);
    counter.found
}
