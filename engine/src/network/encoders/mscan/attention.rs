//! Multi-scale convolutional attention (SegNeXt Eqs. 1 and 2).

use burn::module::Module;
use burn::tensor::Tensor;

use super::bank::bank;
use crate::kernels;
use crate::network::encoders::copies::Copies;
use crate::network::layers::{Bank, Conv, ConvShape, Init};

/// A map weighs itself: what 5×5 places say, and strips of 7, 11 and 21 places about that, mixed by a 1×1 convolution
/// and multiplied onto it; between two 1×1 convolutions, beside a shortcut.
#[derive(Module, Debug)]
pub(super) struct Attention {
    enter: Bank<Conv>,
    local: Bank<Conv>,
    row7: Bank<Conv>,
    column7: Bank<Conv>,
    row11: Bank<Conv>,
    column11: Bank<Conv>,
    row21: Bank<Conv>,
    column21: Bank<Conv>,
    mix: Bank<Conv>,
    leave: Bank<Conv>,
}

impl Attention {
    pub(super) fn new(width: usize, copies: Copies, init: &Init<'_>) -> Self {
        let point = |name: &str| bank(ConvShape::pointwise(width, width), copies, &init.at(name));
        let places = ConvShape::depthwise(width, 5);
        let strip = |kernel, name: &str| bank(places.kernel(kernel), copies, &init.at(name));
        Self {
            enter: point("enter"),
            local: strip([5, 5], "local"),
            row7: strip([1, 7], "row7"),
            column7: strip([7, 1], "column7"),
            row11: strip([1, 11], "row11"),
            column11: strip([11, 1], "column11"),
            row21: strip([1, 21], "row21"),
            column21: strip([21, 1], "column21"),
            mix: point("mix"),
            leave: point("leave"),
        }
    }

    /// `[batch, width, h, w]` to the same shape.
    pub(super) fn forward(&self, x: Tensor<4>, sensor: usize) -> Tensor<4> {
        let entered = kernels::gelu(self.enter.of(sensor).forward(x.clone()));
        let local = self.local.of(sensor).forward(entered.clone());
        let cross =
            |row: &Bank<Conv>, column: &Bank<Conv>| column.of(sensor).forward(row.of(sensor).forward(local.clone()));
        let sum = local.clone()
            + cross(&self.row7, &self.column7)
            + cross(&self.row11, &self.column11)
            + cross(&self.row21, &self.column21);
        let weighed = self.mix.of(sensor).forward(sum) * entered;
        self.leave.of(sensor).forward(weighed) + x
    }
}
