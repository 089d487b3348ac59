//! Losses whose value and gradient come from one or two passes over the logits, and how they enter the graph.
//!
//! Their plain twins, of tensor operations, stand in `objective` under the same names; so do the tests that compare the
//! two.

mod info_nce;
mod mutual;
mod operands;
mod relation;
mod segmentation;
mod slope;

pub use self::info_nce::info_nce;
pub use self::mutual::{MASK_SCALE, MaskMode, Masks, Mutual, mutual};
pub use self::operands::Truth;
pub use self::relation::{RELATION_EPSILON, RelationInput, relation};
pub use self::segmentation::{DICE_EPSILON, SegmentationWeights, segmentation};
pub use self::slope::scalar_with_gradient;
