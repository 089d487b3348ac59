//! Numbers that tests here and the scripts in `reference/` make in the same way.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use super::assembly::Network;
use super::contract::{Inputs, Mode};
use super::fusion::{Beside, Fusion, Pass, Plan};
use super::layers::Init;
use super::probes::Probes;
use crate::random::Streams;
use crate::recipe::Recipe;
use crate::recipe::catalogue::fusion::{Kind, Level, Start};

/// sin(0.7 i + offset) for the i-th element.
pub fn wave<const D: usize>(shape: [usize; D], offset: f32, device: &Device) -> Tensor<D> {
    let count: usize = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|index| (0.7 * index as f64 + f64::from(offset)).sin() as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// All values of a tensor.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().unwrap()
}

/// Asserts that two lists agree within `tolerance`, relative where values are larger than 1.
pub fn assert_close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(error <= tolerance * expected.abs().max(1.0), "at {index}: found {found}, expected {expected}");
    }
}

/// The demo recipe with changes.
pub fn recipe(changes: &[(&str, &str)]) -> Recipe {
    let mut recipe = crate::recipe::preset("ogp-net-demo").unwrap();
    recipe.set_text("encoder.pretrained", "").unwrap();
    for (key, value) in changes {
        recipe.set_text(key, value).unwrap();
    }
    recipe
}

/// A network for the first `count` of colour, thermal, depth, event, with 4 classes.
pub fn network(recipe: &Recipe, count: usize, device: &Device) -> Network {
    let sensors: Vec<String> =
        ["colour", "thermal", "depth", "event"].iter().take(count).map(ToString::to_string).collect();
    Network::build(recipe, &sensors, 4, &Streams::new(7), device).unwrap()
}

/// Two images a sensor, for as many sensors as there are flags; `None` where the flag is false.
pub fn inputs(present: &[bool], [height, width]: [usize; 2], device: &Device) -> Inputs {
    let image = |(sensor, &present): (usize, &bool)| {
        present.then(|| wave([2, 3, height, width], sensor as f32 * 1.3 + 0.2, device))
    };
    Inputs::new(present.iter().enumerate().map(image).collect())
}

/// A fusion of a kind at a site, where every map has this many channels, for four sensors or, where it needs that, two.
pub fn fusion(kind: Kind, level: Level, channels: usize, device: &Device) -> Fusion {
    let sensors = if matches!(kind, Kind::Gsu | Kind::Concat | Kind::Fdam) { 2 } else { 4 };
    let (widths, read) = ([channels; 4], [true; 4]);
    let plan = Plan {
        kind,
        level,
        sensors,
        classes: channels,
        channels,
        widths,
        read,
        shares_decoder: false,
        reduction: 8,
        start: Start::FanIn,
    };
    Fusion::build(&plan, &Init::new(&Streams::new(1), device)).unwrap().unwrap()
}

/// What a fusion makes of maps, [`passing`] what it is passed: class scores where it has a classifier, else the fused
/// map.
pub fn fused(
    fusion: &Fusion,
    maps: &[Tensor<4>],
    branches: &[usize],
    level: Option<usize>,
    probes: &mut Probes,
) -> Tensor<4> {
    let map = passing(branches, level, |pass| fusion.fuse(maps, pass, probes, &mut Beside::default())).unwrap();
    fusion.scores(&map).unwrap_or(map)
}

/// Calls with what fusion is passed in inference, with the demo recipe's settings, for some of colour, thermal, depth
/// and event.
pub fn passing<T>(branches: &[usize], level: Option<usize>, call: impl FnOnce(Pass<'_>) -> T) -> T {
    passing_with(&recipe(&[]), branches, level, call)
}

/// The same with this recipe's settings.
pub fn passing_with<T>(
    recipe: &Recipe,
    branches: &[usize],
    level: Option<usize>,
    call: impl FnOnce(Pass<'_>) -> T,
) -> T {
    let inputs = Inputs::new(Vec::new());
    let sensors = ["colour", "thermal", "depth", "event"].map(str::to_owned);
    call(Pass { recipe, inputs: &inputs, mode: Mode::Infer, sensors: &sensors, branches, level })
}

/// The module with waves for its parameters: the k-th, in the order of the fields, is `scale · wave(1 + k / 2)`.
pub fn waved<M: Module>(module: M, scale: f32) -> M {
    module.map(&mut Waver { made: 0, scale, runs: false })
}

struct Waver {
    made: u16,
    scale: f32,
    /// Whether what is mapped is a running statistic, which keeps its value.
    runs: bool,
}

impl ModuleMapper for Waver {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.runs {
            return param;
        }
        let offset = 1.0 + 0.5 * f32::from(self.made);
        self.made += 1;
        param.map(|old| (wave(old.dims(), offset, &old.device()) * self.scale).set_require_grad(old.is_require_grad()))
    }

    fn enter_module(&mut self, name: &str, _container: &str) {
        self.runs = name.starts_with("running");
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.runs = false;
    }
}

/// How many numbers of a module are trained; running statistics are not.
pub fn trained<M: Module>(module: &M) -> usize {
    struct Counter {
        total: usize,
        runs: bool,
    }
    impl ModuleVisitor for Counter {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if !self.runs {
                self.total += param.val().shape().num_elements();
            }
        }

        fn enter_module(&mut self, name: &str, _container: &str) {
            self.runs = name.starts_with("running");
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.runs = false;
        }
    }
    let mut counter = Counter { total: 0, runs: false };
    module.visit(&mut counter);
    counter.total
}

