//! One layer of ours, ready to be timed.

use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor};
use fusionscope_engine::kernels;
use fusionscope_engine::network::Mode;
use fusionscope_engine::network::fusion::Mff;
use fusionscope_engine::network::layers::{
    Activation, BatchNorm, Conv, ConvShape, Init, LayerNorm, Linear, NormFamily, Padding, resize_bilinear,
};
use fusionscope_engine::objective::{RelationInput, SegmentationWeights, Targets, relation, segmentation};
use fusionscope_engine::random::Streams;
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::recipe::catalogue::training::Precision;

use crate::student::{Student, labels};
use crate::{median, methods};

/// A turn lasts about as long, in passes of a few to a few dozen.
const TURN: Duration = Duration::from_millis(100);
const FEWEST: usize = 4;
const MOST: usize = 40;

/// One forward and backward pass; the milliseconds of each.
type Pass = dyn FnMut() -> [f64; 2];

/// A layer with its input.
pub struct Layer {
    pass: Box<Pass>,
}

impl Layer {
    /// The layer that the words of [`crate::layers::CASES`] say; `None` where they say none.
    pub fn prepare(words: &str, device: &Device) -> Option<Self> {
        let mut words = words.split_whitespace();
        let kind = words.next()?;
        let sizes: Vec<usize> = words.filter_map(|number| number.parse().ok()).collect();
        let tape = device.clone().autodiff();
        let streams = Streams::new(1);
        let init = Init::new(&streams, &tape);
        let draw = |shape: [usize; 4]| init.at("x").normal(shape, 1.0);
        let layer = match (kind, sizes.as_slice()) {
            ("conv", &[batch, input, output, rows, columns, stride, dilation, groups, height, width]) => {
                let kernel = [rows, columns];
                let shape =
                    ConvShape { input, output, kernel, stride, dilation, groups, padding: Padding::Half, bias: false };
                let conv = Conv::new(shape, &init);
                let x = draw([batch, input, height, width]);
                // Nobody asks for the gradient of an image.
                let x = if input > 3 { x.require_grad() } else { x };
                Self::mapping(x, &init, move |x| conv.forward(x))
            }
            ("norm", &[batch, channels, height, width]) => {
                let norm = BatchNorm::new(channels, NormFamily::EFFICIENT, &tape);
                let x = draw([batch, channels, height, width]).require_grad();
                Self::mapping(x, &init, move |x| norm.forward(x, Mode::Train, Activation::Relu6))
            }
            ("layer-norm", &[batch, channels, height, width]) => {
                let norm = LayerNorm::new(channels, 1e-5, &init);
                let x = draw([batch, channels, height, width]).require_grad();
                Self::mapping(x, &init, move |x| norm.forward(x))
            }
            ("attention", &[batch, heads, depth, places, sources]) => {
                let query = draw([batch, heads, depth, places]).require_grad();
                let other = |name| init.at(name).normal([batch, heads, depth, sources], 1.0).require_grad();
                let (key, value): (Tensor<4>, Tensor<4>) = (other("key"), other("value"));
                Self::mapping(query, &init, move |query| kernels::attention(query, key.clone(), value.clone()))
            }
            ("gelu", &[batch, channels, height, width]) => {
                Self::mapping(draw([batch, channels, height, width]).require_grad(), &init, kernels::gelu)
            }
            ("linear", &[batch, input, output, height, width]) => {
                let linear = Linear::new(input, output, &init);
                Self::mapping(draw([batch, input, height, width]).require_grad(), &init, move |x| linear.forward(x))
            }
            ("resize", &[batch, channels, from_height, from_width, height, width]) => {
                let x = draw([batch, channels, from_height, from_width]).require_grad();
                Self::mapping(x, &init, move |x| resize_bilinear(x, [height, width]))
            }
            ("mff", &[sensors, batch, channels, height, width]) => {
                let x = draw([sensors * batch, channels, height, width]).require_grad();
                let recipe = Recipe::defaults("mff");
                let fuse = move |x: Tensor<4>| Mff::of(&recipe).fuse(&x.chunk(sensors, 0), None);
                Self::mapping(x, &init, move |x| fuse(x).expect("there are sensors").agnostic)
            }
            ("head", &[batch, classes, height, width]) => {
                let logits = draw([batch, classes, height, width]).require_grad();
                let labels = labels([batch, height, width], streams);
                Self::losing(move || {
                    let targets = Targets::for_logits(&labels, &logits);
                    segmentation(&logits, &targets, SegmentationWeights { cross_entropy: 1.0, dice: 1.0 })
                })
            }
            ("relation", &[batch, classes, height, width]) => {
                let logits = draw([batch, classes, height, width]).require_grad();
                let teacher = init.at("teacher").normal::<4>([batch, classes, height, width], 1.0).inner();
                let labels = labels([batch, height, width], streams);
                Self::losing(move || {
                    let targets = Targets::for_logits(&labels, &logits);
                    relation(&logits, &teacher, &targets, RelationInput::Softmax)
                })
            }
            ("adamw", &[batch, height, width]) => {
                let mut student = Student::new("efficientnet-lite0", [batch, height, width], Precision::Full, device);
                let (gradients, _loss) = student.gradients();
                Self { pass: Box::new(move || [student.update(&gradients), 0.0]) }
            }
            _ => return methods::prepare(kind, &sizes, &init, streams),
        };
        Some(layer)
    }

    /// A layer from map to map. The product that gives the backward pass its gradient is made between the two.
    pub fn mapping(x: Tensor<4>, init: &Init<'_>, forward: impl Fn(Tensor<4>) -> Tensor<4> + 'static) -> Self {
        let gradient = init.at("gradient").normal(forward(x.clone()).dims(), 1.0);
        let device = x.device().inner();
        let pass = move || {
            let (y, ahead) = millis(&device, || forward(x.clone()));
            let loss = (y * gradient.clone()).sum();
            let (_gradients, back) = millis(&device, || loss.backward());
            [ahead, back]
        };
        Self { pass: Box::new(pass) }
    }

    /// A loss.
    pub fn losing(forward: impl Fn() -> Tensor<1> + 'static) -> Self {
        let pass = move || {
            let device = Device::flex();
            let (loss, ahead) = millis(&device, &forward);
            let (_gradients, back) = millis(&device, || loss.backward());
            [ahead, back]
        };
        Self { pass: Box::new(pass) }
    }

    /// One turn: the milliseconds of the forward pass and of both.
    pub fn measure(&mut self) -> [f64; 2] {
        // The first pass after the others' turn finds cold caches.
        (self.pass)();
        let begin = Instant::now();
        let mut passes = Vec::new();
        while passes.len() < FEWEST || (begin.elapsed() < TURN && passes.len() < MOST) {
            passes.push((self.pass)());
        }
        let ahead = passes.iter().map(|[ahead, _]| *ahead).collect();
        [median(ahead), median(passes.into_iter().map(|[ahead, back]| ahead + back).collect())]
    }
}

/// Runs something to its end on the device; its result and milliseconds.
pub fn millis<T>(device: &Device, run: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = run();
    device.sync().expect("a device that works");
    (result, start.elapsed().as_secs_f64() * 1e3)
}
