//! Timings of single operations, forward and backward, for choosing between ways to compute the same thing.

use std::time::Instant;

use burn::tensor::{Device, Tensor, activation};

use super::*;
use crate::network::contract::Mode;
use crate::random::Streams;

fn time(name: &str, shape: [usize; 4], forward: impl Fn(Tensor<4>) -> Tensor<4>) {
    let device = Device::flex().autodiff();
    let streams = Streams::new(1);
    let x = Init::new(&streams, &device).at("x").normal(shape, 1.0).require_grad();
    let (mut ahead, mut back) = (Vec::new(), Vec::new());
    for _ in 0..12 {
        let start = Instant::now();
        let y = forward(x.clone());
        ahead.push(start.elapsed().as_secs_f64() * 1e3);
        let loss = (y.clone() * y.detach()).sum();
        let start = Instant::now();
        let _gradients = loss.backward();
        back.push(start.elapsed().as_secs_f64() * 1e3);
    }
    ahead.sort_by(f64::total_cmp);
    back.sort_by(f64::total_cmp);
    eprintln!("{name:<28} {shape:?} forward {:.2} ms, backward {:.2} ms", ahead[3], back[3]);
}

#[test]
#[ignore = "prints timings"]
fn operations() {
    let device = Device::flex().autodiff();
    let streams = Streams::new(2);
    let init = Init::new(&streams, &device);
    let conv = |name: &str, shape: ConvShape, size: [usize; 4]| {
        let conv = Conv::new(shape, &init);
        time(name, size, |x| conv.forward(x));
    };
    time("nothing", [4, 48, 30, 40], |x| x);
    conv("stem 3x3/2", ConvShape::square(3, 16, 3).stride(2).padding(Padding::Same), [4, 3, 120, 160]);
    conv("3x3/2 same", ConvShape::square(16, 24, 3).stride(2).padding(Padding::Same), [4, 16, 60, 80]);
    conv("3x3/2 half", ConvShape::square(16, 24, 3).stride(2), [4, 16, 60, 80]);
    conv("3x3", ConvShape::square(32, 32, 3), [4, 32, 15, 20]);
    conv("3x3 d2", ConvShape::square(64, 64, 3).dilation(2), [4, 64, 8, 10]);
    conv("1x1", ConvShape::pointwise(48, 32), [4, 48, 30, 40]);
    conv("1x1", ConvShape::pointwise(160, 32), [4, 160, 8, 10]);
    conv("depthwise 3x3", ConvShape::depthwise(48, 3), [4, 48, 30, 40]);
    conv("depthwise 3x3 d6", ConvShape::depthwise(64, 3).dilation(6), [4, 64, 8, 10]);
    conv("depthwise 3x3", ConvShape::depthwise(32, 3), [4, 32, 8, 10]);
    conv("depthwise 5x5", ConvShape::depthwise(240, 5), [4, 240, 15, 20]);
    conv("depthwise 3x3", ConvShape::depthwise(96, 3).stride(2).padding(Padding::Same), [4, 96, 60, 80]);
    conv("1x1", ConvShape::pointwise(16, 96), [4, 16, 60, 80]);
    conv("1x1", ConvShape::pointwise(192, 1152), [4, 192, 8, 10]);
    for shape in [[4, 16, 60, 80], [4, 96, 60, 80], [4, 64, 8, 10]] {
        let norm = BatchNorm::new(shape[1], NormFamily::TORCH, &device);
        time("norm", shape, |x| norm.forward(x, Mode::Train));
        time("relu", shape, activation::relu);
        time("clamp", shape, |x| x.clamp(0.0, 6.0));
        time("relu6 as two relus", shape, |x| activation::relu(x.clone()) - activation::relu(x - 6.0));
        time("swish", shape, activation::silu);
    }
    time("resize", [4, 10, 30, 40], |x| resize_bilinear(x, [120, 160]));
    time("resize", [4, 32, 8, 10], |x| resize_bilinear(x, [30, 40]));
    time("stock interpolate", [4, 10, 30, 40], |x| {
        use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
        let options = InterpolateOptions::new(InterpolateMode::Bilinear).with_align_corners(false);
        burn::tensor::module::interpolate(x, options.with_output_size([120, 160]))
    });
    time("mean", [4, 64, 8, 10], |x| x.mean_dim(3).mean_dim(2));
    time("tanh", [4, 32, 30, 40], |x| x.tanh());
    time("sigmoid", [4, 96, 30, 40], activation::sigmoid);
    time("cat", [4, 32, 30, 40], |x| Tensor::cat(vec![x.clone(), x.clone(), x], 1));
    time("narrow", [4, 96, 30, 40], |x| x.narrow(1, 0, 32));
}
