//! Encoders: five stages at strides 2, 4, 8, 16 and 16 that turn each sensor's image into features.
//!
//! All families are one code ([`Encoder`]) that follows a plan, so sharing and exchange are written once.

mod block;
mod efficientnet;
mod encoder;
mod nano;
mod plan;

pub use self::block::{Block, SqueezeExcite};
pub use self::encoder::{Encoder, Sharing};
pub use self::plan::{BlockPlan, Plan};
