//! Our training step: the calls that the trainer makes, on made-up images.

use burn::module::Module as _;
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use fusionscope_engine::kernels::in_halves;
use fusionscope_engine::network::{
    Carried, Inputs, Kept, Mode, Network, Noise, ParameterKind, Probes, named_parameters,
};
use fusionscope_engine::objective::{self, Labels, LanguageVectors, Scene};
use fusionscope_engine::protocol::Phase;
use fusionscope_engine::random::Streams;
use fusionscope_engine::recipe::catalogue::objective::relation;
use fusionscope_engine::recipe::catalogue::training::Precision;
use fusionscope_engine::recipe::catalogue::{sensors, training};
use fusionscope_engine::recipe::{Recipe, preset};
use fusionscope_engine::training::{Optimiser, UpdateSettings};
use rand::Rng as _;

use crate::layer::millis;

const CLASSES: usize = 10;
/// Labels are of one class in squares of this side.
const CELL: usize = 8;

/// A network, its teacher where the method has one, and a batch.
pub struct Student {
    recipe: Recipe,
    network: Network,
    teacher: Option<Network>,
    optimiser: Optimiser,
    images: Vec<Tensor<4>>,
    labels: Labels,
    streams: Streams,
    carried: Carried,
    device: Device,
    /// What losses are multiplied by; in mixed precision alone.
    loss_scale: Option<f64>,
    steps: u64,
}

/// [`Student::loss_scale`] at first; half of it where gradients overflow.
const LOSS_SCALE: f64 = 1024.0;

impl Student {
    /// A network for `[batch, height, width]`: a demo preset's, `preset:NAME`'s, the small baseline's, or that of an
    /// encoder family: OGP-Net's, nano with the demo's recipe, others with the paper's; a transformer with Any2Seg's.
    pub fn new(family: &str, size: [usize; 3], precision: Precision, device: &Device) -> Self {
        let recipe = recipe(family);
        let streams = Streams::new(0);
        let tape = device.clone().autodiff();
        let sensors = match recipe.get(sensors::USE) {
            [] => vec!["colour".to_owned(), "thermal".to_owned()],
            named => named.to_vec(),
        };
        let network = Network::build(&recipe, &sensors, CLASSES, &streams, &tape).expect("a valid recipe");
        let teacher = recipe
            .get(relation::ENABLED)
            .then(|| Network::build(&recipe, &sensors[..1], CLASSES, &streams, device).expect("a valid recipe"));
        let [batch, height, width] = size;
        let mut noise = streams.stream("images", 0);
        let mut image = |_| {
            let count = batch * 3 * height * width;
            let values: Vec<f32> = (0..count).map(|_| noise.next_u32() as f32 / u32::MAX as f32).collect();
            Tensor::from_data(TensorData::new(values, [batch, 3, height, width]), &tape)
        };
        let images = (0..sensors.len()).map(&mut image).collect();
        let optimiser = Optimiser::new(&recipe);
        let labels = labels(size, streams);
        let device = device.clone();
        let carried = Carried::new();
        let loss_scale = match precision {
            Precision::Full => None,
            Precision::Mixed => Some(LOSS_SCALE),
        };
        Self { recipe, network, teacher, optimiser, images, labels, streams, carried, device, loss_scale, steps: 0 }
    }

    /// How many numbers are trained.
    pub fn parameters(&self) -> f64 {
        let named = named_parameters(&self.network).into_iter();
        let trained = named.filter(|parameter| parameter.kind != ParameterKind::Running);
        trained.map(|parameter| parameter.shape.iter().product::<usize>()).sum::<usize>() as f64
    }

    /// Answers so many scenes, each for all sensors together and for each alone, as an evaluation does; the seconds.
    pub fn answer(&self, scenes: usize) -> f64 {
        let network = self.network.valid();
        let images: Vec<Tensor<4>> = self.images.iter().map(|image| image.clone().inner().narrow(0, 0, 1)).collect();
        let alone = (0..images.len()).map(|one| (0..images.len()).map(|sensor| sensor == one).collect::<Vec<bool>>());
        let subsets: Vec<Vec<bool>> = std::iter::once(vec![true; images.len()]).chain(alone).collect();
        let ((), millis) = millis(&self.device, || {
            for _ in 0..scenes {
                let mut kept = Kept::default();
                for present in &subsets {
                    let images = images.iter().zip(present).map(|(image, &there)| there.then(|| image.clone()));
                    let output = network.forward_keeping(&Inputs::new(images.collect()), &self.recipe, &mut kept);
                    let (_, logits) = output.main_head().expect("a head");
                    let _ids = logits.clone().argmax(1).into_data();
                }
            }
        });
        millis / 1e3
    }

    /// One step; its milliseconds.
    pub fn step(&mut self) -> f64 {
        let device = self.device.clone();
        let ((), millis) = millis(&device, || {
            let (gradients, total) = self.gradients();
            self.network = self.updated(&gradients);
            // Read before the backward pass, it would keep the device waiting once more in every step.
            let value: f32 = total.into_scalar();
            assert!(value.is_finite(), "the loss is {value}");
        });
        millis
    }

