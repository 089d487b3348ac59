//! Every kernel against its plain twin: values and gradients.

mod properties;
mod refusals;
mod slices;

use burn::tensor::{Device, Tensor};

use super::*;

const TOLERANCE: f32 = 2e-4;

fn random<const D: usize>(shape: [usize; D], seed: usize) -> Tensor<D> {
    let numbers = numbers_of(shape.iter().product(), seed);
    let flat = Tensor::<1>::from_floats(numbers.as_slice(), &Device::flex().autodiff());
    flat.reshape(shape).detach().require_grad()
}

/// Numbers between −1 and 1.
fn numbers_of(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|index| ((index * 7919 + seed * 104_729) % 2003) as f32 / 1001.0 - 1.0).collect()
}

fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.clone().detach().into_data().try_to_vec().unwrap()
}

fn assert_close(ours: &[f32], stock: &[f32], what: &str) {
    assert_eq!(ours.len(), stock.len(), "{what}");
    let scale = stock.iter().fold(1.0_f32, |largest, value| largest.max(value.abs()));
    for (place, (ours, stock)) in ours.iter().zip(stock).enumerate() {
        assert!((ours - stock).abs() <= TOLERANCE * scale, "{what} at {place}: {ours}, stock {stock}");
    }
}

/// Gradients of a sum whose weights differ from place to place.
fn backward(output: &Tensor<4>) -> burn::tensor::Gradients {
    (output.clone() * random(output.dims(), 9).detach()).sum().backward()
}

fn compare_convolution(
    size: [usize; 4],
    weight: [usize; 4],
    stride: usize,
    dilation: usize,
    padding: [(usize, usize); 2],
) {
    let [batch, input, height, width] = size;
    let [output, per_group, rows, columns] = weight;
    let geometry =
        Geometry { batch, input, output, size: [height, width], kernel: [rows, columns], stride, dilation, padding };
    let (x, weight) = (random(size, 1), random(weight, 2));
    let ours = convolve(x.clone(), weight.clone(), geometry);
    let options = ConvOptions::new_with_padding([stride; 2], padding, [dilation; 2], input / per_group);
    let stock = conv2d(x.clone(), weight.clone(), None, options);
    let what = format!("{geometry:?}");
    assert_eq!(ours.dims(), stock.dims(), "{what}");
    assert_close(&numbers(&ours), &numbers(&stock), &what);
    let (ours, stock) = (backward(&ours), backward(&stock));
    for (name, part) in [("x", &x), ("weight", &weight)] {
        let [ours, stock] = [&ours, &stock].map(|gradients| numbers(&part.grad(gradients).unwrap()));
        assert_close(&ours, &stock, &format!("gradient by {name}, {what}"));
    }
}

#[test]
fn full_convolutions_equal_the_stock_ones() {
    let half = [(1, 1); 2];
    compare_convolution([2, 5, 6, 7], [4, 5, 1, 1], 1, 1, [(0, 0); 2]);
    compare_convolution([2, 5, 6, 7], [4, 5, 3, 3], 1, 1, half);
    compare_convolution([1, 3, 9, 8], [4, 3, 3, 3], 2, 1, half);
    compare_convolution([3, 3, 8, 9], [4, 3, 3, 3], 2, 1, [(0, 1); 2]);
    compare_convolution([2, 4, 9, 8], [3, 4, 3, 3], 1, 2, [(2, 2); 2]);
    compare_convolution([1, 2, 1, 1], [3, 2, 3, 3], 1, 1, half);
    compare_convolution([1, 2, 2, 3], [3, 2, 3, 3], 1, 6, [(6, 6); 2]);
    compare_convolution([2, 3, 11, 13], [2, 3, 7, 7], 4, 1, [(3, 3); 2]);
    compare_convolution([1, 3, 9, 9], [2, 3, 3, 3], 1, 1, [(0, 0); 2]);
    compare_convolution([2, 6, 5, 5], [4, 6, 1, 1], 2, 1, [(0, 0); 2]);
    compare_convolution([2, 3, 7, 9], [4, 3, 1, 7], 1, 1, [(0, 0), (3, 3)]);
    compare_convolution([1, 3, 8, 9], [4, 3, 5, 3], 2, 1, [(2, 2), (1, 1)]);
}

