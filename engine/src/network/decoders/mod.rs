//! Decoders and heads: from encoder stages to decoder maps, class scores and embeddings.

mod aspp;
mod decoder;
mod deeplab;
mod projection;
mod unit;

pub use self::decoder::Decoder;
pub use self::projection::Projection;
