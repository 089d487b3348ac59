//! The activations that a norm may end in, as functions of one number.

use burn::tensor::{Tensor, activation};

/// An activation without parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(0, x).
    Relu,
    /// min(max(0, x), 6), as EfficientNet-Lite uses it.
    Relu6,
    /// x · σ(x), as EfficientNet-B3 uses it.
    Swish,
    /// Nothing.
    None,
}

impl Activation {
    /// Applies it element by element, with stock operations.
    pub fn forward<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu => activation::relu(x),
            // Two rectifiers: on the CPU several times faster than a clamp, whose backward pass masks twice.
            Self::Relu6 => activation::relu(x.clone()) - activation::relu(x - 6.0),
            Self::Swish => activation::silu(x),
            Self::None => x,
        }
    }
}

/// An activation that is known when the loop around it is compiled.
pub(super) trait Pointwise: Copy + Sync {
    /// The value.
    fn value(x: f32) -> f32;
    /// The derivative by `x`; at a kink the one that PyTorch takes.
    fn slope(x: f32) -> f32;
}

#[derive(Clone, Copy)]
pub(super) struct Relu;
#[derive(Clone, Copy)]
pub(super) struct Relu6;
#[derive(Clone, Copy)]
pub(super) struct Swish;
#[derive(Clone, Copy)]
pub(super) struct Identity;

impl Pointwise for Relu {
    // A comparison, not `max`: a value that is no number must stay one, or a diverged run would look healthy.
    #[inline(always)]
    fn value(x: f32) -> f32 {
        if x < 0.0 { 0.0 } else { x }
    }

    #[inline(always)]
    fn slope(x: f32) -> f32 {
        if x > 0.0 { 1.0 } else { 0.0 }
    }
}

impl Pointwise for Relu6 {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        let x = if x < 0.0 { 0.0 } else { x };
        if x > 6.0 { 6.0 } else { x }
    }

    #[inline(always)]
    fn slope(x: f32) -> f32 {
        if x > 0.0 && x < 6.0 { 1.0 } else { 0.0 }
    }
}

impl Pointwise for Swish {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        x / (1.0 + exp(-x))
    }

    #[inline(always)]
    fn slope(x: f32) -> f32 {
        let sigmoid = 1.0 / (1.0 + exp(-x));
        sigmoid * (1.0 + x * (1.0 - sigmoid))
    }
}

impl Pointwise for Identity {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        x
    }

    #[inline(always)]
    fn slope(_: f32) -> f32 {
        1.0
    }
}

/// eˣ to 2 parts in ten million, in operations that the compiler can do side by side: x = n · ln 2 + r, a polynomial
/// for eʳ (Cephes' coefficients for single precision), and n put into the exponent.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    /// Added to a number below 2²², its last bits are the nearest whole number.
    const SHIFT: f32 = 12_582_912.0;
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let bounded = if x > 88.0 { 88.0 } else { x };
    let bounded = if bounded < -87.0 { -87.0 } else { bounded };
    let shifted = bounded * std::f32::consts::LOG2_E + SHIFT;
    let whole = shifted - SHIFT;
    let rest = bounded - whole * LN_2[0] - whole * LN_2[1];
    let mut series = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        series = series * rest + coefficient;
    }
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127).wrapping_shl(23));
    (series * rest * rest + rest + 1.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_that_of_the_standard_library() {
        for step in -8700..8800 {
            let x = step as f32 / 100.0;
            let (ours, theirs) = (exp(x), x.exp());
            assert!((ours - theirs).abs() <= 3e-7 * theirs, "e^{x}: {ours} against {theirs}");
        }
        assert!(exp(f32::NAN).is_nan());
    }

    #[test]
    fn what_is_no_number_stays_none() {
        assert!(Relu::value(f32::NAN).is_nan() && Relu6::value(f32::NAN).is_nan() && Swish::value(f32::NAN).is_nan());
    }
}