#[test]
fn full_convolutions_of_real_sizes_are_cut_into_tiles_and_blocks_that_fit() {
    compare_convolution([2, 32, 40, 50], [48, 32, 3, 3], 1, 1, [(1, 1); 2]);
    compare_convolution([2, 64, 10, 12], [96, 64, 3, 3], 1, 2, [(2, 2); 2]);
    compare_convolution([2, 176, 5, 6], [176, 176, 3, 3], 1, 1, [(1, 1); 2]);
    compare_convolution([1, 64, 40, 50], [40, 64, 1, 1], 1, 1, [(0, 0); 2]);
    compare_convolution([1, 24, 40, 50], [40, 24, 3, 3], 2, 1, [(0, 1); 2]);
}

#[test]
fn depthwise_convolutions_equal_the_stock_ones() {
    let half = [(1, 1); 2];
    compare_convolution([2, 5, 6, 7], [5, 1, 3, 3], 1, 1, half);
    compare_convolution([2, 5, 6, 37], [5, 1, 3, 3], 2, 1, half);
    compare_convolution([2, 3, 8, 9], [3, 1, 3, 3], 2, 1, [(0, 1), (1, 1)]);
    compare_convolution([1, 4, 9, 40], [4, 1, 5, 5], 1, 1, [(2, 2); 2]);
    compare_convolution([1, 4, 10, 11], [4, 1, 5, 5], 2, 1, [(1, 2); 2]);
    compare_convolution([2, 3, 8, 10], [3, 1, 3, 3], 1, 6, [(6, 6); 2]);
    compare_convolution([2, 2, 1, 1], [2, 1, 3, 3], 1, 1, half);
    compare_convolution([1, 2, 5, 5], [2, 1, 1, 1], 1, 1, [(0, 0); 2]);
    compare_convolution([2, 3, 12, 9], [3, 1, 3, 3], 3, 1, [(1, 1); 2]);
    compare_convolution([2, 3, 12, 21], [3, 1, 3, 3], 2, 2, [(2, 2); 2]);
    for long in [7, 11, 21] {
        compare_convolution([2, 3, 6, 8], [3, 1, 1, long], 1, 1, [(0, 0), (long / 2, long / 2)]);
        compare_convolution([2, 3, 6, 8], [3, 1, long, 1], 1, 1, [(long / 2, long / 2), (0, 0)]);
    }
    compare_convolution([1, 2, 30, 40], [2, 1, 5, 5], 1, 1, [(2, 2); 2]);
}

#[test]
fn rows_and_columns_of_a_kernel_that_meet_only_padding_are_left_out() {
    for weight in [[3, 1, 3, 3], [4, 3, 3, 3], [3, 1, 5, 5]] {
        let reach = weight[2] / 2;
        compare_convolution([2, 3, 2, 9], weight, 1, 6, [(6 * reach, 6 * reach); 2]);
        compare_convolution([2, 3, 5, 4], weight, 1, 24, [(24 * reach, 24 * reach); 2]);
    }
    compare_convolution([1, 2, 10, 10], [2, 1, 3, 3], 1, 6, [(3, 1); 2]);
    let geometry = Geometry {
        batch: 1,
        input: 1,
        output: 1,
        size: [8, 10],
        kernel: [3; 2],
        stride: 1,
        dilation: 9,
        padding: [(9, 9); 2],
    };
    let (cropped, kept) = geometry.cropped();
    assert_eq!((cropped.kernel, cropped.padding, kept), ([1, 3], [(0, 0), (9, 9)], [1..2, 0..3]));
    assert_eq!(cropped.output_size(), geometry.output_size());
}

const ALL: [Activation; 4] = [Activation::Relu, Activation::Relu6, Activation::Swish, Activation::None];

#[test]
fn norms_equal_the_stock_ones_followed_by_the_activation() {
    for shape in [[2, 3, 5, 7], [3, 2, 1, 1], [1, 4, 9, 8]] {
        for activation in ALL {
            compare_norm(shape, activation);
        }
    }
}

fn compare_norm(shape: [usize; 4], activation: Activation) {
    // Far from zero, where a careless variance loses its digits; and wide enough to meet both bends of ReLU6.
    let x = random(shape, 3);
    let (gamma, beta) = (random([shape[1]], 4), random([shape[1]], 5));
    let moved = || x.clone() * 3.0 + 50.0;
    let scaled = || gamma.clone() * 6.0 + 1.0;
    let ours = norm_train(moved(), scaled(), beta.clone(), 1e-3, activation);
    let stock = batch_norm_train(moved(), scaled(), beta.clone(), 1e-3);
    let what = format!("{activation:?} {shape:?}");
    assert_close(&numbers(&ours.mean), &numbers(&stock.mean), &what);
    assert_close(&numbers(&ours.variance), &numbers(&stock.variance), &what);
    let plain = activation.forward(stock.output);
    assert_close(&numbers(&ours.output), &numbers(&plain), &what);
    let (ours, stock) = (backward(&ours.output), backward(&plain));
    let pair = [&ours, &stock];
    let [a, b] = pair.map(|gradients| numbers(&x.grad(gradients).unwrap()));
    assert_close(&a, &b, &format!("gradient by x, {what}"));
    for part in [&gamma, &beta] {
        let [a, b] = pair.map(|gradients| numbers(&part.grad(gradients).unwrap()));
        assert_close(&a, &b, &format!("gradient of an affine part, {what}"));
    }
}

