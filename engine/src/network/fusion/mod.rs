//! Fusion: how the sensors' decoder maps become one prediction.

mod concat;
mod gsu;

pub use self::concat::Concat;
pub use self::gsu::{Gates, Gsu};
