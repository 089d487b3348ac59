//! Non-negative matrix factorisation, unrolled (Lee & Seung, NeurIPS 2000; Hamburger, ICLR 2021).

use burn::tensor::{Device, Tensor, TensorData, activation};
use rand::Rng as _;

use crate::network::contract::Mode;
use crate::network::noise::Noise;
use crate::random::Streams;
// The quotients of small numbers need single precision.
use crate::tally::full_product as product;

/// How a map is factored into bases and how much of each every place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// How many bases.
    pub rank: usize,
    /// Multiplicative updates in training.
    pub steps: usize,
    /// Multiplicative updates in inference.
    pub test_steps: usize,
}

/// Keeps quotients finite.
const EPSILON: f64 = 1e-6;

impl Factors {
    /// The map `[batch, channels, h, w]`, not negative, as the factors make it up again.
    ///
    /// Both factors start from random bases and are updated in turns; gradients flow through all updates, as in the
    /// released code. Bases are drawn anew for every image of every training step. The released code draws in inference
    /// too, which makes predictions differ from run to run; here inference has one fixed set of bases for all images,
    /// so that an image's prediction follows from the image alone.
    pub fn reconstruct(self, x: Tensor<4>, mode: Mode, noise: Noise) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        let flat: Tensor<3> = x.reshape([batch, channels, height * width]);
        let places = flat.clone().swap_dims(1, 2);
        let mut bases = self.bases([batch, channels], noise, &flat.device());
        let mut shares = activation::softmax(product(places.clone(), bases.clone()), 2);
        for _ in 0..if mode == Mode::Train { self.steps } else { self.test_steps } {
            shares = shared(&places, &bases, shares);
            let transposed = shares.clone().swap_dims(1, 2);
            let wanted = product(flat.clone(), shares.clone());
            let found = product(bases.clone(), product(transposed, shares.clone()));
            bases = bases * wanted / (found + EPSILON);
        }
        let shares = shared(&places, &bases, shares);
        product(bases, shares.swap_dims(1, 2)).reshape([batch, channels, height, width])
    }

    /// Numbers from 0 to 1, then unit length: `[batch, channels, rank]`.
    fn bases(self, [batch, channels]: [usize; 2], noise: Noise, device: &Device) -> Tensor<3> {
        let drawn = noise.rng("decoder.bases");
        let images = if drawn.is_some() { batch } else { 1 };
        let mut rng = drawn.unwrap_or_else(|| Streams::new(0).stream("decoder.bases", 0));
        let count = images * channels * self.rank;
        let values: Vec<f32> = (0..count).map(|_| (rng.next_u32() >> 8) as f32 / (1 << 24) as f32).collect();
        let raw = Tensor::<3>::from_data(TensorData::new(values, [images, channels, self.rank]), device);
        let length = (raw.clone() * raw.clone()).sum_dim(1).clamp_min(1e-12).sqrt();
        (raw / length).expand([batch, channels, self.rank])
    }
}

/// One update of how much of each base `[batch, channels, rank]` the places `[batch, places, channels]` hold.
fn shared(places: &Tensor<3>, bases: &Tensor<3>, shares: Tensor<3>) -> Tensor<3> {
    let wanted = product(places.clone(), bases.clone());
    let found = product(shares.clone(), product(bases.clone().swap_dims(1, 2), bases.clone()));
    shares * wanted / (found + EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::testing::{values, wave};

    #[test]
    fn a_map_of_few_patterns_comes_back_and_more_steps_come_closer() {
        let device = Device::flex();
        let part = |shape, offset| wave::<2>(shape, offset, &device).abs();
        let map = part([12, 2], 0.3).matmul(part([2, 20], 1.1));
        let error = |steps| {
            let factors = Factors { rank: 4, steps, test_steps: steps };
            let again = factors.reconstruct(map.clone().reshape([1, 12, 4, 5]), Mode::Infer, Noise::off());
            values((again.reshape([12, 20]) - map.clone()).powi_scalar(2).sum())[0]
                / values(map.clone().powi_scalar(2).sum())[0]
        };
        let [few, many] = [error(2), error(200)];
        assert!(many < 1e-3 && many < few, "{few} {many}");
    }

    /// The first numbers, which `reference/decoders.py` holds.
    #[test]
    fn bases_of_inference_are_always_the_same() {
        let factors = Factors { rank: 3, steps: 6, test_steps: 7 };
        let bases = values(factors.bases([2, 8], Noise::off(), &Device::flex()));
        assert_eq!(bases[..24], bases[24..]);
        crate::network::testing::assert_close(&bases[..24], &BASES, 1e-6);
        let length: f32 = (0..8).map(|channel| bases[3 * channel].powi(2)).sum();
        assert!((length - 1.0).abs() < 1e-5);
    }

    const BASES: [f32; 24] = [
        0.42857727,
        0.133036,
        0.38598886,
        0.5269235,
        0.3860885,
        0.17297134,
        0.6078704,
        0.30138424,
        0.1972299,
        0.06638546,
        0.035493612,
        0.25432768,
        0.1763075,
        0.17409419,
        0.5571687,
        0.31943983,
        0.22795464,
        0.108274184,
        0.17573951,
        0.43824887,
        0.43977392,
        0.027372535,
        0.6832354,
        0.4493884,
    ];
}
