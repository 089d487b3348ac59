//! What the sensors' encoders tell each other on the way.

mod between;
mod exchange;

pub use self::between::{Between, Interactions};
pub use self::exchange::{Exchange, Place, Site, sparsity};
