//! Bilinear resizing.

use burn::tensor::Tensor;

use crate::kernels;

/// Bilinear resize of `[batch, channels, h, w]` to `[batch, channels, height, width]`, corners not aligned, edges
/// clamped: PyTorch's `interpolate(mode = "bilinear", align_corners = false)`.
pub fn resize_bilinear(x: Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let [batch, channels, from_height, from_width] = x.dims();
    if [from_height, from_width] == [height, width] {
        return x;
    }
    if [from_height, from_width] == [1, 1] {
        return x.expand([batch, channels, height, width]);
    }
    kernels::resize_bilinear(x, [height, width])
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{assert_close, differentiates, values, wave, waves};

    /// Constants printed by `reference/parts.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let x = wave([1, 1, 3, 2], 0.6, &device).require_grad();
        let large = resize_bilinear(x.clone(), [4, 5]);
        let gradients = (large.clone() * wave([1, 1, 4, 5], 0.7, &device)).sum().backward();
        let expected = [
            0.564_642,
            0.604_534,
            0.764_1,
            0.923_667,
            0.963_558,
            0.780_052,
            0.764_891,
            0.704_249,
            0.643_607,
            0.628_447,
            0.472_483,
            0.421_261,
            0.216_371,
            0.011_480_9,
            -0.039_741_5,
            -0.255_541,
            -0.311_815,
            -0.536_909,
            -0.762_004,
            -0.818_277,
        ];
        assert_close(&values(large), &expected, 1e-5);
        let expected = [1.220_08, 0.577_696, -0.118_454, -0.441_423, -0.746_655, 1.186_52];
        assert_close(&values(x.grad(&gradients).unwrap()), &expected, 1e-5);
        let small = resize_bilinear(wave([1, 1, 5, 7], 0.8, &device), [2, 3]);
        let expected = [0.146_632, 0.808_72, -0.235_544, 0.028_354_3, -0.833_427, 0.063_273_5];
        assert_close(&values(small), &expected, 1e-5);
    }

    #[test]
    fn one_pixel_fills_and_equal_sizes_change_nothing() {
        let device = Device::flex();
        let pixel = wave([1, 2, 1, 1], 0.6, &device);
        let repeated: Vec<f32> = values(pixel.clone()).into_iter().flat_map(|value| [value; 3]).collect();
        assert_eq!(values(resize_bilinear(pixel, [1, 3])), repeated);
        let map = wave([2, 1, 3, 4], 0.1, &device);
        assert_eq!(values(resize_bilinear(map.clone(), [3, 4])), values(map));
    }

    #[test]
    fn gradients_are_those_of_differences() {
        let device = Device::flex().autodiff();
        for (from, to) in [([3, 2], [4, 5]), ([3, 4], [1, 1]), ([1, 1], [2, 3]), ([1, 4], [1, 2])] {
            let resized = |maps: Vec<Tensor<4>>| vec![resize_bilinear(maps[0].clone(), to)];
            differentiates(waves([[1, 2, from[0], from[1]]], &device), resized);
        }
    }
}
