//! What the sensors' encoders tell each other on the way.

mod exchange;

pub use self::exchange::{Exchange, Place, Site, sparsity};
