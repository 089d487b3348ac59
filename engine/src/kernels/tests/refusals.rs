//! What does not fit is refused with words, where a kernel would else leave numbers out.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::backend::{Flex, TensorMetadata as _};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;

use super::*;
use crate::kernels::extension::{Convolutions as _, Known as _, KnownGradient, Resizing as _, Tokens as _};

/// Runs what must stop, and checks that its words name the operation and what was found.
fn refused<T>(run: impl FnOnce() -> T, [operation, found]: [&str; 2]) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(run)) else { panic!("{operation} went on with {found}") };
    let words = panic.downcast::<String>().unwrap();
    assert!(words.starts_with(operation), "{words}");
    assert!(words.contains("expected") && words.ends_with(found), "{words}");
}

/// As large as it says, of 32-bit floats.
fn single<const D: usize>(shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(vec![1.0_f32; shape.iter().product()], shape))
}

/// The same of 64-bit floats.
fn double<const D: usize>(shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(vec![1.0_f64; shape.iter().product()], shape))
}

fn geometry(size: [usize; 2], kernel: [usize; 2], padding: [(usize, usize); 2]) -> Geometry {
    Geometry { batch: 1, input: 2, output: 2, size, kernel, stride: 1, dilation: 2, padding }
}

#[test]
fn a_convolution_refuses_other_maps_weights_and_types() {
    let fits = geometry([4, 5], [3, 1], [(1, 1), (0, 0)]);
    let dense = |x, weight| move || Flex::dense(x, weight, fits);
    let depthwise = |x, weight| move || Flex::depthwise(x, weight, fits);
    let (x, weight, thin) = ([1, 2, 4, 5], [2, 2, 3, 1], [2, 1, 3, 1]);
    assert_eq!(dense(single(x), single(weight))().shape().to_vec(), [1, 2, 2, 5]);
    refused(dense(double(x), single(weight)), ["a convolution", "F64"]);
    refused(dense(single(x), double(weight)), ["a convolution", "F64"]);
    refused(dense(single([2, 2, 4, 5]), single(weight)), ["a convolution", "[2, 2, 4, 5]"]);
    refused(dense(single(x), single([2, 2, 1, 3])), ["a convolution", "[2, 2, 1, 3]"]);
    refused(dense(single(x), single([3, 2, 3, 1])), ["a convolution", "[3, 2, 3, 1]"]);
    refused(dense(single(x), single(thin)), ["a convolution", "[2, 1, 3, 1] and F32"]);
    refused(depthwise(single(x), single(weight)), ["a convolution", "[2, 2, 3, 1] and F32"]);
    refused(depthwise(double(x), single(thin)), ["a convolution", "F64"]);
}

/// Also where stock operations would do the work.
#[test]
fn a_kernel_that_is_larger_than_its_padded_input_is_refused() {
    for (device, groups) in [(Device::flex(), 1), (Device::flex().autodiff(), 1), (Device::flex(), 2)] {
        let tensor = |shape: [usize; 4]| Tensor::<4>::zeros(shape, &device);
        let convolve = |geometry: Geometry| {
            let [rows, columns] = geometry.kernel;
            let (x, weight) = ([1, 2, geometry.size[0], geometry.size[1]], [2, 2 / groups, rows, columns]);
            convolve(tensor(x), tensor(weight), geometry)
        };
        assert_eq!(convolve(geometry([3, 1], [3, 1], [(1, 1), (0, 0)])).dims(), [1, 2, 1, 1]);
        let small = geometry([3, 1], [3, 1], [(1, 0), (0, 0)]);
        refused(|| convolve(small), ["a convolution", "found 5 along axis 0 ([3, 1] dilated by 2)"]);
        let still = Geometry { stride: 0, ..geometry([9, 9], [1, 1], [(0, 0); 2]) };
        refused(|| convolve(still), ["a convolution", "found 0, 2 and [1, 1]"]);
    }
    let odd = Geometry { output: 3, ..geometry([9, 9], [1, 1], [(0, 0); 2]) };
    refused(|| odd.check([1, 2, 9, 9], [3, 1, 1, 1]), ["a convolution", "found 3 in all"]);
    refused(|| odd.check([1, 2, 9, 9], [3, 4, 1, 1]), ["a convolution", "[3, 4, 1, 1]"]);
}

