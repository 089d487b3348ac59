//! Convolutions of several sensors.

use crate::network::encoders::copies::Copies;
use crate::network::layers::{Bank, Conv, ConvShape, Init};

/// One copy of a biased convolution a sensor, or one for all.
pub(super) fn bank(shape: ConvShape, copies: Copies, init: &Init<'_>) -> Bank<Conv> {
    Bank::new(copies.convolutions, init, |init| Conv::new(shape.biased(), init))
}
