//! The fusion-image head: one picture out of the levels of all sensors (AMDANet §3.4, after MRFS).

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use crate::network::contract::Mode;
use crate::network::layers::{Activation, BatchNorm, Conv, ConvShape, Init, NormFamily, resize_bilinear};

/// Each level of each sensor becomes a few channels at the image's size; these and the images themselves become the
/// picture.
#[derive(Module, Debug)]
pub struct FusionImage {
    /// Sensor by sensor, level by level.
    points: Vec<Point>,
    join: Point,
    output: Conv,
    #[module(skip)]
    levels: usize,
}

/// Convolution with bias, batch norm, ReLU.
#[derive(Module, Debug)]
struct Point {
    conv: Conv,
    norm: BatchNorm,
}

impl Point {
    fn new(shape: ConvShape, init: &Init<'_>) -> Self {
        Self {
            conv: Conv::new(shape.biased(), &init.at("conv")),
            norm: BatchNorm::new(shape.output, NormFamily::MRFS, init.device),
        }
    }

    fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<4> {
        self.norm.forward(self.conv.forward(x), mode, Activation::Relu)
    }
}

impl FusionImage {
    /// For sensors whose levels have these widths; `channels` is 16 in AMDANet's code.
    pub fn new(widths: &[usize], sensors: usize, channels: usize, init: &Init<'_>) -> Self {
        let point = |index: usize| {
            let (sensor, level) = (index / widths.len(), index % widths.len());
            let shape = ConvShape::pointwise(widths[level], channels);
            Point::new(shape, &init.at(format_args!("sensor{sensor}.level{}", level + 1)))
        };
        let count = sensors * widths.len();
        let joined = count * channels + 3 * sensors;
        let output = ConvShape::pointwise(channels, 3).biased();
        Self {
            points: (0..count).map(point).collect(),
            join: Point::new(ConvShape::square(joined, channels, 3), &init.at("join")),
            output: Conv::with_deviation(output, (channels as f64).recip().sqrt(), &init.at("output")),
            levels: widths.len(),
        }
    }

    /// Levels and images to a picture `[batch, 3, height, width]`, 0 to 1.
    ///
    /// # Shapes
    /// - levels: `levels[sensor][level]`, `[batch, channels, h, w]`
    /// - images: one a sensor, `[batch, 3, height, width]`, 0 to 1
    pub fn forward(&self, levels: &[&[Tensor<4>]], images: &[Tensor<4>], mode: Mode) -> Tensor<4> {
        let [_, _, height, width] = images[0].dims();
        let points = self.points.chunks(self.levels).zip(levels).flat_map(|(points, maps)| points.iter().zip(*maps));
        let maps = points.map(|(point, map)| resize_bilinear(point.forward(map.clone(), mode), [height, width]));
        let joined = Tensor::cat(maps.chain(images.iter().cloned()).collect(), 1);
        activation::sigmoid(self.output.forward(self.join.forward(joined, mode)))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{agrees_with, are_finite, drawn, drawn_maps, values};
    use crate::random::Streams;

    /// Printed by `reference/amdanet.py`.
    const REFERENCE: &str = include_str!("../reference/amdanet.txt");

    fn picture(head: &FusionImage, maps: &[Tensor<4>], mode: Mode) -> Tensor<4> {
        head.forward(&[&maps[..2], &maps[2..4]], &maps[4..], mode)
    }

    fn maps(device: &Device) -> Vec<Tensor<4>> {
        let levels = [[2, 2, 2, 3], [2, 3, 1, 2], [2, 2, 2, 3], [2, 3, 1, 2]];
        drawn_maps([levels[0], levels[1], levels[2], levels[3], [2, 3, 3, 4], [2, 3, 3, 4]], device)
    }

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let head = drawn(FusionImage::new(&[2, 3], 2, 2, &Init::new(&Streams::new(1), &device)), 1.0);
        agrees_with(&head, maps(&device), |maps| vec![picture(&head, &maps, Mode::Train)], (REFERENCE, "image"));
    }

    #[test]
    fn a_picture_has_the_images_size_and_lies_between_0_and_1() {
        let device = Device::flex();
        let head = FusionImage::new(&[2, 3], 2, 16, &Init::new(&Streams::new(1), &device));
        let picture = picture(&head, &maps(&device), Mode::Infer);
        are_finite(vec![picture.clone()], &[[2, 3, 3, 4]]);
        assert!(values(picture).iter().all(|value| (0.0..=1.0).contains(value)));
    }
}
