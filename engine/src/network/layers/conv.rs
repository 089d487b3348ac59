//! Convolution, alone and as a bank of one copy for all sensors or one a sensor.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};

use super::init::Init;
use crate::kernels::{self, Geometry};

/// How an image's border is padded with zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// PyTorch's usual way: the same on both sides, dilation · (kernel − 1) / 2.
    Half,
    /// TensorFlow's "SAME": the output has ⌈size / stride⌉ places, and an odd rest goes to the end.
    Same,
    /// None, as for patches that lie side by side; only what is smaller than a single patch is filled up to one.
    Patches,
}

/// The shape of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvShape {
    /// Channels in.
    pub input: usize,
    /// Channels out.
    pub output: usize,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Stride in both directions.
    pub stride: usize,
    /// Dilation in both directions.
    pub dilation: usize,
    /// 1 for a full convolution, `input` for a depth-wise one.
    pub groups: usize,
    /// How borders are padded.
    pub padding: Padding,
    /// Whether a bias is added.
    pub bias: bool,
}

impl ConvShape {
    /// A 1×1 convolution.
    pub fn pointwise(input: usize, output: usize) -> Self {
        Self::square(input, output, 1)
    }

    /// A full convolution with a square kernel, stride 1, no bias.
    pub fn square(input: usize, output: usize, kernel: usize) -> Self {
        let kernel = [kernel; 2];
        Self { input, output, kernel, stride: 1, dilation: 1, groups: 1, padding: Padding::Half, bias: false }
    }

    /// A depth-wise convolution with a square kernel: every channel by itself.
    pub fn depthwise(channels: usize, kernel: usize) -> Self {
        Self { groups: channels, ..Self::square(channels, channels, kernel) }
    }

    /// With a kernel of this height and width.
    pub fn kernel(self, kernel: [usize; 2]) -> Self {
        Self { kernel, ..self }
    }

    /// With this stride.
    pub fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// With this dilation.
    pub fn dilation(self, dilation: usize) -> Self {
        Self { dilation, ..self }
    }

    /// With this way of padding.
    pub fn padding(self, padding: Padding) -> Self {
        Self { padding, ..self }
    }

    /// With a bias.
    pub fn biased(self) -> Self {
        Self { bias: true, ..self }
    }

    /// Zeros before and after along an axis (0 down, 1 across) of this size.
    pub fn pad(&self, axis: usize, size: usize) -> (usize, usize) {
        let reach = self.dilation * (self.kernel[axis] - 1);
        match self.padding {
            Padding::Half => (reach / 2, reach / 2),
            Padding::Same => {
                let last = (size.div_ceil(self.stride) - 1) * self.stride;
                let total = (last + reach + 1).saturating_sub(size);
                (total / 2, total - total / 2)
            }
            Padding::Patches => {
                let total = (reach + 1).saturating_sub(size);
                (total / 2, total - total / 2)
            }
        }
    }
}

/// A two-dimensional convolution.
#[derive(Module, Debug)]
pub struct Conv {
    /// `[output, input / groups, kernel height, kernel width]`.
    pub weight: Param<Tensor<4>>,
    /// `[output]`.
    pub bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    shape: ConvShape,
}

impl Conv {
    /// Normal weights of variance 2 / fan-out (He et al.'s rule, which torchvision and smp use), zero bias.
    pub fn new(shape: ConvShape, init: &Init<'_>) -> Self {
        let fan_out = shape.output * shape.kernel.into_iter().product::<usize>() / shape.groups;
        Self::with_deviation(shape, (2.0 / fan_out as f64).sqrt(), init)
    }

    /// Normal weights of this deviation, zero bias; for layers that no activation follows.
    pub fn with_deviation(shape: ConvShape, deviation: f64, init: &Init<'_>) -> Self {
        let ConvShape { input, output, kernel: [rows, columns], groups, bias, .. } = shape;
        let weight = init.at("weight").normal([output, input / groups, rows, columns], deviation);
        let zeros = || Tensor::from_data(TensorData::new(vec![0.0_f32; output], [output]), init.device);
        Self { weight: Param::from_tensor(weight), bias: bias.then(|| Param::from_tensor(zeros())), shape }
    }

    /// `[batch, input, height, width]` to `[batch, output, height', width']`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let ConvShape { input, output, kernel, stride, dilation, .. } = self.shape;
        let [batch, _, height, width] = x.dims();
        let padding = [self.shape.pad(0, height), self.shape.pad(1, width)];
        let geometry = Geometry { batch, input, output, size: [height, width], kernel, stride, dilation, padding };
        let y = kernels::convolve(x, self.weight.val(), geometry);
        match &self.bias {
            Some(bias) => kernels::shift(y, bias.val()),
            None => y,
        }
    }

    /// The shape it was made with.
    pub fn shape(&self) -> ConvShape {
        self.shape
    }
}

/// The same place in every sensor's branch: one convolution that all use, or one a sensor.
#[derive(Module, Debug)]
pub struct ConvBank {
    copies: Vec<Conv>,
}

impl ConvBank {
    /// `copies` is 1 where the sensors share the convolution, else the number of sensors.
    pub fn new(shape: ConvShape, copies: usize, init: &Init<'_>) -> Self {
        Self { copies: (0..copies).map(|index| Conv::new(shape, &init.copy(index))).collect() }
    }

    /// Applies each branch's convolution to its map; equal to one convolution over maps stacked along the batch where
    /// it is shared.
    pub fn forward(&self, maps: Vec<Tensor<4>>, branches: &[usize]) -> Vec<Tensor<4>> {
        let last = self.copies.len() - 1;
        maps.into_iter().zip(branches).map(|(map, &branch)| self.copies[branch.min(last)].forward(map)).collect()
    }

    /// The copies, one or one a sensor.
    pub fn copies(&self) -> &[Conv] {
        &self.copies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_padding_keeps_every_started_stride_and_puts_the_rest_last() {
        let shape = ConvShape::square(1, 1, 3).stride(2).padding(Padding::Same);
        assert_eq!([1, 2, 5, 8].map(|size| shape.pad(0, size)), [(1, 1), (0, 1), (1, 1), (0, 1)]);
        assert_eq!(shape.stride(1).dilation(2).pad(1, 6), (2, 2));
    }

    #[test]
    fn patches_are_padded_only_where_there_is_not_a_whole_one() {
        let shape = ConvShape::square(1, 1, 8).stride(8).padding(Padding::Patches);
        assert_eq!([3, 7, 8, 20].map(|size| shape.pad(0, size)), [(2, 3), (0, 1), (0, 0), (0, 0)]);
    }
}
