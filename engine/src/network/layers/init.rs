//! Initial values: every parameter draws from a random stream of its own name.

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng as _;

use super::norm_family::NormFamily;
use crate::random::Streams;

/// Deviation of linear layers' first weights in SegFormer's code and all that builds on it, AMDANet's among it.
pub const LINEAR_DEVIATION: f64 = 0.02;

/// Where in the network a parameter is being made, and with what random numbers.
///
/// A parameter's numbers follow from the seed and its name alone. So adding or removing a component leaves all others
/// as they were, and a network for one sensor starts with the same weights as that sensor's branch in a larger one.
#[derive(Clone, Debug)]
pub struct Init<'a> {
    /// `None` where the numbers come from a file.
    streams: Option<&'a Streams>,
    /// The device that parameters are made on.
    pub device: &'a Device,
    /// The batch norms that are made here.
    pub norms: Norms,
    path: String,
}

/// What batch norms are made like at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norms {
    /// Their numbers.
    pub family: NormFamily,
    /// How many sensors each tells apart; 1 where all are one to it.
    pub sensors: usize,
}

impl<'a> Init<'a> {
    /// The root of a network.
    pub fn new(streams: &'a Streams, device: &'a Device) -> Self {
        Self {
            streams: Some(streams),
            device,
            norms: Norms { family: NormFamily::TORCH, sensors: 1 },
            path: String::new(),
        }
    }

    /// The root of a network that is filled from a file: its parameters take no memory before that, whatever their
    /// sides.
    pub fn blank(device: &'a Device) -> Self {
        Self { streams: None, device, norms: Norms { family: NormFamily::TORCH, sensors: 1 }, path: String::new() }
    }

    /// The same place with such norms.
    #[must_use]
    pub fn with_norms(self, norms: Norms) -> Self {
        Self { norms, ..self }
    }

    /// One level deeper.
    pub fn at(&self, name: impl std::fmt::Display) -> Self {
        let path = if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) };
        Self { path, ..self.clone() }
    }

    /// Copy `index` of a bank; the first copy has the name, and so the numbers, of a parameter that is not copied.
    pub fn copy(&self, index: usize) -> Self {
        if index == 0 { self.clone() } else { self.at(format_args!("copy{index}")) }
    }

    /// Normal numbers of mean 0 and this deviation.
    pub fn normal<const D: usize>(&self, shape: [usize; D], deviation: f64) -> Tensor<D> {
        let Some(streams) = self.streams else { return Tensor::<D>::zeros([1; D], self.device).expand(shape) };
        let mut rng = streams.stream(&format!("init.{}", self.path), 0);
        // The Box-Muller transform; 53 random bits make a number in (0, 1].
        let mut unit = move || ((rng.next_u64() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        let count: usize = shape.iter().product();
        let mut values = Vec::with_capacity(count + 1);
        while values.len() < count {
            let (radius, angle) = ((-2.0 * unit().ln()).sqrt() * deviation, std::f64::consts::TAU * unit());
            values.push((radius * angle.cos()) as f32);
            values.push((radius * angle.sin()) as f32);
        }
        values.truncate(count);
        Tensor::from_data(TensorData::new(values, shape), self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_from_the_name_and_have_the_asked_deviation() {
        let (streams, device) = (Streams::new(3), Device::flex());
        let init = Init::new(&streams, &device);
        let draw = |name: &str| init.at(name).normal([101, 99], 0.5).into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(draw("a"), draw("a"));
        assert_ne!(draw("a"), draw("b"));
        let values = draw("a");
        let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>() / values.len() as f64;
        assert!(mean.abs() < 0.02 && (square.sqrt() - 0.5).abs() < 0.01, "{mean} {square}");
    }
}
