//! Named random streams: everything random in a run follows from one seed, and from nothing else.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

/// The source of every random stream of a run.
///
/// A stream is addressed by a purpose (`"init"`, `"order"`, `"augment"`, `"sampling"`, …) and an index
/// (an epoch, a batch, a step), so a resumed run needs only its counters to continue the same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// All streams that follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The generator for `purpose` at `index`: the same on every platform, and independent of all others.
    pub fn stream(&self, purpose: &str, index: u64) -> ChaCha8Rng {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        key[8..16].copy_from_slice(&fnv1a(purpose.as_bytes()).to_le_bytes());
        key[16..24].copy_from_slice(&index.to_le_bytes());
        ChaCha8Rng::from_seed(key)
    }
}

/// A number in `0.0..1.0`, the same on every platform.
pub(crate) fn unit(random: &mut ChaCha8Rng) -> f32 {
    (random.next_u32() >> 8) as f32 / (1 << 24) as f32
}

/// Fowler–Noll–Vo hash (FNV-1a, 64 bits): turns a purpose into a part of the key.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_purpose_and_index() {
        let first = |seed, purpose, index| Streams::new(seed).stream(purpose, index).next_u64();
        assert_eq!(first(1, "order", 2), first(1, "order", 2));
        assert_ne!(first(1, "order", 2), first(2, "order", 2));
        assert_ne!(first(1, "order", 2), first(1, "augment", 2));
        assert_ne!(first(1, "order", 2), first(1, "order", 3));
    }
}