    /// The gradients of one step, and its loss `[1]` without a graph.
    pub fn gradients(&mut self) -> (Gradients, Tensor<1>) {
        let inputs = Inputs {
            noise: Noise::of(self.streams, self.steps),
            carried: self.carried.clone(),
            ..Inputs::new(self.images.iter().cloned().map(Some).collect())
        };
        let forward = || {
            let output = self.network.forward(&inputs, &self.recipe, Mode::Train, &mut Probes::off());
            let taught = self.teacher.as_ref().map(|teacher| {
                let guiding = Inputs::new(vec![Some(self.images[0].clone().inner())]);
                teacher.forward(&guiding, &self.recipe, Mode::Infer, &mut Probes::off())
            });
            (output, taught)
        };
        let (output, taught) = match self.loss_scale {
            None => forward(),
            Some(_) => in_halves(forward),
        };
        let vectors = LanguageVectors {
            likeness: Some((0..CLASSES * CLASSES).map(|pair| (pair as f64 * 0.7).sin()).collect()),
            ..LanguageVectors::default()
        };
        let mut sampling = self.streams.stream("sampling", self.steps);
        self.steps += 1;
        let scene = Scene {
            phase: Phase::Student,
            inputs: &inputs,
            output: &output,
            teacher: taught.as_ref(),
            labels: &self.labels,
            ids: &[],
            tags: &[],
            classes: &[],
            vectors: Some(&vectors),
        };
        let terms = objective::evaluate(&self.recipe, &scene, &mut sampling);
        let gradients = match self.loss_scale {
            None => terms.total.backward(),
            Some(scale) => (terms.total.clone() * scale).backward(),
        };
        self.carried = output.training.carried.into_iter().chain(terms.carried).collect();
        (gradients, terms.total.inner())
    }

    /// One update with these gradients, whose network is given up: they belong to the present one. Its milliseconds.
    pub fn update(&mut self, gradients: &Gradients) -> f64 {
        let device = self.device.clone();
        let (_network, millis) = millis(&device, || self.updated(gradients));
        millis
    }

    fn updated(&mut self, gradients: &Gradients) -> Network {
        let settings = UpdateSettings {
            learning_rate: 1e-3,
            weight_decay: 1e-2,
            clip_norm: self.recipe.get(training::CLIP_NORM),
            loss_scale: self.loss_scale.unwrap_or(1.0),
        };
        match (self.optimiser.step(&self.network, gradients, settings), &mut self.loss_scale) {
            (Ok((network, _norm)), _) => network,
            (Err(_overflow), Some(scale)) if *scale > 1.0 => {
                *scale /= 2.0;
                self.network.clone()
            }
            (Err(error), _) => panic!("{error}"),
        }
    }
}

/// The paper's recipe with the demo's optimiser and what the PyTorch scripts have: contrast within a stage, no dropout,
/// no distillation by language.
fn recipe(family: &str) -> Recipe {
    let shipped = |name| preset(name).expect("a shipped preset reads");
    let demo = shipped("ogp-net-demo");
    let mut recipe = match family {
        "nano" => demo.clone(),
        "mit-b0" => shipped("any2seg"),
        "baseline-lite0" => shipped("baseline"),
        preset if preset.ends_with("-demo") => shipped(preset),
        family => shipped(family.strip_prefix("preset:").unwrap_or("ogp-net")),
    };
    for key in ["training.optimiser", "training.clip_norm"] {
        let value = demo.value(key).cloned().expect("a key of the catalogue");
        recipe.set(key, value).expect("a checked value");
    }
    let plain = [("objective.contrast.pool", "stage"), ("encoder.drop_path", "0"), ("decoder.dropout", "0")];
    let of_family = [
        ("objective.inter_modal.enabled", "off"),
        ("objective.intra_modal.enabled", "off"),
        ("encoder.family", family),
    ];
    // As many sensors as PyTorch's side.
    let of_transformer = [("sensors.use", "colour,thermal")];
    let small = [("encoder.family", "efficientnet-lite0"), ("decoder.channels", "128")];
    let of_family = match family {
        "baseline-lite0" => &small[..],
        preset if preset.ends_with("-demo") || preset.starts_with("preset:") => &[],
        _ => &of_family,
    };
    let of_transformer = if family == "mit-b0" { &of_transformer[..] } else { &[] };
    for &(key, value) in plain.iter().chain(of_family).chain(of_transformer) {
        recipe.set_text(key, value).expect("a known value");
    }
    recipe
}

/// Labels `[batch, height, width]` in squares of one class.
pub fn labels([batch, height, width]: [usize; 3], streams: Streams) -> Labels {
    let mut noise = streams.stream("labels", 0);
    let (down, across) = (height.div_ceil(CELL), width.div_ceil(CELL));
    let cells: Vec<u8> = (0..batch * down * across).map(|_| (noise.next_u32() % CLASSES as u32) as u8).collect();
    let id_at = |pixel: usize| {
        let (scene, y, x) = (pixel / (height * width), pixel / width % height, pixel % width);
        cells[(scene * down + y / CELL) * across + x / CELL]
    };
    Labels { ids: (0..batch * height * width).map(id_at).collect(), batch, height, width }
}
