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
        let loss = (y.clone() * y.detach().set_require_grad(false)).sum();
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
        time("norm", shape, |x| norm.forward(x, Mode::Train, Activation::None));
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
    time("tanh", [4, 32, 30, 40], Tensor::tanh);
    time("sigmoid", [4, 96, 30, 40], activation::sigmoid);
    time("cat", [4, 32, 30, 40], |x| Tensor::cat(vec![x.clone(), x.clone(), x], 1));
    time("narrow", [4, 96, 30, 40], |x| x.narrow(1, 0, 32));
}

#[test]
#[ignore = "prints timings"]
fn convolutions() {
    use burn::tensor::module::conv2d;
    use burn::tensor::ops::ConvOptions;
    let device = Device::flex().autodiff();
    let streams = Streams::new(2);
    let init = Init::new(&streams, &device);
    for (size, output, stride, dilation, groups) in [
        ([4, 3, 120, 160], 16, 2, 1, 1),
        ([4, 16, 60, 80], 24, 2, 1, 1),
        ([4, 24, 30, 40], 32, 2, 1, 1),
        ([4, 32, 15, 20], 32, 1, 1, 1),
        ([4, 48, 8, 10], 48, 1, 1, 1),
        ([4, 64, 8, 10], 64, 1, 2, 1),
        ([4, 48, 30, 40], 48, 1, 1, 48),
        ([4, 96, 60, 80], 96, 2, 1, 96),
    ] {
        let weight = init.at("w").normal([output, size[1] / groups, 3, 3], 0.1).require_grad();
        let options = ConvOptions::new([stride; 2], [dilation; 2], [dilation; 2], groups);
        let plain = |x: Tensor<4>, w: &Tensor<4>| conv2d(x, w.clone(), None, options.clone());
        eprintln!("{output} / {stride} d{dilation} g{groups}");
        time("both", size, |x| plain(x, &weight));
        time("x only", size, |x| plain(x, &weight.clone().detach().set_require_grad(false)));
        time("w only", size, |x| plain(x.detach().set_require_grad(false), &weight));
        let [b, c, h, w] = size;
        let (oh, ow) = (h.div_ceil(stride), w.div_ceil(stride));
        let unfold = |x: Tensor<4>| {
            let d = dilation;
            let x = x.detach().set_require_grad(false).pad([(d, d), (d, d)], 0.0);
            let windows: Tensor<5> = x.unfold(2, 2 * d + 1, stride);
            let windows: Tensor<6> = windows.unfold(3, 2 * d + 1, stride);
            let windows = if d > 1 {
                use burn::tensor::s;
                windows.slice(s![.., .., .., .., ..;2, ..;2])
            } else {
                windows
            };
            windows.permute([0, 1, 4, 5, 2, 3]).reshape([b, c * 9, oh * ow])
        };
        time("unfold", size, |x| unfold(x.clone()).reshape([b, c, 9, oh * ow]) + x.mean().reshape([1, 1, 1, 1]));
        if groups == 1 {
            time("w only by product", size, |x| {
                weight.clone().reshape([1, output, c * 9]).matmul(unfold(x)).reshape([b, output, oh, ow])
            });
        } else {
            time("w only by product", size, |x| {
                let columns = unfold(x).reshape([b, c, 9, oh * ow]);
                weight.clone().reshape([1, c, 1, 9]).matmul(columns).reshape([b, output, oh, ow])
            });
            time("w only by sum", size, |x| {
                let columns = unfold(x).reshape([b, c, 9, oh * ow]);
                (weight.clone().reshape([1, c, 9, 1]) * columns).sum_dim(2).reshape([b, output, oh, ow])
            });
        }
    }
}
