//! Decoders and heads: from encoder stages to decoder maps, class scores and embeddings.

mod aspp;
mod decoder;
mod deeplab;
mod deeplab_v3;
mod factors;
mod fusion_image;
mod hamburger;
mod mlp;
mod projection;
mod projector;
mod rtfnet;
mod trans_bottleneck;
mod unit;

pub use self::decoder::Decoder;
pub use self::fusion_image::FusionImage;
pub use self::projection::{PROJECTION, Projection};
pub use self::projector::{Projector, SIMILARITY};
