//! One OGP-Net student step beside the same step in PyTorch, taken in turn on the same cores.
//!
//! `cargo bench --profile release -p fusionscope-engine --bench step_time` measures both families;
//! `… -- nano 40` measures one with so many steps. Without a `python3` that has torch, our own figures alone are printed.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a benchmark talks to a terminal and may stop")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use fusionscope_engine::network::{Inputs, Mode, Network, Output, ParameterKind, Probes, named_parameters};
use fusionscope_engine::objective::{self, Labels};
use fusionscope_engine::protocol::Phase;
use fusionscope_engine::random::Streams;
use fusionscope_engine::recipe::{Recipe, preset};
use fusionscope_engine::training::Optimiser;
use rand::Rng as _;

const BATCH: usize = 4;
const HEIGHT: usize = 120;
const WIDTH: usize = 160;
const CLASSES: usize = 10;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let steps = words.iter().find_map(|word| word.parse().ok()).unwrap_or(15_usize);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "OGP-Net student step, {BATCH}×3×{HEIGHT}×{WIDTH}, two sensors, {threads} threads, {steps} steps each, medians"
    );
    for family in ["nano", "efficientnet-lite0"] {
        if words.iter().any(|word| word.parse::<usize>().is_err()) && !words.iter().any(|word| word == family) {
            continue;
        }
        let mut ours = Ours::new(family);
        let mut peer = Peer::start(family, threads);
        let (mut our_millis, mut peer_millis) = (Vec::new(), Vec::new());
        // The first two steps of each warm caches and allocators and are not counted.
        for step in 0..steps + 2 {
            let own = ours.step();
            let other = peer.as_mut().and_then(Peer::step);
            if step >= 2 {
                our_millis.push(own);
                peer_millis.extend(other);
            }
        }
        let own = median(&mut our_millis);
        print!("{family}: {} parameters, ours {own:.0} ms", ours.parameters());
        match peer {
            Some(peer) if !peer_millis.is_empty() => {
                let other = median(&mut peer_millis);
                println!(", PyTorch {other:.0} ms ({} parameters), ratio {:.2}", peer.parameters, own / other);
            }
            _ => println!(", PyTorch not found"),
        }
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Our step: the calls that the trainer makes, on made-up images.
struct Ours {
    recipe: Recipe,
    network: Network,
    teacher: Network,
    optimiser: Optimiser,
    images: Vec<Tensor<4>>,
    labels: Labels,
    streams: Streams,
    steps: u64,
}

impl Ours {
    fn new(family: &str) -> Self {
        let mut recipe = preset("ogp-net-demo").expect("a shipped preset reads");
        if family != "nano" {
            let paper = preset("ogp-net").expect("a shipped preset reads");
            let kept = ["training.optimiser", "training.learning_rate", "training.clip_norm"]
                .map(|key| (key, recipe.value(key).cloned()));
            recipe = paper;
            for (key, value) in kept {
                recipe.set(key, value.expect("a key of the catalogue")).expect("a checked value");
            }
        }
        recipe.set_text("encoder.family", family).expect("a known family");
        let streams = Streams::new(0);
        let device = Device::flex().autodiff();
        let sensors = ["colour".to_owned(), "thermal".to_owned()];
        let network = Network::build(&recipe, &sensors, CLASSES, &streams, &device).expect("a valid recipe");
        let teacher =
            Network::build(&recipe, &sensors[..1], CLASSES, &streams, &Device::flex()).expect("a valid recipe");
        let mut noise = streams.stream("bench", 0);
        let images = (0..2)
            .map(|_| {
                let values: Vec<f32> = (0..BATCH * 3 * HEIGHT * WIDTH)
                    .map(|_| noise.next_u32() as f32 / u32::MAX as f32 * 4.0 - 2.0)
                    .collect();
                Tensor::from_data(TensorData::new(values, [BATCH, 3, HEIGHT, WIDTH]), &device)
            })
            .collect();
        let cells: Vec<u8> =
            (0..BATCH * HEIGHT * WIDTH / 64).map(|_| (noise.next_u32() % CLASSES as u32) as u8).collect();
        let ids = (0..BATCH * HEIGHT * WIDTH)
            .map(|pixel| {
                let (scene, y, x) = (pixel / (HEIGHT * WIDTH), pixel / WIDTH % HEIGHT, pixel % WIDTH);
                cells[(scene * HEIGHT / 8 + y / 8) * (WIDTH / 8) + x / 8]
            })
            .collect();
        let labels = Labels { ids, batch: BATCH, height: HEIGHT, width: WIDTH };
        let optimiser = Optimiser::new(&recipe);
        Self { recipe, network, teacher, optimiser, images, labels, streams, steps: 0 }
    }

    fn parameters(&self) -> usize {
        let trained =
            named_parameters(&self.network).into_iter().filter(|parameter| parameter.kind != ParameterKind::Running);
        trained.map(|parameter| parameter.shape.iter().product::<usize>()).sum()
    }

    fn step(&mut self) -> f64 {
        let start = Instant::now();
        let taught = self.forward(&self.teacher, 1, Mode::Infer, true);
        let output = self.forward(&self.network, 2, Mode::Train, false);
        let mut sampling = self.streams.stream("sampling", self.steps);
        let terms =
            objective::evaluate(&self.recipe, Phase::Student, &output, Some(&taught), &self.labels, &mut sampling);
        let value: f32 = terms.total.clone().into_scalar();
        assert!(value.is_finite(), "the loss is {value}");
        let gradients = terms.total.backward();
        let clip = self.recipe.number("training.clip_norm");
        let (network, _norm) =
            self.optimiser.step(&self.network, &gradients, 1e-3, 1e-2, clip).expect("finite gradients");
        self.network = network;
        self.steps += 1;
        start.elapsed().as_secs_f64() * 1e3
    }

    fn forward(&self, network: &Network, sensors: usize, mode: Mode, plain: bool) -> Output {
        let images =
            self.images[..sensors].iter().map(|image| Some(if plain { image.clone().inner() } else { image.clone() }));
        network.forward(&Inputs { images: images.collect() }, &self.recipe, mode, &mut Probes::off())
    }
}

/// The PyTorch process: asked for one step at a time, so that neither disturbs the other.
struct Peer {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    parameters: String,
}

impl Peer {
    fn start(family: &str, threads: usize) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/step_time_pytorch.py");
        let numbers = [BATCH, HEIGHT, WIDTH, CLASSES, threads].map(|number| number.to_string());
        let mut child = Command::new("python3")
            .arg(script)
            .arg(family)
            .args(numbers)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Waiting threads sleep rather than spin, so that our own step has both cores to itself.
            .env("OMP_WAIT_POLICY", "passive")
            .spawn()
            .ok()?;
        let requests = child.stdin.take()?;
        let mut answers = BufReader::new(child.stdout.take()?);
        let mut parameters = String::new();
        answers.read_line(&mut parameters).ok().filter(|&bytes| bytes > 0)?;
        Some(Self { child, requests, answers, parameters: parameters.trim().to_owned() })
    }

    fn step(&mut self) -> Option<f64> {
        self.requests.write_all(b"step\n").ok()?;
        self.requests.flush().ok()?;
        let mut line = String::new();
        self.answers.read_line(&mut line).ok()?;
        line.trim().parse().ok()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
