//! Losses whose value and gradient come from one or two passes over the logits, and how they enter the graph.
//!
//! Their plain twins, of tensor operations, stand in `objective` under the same names; so do the tests that compare the two.

mod info_nce;
mod mutual;
mod relation;
mod segmentation;
mod slope;

use burn::tensor::Tensor;

pub use self::info_nce::info_nce;
pub use self::mutual::{MASK_SCALE, MaskMode, Masks, Mutual, mutual};
pub use self::relation::{RELATION_EPSILON, RelationInput, relation};
pub use self::segmentation::{DICE_EPSILON, SegmentationWeights, segmentation};
pub use self::slope::scalar_with_gradient;

/// Ground truth of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Truth<'a> {
    /// Class ids `[batch, area]`; those from the number of classes on do not count.
    pub ids: &'a [u8],
    /// Pixels of a scene.
    pub area: usize,
    /// Pixels of each class over the whole batch.
    pub pixels: &'a [usize],
}

impl Truth<'_> {
    /// Stops with words unless this is the truth of logits of this shape.
    fn expect(&self, loss: &str, logits: [usize; 4]) {
        let [batch, classes, height, width] = logits;
        let (area, ids) = (height * width, batch * height * width);
        assert!(
            self.pixels.len() == classes && self.area == area && self.ids.len() == ids && classes * area > 0,
            "{loss}: expected labels of {classes} classes at {ids} pixels, {area} a scene, for logits {logits:?}, found {} \
             classes at {} pixels, {} a scene",
            self.pixels.len(),
            self.ids.len(),
            self.area
        );
    }
}

/// Stops with words unless two sides that are compared have one shape.
fn expect_alike<const D: usize>(loss: &str, [one, other]: [&Tensor<D>; 2]) {
    let (expected, found) = (one.dims(), other.dims());
    assert!(found == expected, "{loss}: expected both sides of shape {expected:?}, found one of {found:?}");
}
