//! The numbers of a Mix Transformer's blocks and norms.

/// Added to the variance in the norms of blocks and stages; those after strided convolutions keep PyTorch's default.
pub(super) const EPSILON: f64 = 1e-6;
/// PyTorch's default, which the norms after strided convolutions have.
pub(super) const TORCH_EPSILON: f64 = 1e-5;

/// The numbers of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Channels.
    pub(super) width: usize,
    /// Heads of the attention.
    pub(super) heads: usize,
    /// By how much keys and values are thinned out along each side.
    pub(super) reduction: usize,
}