#[test]
fn norms_with_given_statistics_equal_the_stock_ones() {
    for activation in ALL {
        let part = |shape, seed| random(shape, seed).inner();
        let x = random([2, 3, 4, 5], 1).inner() * 8.0;
        let (gamma, beta, mean) = (part([3], 2), part([3], 3), part([3], 4));
        let variance = part([3], 5).abs() + 0.1;
        let ours =
            norm_infer(x.clone(), gamma.clone(), beta.clone(), [mean.clone(), variance.clone()], 1e-5, activation);
        let stock = activation.forward(batch_norm(x, gamma, beta, mean, variance, 1e-5));
        assert_close(&numbers(&ours), &numbers(&stock), "inference");
    }
}

/// Values and gradients of the same function of the same inputs, once ours and once stock.
fn compare<const N: usize>(
    inputs: [Tensor<4>; N],
    ours: impl Fn([Tensor<4>; N]) -> Tensor<4>,
    stock: impl Fn([Tensor<4>; N]) -> Tensor<4>,
    what: &str,
) {
    let (ours, stock) = (ours(inputs.clone()), stock(inputs.clone()));
    assert_close(&numbers(&ours), &numbers(&stock), what);
    let (ours, stock) = (backward(&ours), backward(&stock));
    for (place, input) in inputs.iter().enumerate() {
        let [ours, stock] = [&ours, &stock].map(|gradients| numbers(&input.grad(gradients).unwrap()));
        assert_close(&ours, &stock, &format!("gradient {place} of {what}"));
    }
}

#[test]
fn layer_norms_equal_the_stock_ones() {
    for shape in [[2, 5, 3, 4], [1, 1, 1, 1], [1, 3, 1, 65], [2, 16, 25, 41]] {
        compare_layer_norm(shape);
    }
}

fn compare_layer_norm([batch, channels, height, width]: [usize; 4]) {
    let line = |values: Tensor<4>| {
        let count = values.shape().num_elements();
        values.reshape([count])
    };
    let inputs =
        [random([batch, channels, height, width], 1), random([1, channels, 1, 1], 2), random([1, channels, 1, 1], 3)];
    compare(
        inputs,
        |[x, gamma, beta]| layer_norm(x * 3.0 + 2.0, line(gamma), line(beta), 1e-5),
        |[x, gamma, beta]| token::plain_layer_norm(x * 3.0 + 2.0, line(gamma), line(beta), 1e-5),
        "layer norm",
    );
}

#[test]
fn attention_equals_the_stock_one() {
    for sizes in [[2, 3, 4, 6, 5], [1, 1, 1, 1, 1], [1, 2, 8, 700, 20], [2, 1, 16, 530, 3]] {
        compare_attention(sizes);
    }
}

fn compare_attention([batch, heads, depth, places, sources]: [usize; 5]) {
    let shapes = [[batch, heads, depth, places], [batch, heads, depth, sources], [batch, heads, depth, sources]];
    let [query, key, value] = [0, 1, 2].map(|input| random(shapes[input], input + 1));
    compare(
        [query, key, value],
        |[query, key, value]| attention(query * 4.0, key, value),
        |[query, key, value]| token::plain_attention(query * 4.0, key, value),
        "attention",
    );
}

#[test]
fn gelu_equals_the_stock_one() {
    let stock = |[x]: [Tensor<4>; 1]| burn::tensor::activation::gelu(x * 5.0);
    compare([random([2, 3, 5, 7], 1)], |[x]| gelu(x * 5.0), stock, "GELU");
}

#[test]
fn biases_are_added_to_their_channels_and_leave_what_others_hold_alone() {
    let line = |bias: Tensor<4>| bias.reshape([3]);
    let inputs = [random([2, 3, 4, 5], 1), random([1, 3, 1, 1], 2)];
    compare(inputs.clone(), |[x, bias]| shift(x * 2.0, line(bias)), |[x, bias]| x * 2.0 + bias, "bias");
    let [x, bias] = inputs;
    let before = numbers(&x);
    let view = x.clone().narrow(2, 1, 2);
    assert_close(&numbers(&shift(view.clone(), line(bias.clone()))), &numbers(&(view + bias)), "a view");
    assert_eq!(numbers(&x), before);
}

