//! CPU kernels of our own where they beat the stock operations; the one room with unsafe code.
//!
//! Every kernel has a plain twin made of stock operations, which other devices use, and which the tests compare it
//! with.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into a dispatched loop is compiled for the wide registers"
)]

mod activation;
mod attention;
#[cfg(test)]
mod counted;
mod dense;
mod depthwise;
mod direct;
mod extension;
mod gelu;
mod geometry;
mod lanes;
mod layer_norm;
mod losses;
mod matrix;
mod memory;
mod mixed;
mod norm;
mod planes;
mod reach;
mod resize;
mod scene;
mod shift;
mod token;
mod update;
mod wide;

#[cfg(test)]
mod tests;

use burn::backend::Dispatch;
use burn::tensor::Tensor;
use burn::tensor::module::{batch_norm, batch_norm_train, conv2d};
use burn::tensor::ops::ConvOptions;

pub use self::activation::Activation;
#[cfg(test)]
pub(crate) use self::counted::{kept_bytes, most_bytes};
use self::extension::{Convolutions as _, Inference as _, Norms as _, Resizing as _};
pub use self::geometry::Geometry;
pub use self::losses::{
    DICE_EPSILON, MASK_SCALE, MaskMode, Masks, Mutual, RELATION_EPSILON, RelationInput, SegmentationWeights, Truth,
    info_nce, mutual, relation, scalar_with_gradient, segmentation,
};
use self::matrix::Matrix;
pub use self::memory::keep_freed_memory;
pub use self::mixed::in_halves;
pub use self::reach::fits;
pub use self::token::{attention, gelu, layer_norm, product, shift};
pub use self::update::{Rule, sum_of_squares, update};
use crate::tally;

/// A convolution of `[batch, channels, h, w]` with as many groups as the weight's shape tells: one, or a channel each.
pub fn convolve(x: Tensor<4>, weight: Tensor<4>, geometry: Geometry) -> Tensor<4> {
    geometry.check(x.dims(), weight.dims());
    let [_, per_group, ..] = weight.dims();
    tally::add(geometry.batch * geometry.output * geometry.places() * per_group * geometry.taps());
    if !mixed::is_on() || per_group < geometry.input || !geometry.is_pointwise() {
        convolve_in_full(x, weight, geometry)
    } else if mixed::has_halves(&x.device()) {
        mixed::pointwise(x, weight)
    } else {
        mixed::rounded(convolve_in_full(mixed::rounded(x), mixed::rounded(weight), geometry))
    }
}

/// [`convolve`] in single precision.
fn convolve_in_full(x: Tensor<4>, weight: Tensor<4>, geometry: Geometry) -> Tensor<4> {
    let [_, per_group, ..] = weight.dims();
    let groups = geometry.input / per_group;
    let is_depthwise = per_group == 1 && geometry.input == geometry.output && geometry.input > 1;
    if !fits(&x) || (groups > 1 && !is_depthwise) {
        let Geometry { stride, dilation, padding, .. } = geometry;
        return conv2d(x, weight, None, ConvOptions::new_with_padding([stride; 2], padding, [dilation; 2], groups));
    }
    let (geometry, [rows, columns]) = geometry.cropped();
    let weight = if weight.dims()[2..] == geometry.kernel {
        weight
    } else {
        weight.narrow(2, rows.start, rows.len()).narrow(3, columns.start, columns.len())
    };
    let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(if is_depthwise {
        Dispatch::depthwise(x, weight, geometry)
    } else {
        Dispatch::dense(x, weight, geometry)
    })
}

/// Batch normalisation over a batch's own statistics, and an activation.
#[derive(Debug)]
pub struct NormTrain {
    /// The activated result, in the shape of the input.
    pub output: Tensor<4>,
    /// The mean of every channel, without a gradient.
    pub mean: Tensor<1>,
    /// The biased variance of every channel, without a gradient.
    pub variance: Tensor<1>,
}

/// `activation(γ · (x − mean) / √(variance + ε) + β)` with mean and variance of every channel of
/// `[batch, channels, h, w]`.
pub fn norm_train(x: Tensor<4>, gamma: Tensor<1>, beta: Tensor<1>, epsilon: f64, activation: Activation) -> NormTrain {
    let [batch, _, height, width] = x.dims();
    assert!(batch * height * width > 0, "a norm: expected at least one number a channel, found {:?}", x.dims());
    if !fits(&x) {
        let stock = batch_norm_train(x, gamma, beta, epsilon);
        let output = activation.forward(stock.output);
        return NormTrain { output, mean: stock.mean.detach(), variance: stock.variance.detach() };
    }
    let [x, gamma, beta] = [x.into_dispatch(), gamma.into_dispatch(), beta.into_dispatch()];
    let (output, mean, variance) = Dispatch::norm_train(x, gamma, beta, epsilon, activation);
    NormTrain {
        output: Tensor::from_dispatch(output),
        mean: Tensor::from_dispatch(mean),
        variance: Tensor::from_dispatch(variance),
    }
}

/// The same with statistics that are given; `statistics` are the mean and variance of every channel.
pub fn norm_infer(
    x: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    [mean, variance]: [Tensor<1>; 2],
    epsilon: f64,
    activation: Activation,
) -> Tensor<4> {
    if !fits(&x) || x.is_autodiff() {
        return activation.forward(batch_norm(x, gamma, beta, mean, variance, epsilon));
    }
    let [gamma, beta, mean, variance] = [gamma, beta, mean, variance].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::norm_infer(x.into_dispatch(), gamma, beta, mean, variance, epsilon, activation))
}

/// Bilinear resize of `[batch, channels, h, w]` to this height and width, corners not aligned, edges clamped.
pub fn resize_bilinear(x: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    let [.., height, width] = x.dims();
    let sides = [height, width, size[0], size[1]];
    assert!(!sides.contains(&0), "resizing: expected maps of at least one pixel, found {height}×{width} to {size:?}");
    if fits(&x) { Tensor::from_dispatch(Dispatch::resize(x.into_dispatch(), size)) } else { resize::plain(x, size) }
}

/// The product of every row of `left` with every row of `right`, rows of `width` numbers each, as `[left, right]`.
pub fn row_products(into: &mut [f32], left: &[f32], right: &[f32], width: usize) {
    let rows = |numbers: &[f32]| whole_rows(numbers, width);
    let right = Matrix::new(right, [rows(right), width], width).transposed();
    matrix::product(into, Matrix::new(left, [rows(left), width], width), right);
}

/// The product of every column of `rows` with every other, `[width, width]`.
pub fn column_products(into: &mut [f32], rows: &[f32], width: usize) {
    let rows = Matrix::new(rows, [whole_rows(rows, width), width], width);
    matrix::product(into, rows.transposed(), rows);
}

/// How many rows of so many numbers these are.
fn whole_rows(numbers: &[f32], width: usize) -> usize {
    let count = numbers.len();
    assert!(
        width > 0 && count.is_multiple_of(width),
        "a product: expected rows of {width} numbers, found {count} in all"
    );
    count / width
}
