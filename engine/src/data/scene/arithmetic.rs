//! Deterministic mathematics: powers, logarithms, noise and dice that give the same bits on every machine.
//!
//! The standard library's transcendental functions may differ in the last bit between platforms, so they are not used.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

/// 2 to the power of `x`, by splitting off the whole part and a polynomial for the rest (relative error under 1e-5).
pub fn exp2(x: f32) -> f32 {
    let x = x.clamp(-120.0, 120.0);
    let whole = x.floor();
    let part = x - whole;
    let mut sum = 0.000_154_04;
    for coefficient in [0.001_333_36, 0.009_618_13, 0.055_504_11, 0.240_226_5, std::f32::consts::LN_2, 1.0] {
        sum = sum * part + coefficient;
    }
    sum * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

/// Logarithm to base 2 of a positive number (absolute error under 2e-6).
pub fn log2(x: f32) -> f32 {
    let bits = x.max(f32::MIN_POSITIVE).to_bits();
    let exponent = (bits >> 23) as i32 - 127;
    let mantissa = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = 1.0 + square * (1.0 / 3.0 + square * (0.2 + square * (1.0 / 7.0 + square * (1.0 / 9.0))));
    exponent as f32 + 2.885_39 * s * series
}

/// e to the power of `x`.
pub fn exp(x: f32) -> f32 {
    exp2(x * std::f32::consts::LOG2_E)
}

/// `x` to the power of `exponent`, for `x` of 0 or more.
pub fn power(x: f32, exponent: f32) -> f32 {
    if x <= 0.0 { 0.0 } else { exp2(log2(x) * exponent) }
}

/// From `a` (share 0) to `b` (share 1).
pub fn mix(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

/// 0 below `low`, 1 above `high`, a smooth ramp between.
pub fn smooth(low: f32, high: f32, x: f32) -> f32 {
    let share = ((x - low) / (high - low)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

/// A number in 0..1 that depends on a lattice point and a salt, and on nothing else.
pub fn lattice(x: i32, y: i32, z: i32, salt: u32) -> f32 {
    let mut h = salt.wrapping_mul(0x9e37_79b9)
        ^ (x as u32).wrapping_mul(0x85eb_ca6b)
        ^ (y as u32).wrapping_mul(0xc2b2_ae35)
        ^ (z as u32).wrapping_mul(0x27d4_eb2f);
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    (((h ^ (h >> 15)) >> 8) as f32) * (1.0 / 16_777_216.0)
}

/// Smooth noise over the plane, 0 to 1, with features about 1 unit wide.
pub fn noise2(x: f32, y: f32, salt: u32) -> f32 {
    let (left, low) = (x.floor(), y.floor());
    let (a, b) = (smooth(0.0, 1.0, x - left), smooth(0.0, 1.0, y - low));
    let (i, j) = (left as i32, low as i32);
    let bottom = mix(lattice(i, j, 0, salt), lattice(i + 1, j, 0, salt), a);
    let top = mix(lattice(i, j + 1, 0, salt), lattice(i + 1, j + 1, 0, salt), a);
    mix(bottom, top, b)
}

/// Smooth noise in space, 0 to 1, with features about 1 unit wide.
pub fn noise3(x: f32, y: f32, z: f32, salt: u32) -> f32 {
    let (left, low, near) = (x.floor(), y.floor(), z.floor());
    let (a, b, c) = (x - left, y - low, z - near);
    let (i, j, k) = (left as i32, low as i32, near as i32);
    let layer = |k: i32| {
        let bottom = mix(lattice(i, j, k, salt), lattice(i + 1, j, k, salt), a);
        let top = mix(lattice(i, j + 1, k, salt), lattice(i + 1, j + 1, k, salt), a);
        mix(bottom, top, b)
    };
    mix(layer(k), layer(k + 1), c)
}

/// Random choices from one portable stream.
pub struct Dice {
    stream: ChaCha8Rng,
}

impl Dice {
    /// Dice that throw what `stream` says.
    pub fn new(stream: ChaCha8Rng) -> Self {
        Self { stream }
    }

    /// A number in 0..1.
    pub fn unit(&mut self) -> f32 {
        (self.stream.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A number in `low..high`.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        mix(low, high, self.unit())
    }

    /// A whole number in `low..=high`.
    pub fn count(&mut self, low: u32, high: u32) -> u32 {
        low + ((self.unit() * (high - low + 1) as f32) as u32).min(high - low)
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// One of two directions.
    pub fn sign(&mut self) -> f32 {
        if self.chance(0.5) { 1.0 } else { -1.0 }
    }

    /// One of a list.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[(self.unit() * choices.len() as f32) as usize % choices.len()]
    }

    /// A salt for [`lattice`] and the noises.
    pub fn salt(&mut self) -> u32 {
        self.stream.next_u32()
    }

    /// About normally distributed, mean 0 and deviation 1: the sum of four uniform numbers.
    pub fn normal(&mut self) -> f32 {
        let bits = self.stream.next_u64();
        let sum = (0..4).map(|part| ((bits >> (16 * part)) & 0xffff) as u32).sum::<u32>();
        (sum as f32 * (1.0 / 65_535.0) - 2.0) * 1.732_050_8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_agree_with_the_standard_library() {
        for step in 1..400 {
            let x = step as f32 * 0.05;
            assert!((log2(x) - x.log2()).abs() < 4e-6, "log2({x}) = {}", log2(x));
            assert!((exp2(x - 10.0) / (x - 10.0).exp2() - 1.0).abs() < 1e-5, "exp2({})", x - 10.0);
            assert!((power(x, 0.4) / x.powf(0.4) - 1.0).abs() < 2e-5);
        }
        assert_eq!(power(0.0, 0.4), 0.0);
    }

    #[test]
    fn thrown_normals_have_mean_zero_and_deviation_one() {
        let mut dice = Dice::new(crate::random::Streams::new(3).stream("test", 0));
        let thrown: Vec<f32> = (0..20_000).map(|_| dice.normal()).collect();
        let mean = thrown.iter().sum::<f32>() / 20_000.0;
        let variance = thrown.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "mean {mean}, variance {variance}");
    }
}
