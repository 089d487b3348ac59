//! Encoders: five stages at strides 2, 4, 8, 16 and 16 or 32 that turn each sensor's image into features.
//!
//! [`Encoder`] is one of several families; families of blocks with batch norms are one code that follows a plan, so
//! sharing and exchange are written once.

mod block;
mod blocks;
mod copies;
mod efficientnet;
mod encoder;
mod family;
mod mit;
mod mscan;
mod nano;
mod plan;
mod resnet;

pub use self::block::{Block, SqueezeExcite};
pub use self::blocks::BlockEncoder;
pub use self::encoder::Encoder;
pub use self::family::FamilyPlan;
pub use self::mit::{Mit, MitPlan};
pub use self::plan::{BlockPlan, Plan, Shortcut};
