//! Decoders and heads: from encoder stages to decoder maps, class scores and embeddings.

mod aspp;
mod deeplab;
mod projection;
mod unit;

pub use self::deeplab::Decoder;
pub use self::projection::Projection;
