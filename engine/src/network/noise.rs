//! The random numbers of one forward pass: dropout, drop path, masks.

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::random::Streams;

/// Where a pass gets its random numbers from. Every draw has a name, so adding or switching off one leaves all others
/// as they were, and a resumed run draws the same.
#[derive(Clone, Copy, Debug)]
pub struct Noise {
    source: Option<(Streams, u64)>,
    /// Whose branch draws.
    sensor: usize,
    /// Whether the same step draws a second time.
    again: bool,
}

impl Noise {
    /// Nothing is random: inference.
    pub fn off() -> Self {
        Self { source: None, sensor: 0, again: false }
    }

    /// The noise of one training step.
    pub fn of(streams: Streams, step: u64) -> Self {
        Self { source: Some((streams, step)), sensor: 0, again: false }
    }

    /// The noise of one sensor's branch: the same names draw other numbers in each.
    pub fn of_sensor(self, sensor: usize) -> Self {
        Self { sensor, ..self }
    }

    /// The noise of a second pass of the same step: the same names draw other numbers.
    pub fn again(self) -> Self {
        Self { again: true, ..self }
    }

    /// The generator of that name, `None` where nothing is random.
    pub fn rng(&self, name: &str) -> Option<ChaCha8Rng> {
        let again = if self.again { ".again" } else { "" };
        let purpose = || match self.sensor {
            0 => format!("noise.{name}{again}"),
            sensor => format!("noise.{name}.sensor{sensor}{again}"),
        };
        self.source.map(|(streams, step)| streams.stream(&purpose(), step))
    }

    /// Ones with probability `keep`, else zeros, each element by itself; `None` where nothing is random.
    pub fn keep<const D: usize>(&self, name: &str, shape: [usize; D], keep: f64, device: &Device) -> Option<Tensor<D>> {
        let mut rng = self.rng(name)?;
        // 53 random bits make a number in [0, 1).
        let mut unit = || (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| f32::from(u8::from(unit() < keep))).collect();
        Some(Tensor::from_data(TensorData::new(values, shape), device))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::testing::values;

    #[test]
    fn draws_follow_from_seed_step_and_name_and_keep_the_asked_share() {
        let device = Device::flex();
        let draw =
            |seed, step, name| values(Noise::of(Streams::new(seed), step).keep(name, [40, 50], 0.85, &device).unwrap());
        let first = draw(1, 2, "a");
        assert_eq!(first, draw(1, 2, "a"));
        let second = Noise::of(Streams::new(1), 2).of_sensor(1).keep("a", [40, 50], 0.85, &device);
        let again = Noise::of(Streams::new(1), 2).again().keep("a", [40, 50], 0.85, &device);
        for other in
            [draw(2, 2, "a"), draw(1, 3, "a"), draw(1, 2, "b"), values(second.unwrap()), values(again.unwrap())]
        {
            assert_ne!(first, other);
        }
        assert!(first.iter().all(|&value| value == 0.0 || value == 1.0));
        let share = first.iter().sum::<f32>() / 2000.0;
        assert!((share - 0.85).abs() < 0.03, "{share}");
        assert!(Noise::off().keep("a", [2], 0.5, &device).is_none());
    }
}