/// The inputs of `report` in `reference/parts.py`: the k-th is `wave(0.2 + 1.3 k)`.
pub fn waves<const N: usize>(shapes: [[usize; 4]; N], device: &Device) -> Vec<Tensor<4>> {
    shapes.iter().enumerate().map(|(index, &shape)| wave(shape, 0.2 + 1.3 * index as f32, device)).collect()
}

/// What `report` in `reference/parts.py` printed of a module.
pub struct Reference<'a> {
    /// The values of all outputs.
    pub outputs: &'a [f32],
    /// The gradients of all inputs.
    pub inputs: &'a [f32],
    /// The slope of every parameter along `wave(0.6)`.
    pub parameters: &'a [f32],
}

/// Asserts that a module's values and gradients are those of PyTorch, and that its gradients are those of differences.
#[track_caller]
pub fn agrees<M: Module>(
    module: &M,
    inputs: Vec<Tensor<4>>,
    forward: impl Fn(Vec<Tensor<4>>) -> Vec<Tensor<4>>,
    reference: &Reference<'_>,
) {
    equals(module, inputs.clone(), &forward, reference);
    differentiates(inputs, forward);
}

/// Asserts that a module's values and gradients are those of PyTorch; for modules whose bends lie too close for
/// differences.
#[track_caller]
pub fn equals<M: Module>(
    module: &M,
    inputs: Vec<Tensor<4>>,
    forward: impl Fn(Vec<Tensor<4>>) -> Vec<Tensor<4>>,
    reference: &Reference<'_>,
) {
    let inputs: Vec<_> = inputs.into_iter().map(Tensor::require_grad).collect();
    let outputs = forward(inputs.clone());
    let gradients = weighed(&outputs).backward();
    assert_close(&outputs.into_iter().flat_map(values).collect::<Vec<_>>(), reference.outputs, 3e-5);
    let found: Vec<f32> = inputs.iter().flat_map(|input| values(input.grad(&gradients).unwrap())).collect();
    assert_close(&found, reference.inputs, 3e-4);
    let mut slopes = Slopes { gradients: &gradients, found: Vec::new() };
    module.visit(&mut slopes);
    assert_close(&slopes.found, reference.parameters, 3e-4);
}

/// The values of all outputs, and the gradients of all inputs of the sum that `report` in `reference/waves.py` takes.
pub fn slopes(inputs: Vec<Tensor<4>>, forward: impl Fn(Vec<Tensor<4>>) -> Vec<Tensor<4>>) -> (Vec<f32>, Vec<f32>) {
    let inputs: Vec<_> = inputs.into_iter().map(|input| input.detach().require_grad()).collect();
    let outputs = forward(inputs.clone());
    let gradients = weighed(&outputs).backward();
    let found = inputs.iter().flat_map(|input| values(input.grad(&gradients).unwrap())).collect();
    (outputs.into_iter().flat_map(values).collect(), found)
}

/// Asserts that gradients are what central differences say, for every number of every input.
#[track_caller]
pub fn differentiates(inputs: Vec<Tensor<4>>, forward: impl Fn(Vec<Tensor<4>>) -> Vec<Tensor<4>>) {
    let inputs: Vec<_> = inputs.into_iter().map(|input| input.detach().require_grad()).collect();
    let gradients = weighed(&forward(inputs.clone())).backward();
    let slopes: Vec<Vec<f32>> = inputs.iter().map(|input| values(input.grad(&gradients).unwrap())).collect();
    let largest = slopes.iter().flatten().fold(0.0_f32, |largest, slope| largest.max(slope.abs()));
    assert!(largest > 0.0, "the gradient is zero everywhere");
    let step = 4e-3;
    for (at, input) in inputs.iter().enumerate() {
        for (index, &slope) in slopes[at].iter().enumerate() {
            let moved = |by: f32| {
                let mut numbers = values(input.clone());
                numbers[index] += by;
                let mut inputs = inputs.clone();
                inputs[at] = Tensor::from_data(TensorData::new(numbers, input.dims()), &input.device());
                forward(inputs).into_iter().map(values).collect::<Vec<_>>()
            };
            // Weighed in 64 bits: a sum in 32 would drown the difference.
            let weighed = |outputs: Vec<Vec<f32>>| {
                let weigh = |(index, output): (usize, Vec<f32>)| -> f64 {
                    let weight = |at: usize| (0.7 * at as f64 + 0.3 + index as f64).sin();
                    output.iter().enumerate().map(|(at, &value)| weight(at) * f64::from(value)).sum()
                };
                outputs.into_iter().enumerate().map(weigh).sum::<f64>()
            };
            let difference = ((weighed(moved(step)) - weighed(moved(-step))) / f64::from(2.0 * step)) as f32;
            assert!(
                (slope - difference).abs() <= 1e-3 + 1e-2 * largest,
                "input {at}, number {index}: gradient {slope}, difference {difference}, largest {largest}"
            );
        }
    }
}

