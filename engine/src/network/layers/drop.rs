//! What is left out at random while training: dropout and stochastic depth.

use burn::tensor::Tensor;

use crate::network::noise::Noise;

/// Stochastic depth (Huang et al., ECCV 2016): leaves out a whole residual, `[batch, channels, h, w]`, of each image
/// with probability `rate`, and scales what stays so that its mean is kept.
pub fn drop_path(residual: Tensor<4>, rate: f64, noise: Noise, name: &str) -> Tensor<4> {
    let [batch, ..] = residual.dims();
    thin(residual, [batch, 1, 1, 1], rate, noise, name)
}

/// Dropout of whole channels, `[batch, channels, h, w]`: PyTorch's `Dropout2d`.
pub fn drop_channels(map: Tensor<4>, rate: f64, noise: Noise, name: &str) -> Tensor<4> {
    let [batch, channels, ..] = map.dims();
    thin(map, [batch, channels, 1, 1], rate, noise, name)
}

fn thin(map: Tensor<4>, shape: [usize; 4], rate: f64, noise: Noise, name: &str) -> Tensor<4> {
    if rate <= 0.0 {
        return map;
    }
    let keep = 1.0 - rate.min(0.99);
    match noise.keep(name, shape, keep, &map.device()) {
        Some(mask) => map * (mask / keep),
        None => map,
    }
}