#[test]
fn resizing_equals_the_stock_products() {
    for (from, to) in [([3, 4], [6, 9]), ([7, 5], [2, 3]), ([1, 4], [3, 4]), ([30, 40], [120, 160])] {
        compare_resize([2, 3], from, to);
    }
}

fn compare_resize([batch, channels]: [usize; 2], from: [usize; 2], to: [usize; 2]) {
    compare(
        [random([batch, channels, from[0], from[1]], 1)],
        |[x]| resize_bilinear(x, to),
        |[x]| resize::plain(x, to),
        &format!("{from:?} to {to:?}"),
    );
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let run = |threads: usize| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let geometry = Geometry {
                batch: 2,
                input: 24,
                output: 32,
                size: [30, 40],
                kernel: [3; 2],
                stride: 1,
                dilation: 1,
                padding: [(1, 1); 2],
            };
            let (x, weight) = (random([2, 24, 30, 40], 1), random([32, 24, 3, 3], 2));
            let (gamma, beta) = (random([32], 3), random([32], 4));
            let y =
                norm_train(convolve(x.clone(), weight.clone(), geometry), gamma, beta, 1e-5, Activation::Swish).output;
            let gradients = backward(&y);
            [numbers(&y), numbers(&x.grad(&gradients).unwrap()), numbers(&weight.grad(&gradients).unwrap())]
        })
    };
    assert!(run(1) == run(3));
}

#[test]
fn depthwise_convolutions_do_not_depend_on_the_number_of_threads_or_on_what_a_task_saw_before() {
    for (stride, dilation) in [(1, 1), (2, 1), (1, 2), (3, 1)] {
        let of = |batch: usize, first: usize| {
            let padding = [(dilation, dilation); 2];
            let geometry =
                Geometry { batch, input: 40, output: 40, size: [33, 37], kernel: [3; 2], stride, dilation, padding };
            let x = random([3, 40, 33, 37], 1).narrow(0, first, batch).detach().require_grad();
            let y = convolve(x.clone(), random([40, 1, 3, 3], 2), geometry);
            let gradients = y.clone().square().sum().backward();
            [numbers(&y), numbers(&x.grad(&gradients).unwrap())]
        };
        let run =
            |threads: usize| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| of(3, 0));
        let [y, dx] = run(1);
        assert!(run(3) == [y.clone(), dx.clone()], "stride {stride}, dilation {dilation}");
        let [last_y, last_dx] = of(1, 2);
        assert!(y.ends_with(&last_y) && dx.ends_with(&last_dx), "stride {stride}, dilation {dilation}: alone");
    }
}

#[test]
fn gradient_checkpointing_changes_no_bit() {
    let run = |device: Device| {
        let geometry = Geometry {
            batch: 2,
            input: 6,
            output: 6,
            size: [9, 8],
            kernel: [3; 2],
            stride: 1,
            dilation: 1,
            padding: [(1, 1); 2],
        };
        let on_tape = |plain: Tensor<4>| Tensor::<4>::from_data(plain.into_data(), &device).require_grad();
        let (x, weight) = (on_tape(random([2, 6, 9, 8], 1)), on_tape(random([6, 6, 3, 3], 2)));
        let part = |seed| Tensor::<1>::from_data(random([6], seed).into_data(), &device).require_grad();
        let (gamma, beta) = (part(3), part(4));
        let norm = |x: Tensor<4>| norm_train(x, gamma.clone(), beta.clone(), 1e-5, Activation::Swish).output;
        let inner = norm(convolve(norm(x.clone()), weight.clone(), geometry)) + x.clone();
        let depthwise = weight.clone().narrow(1, 0, 1);
        let y = convolve(inner, depthwise, geometry);
        let weights = Tensor::<4>::from_data(random(y.dims(), 9).into_data(), &device);
        let gradients = (y.clone() * weights).sum().backward();
        let by = |tensor: &Tensor<4>| numbers(&tensor.grad(&gradients).unwrap());
        [numbers(&y), by(&x), by(&weight), numbers(&gamma.grad(&gradients).unwrap())]
    };
    let device = Device::flex().autodiff();
    assert!(run(device.clone()) == run(device.gradient_checkpointing()));
}
