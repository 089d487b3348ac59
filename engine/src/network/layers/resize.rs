//! Bilinear resizing as two small matrix products.

use burn::tensor::{Device, Tensor, TensorData};

/// Bilinear resize of `[batch, channels, h, w]` to `[batch, channels, height, width]`, corners not aligned, edges clamped:
/// PyTorch's `interpolate(mode = "bilinear", align_corners = false)`.
pub fn resize_bilinear(x: Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let [batch, channels, from_height, from_width] = x.dims();
    if [from_height, from_width] == [height, width] {
        return x;
    }
    let device = x.device();
    if [from_height, from_width] == [1, 1] {
        return x.expand([batch, channels, height, width]);
    }
    // Along the width first: all rows of all channels are one tall matrix.
    let rows: Tensor<2> = x.reshape([batch * channels * from_height, from_width]);
    let wide = if from_width == width { rows } else { rows.matmul(weights(from_width, width, &device).transpose()) };
    let wide: Tensor<3> = wide.reshape([batch * channels, from_height, width]);
    let tall =
        if from_height == height { wide } else { weights(from_height, height, &device).unsqueeze::<3>().matmul(wide) };
    tall.reshape([batch, channels, height, width])
}

/// The matrix `[to, from]` whose rows weigh the one or two source places of each target place.
fn weights(from: usize, to: usize, device: &Device) -> Tensor<2> {
    let mut values = vec![0.0_f32; to * from];
    let scale = from as f64 / to as f64;
    for target in 0..to {
        let source = ((target as f64 + 0.5) * scale - 0.5).max(0.0);
        let low = (source as usize).min(from - 1);
        let high = (low + 1).min(from - 1);
        let share = source - low as f64;
        values[target * from + low] += (1.0 - share) as f32;
        values[target * from + high] += share as f32;
    }
    Tensor::from_data(TensorData::new(values, [to, from]), device)
}
