//! What losses are given, and what it must be like.

use burn::tensor::Tensor;

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
    pub(super) fn expect(&self, loss: &str, logits: [usize; 4]) {
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
pub(super) fn expect_alike<const D: usize>(loss: &str, [one, other]: [&Tensor<D>; 2]) {
    let (expected, found) = (one.dims(), other.dims());
    assert!(found == expected, "{loss}: expected both sides of shape {expected:?}, found one of {found:?}");
}
