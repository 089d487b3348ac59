//! Figures of a step whose numbers still lie on the device: they are read together with the losses.

use burn::tensor::Tensor;

use crate::protocol::{Figure, Quantity};

/// Figures of one quantity that are means of some of a tensor's numbers, or known already.
#[derive(Clone, Debug)]
pub struct LateFigures {
    /// What they measure.
    pub quantity: Quantity,
    /// The numbers, `[count]`, without a graph.
    pub numbers: Tensor<1>,
    /// Each figure's name and where it comes from, in the order in which they are reported.
    pub figures: Vec<(String, Late)>,
}

/// Where a late figure comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Late {
    /// The mean of the numbers at these places.
    Mean(Vec<usize>),
    /// It is known on the host.
    Known(f32),
}

impl LateFigures {
    /// The figures, once the numbers are there. What lies beyond them is no number.
    pub fn told(&self, numbers: &[f32]) -> Vec<Figure> {
        let mean = |places: &[usize]| {
            let sum: f64 = places.iter().map(|&at| f64::from(numbers.get(at).copied().unwrap_or(f32::NAN))).sum();
            (sum / places.len().max(1) as f64) as f32
        };
        let told = |(name, late): &(String, Late)| {
            let value = match late {
                Late::Mean(places) => mean(places),
                Late::Known(value) => *value,
            };
            Figure::new(name.clone(), self.quantity, value)
        };
        self.figures.iter().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn figures_are_means_of_their_places_in_their_order() {
        let figures = [("b", Late::Mean(vec![0, 2])), ("a", Late::Known(0.5)), ("c", Late::Mean(vec![9]))];
        let late = LateFigures {
            quantity: Quantity::Share,
            numbers: Tensor::zeros([3], &Device::flex()),
            figures: figures.map(|(name, late)| (name.to_owned(), late)).to_vec(),
        };
        let told = late.told(&[1.0, 7.0, 2.0]);
        assert_eq!(told[..2], [("b", 1.5), ("a", 0.5)].map(|(name, value)| Figure::new(name, Quantity::Share, value)));
        assert!(told[2].value.is_nan());
    }
}
