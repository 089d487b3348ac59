//! The small parts that every network is made of: convolution, linear layer, norms, activation, dropout, resizing.
//!
//! Convolutions and norms come in banks, one copy for all sensors or one a sensor, so that every degree of sharing is
//! the same code.

mod attention;
mod bank;
mod conv;
mod doubling;
mod drop;
mod group_norm;
mod init;
mod layer_norm;
mod linear;
mod norm;
mod norm_family;
mod resize;

pub use self::attention::{Attention, AttentionShape};
pub use self::bank::Bank;
pub use self::conv::{Conv, ConvBank, ConvShape, Padding};
pub use self::doubling::Doubling;
pub use self::drop::{drop_channels, drop_path};
pub use self::group_norm::GroupNorm;
pub use self::init::{Init, LINEAR_DEVIATION, Norms};
pub use self::layer_norm::LayerNorm;
pub use self::linear::{Linear, pointwise};
pub use self::norm::{BatchNorm, NormBank, Statistics};
pub use self::norm_family::NormFamily;
pub use self::resize::resize_bilinear;
pub use crate::kernels::Activation;
