//! The transposed convolution that doubles a map's sides.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::init::Init;
use crate::kernels::{self, Geometry};

/// A transposed convolution of 2×2 places with stride 2: PyTorch's
/// `ConvTranspose2d(input, output, 2, stride=2, bias=False)`.
///
/// Its places do not overlap, so it is a 1×1 convolution to four times the channels, laid out side by side.
#[derive(Module, Debug)]
pub struct Doubling {
    /// `[input, output, 2, 2]`.
    pub weight: Param<Tensor<4>>,
}

impl Doubling {
    /// Normal weights of Xavier's variance, 2 / (fan-in + fan-out).
    pub fn new(input: usize, output: usize, init: &Init<'_>) -> Self {
        let deviation = (2.0 / (4 * (input + output)) as f64).sqrt();
        Self { weight: Param::from_tensor(init.at("weight").normal([input, output, 2, 2], deviation)) }
    }

    /// `[batch, input, height, width]` to `[batch, output, 2 height, 2 width]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let ([batch, _, height, width], [input, output, ..]) = (x.dims(), self.weight.dims());
        let weight = self.weight.val().permute([1, 2, 3, 0]).reshape([4 * output, input, 1, 1]);
        let geometry = Geometry {
            batch,
            input,
            output: 4 * output,
            size: [height, width],
            kernel: [1; 2],
            stride: 1,
            dilation: 1,
            padding: [(0, 0); 2],
        };
        let places: Tensor<6> = kernels::convolve(x, weight, geometry).reshape([batch, output, 2, 2, height, width]);
        places.permute([0, 1, 4, 2, 5, 3]).reshape([batch, output, 2 * height, 2 * width])
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{Reference, agrees, waved, waves};
    use crate::random::Streams;

    /// Constants printed by `reference/decoders.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let doubling = waved(Doubling::new(3, 2, &Init::new(&Streams::new(1), &device)), 1.0);
        let reference = Reference {
            outputs: &[
                0.428030, 1.09330, 1.08127, 1.23747, 1.24438, 0.810201, 0.811663, 0.004123, -0.005024, -0.817886,
                -0.805356, -1.23606, -1.24608, -1.08823, -1.08543, -0.424304, -1.22980, -1.07888, -1.06988, -0.408024,
                -0.420541, 0.435584, 0.445729, 1.08985, 1.08685, 1.22695, 1.22140, 0.778501, 0.789998, -0.018502,
                -0.030535, -0.825210,
            ],
            inputs: &[
                0.415026, 0.238767, -0.432839, 0.205121, -1.08642, 0.079403, -0.082903, 0.420531, -0.364784, -0.423085,
                -0.482925, -1.07679,
            ],
            parameters: &[-2.01439],
        };
        agrees(&doubling, waves([[2, 3, 1, 2]], &device), |maps| vec![doubling.forward(maps[0].clone())], &reference);
    }
}