/// Asserts that maps of these sizes come out, without NaN and infinity.
#[track_caller]
pub fn are_finite(maps: Vec<Tensor<4>>, sizes: &[[usize; 4]]) {
    assert_eq!(maps.iter().map(Tensor::dims).collect::<Vec<_>>(), sizes);
    for map in maps {
        let values = values(map);
        assert!(values.iter().all(|value| value.is_finite()), "{values:?}");
    }
}

/// The sum of all outputs, the k-th weighed by `wave(0.3 + k)`.
fn weighed(outputs: &[Tensor<4>]) -> Tensor<1> {
    let weigh = |(index, output): (usize, &Tensor<4>)| {
        (output.clone() * wave(output.dims(), 0.3 + index as f32, &output.device())).sum()
    };
    outputs.iter().enumerate().map(weigh).reduce(|first, second| first + second).unwrap()
}

/// The slope of every parameter along `wave(0.6)`.
struct Slopes<'a> {
    gradients: &'a Gradients,
    found: Vec<f32>,
}

impl ModuleVisitor for Slopes<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        if let Some(gradient) = value.is_require_grad().then(|| value.grad(self.gradients)).flatten() {
            let along = wave(value.dims(), 0.6, &gradient.device());
            self.found.extend(values((gradient * along).sum()));
        }
    }
}

/// Numbers of −1 to 1 by a linear congruential generator, as the scripts in `reference/` draw them.
fn draws<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    let mut state = seed;
    let mut next = || {
        state = (state * 1_103_515_245 + 12345) % (1 << 31);
        (state as f64 / f64::from(1_u32 << 30) - 1.0) as f32
    };
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| next()).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The module with drawn parameters: the k-th, in the order of the fields, is `scale` times the draws of seed 1000 + k.
/// Unlike waves they leave no matrix degenerate, however many there are.
pub fn drawn<M: Module>(module: M, scale: f32) -> M {
    module.map(&mut Drawer { made: 0, scale, runs: false })
}

struct Drawer {
    made: u64,
    scale: f32,
    runs: bool,
}

impl ModuleMapper for Drawer {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.runs {
            return param;
        }
        let seed = 1000 + self.made;
        self.made += 1;
        param.map(|old| (draws(old.dims(), seed, &old.device()) * self.scale).set_require_grad(old.is_require_grad()))
    }

    fn enter_module(&mut self, name: &str, _container: &str) {
        self.runs = name.starts_with("running");
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.runs = false;
    }
}

/// The inputs of a script's `inputs`: the k-th is the draws of seed 1 + k.
pub fn drawn_maps<const N: usize>(shapes: [[usize; 4]; N], device: &Device) -> Vec<Tensor<4>> {
    shapes.iter().zip(1..).map(|(&shape, seed)| draws(shape, seed, device)).collect()
}

/// [`agrees`] with the lines `NAME outputs`, `NAME inputs` and `NAME parameters` of a script's output.
#[track_caller]
pub fn agrees_with<M: Module>(
    module: &M,
    inputs: Vec<Tensor<4>>,
    forward: impl Fn(Vec<Tensor<4>>) -> Vec<Tensor<4>>,
    (output, name): (&str, &str),
) {
    let numbers = |what: &str| -> Vec<f32> {
        let begin = format!("{name} {what} ");
        let line = output.lines().find_map(|line| line.strip_prefix(&begin)).expect("a line of that name");
        line.split_whitespace().map(|word| word.parse().unwrap()).collect()
    };
    let [outputs, slopes, parameters] = ["outputs", "inputs", "parameters"].map(numbers);
    let reference = Reference { outputs: &outputs, inputs: &slopes, parameters: &parameters };
    agrees(module, inputs, forward, &reference);
}
