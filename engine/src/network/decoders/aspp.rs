//! Atrous spatial pyramid pooling (DeepLabV3 and V3+).

use burn::module::Module;
use burn::tensor::Tensor;

use super::unit::Unit;
use crate::network::layers::{ConvShape, Init, Statistics};

/// A 1×1 branch, one atrous branch a rate, an image-level branch, and their projection.
#[derive(Module, Debug)]
pub struct Pyramid {
    point: Unit,
    atrous: Vec<Unit>,
    pool: Unit,
    project: Unit,
}

impl Pyramid {
    /// From `input` channels to `output` in every branch and after the projection; separable atrous convolutions.
    pub fn new(input: usize, output: usize, rates: &[usize], init: &Init<'_>) -> Self {
        Self::of(input, output, rates, init, |rate, init| Unit::separable(input, output, rate, init))
    }

    /// The same with full atrous convolutions (DeepLabV3).
    pub fn full(input: usize, output: usize, rates: &[usize], init: &Init<'_>) -> Self {
        let shape = ConvShape::square(input, output, 3);
        Self::of(input, output, rates, init, |rate, init| Unit::plain(shape.dilation(rate), init))
    }

    fn of(
        input: usize,
        output: usize,
        rates: &[usize],
        init: &Init<'_>,
        atrous: impl Fn(usize, &Init<'_>) -> Unit,
    ) -> Self {
        let point = |input, name: &str| Unit::plain(ConvShape::pointwise(input, output), &init.at(name));
        let atrous = |(index, &rate): (usize, &usize)| atrous(rate, &init.at(format_args!("atrous{index}")));
        Self {
            point: point(input, "point"),
            atrous: rates.iter().enumerate().map(atrous).collect(),
            pool: point(input, "pool"),
            project: point((rates.len() + 2) * output, "project"),
        }
    }

    /// `[batch, input, h, w]` to `[batch, output, h, w]`.
    pub fn forward(&self, x: Tensor<4>, statistics: impl Into<Statistics>) -> Tensor<4> {
        let statistics = statistics.into();
        let [batch, _, height, width] = x.dims();
        let mut branches = vec![self.point.forward(x.clone(), statistics)];
        branches.extend(self.atrous.iter().map(|unit| unit.forward(x.clone(), statistics)));
        let pooled = self.pool.forward(x.mean_dim(3).mean_dim(2), statistics);
        let [_, channels, ..] = pooled.dims();
        branches.push(pooled.expand([batch, channels, height, width]));
        self.project.forward(Tensor::cat(branches, 1), statistics)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::contract::Mode;
    use crate::network::testing::{Reference, agrees, are_finite, waved, waves};
    use crate::random::Streams;

    fn pyramid(device: &Device) -> Pyramid {
        waved(Pyramid::new(2, 2, &[1, 2], &Init::new(&Streams::new(1), device)), 1.0)
    }

    /// Constants printed by `reference/parts.py`.
    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let pyramid = pyramid(&device);
        let reference = Reference {
            outputs: &[
                0.0, 0.511732, 1.25286, 1.49577, 1.41179, 0.896923, 0.0, 0.0, 0.0, 0.039276, 0.0, 0.0, 0.784128,
                0.681478, 0.159922, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
            ],
            inputs: &[
                -0.183034, 0.755012, 0.450263, 0.275630, -0.262277, -0.821298, -0.100339, 0.673623, 0.517626, 0.367556,
                -0.153854, -0.923860, 0.319451, -0.096595, -0.692951, 0.031036, -0.043595, -0.176543, 0.440697,
                -0.003587, -0.735758, -0.027790, -0.130375, -0.189668,
            ],
            parameters: &[
                -0.872970, 0.530765, 0.464885, 0.230510, -0.098576, 0.379203, -0.288506, -0.002563, -0.078593, 1.57023,
                -0.240531, 0.000019, 0.107877, 0.041665, 0.870132, 1.69558, 1.43004,
            ],
        };
        let forward = |maps: Vec<Tensor<4>>| vec![pyramid.forward(maps[0].clone(), Mode::Train)];
        agrees(&pyramid, waves([[2, 2, 2, 3]], &device), forward, &reference);
    }

    #[test]
    fn one_pixel_is_pooled_like_any_map() {
        let device = Device::flex();
        for mode in [Mode::Train, Mode::Infer] {
            let pixel = waves([[1, 2, 1, 1]], &device).remove(0);
            are_finite(vec![pyramid(&device).forward(pixel, mode)], &[[1, 2, 1, 1]]);
        }
    }
}
