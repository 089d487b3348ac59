//! The kernels as operations of burn's CPU backend, each with its backward pass.

mod convolution;
mod known;
mod norm;
mod packed;
mod resize;
mod token;

pub use self::convolution::Convolutions;
pub use self::known::{Known, KnownGradient};
pub use self::norm::{Inference, Norms};
pub(super) use self::packed::Packed;
pub use self::resize::Resizing;
pub use self::token::Tokens;
