//! Decoders and heads: from encoder stages to decoder maps, class scores and embeddings.

mod aspp;
mod decoder;
mod deeplab;
mod fusion_image;
mod mlp;
mod projection;
mod unit;

pub use self::decoder::Decoder;
pub use self::fusion_image::FusionImage;
pub use self::projection::Projection;