#[test]
fn norms_refuse_parts_that_are_not_one_number_a_channel() {
    let x = [2, 6, 2, 2];
    let train = |gamma, beta| move || Flex::norm_train(single(x), gamma, beta, 1e-5, Activation::Relu);
    train(single([6]), single([6]))();
    // Three numbers for six channels were used twice, seven cut off.
    refused(train(single([3]), single([6])), ["a norm", "[3] and F32"]);
    refused(train(single([6]), single([7])), ["a norm", "[7] and F32"]);
    refused(train(double([6]), single([6])), ["a norm", "[6] and F64"]);
    let infer = |mean, variance| {
        move || Flex::norm_infer(single(x), single([6]), single([6]), mean, variance, 1e-5, Activation::None)
    };
    infer(single([6]), single([6]))();
    refused(infer(single([7]), single([6])), ["a norm", "[7] and F32"]);
    refused(infer(single([6]), double([6])), ["a norm", "[6] and F64"]);
    let layer = |gamma, beta| move || Flex::layer_norm(single(x), gamma, beta, 1e-5);
    layer(single([6]), single([6]))();
    refused(layer(single([7]), single([6])), ["a layer norm", "[7] and F32"]);
    refused(layer(single([6]), double([6])), ["a layer norm", "[6] and F64"]);
}

#[test]
fn a_norm_of_no_numbers_is_refused() {
    let device = Device::flex();
    let line = || Tensor::<1>::ones([2], &device);
    let norm = || norm_train(Tensor::zeros([0, 2, 3, 3], &device), line(), line(), 1e-5, Activation::None);
    refused(norm, ["a norm", "[0, 2, 3, 3]"]);
}

#[test]
fn attention_refuses_keys_and_values_that_do_not_belong_together() {
    let query = [2, 3, 4, 5];
    let attend = |key, value| move || Flex::attention(single(query), key, value);
    attend(single([2, 3, 4, 7]), single([2, 3, 4, 7]))();
    refused(attend(single([2, 3, 4, 7]), single([2, 3, 4, 8])), ["attention", "[2, 3, 4, 8] and F32"]);
    refused(attend(single([2, 3, 5, 7]), single([2, 3, 4, 7])), ["attention", "[2, 3, 5, 7] and F32"]);
    refused(attend(single([3, 3, 4, 7]), single([3, 3, 4, 7])), ["attention", "[3, 3, 4, 7] and F32"]);
    refused(attend(single([2, 3, 4, 7]), double([2, 3, 4, 7])), ["attention", "F64"]);
    refused(attend(single([2, 3, 4, 0]), single([2, 3, 4, 0])), ["attention", "[2, 3, 4, 0]"]);
}

#[test]
fn elementwise_operations_refuse_other_types_and_biases_that_would_not_be_added() {
    refused(|| Flex::gelu(double([1, 2, 3, 4])), ["GELU", "F64"]);
    refused(|| Flex::resize(double([1, 2, 3, 4]), [5, 5]), ["resizing", "F64"]);
    refused(|| Flex::shift(double([1, 2, 3, 4]), single([2])), ["a bias", "F64"]);
    refused(|| Flex::shift(single([1, 2, 3, 4]), double([2])), ["a bias", "F64"]);
    refused(|| Flex::shift(single([1, 2, 3, 4]), single([1])), ["a bias", "[1] and F32"]);
    let gradient = |shape| KnownGradient(single(shape));
    refused(|| Flex::known(single([2, 3]), gradient([3, 2]), 1.0), ["a known gradient", "[3, 2] and F32"]);
}

#[test]
fn maps_without_pixels_are_not_resized() {
    let maps = |height| Tensor::<4>::zeros([1, 2, height, 3], &Device::flex());
    refused(|| resize_bilinear(maps(0), [2, 2]), ["resizing", "0×3 to [2, 2]"]);
    refused(|| resize_bilinear(maps(2), [2, 0]), ["resizing", "2×3 to [2, 0]"]);
}

