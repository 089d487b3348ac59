//! Which tensors the kernels work on.

use std::sync::LazyLock;

use burn::tensor::{DType, Device, Tensor};

/// `FUSIONSCOPE_KERNELS=off` uses the stock operations everywhere, for comparing the two.
fn enabled() -> bool {
    static ENABLED: LazyLock<bool> = LazyLock::new(|| std::env::var("FUSIONSCOPE_KERNELS").as_deref() != Ok("off"));
    *ENABLED
}

/// Whether a tensor lies where the kernels work.
pub fn fits<const D: usize>(x: &Tensor<D>) -> bool {
    enabled() && x.device().inner() == Device::flex() && x.dtype() == DType::F32
}
