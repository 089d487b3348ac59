//! Products of matrices of 16-bit floats, where a training step asks for them (mixed precision; Micikevicius et al., ICLR
//! 2018).
//!
//! Both operands and the product are rounded to 16 bits, forward and backward; what is added up inside is added up in
//! single precision. 1×1 convolutions of stride 1, linear layers and attention are such products. Other convolutions are
//! not made so: burn's direct kernel for them adds up in the type of its operands, and a weight's gradient over a hundred
//! thousand places would be lost in 16 bits. Factorisations and resizing stay in single precision.
//!
//! Graphics cards that can multiply 16-bit floats. Elsewhere the same numbers are rounded and multiplied in single
//! precision, which takes longer and comes to the same.

use std::cell::Cell;

use burn::tensor::{DType, Device, FloatDType, Tensor};

thread_local! {
    static IN_HALVES: Cell<bool> = const { Cell::new(false) };
}

/// Runs something whose products of matrices are of 16-bit floats. Their gradients are made so too, whenever that happens.
pub fn in_halves<T>(run: impl FnOnce() -> T) -> T {
    /// Puts things back where the thread unwinds, too.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            IN_HALVES.set(self.0);
        }
    }
    let _before = Before(IN_HALVES.replace(true));
    run()
}

/// Whether the thread is at it.
pub(super) fn is_on() -> bool {
    IN_HALVES.get()
}

/// Whether a device multiplies 16-bit floats; the CPU would do so without its kernels.
pub(super) fn has_halves(device: &Device) -> bool {
    let device = device.clone().inner();
    device != Device::flex() && device.supports_dtype(DType::F16)
}

/// Rounded to 16 bits, and so is its gradient.
pub(super) fn rounded<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    x.cast(FloatDType::F16).cast(FloatDType::F32)
}

/// The product of two stacks of matrices, in the precision that is asked for.
pub(super) fn product<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    if !is_on() {
        return left.matmul(right);
    }
    if !has_halves(&left.device()) {
        return rounded(rounded(left).matmul(rounded(right)));
    }
    let [left, right] = [left, right].map(|operand| operand.cast(FloatDType::F16));
    left.matmul(right).cast(FloatDType::F32)
}

/// `W x` at every place of a map: `[batch, input, height, width]` and `[output, input, 1, 1]` to
/// `[batch, output, height, width]`. Channels lie together in memory, as burn's convolutions on cards have them.
pub(super) fn pointwise(x: Tensor<4>, weight: Tensor<4>) -> Tensor<4> {
    let ([batch, input, height, width], [output, ..]) = (x.dims(), weight.dims());
    let places = x.permute([0, 2, 3, 1]).reshape([batch * height * width, input]);
    let made = product(places, weight.reshape([output, input]).transpose());
    made.reshape([batch, height, width, output]).permute([0, 3, 1, 2])
}
