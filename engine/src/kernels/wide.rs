//! Loops in the widest registers that the processor has, chosen at run time: AVX-512, AVX2, or what every processor of
//! a kind has (SSE2, NEON).
//!
//! Lanes are always sixteen, and a product is fused with a sum where it says so and nowhere else, so bits are the same
//! whatever the registers.

#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

/// Numbers side by side.
pub(super) const LANES: usize = 16;

/// Sixteen numbers side by side: explicit where the compiler, left to itself, gathers them one by one.
pub(super) trait Lanes: Copy {
    /// The registers that hold them.
    type Wide: Copy;
    /// The same number in every lane.
    fn splat(self, number: f32) -> Self::Wide;
    /// Numbers from memory.
    fn load(self, from: &[f32; LANES]) -> Self::Wide;
    /// The numbers of all lanes.
    fn numbers(self, a: Self::Wide) -> [f32; LANES];
    /// `a + b`.
    fn add(self, a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// `a · b`.
    fn multiply(self, a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// `a · b + c`, rounded once.
    fn fused(self, a: Self::Wide, b: Self::Wide, c: Self::Wide) -> Self::Wide;
}

/// Work that is compiled once for every kind of register. What it calls is so only where it is inlined.
pub(super) trait Work {
    /// What it gives.
    type Output;
    /// Does the work.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Does some work with the widest registers that this processor has.
#[inline(always)]
pub(super) fn wide<W: Work>(work: W) -> W::Output {
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

/// Whether this processor has 32 registers of sixteen numbers: AVX-512.
pub(super) fn has_most_registers() -> bool {
    #[cfg(target_arch = "x86_64")]
    return V4::try_new().is_some();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// [`wide`] for a loop that the compiler makes wide by itself. The closure must be marked `#[inline(always)]`: one that
/// is not inlined is compiled for narrow registers, at half the speed or less.
#[inline(always)]
pub(super) fn widely<R>(work: impl FnMut() -> R) -> R {
    wide(Loop(work))
}

struct Loop<F>(F);

// Called as `FnMut`: a call as `FnOnce` would go through a function of the compiler's that is not inlined.
impl<R, F: FnMut() -> R> Work for Loop<F> {
    type Output = R;

    #[inline(always)]
    fn run<L: Lanes>(mut self, _: L) -> R {
        (self.0)()
    }
}

/// Plain numbers.
#[derive(Clone, Copy)]
struct Plain;

impl Lanes for Plain {
    type Wide = [f32; LANES];

    #[inline(always)]
    fn splat(self, number: f32) -> Self::Wide {
        [number; LANES]
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Self::Wide {
        *from
    }

    #[inline(always)]
    fn numbers(self, a: Self::Wide) -> [f32; LANES] {
        a
    }

    #[inline(always)]
    fn add(self, a: Self::Wide, b: Self::Wide) -> Self::Wide {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }

    #[inline(always)]
    fn multiply(self, a: Self::Wide, b: Self::Wide) -> Self::Wide {
        std::array::from_fn(|lane| a[lane] * b[lane])
    }

    #[inline(always)]
    fn fused(self, a: Self::Wide, b: Self::Wide, c: Self::Wide) -> Self::Wide {
        std::array::from_fn(|lane| a[lane].mul_add(b[lane], c[lane]))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use pulp::x86::{V3, V4};
    use pulp::{cast, f32x8, f32x16};

    use super::{LANES, Lanes};

    impl Lanes for V4 {
        type Wide = f32x16;

        #[inline(always)]
        fn splat(self, number: f32) -> f32x16 {
            self.splat_f32x16(number)
        }

        #[inline(always)]
        fn load(self, from: &[f32; LANES]) -> f32x16 {
            cast(*from)
        }

        #[inline(always)]
        fn numbers(self, a: f32x16) -> [f32; LANES] {
            cast(a)
        }

        #[inline(always)]
        fn add(self, a: f32x16, b: f32x16) -> f32x16 {
            self.add_f32x16(a, b)
        }

        #[inline(always)]
        fn multiply(self, a: f32x16, b: f32x16) -> f32x16 {
            self.mul_f32x16(a, b)
        }

        #[inline(always)]
        fn fused(self, a: f32x16, b: f32x16, c: f32x16) -> f32x16 {
            self.mul_add_f32x16(a, b, c)
        }
    }

    impl Lanes for V3 {
        type Wide = [f32x8; 2];

        #[inline(always)]
        fn splat(self, number: f32) -> Self::Wide {
            [self.splat_f32x8(number); 2]
        }

        #[inline(always)]
        fn load(self, from: &[f32; LANES]) -> Self::Wide {
            cast(*from)
        }

        #[inline(always)]
        fn numbers(self, a: Self::Wide) -> [f32; LANES] {
            cast(a)
        }

        #[inline(always)]
        fn add(self, [a, b]: Self::Wide, [c, d]: Self::Wide) -> Self::Wide {
            [self.add_f32x8(a, c), self.add_f32x8(b, d)]
        }

        #[inline(always)]
        fn multiply(self, [a, b]: Self::Wide, [c, d]: Self::Wide) -> Self::Wide {
            [self.mul_f32x8(a, c), self.mul_f32x8(b, d)]
        }

        #[inline(always)]
        fn fused(self, [a, b]: Self::Wide, [c, d]: Self::Wide, [e, f]: Self::Wide) -> Self::Wide {
            [self.mul_add_f32x8(a, c, e), self.mul_add_f32x8(b, d, f)]
        }
    }
}

/// The same work with every kind of register that this processor has.
#[cfg(test)]
pub(super) fn on_each<W: Work>(make: impl Fn() -> W) -> Vec<(&'static str, W::Output)> {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// `a · b + a`, rounded twice and once.
    struct Rounded<'a>(&'a [f32; LANES], &'a [f32; LANES]);

    impl Work for Rounded<'_> {
        type Output = [[f32; LANES]; 2];

        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> Self::Output {
            let (a, b) = (lanes.load(self.0), lanes.load(self.1));
            let apart = lanes.add(lanes.multiply(a, b), lanes.add(a, lanes.splat(0.0)));
            [apart, lanes.fused(a, b, a)].map(|found| lanes.numbers(found))
        }
    }

    #[test]
    fn every_kind_of_register_rounds_alike() {
        let a: [f32; LANES] = std::array::from_fn(|lane| (lane as f32 * 0.7).sin());
        let b: [f32; LANES] = std::array::from_fn(|lane| (lane as f32 * 1.3).cos());
        let expected: [[f32; LANES]; 2] = [
            std::array::from_fn(|lane| a[lane] * b[lane] + a[lane]),
            std::array::from_fn(|lane| a[lane].mul_add(b[lane], a[lane])),
        ];
        assert_ne!(expected[0], expected[1], "numbers that show the difference");
        for (registers, found) in on_each(|| Rounded(&a, &b)) {
            assert_eq!(found, expected, "{registers}");
        }
    }

    #[test]
    fn every_loop_that_shall_be_wide_is_inlined_where_it_is_made_wide() {
        let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kernels");
        let mut seen = 0;
        for folder in [room.clone(), room.join("losses")] {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_none_or(|extension| extension != "rs") || path.ends_with("wide.rs") {
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains(".dispatch("), "{}: use `wide` or `widely`", path.display());
                for call in text.split("widely(").skip(1) {
                    seen += 1;
                    assert!(
                        call.trim_start().starts_with("#[inline(always)]"),
                        "{}: widely({:.40}",
                        path.display(),
                        call
                    );
                }
            }
        }
        assert!(seen > 10, "found {seen} loops");
    }
}
