//! GELU with the error function itself, and its derivative, in operations that the compiler can do side by side.

use std::f32::consts::FRAC_1_SQRT_2;

use rayon::prelude::*;

use super::activation::exp;
use super::wide::widely;

/// Numbers that one task takes.
const CHUNK: usize = 1 << 14;
/// 1 / √(2π).
const DENSITY: f32 = 0.398_942_3;

/// `x · Φ(x)`.
pub(super) fn forward(x: &[f32]) -> Vec<f32> {
    let mut y = vec![0.0; x.len()];
    y.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK)).for_each(|(y, x)| {
        widely(
            #[inline(always)]
            || y.iter_mut().zip(x).for_each(|(y, x)| *y = x * normal(*x).0),
        );
    });
    y
}

/// The output's gradient times `Φ(x) + x · φ(x)`.
pub(super) fn backward(x: &[f32], gradient: &[f32]) -> Vec<f32> {
    let mut dx = vec![0.0; x.len()];
    dx.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK).zip(gradient.par_chunks(CHUNK))).for_each(
        |(dx, (x, gradient))| {
            widely(
                #[inline(always)]
                || {
                    for ((dx, x), gradient) in dx.iter_mut().zip(x).zip(gradient) {
                        let (below, density) = normal(*x);
                        *dx = gradient * (below + x * density);
                    }
                },
            );
        },
    );
    dx
}

/// Φ(x) and φ(x) of the standard normal distribution: Abramowitz and Stegun's formula 7.1.26, good to 2 parts in ten
/// million.
#[inline(always)]
fn normal(x: f32) -> (f32, f32) {
    let z = x.abs() * FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let power = exp(-z * z);
    let series = 0.254_829_6 + t * (-0.284_496_72 + t * (1.421_413_8 + t * (-1.453_152 + t * 1.061_405_4)));
    // What lies beyond |x| on one side.
    let tail = 0.5 * t * series * power;
    (if x < 0.0 { tail } else { 1.0 - tail }, DENSITY * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution_is_that_of_tables() {
        // scipy.stats.norm.cdf and pdf
        for (x, below, density) in [
            (0.0_f32, 0.5_f32, 0.398_942_3_f32),
            (0.5, 0.691_462_46, 0.352_065_33),
            (-1.0, 0.158_655_25, 0.241_970_72),
            (2.5, 0.993_790_3, 0.017_528_3),
            (-4.0, 3.167_124e-5, 1.338_302_3e-4),
        ] {
            let (found_below, found_density) = normal(x);
            assert!((found_below - below).abs() < 3e-7 && (found_density - density).abs() < 3e-7, "{x}");
        }
        assert!(normal(f32::NAN).0.is_nan());
    }
}
