//! The small parts that every network is made of: convolution, batch norm, activation, resizing.
//!
//! Convolutions and norms come in banks, one copy for all sensors or one a sensor, so that every degree of sharing is the
//! same code.

mod attention;
mod conv;
mod init;
mod norm;
mod resize;

pub use self::attention::{Attention, AttentionShape};
pub use self::conv::{Conv, ConvBank, ConvShape, Padding};
pub use self::init::Init;
pub use self::norm::{BatchNorm, NormBank, NormFamily};
pub use self::resize::resize_bilinear;
pub use crate::kernels::Activation;
