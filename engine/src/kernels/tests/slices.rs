//! The kernels that write through pointers, on bare slices: what Miri and Valgrind can watch without the tensor
//! library.

use super::numbers_of;
use crate::kernels::geometry::Geometry;
use crate::kernels::{attention, dense, layer_norm};

fn product(one: &[f32], other: &[f32]) -> f64 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| f64::from(*one) * f64::from(*other)).sum()
}

/// A convolution is linear in input and weight, so ⟨g, conv(x, w)⟩ = ⟨gradient by x, x⟩ = ⟨gradient by w, w⟩.
#[test]
fn gradients_of_convolutions_are_their_transposes() {
    let plain = Geometry {
        batch: 2,
        input: 3,
        output: 4,
        size: [5, 7],
        kernel: [3, 3],
        stride: 1,
        dilation: 1,
        padding: [(1, 1); 2],
    };
    let pointwise = Geometry { kernel: [1, 1], padding: [(0, 0); 2], ..plain };
    let wide = Geometry { dilation: 3, padding: [(3, 3), (2, 5)], ..plain };
    for geometry in [plain, pointwise, wide, Geometry { stride: 2, ..plain }, Geometry { batch: 1, stride: 3, ..wide }]
    {
        let count = |shape: [usize; 4]| shape.into_iter().product();
        let x = numbers_of(count(geometry.input_shape()), 1);
        let weight = numbers_of(count(geometry.weight_shape(geometry.input)), 2);
        let gradient = numbers_of(count(geometry.output_shape()), 3);
        let whole = product(&gradient, &dense::forward(&geometry, &x, &weight));
        let of_x = product(&dense::input_gradient(&geometry, &weight, &gradient), &x);
        let of_weight = product(&dense::weight_gradient(&geometry, &x, &gradient), &weight);
        assert!(
            (whole - of_x).abs() < 1e-3 && (whole - of_weight).abs() < 1e-3,
            "{geometry:?}: {whole} {of_x} {of_weight}"
        );
    }
}

#[test]
fn a_layer_norm_leaves_no_mean_and_its_gradient_none_either() {
    let sizes = layer_norm::Sizes { channels: 5, places: 70 };
    let (x, gradient) = (numbers_of(2 * 5 * 70, 1), numbers_of(2 * 5 * 70, 2));
    let y = layer_norm::forward(sizes, &x, &[1.0; 5], &[0.0; 5], 1e-5);
    let (dx, _, dbeta) = layer_norm::backward(sizes, &x, &gradient, &[1.0; 5], 1e-5);
    for numbers in [&y, &dx] {
        for place in 0..140 {
            let (image, place) = (place / 70, place % 70);
            let sum: f32 = (0..5).map(|channel| numbers[(image * 5 + channel) * 70 + place]).sum();
            assert!(sum.abs() < 1e-4, "{sum} at {place}");
        }
    }
    assert!((f64::from(dbeta.iter().sum::<f32>()) - product(&gradient, &[1.0; 700])).abs() < 1e-3);
}

#[test]
fn attention_to_equal_keys_is_the_mean_of_the_values() {
    let sizes = attention::Sizes { depth: 3, places: 9, sources: 4 };
    let (query, key, value) = (numbers_of(2 * 3 * 9, 1), [0.5; 2 * 3 * 4], numbers_of(2 * 3 * 4, 2));
    let met = attention::forward(sizes, &query, &key, &value);
    for (met, value) in met.chunks(9).zip(value.chunks(4)) {
        let mean = value.iter().sum::<f32>() / 4.0;
        assert!(met.iter().all(|met| (met - mean).abs() < 1e-5));
    }
    let gradient = numbers_of(2 * 3 * 9, 3);
    let [of_query, _, of_value] = attention::backward(sizes, [&query, &key, &value], &gradient);
    assert!(of_query.iter().all(|slope| slope.abs() < 1e-5), "equal keys leave a query nothing to choose");
    let sums = gradient.chunks(9).map(|row| row.iter().sum::<f32>() / 4.0);
    for (of_value, sum) in of_value.chunks(4).zip(sums) {
        assert!(of_value.iter().all(|slope| (slope - sum).abs() < 1e-5));
    }
}