#[test]
fn an_update_whose_moments_or_gradients_are_other_numbers_changes_nothing() {
    let device = Device::flex();
    let flat = |count: usize| Tensor::<1>::full([count], 0.5, &device);
    let wide = |count: usize| flat(count).cast(DType::F64);
    let adam = Rule::AdamW {
        scale: 1.0,
        kept: 1.0,
        rate: 0.1,
        inverse_root: 1.0,
        first: [0.9, 0.1],
        second: [0.999, 0.001],
        epsilon: 1e-8,
    };
    let sgd = |momentum| Rule::Sgd { scale: 1.0, decay: 0.0, rate: 0.1, momentum, nesterov: false };
    let values = || vec![flat(3), flat(4)];
    if !fits(&flat(1)) {
        // With the kernels off there is nothing to refuse.
        return;
    }
    let check = |rule: Rule, gradients: Vec<Tensor<1>>, moments: Vec<Tensor<1>>, found: &str| {
        let mut held = moments.clone();
        refused(|| update(rule, &values(), &gradients, &mut held), ["an update", found]);
        for (held, moment) in held.into_iter().zip(moments) {
            assert_eq!(held.into_data(), moment.into_data());
        }
    };
    // Of a short moment the rest of the weights became 0; of one of another type all of them did.
    check(adam, values(), vec![flat(7), flat(6)], "found 6 of F32");
    check(adam, values(), vec![flat(8), flat(7)], "found 8 of F32");
    check(adam, values(), vec![flat(7), wide(7)], "found 7 of F64");
    check(adam, values(), vec![flat(7)], "found 1");
    check(sgd(0.9), values(), Vec::new(), "found 0");
    check(sgd(0.9), values(), vec![wide(7)], "found 7 of F64");
    check(adam, vec![flat(3)], vec![flat(7), flat(7)], "found [3]");
    check(adam, vec![flat(4), flat(3)], vec![flat(7), flat(7)], "found [4, 3]");
    let step = |rule, mut moments: Vec<Tensor<1>>| update(rule, &values(), &values(), &mut moments).unwrap().len();
    assert_eq!([step(adam, vec![flat(7), flat(7)]), step(sgd(0.0), Vec::new()), step(sgd(0.9), vec![flat(7)])], [2; 3]);
}

#[test]
fn losses_refuse_labels_and_sides_of_other_sizes() {
    let maps = |shape: [usize; 4]| Tensor::<4>::zeros(shape, &Device::flex());
    let logits = maps([2, 3, 4, 5]);
    if !fits(&logits) {
        return;
    }
    let weights = SegmentationWeights { cross_entropy: 1.0, dice: 1.0 };
    let settings = Mutual { masks: Masks::Both, mode: MaskMode::Logits, learns: [true; 2] };
    let ids = [0; 41];
    for (ids, area, pixels) in
        [(&ids[..40], 20, &[40, 0][..]), (&ids[..39], 20, &[39, 0, 0]), (&ids[..], 20, &[41, 0, 0])]
    {
        let truth = Truth { ids, area, pixels };
        let found = format!("found {} classes at {} pixels, 20 a scene", pixels.len(), ids.len());
        refused(|| segmentation(&logits, truth, weights), ["cross-entropy and Dice", &found]);
        refused(|| relation(&logits, &logits, truth, RelationInput::Logits), ["relation", &found]);
        refused(|| mutual([&logits, &logits], truth, settings), ["mutual learning", &found]);
    }
    let (truth, other) = (Truth { ids: &ids[..40], area: 20, pixels: &[40, 0, 0] }, maps([1, 3, 4, 5]));
    segmentation(&logits, truth, weights).unwrap();
    refused(|| relation(&logits, &other, truth, RelationInput::Logits), ["relation", "[1, 3, 4, 5]"]);
    refused(|| mutual([&logits, &other], truth, settings), ["mutual learning", "[1, 3, 4, 5]"]);
    let rows = |count| Tensor::<2>::ones([count, 2], &Device::flex());
    refused(|| info_nce(&rows(3), &rows(4), &[0; 3], 0.1), ["contrast", "[4, 2]"]);
    refused(|| info_nce(&rows(3), &rows(3), &[0; 4], 0.1), ["contrast", "found 4"]);
    refused(|| scalar_with_gradient(0.0, &rows(3), rows(1)), ["a known gradient", "[1, 2]"]);
}

#[test]
fn rows_that_are_not_whole_have_no_products() {
    refused(|| row_products(&mut [0.0; 2], &[1.0; 5], &[1.0; 2], 2), ["a product", "found 5 in all"]);
    refused(|| column_products(&mut [0.0; 4], &[1.0; 5], 2), ["a product", "found 5 in all"]);
}
