//! The few operations on wide registers that the kernels need, chosen at run time: AVX-512, AVX2, or plain numbers side
//! by side, which the compiler turns into what every processor of a kind has (SSE2, NEON).

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into a dispatched loop is compiled for the wide registers"
)]

#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

/// Numbers side by side.
pub(super) trait Lanes: Copy {
    /// As many numbers as a register holds.
    type Wide: Copy;
    /// How many those are.
    const WIDTH: usize;
    /// The same number in every lane.
    fn splat(self, number: f32) -> Self::Wide;
    /// The first [`Lanes::WIDTH`] numbers of a slice.
    fn load(self, from: &[f32]) -> Self::Wide;
    /// `a + b`.
    fn add(self, a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// `a − b`.
    fn subtract(self, a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// `a · b`.
    fn multiply(self, a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// `a · b + c`.
    fn multiply_add(self, a: Self::Wide, b: Self::Wide, c: Self::Wide) -> Self::Wide;
    /// `1 / a` to the last bit or two, for `a` from 1 to 1e37.
    fn reciprocal(self, a: Self::Wide) -> Self::Wide;
    /// All lanes added, in a fixed order.
    fn sum(self, a: Self::Wide) -> f32;
}

/// Work that is compiled once for every kind of register.
pub(super) trait Wide {
    /// What it gives.
    type Output;
    /// Does the work.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Does some work with the widest registers that this processor has.
#[inline]
pub(super) fn dispatch<W: Wide>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(simd) = V4::try_new() {
            return simd.vectorize(
                #[inline(always)]
                || work.run(simd),
            );
        }
        if let Some(simd) = V3::try_new() {
            return simd.vectorize(
                #[inline(always)]
                || work.run(simd),
            );
        }
    }
    work.run(Plain)
}

/// The same work with every kind of register that this processor has.
#[cfg(test)]
pub(super) fn on_each<W: Wide>(make: impl Fn() -> W) -> Vec<(&'static str, W::Output)> {
    let mut outcomes = vec![("plain", make().run(Plain))];
    #[cfg(target_arch = "x86_64")]
    {
        let work = make();
        outcomes.extend(V3::try_new().map(|simd| ("AVX2", simd.vectorize(|| work.run(simd)))));
        let work = make();
        outcomes.extend(V4::try_new().map(|simd| ("AVX-512", simd.vectorize(|| work.run(simd)))));
    }
    outcomes
}

/// What the kernels run on, for people.
pub fn words() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if V4::try_new().is_some() {
        return "AVX-512";
    } else if V3::try_new().is_some() {
        return "AVX2";
    }
    if cfg!(target_arch = "aarch64") { "NEON" } else { "portable" }
}

/// Plain numbers, eight side by side.
#[derive(Clone, Copy)]
pub(super) struct Plain;

impl Lanes for Plain {
    type Wide = [f32; 8];
    const WIDTH: usize = 8;

    #[inline(always)]
    fn splat(self, number: f32) -> Self::Wide {
        [number; 8]
    }

    #[inline(always)]
    fn load(self, from: &[f32]) -> Self::Wide {
        std::array::from_fn(|lane| from[lane])
    }

    #[inline(always)]
    fn add(self, a: Self::Wide, b: Self::Wide) -> Self::Wide {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }

    #[inline(always)]
    fn subtract(self, a: Self::Wide, b: Self::Wide) -> Self::Wide {
        std::array::from_fn(|lane| a[lane] - b[lane])
    }

    #[inline(always)]
    fn multiply(self, a: Self::Wide, b: Self::Wide) -> Self::Wide {
        std::array::from_fn(|lane| a[lane] * b[lane])
    }

    #[inline(always)]
    fn multiply_add(self, a: Self::Wide, b: Self::Wide, c: Self::Wide) -> Self::Wide {
        std::array::from_fn(|lane| a[lane] * b[lane] + c[lane])
    }

    #[inline(always)]
    fn reciprocal(self, a: Self::Wide) -> Self::Wide {
        a.map(|a| 1.0 / a)
    }

    #[inline(always)]
    fn sum(self, a: Self::Wide) -> f32 {
        ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use pulp::x86::{V3, V4};
    use pulp::{Simd, cast};

    use super::Lanes;

    macro_rules! lanes {
        ($simd:ty, $width:literal, $estimate:ident) => {
            impl Lanes for $simd {
                type Wide = <Self as Simd>::f32s;
                const WIDTH: usize = $width;

                #[inline(always)]
                fn splat(self, number: f32) -> Self::Wide {
                    self.splat_f32s(number)
                }

                #[inline(always)]
                fn load(self, from: &[f32]) -> Self::Wide {
                    let mut numbers = [0.0_f32; $width];
                    numbers.copy_from_slice(&from[..$width]);
                    cast(numbers)
                }

                #[inline(always)]
                fn add(self, a: Self::Wide, b: Self::Wide) -> Self::Wide {
                    self.add_f32s(a, b)
                }

                #[inline(always)]
                fn subtract(self, a: Self::Wide, b: Self::Wide) -> Self::Wide {
                    self.sub_f32s(a, b)
                }

                #[inline(always)]
                fn multiply(self, a: Self::Wide, b: Self::Wide) -> Self::Wide {
                    self.mul_f32s(a, b)
                }

                #[inline(always)]
                fn multiply_add(self, a: Self::Wide, b: Self::Wide, c: Self::Wide) -> Self::Wide {
                    self.mul_add_f32s(a, b, c)
                }

                /// The processor's estimate and one step of Newton's method: several times faster than a division.
                #[inline(always)]
                fn reciprocal(self, a: Self::Wide) -> Self::Wide {
                    let estimate: Self::Wide = $estimate!(self, a);
                    let error = self.negate_mul_add_f32s(a, estimate, self.splat_f32s(2.0));
                    self.mul_f32s(estimate, error)
                }

                #[inline(always)]
                fn sum(self, a: Self::Wide) -> f32 {
                    let mut parts: [f32; $width] = cast(a);
                    let mut width = $width;
                    while width > 1 {
                        width /= 2;
                        for lane in 0..width {
                            parts[lane] += parts[lane + width];
                        }
                    }
                    parts[0]
                }
            }
        };
    }

    macro_rules! estimate_v4 {
        ($simd:expr, $a:expr) => {
            cast($simd.avx512f._mm512_rcp14_ps(cast($a)))
        };
    }

    macro_rules! estimate_v3 {
        ($simd:expr, $a:expr) => {
            $simd.approx_reciprocal_f32x8($a)
        };
    }

    lanes!(V4, 16, estimate_v4);
    lanes!(V3, 8, estimate_v3);
}
