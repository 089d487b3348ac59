//! The numbers in which batch norms differ.

/// The two numbers in which families of networks differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormFamily {
    /// Added to the variance.
    pub epsilon: f64,
    /// The share of a new batch in the running statistics.
    pub momentum: f64,
}

impl NormFamily {
    /// PyTorch's defaults.
    pub const TORCH: Self = Self { epsilon: 1e-5, momentum: 0.1 };
    /// EfficientNets.
    pub const EFFICIENT: Self = Self { epsilon: 1e-3, momentum: 0.01 };
    /// CMX's code, and SMMCL's.
    pub const CMX: Self = Self { epsilon: 1e-3, momentum: 0.1 };
    /// MRFS's code, and AMDANet's.
    pub const MRFS: Self = Self { epsilon: 1e-2, momentum: 1e-2 };
}
